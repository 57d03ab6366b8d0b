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

variable "catalog_kms_key_arn" {
  description = "The key of the account's Data Catalog, where the catalog is encrypted with a key of your own: jobs and readers get rights on it. `deploy plan` says whether it is needed."
  type        = string
  default     = null

  validation {
    condition     = var.catalog_kms_key_arn == null || can(regex("^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/", var.catalog_kms_key_arn))
    error_message = "Give the ARN of a key: arn:aws:kms:REGION:ACCOUNT:key/ID."
  }
}

variable "lake_formation" {
  description = "Whether Lake Formation decides who may use the catalog: jobs and readers get its grants. `deploy plan` says whether it is needed."
  type        = bool
  default     = false
}

variable "data_location_registered" {
  description = "Whether the data bucket is registered with Lake Formation as a data location: jobs get DATA_LOCATION_ACCESS."
  type        = bool
  default     = false
}

variable "readers" {
  description = "ARNs of the roles and users that read the published tables, for the grants of lake_formation. In IAM they need the policy of the output reader_policy."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for arn in var.readers : can(regex("^arn:aws[a-z-]*:(iam|identitystore)::[0-9]*:", arn))])
    error_message = "Readers are ARNs of roles, users or groups, such as arn:aws:iam::123456789012:role/analyst."
  }
}

variable "glue_version" {
  description = "Version of Glue: 5.1 (Spark 3.5) or 6.0 (Spark 4.1, which costs 30 % less)."
  type        = string
  default     = "5.1"

  validation {
    condition     = contains(["5.1", "6.0"], var.glue_version)
    error_message = "The jobs are made for Glue 5.1 and 6.0."
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

variable "workers_by_job" {
  description = "Other workers for some jobs, whatever the spec says: {orders = {type = \"G.2X\", count = 10}}."
  type        = map(object({ type = string, count = number }))
  default     = {}

  validation {
    condition     = alltrue([for one in values(var.workers_by_job) : contains(["G.1X", "G.2X", "G.4X", "G.8X"], one.type) && one.count >= 2])
    error_message = "The type must be G.1X, G.2X, G.4X or G.8X, and there must be at least 2."
  }
}

variable "auto_scaling" {
  description = "Whether the number of workers is the most that a job gets: Glue gives it as many as it has work for."
  type        = bool
  default     = true
}

variable "execution_class" {
  description = "STANDARD: a job starts at once. FLEX: it waits for spare capacity, may lose it on the way, and costs a third less."
  type        = string
  default     = "STANDARD"

  validation {
    condition     = contains(["STANDARD", "FLEX"], var.execution_class)
    error_message = "The execution class must be STANDARD or FLEX."
  }
  validation {
    condition     = var.execution_class != "FLEX" || alltrue([for one in concat([var.workers], values(var.workers_by_job)) : contains(["G.1X", "G.2X"], one.type)])
    error_message = "FLEX takes workers of type G.1X or G.2X only."
  }
}

variable "job_queuing" {
  description = "Whether a job waits when the account's quota or Glue's capacity is used up, rather than fails. Glue takes no notice of it for jobs with max_retries, or of class FLEX."
  type        = bool
  default     = true
}

variable "table_optimizers" {
  description = "What Glue does by itself for the Iceberg tables: compaction, retention (of snapshots, twice as many as keep_versions) and orphan_file_deletion. Each is paid by what it reads and writes."
  type        = set(string)
  default     = []

  validation {
    condition     = length(setsubtract(var.table_optimizers, ["compaction", "orphan_file_deletion", "retention"])) == 0
    error_message = "Glue knows compaction, orphan_file_deletion and retention."
  }
}

variable "timeout_minutes" {
  description = "A job that runs longer is stopped."
  type        = number
  default     = 60

  validation {
    condition     = var.timeout_minutes >= 1 && var.timeout_minutes <= 10080 && floor(var.timeout_minutes) == var.timeout_minutes
    error_message = "Glue takes whole minutes, from 1 to 7 days (10080)."
  }
}

variable "max_retries" {
  description = "How often a failed job is tried again. What fails by its data or its rules fails again, and is paid again."
  type        = number
  default     = 0

  validation {
    condition     = contains([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10], var.max_retries)
    error_message = "Glue takes 0 to 10 retries."
  }
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

variable "enable_alarm_queue" {
  description = "Whether alarms that can't be delivered are kept in a queue for 14 days. Without it they are lost."
  type        = bool
  default     = true
}

variable "enable_lifecycle" {
  description = "Whether old objects expire. Without it old versions of withdrawn data stay in the bucket: leave it on."
  type        = bool
  default     = true
}

variable "noncurrent_days" {
  description = "Days until what was deleted or overwritten is gone for good. In sources/, tables/, quarantine/ and temp/ it is one day: a run makes them again."
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
  description = "Whether the lake may be destroyed, with its key and all that is in its buckets. It counts when it was applied: first `terraform apply` with it, then `terraform destroy`."
  type        = bool
  default     = false
}
