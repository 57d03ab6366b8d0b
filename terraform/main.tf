# The lake itself is generated from pipeline.yaml; this module is yours: where it goes, and how big it is.
module "lake" {
  source = "../build/terraform"

  environment     = var.environment
  bucket_suffix   = var.bucket_suffix
  kms_key_arn     = var.kms_key_arn
  glue_version    = var.glue_version
  workers         = var.workers
  workers_by_job  = var.workers_by_job
  auto_scaling    = var.auto_scaling
  execution_class = var.execution_class
  job_queuing     = var.job_queuing
  timeout_minutes = var.timeout_minutes
  max_retries     = var.max_retries
  schedule        = var.schedule
  alarm_email     = var.alarm_email

  catalog_kms_key_arn      = var.catalog_kms_key_arn
  lake_formation           = var.lake_formation
  data_location_registered = var.data_location_registered
  readers                  = var.readers
  table_optimizers         = var.table_optimizers

  enable_alarm_queue      = var.enable_alarm_queue
  enable_lifecycle        = var.enable_lifecycle
  noncurrent_days         = var.noncurrent_days
  temporary_days          = var.temporary_days
  log_retention_days      = var.log_retention_days
  athena_scan_limit_bytes = var.athena_scan_limit_bytes
  allow_data_loss         = var.allow_data_loss
}
