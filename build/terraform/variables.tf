variable "environment" {
  description = "Part of every name, so that several environments live side by side in an account."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9]{0,11}$", var.environment))
    error_message = "The environment must be 1 to 12 lower-case letters and digits, such as dev or prod."
  }
}

variable "bucket_suffix" {
  description = "End of the buckets' names, which must be unique in the whole world. Null: the account's number."
  type        = string
  default     = null

  validation {
    condition     = var.bucket_suffix == null || can(regex("^[a-z0-9]([a-z0-9-]{0,10}[a-z0-9])?$", var.bucket_suffix))
    error_message = "The suffix must be 1 to 12 lower-case letters, digits and hyphens, with no hyphen at the ends."
  }
}

variable "kms_key_arn" {
  description = "A KMS key to encrypt with. Null: the module makes one. Its policy must let CloudWatch Logs and EventBridge use it, as encryption.tf does."
  type        = string
  default     = null
}

variable "glue_version" {
  description = "Version of Glue: 6.0 (Spark 4.1) or 5.1 (Spark 3.5)."
  type        = string
  default     = "6.0"

  validation {
    condition     = contains(["6.0", "5.1"], var.glue_version)
    error_message = "The jobs are made for Glue 6.0 and 5.1."
  }
}

variable "workers" {
  description = "Type and number of each job's workers; the driver is one of them."
  type        = object({ type = string, count = number })
  default     = { type = "G.1X", count = 2 }

  validation {
    condition     = contains(["G.1X", "G.2X", "G.4X", "G.8X"], var.workers.type) && var.workers.count >= 2
    error_message = "The type must be G.1X, G.2X, G.4X or G.8X, and there must be at least 2."
  }
}

variable "workers_by_table" {
  description = "Other workers for some tables: {orders = {type = \"G.2X\", count = 10}}."
  type        = map(object({ type = string, count = number }))
  default     = {}

  validation {
    condition     = alltrue([for one in values(var.workers_by_table) : contains(["G.1X", "G.2X", "G.4X", "G.8X"], one.type) && one.count >= 2])
    error_message = "The type must be G.1X, G.2X, G.4X or G.8X, and there must be at least 2."
  }
}

variable "timeout_minutes" {
  description = "A job that runs longer is stopped."
  type        = number
  default     = 60
}

variable "max_retries" {
  description = "How often a failed job is tried again. A job publishes at its end, so trying again is safe."
  type        = number
  default     = 1
}

variable "schedule" {
  description = "When the workflow runs, in UTC: cron(15 2 * * ? *). Null: on demand only."
  type        = string
  default     = null
}

variable "alarm_email" {
  description = "Who is told of a failed job. Null: nobody by mail; the topic is there for other subscribers."
  type        = string
  default     = null
}

variable "enable_lifecycle" {
  description = "Whether old objects expire. Without it old versions of withdrawn data stay in the bucket: leave it on."
  type        = bool
  default     = true
}

variable "noncurrent_days" {
  description = "Days until what was deleted or overwritten is gone for good."
  type        = number
  default     = 14
}

variable "temporary_days" {
  description = "Days until temporary objects, query results among them, expire."
  type        = number
  default     = 7
}

variable "log_retention_days" {
  description = "Days that logs are kept. They hold numbers of rows and names of columns, no data."
  type        = number
  default     = 365
}

variable "athena_scan_limit_bytes" {
  description = "A query that reads more is stopped."
  type        = number
  default     = 1099511627776
}

variable "allow_data_loss" {
  description = "Whether destroying the lake may delete buckets that have objects in them."
  type        = bool
  default     = false
}
