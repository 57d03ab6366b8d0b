variable "region" {
  description = "Region of the lake. Null: the one of the environment or the profile (AWS_REGION)."
  type        = string
  default     = null

  validation {
    condition     = var.region == null || can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "A region is called like eu-central-1."
  }
}

variable "environment" {
  description = "Part of every name: dev and prod live side by side in an account."
  type        = string
  default     = "dev"

  validation {
    condition     = can(regex("^[a-z][a-z0-9]{0,11}$", var.environment))
    error_message = "The environment must be 1 to 12 lower-case letters and digits, such as dev or prod."
  }
}

variable "tags" {
  description = "Tags of everything."
  type        = map(string)
  default     = {}
}

variable "bucket_suffix" {
  description = "End of the buckets' names, 1 to 12 characters. Null: the account's number."
  type        = string
  default     = null
}

variable "kms_key_arn" {
  description = "A KMS key of yours to encrypt with. Null: a key is made."
  type        = string
  default     = null

  validation {
    condition     = var.kms_key_arn == null || can(regex("^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/", var.kms_key_arn))
    error_message = "Give the ARN of a key: arn:aws:kms:REGION:ACCOUNT:key/ID."
  }
}

variable "catalog_kms_key_arn" {
  description = "The key of the account's Data Catalog, where that is encrypted with a key of your own. `deploy plan` says whether it is needed."
  type        = string
  default     = null
}

variable "lake_formation" {
  description = "Whether Lake Formation decides who may use the catalog: jobs and readers get its grants. `deploy plan` says whether it is needed."
  type        = bool
  default     = false
}

variable "data_location_registered" {
  description = "Whether the data bucket is registered with Lake Formation."
  type        = bool
  default     = false
}

variable "readers" {
  description = "ARNs of the roles and users that read the published tables, for Lake Formation's grants."
  type        = list(string)
  default     = []
}

variable "glue_version" {
  description = "5.1 (Spark 3.5) or 6.0 (Spark 4.1, which costs 30 % less)."
  type        = string
  default     = "5.1"
}

variable "workers" {
  description = "Type and number of each job's workers."
  type        = object({ type = string, count = number })
  default     = { type = "G.1X", count = 2 }
}

variable "workers_by_job" {
  description = "Other workers for some tables."
  type        = map(object({ type = string, count = number }))
  default     = {}
}

variable "auto_scaling" {
  description = "Whether the number of workers is the most that a job gets; it pays for those that have work."
  type        = bool
  default     = true
}

variable "execution_class" {
  description = "STANDARD, or FLEX: jobs wait for spare capacity, and cost a third less."
  type        = string
  default     = "STANDARD"
}

variable "job_queuing" {
  description = "Whether a job waits when the account's quota is used up, rather than fails. Only without retries, and not with FLEX."
  type        = bool
  default     = true
}

variable "table_optimizers" {
  description = "What Glue does by itself for the Iceberg tables: compaction, retention, orphan_file_deletion."
  type        = set(string)
  default     = []
}

variable "timeout_minutes" {
  description = "A job that runs longer is stopped."
  type        = number
  default     = 60

  validation {
    condition     = var.timeout_minutes >= 1 && var.timeout_minutes <= 10080
    error_message = "Glue takes 1 minute to 7 days (10080)."
  }
}

variable "max_retries" {
  description = "How often a failed job is tried again, and paid again."
  type        = number
  default     = 0

  validation {
    condition     = contains([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10], var.max_retries)
    error_message = "Glue takes 0 to 10 retries."
  }
}

variable "schedule" {
  description = "When the workflow runs, in UTC, such as cron(15 2 * * ? *). Null: on demand only."
  type        = string
  default     = null

  validation {
    condition     = var.schedule == null || can(regex("^cron\\([^ ]+( [^ ]+){5}\\)$", var.schedule))
    error_message = "A schedule has six fields: cron(minutes hours day-of-month month day-of-week year)."
  }
}

variable "alarm_email" {
  description = "Who gets a mail when a job fails; AWS asks for a confirmation first. Null: nobody."
  type        = string
  default     = null

  validation {
    condition     = var.alarm_email == null || can(regex("^[^@ ]+@[^@ ]+$", var.alarm_email))
    error_message = "This is no mail address."
  }
}

variable "enable_alarm_queue" {
  description = "Whether alarms that can't be delivered are kept, for `status` to tell of. Leave it on, unless nobody waits for alarms."
  type        = bool
  default     = true
}

variable "enable_lifecycle" {
  description = "Whether old objects expire. Without it withdrawn data never leaves the bucket's old versions."
  type        = bool
  default     = true
}

variable "noncurrent_days" {
  description = "Days until what was deleted or overwritten in landing/ is gone for good. Elsewhere it is one day."
  type        = number
  default     = 14

  validation {
    condition     = var.noncurrent_days >= 1 && floor(var.noncurrent_days) == var.noncurrent_days
    error_message = "S3 takes whole days, 1 at least."
  }
}

variable "temporary_days" {
  description = "Days until temporary objects and query results expire."
  type        = number
  default     = 7

  validation {
    condition     = var.temporary_days >= 1 && floor(var.temporary_days) == var.temporary_days
    error_message = "S3 takes whole days, 1 at least."
  }
}

variable "log_retention_days" {
  description = "Days that logs are kept."
  type        = number
  default     = 365

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_days)
    error_message = "CloudWatch takes 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288 or 3653 days."
  }
}

variable "athena_scan_limit_bytes" {
  description = "A query that reads more is stopped."
  type        = number
  default     = 1099511627776

  validation {
    condition     = var.athena_scan_limit_bytes >= 10485760
    error_message = "Athena takes 10 MB (10485760) at least."
  }
}

variable "allow_data_loss" {
  description = "Whether the lake may be destroyed, with its key and all that is in its buckets: first apply it, then `terraform destroy`."
  type        = bool
  default     = false
}
