output "region" {
  description = "Where the lake is."
  value       = module.lake.region
}

output "bucket" {
  description = "Bucket with landing/, sources/, tables/ and quarantine/."
  value       = module.lake.bucket
}

output "database" {
  description = "Glue database, as Athena knows it."
  value       = module.lake.database
}

output "workflow" {
  description = "Glue workflow that makes all tables."
  value       = module.lake.workflow
}

output "athena_workgroup" {
  description = "Athena workgroup with the named queries."
  value       = module.lake.athena_workgroup
}

output "jobs" {
  description = "Glue jobs, by their names in the spec."
  value       = module.lake.jobs
}

output "makers" {
  description = "Which of the jobs makes each source and table."
  value       = module.lake.makers
}

output "reader_policy" {
  description = "Policy that lets somebody read the published tables with Athena; attach it to their role."
  value       = module.lake.reader_policy
}

output "log_groups" {
  description = "Log groups of each job."
  value       = module.lake.log_groups
}

output "alarm_topic" {
  description = "Topic that tells of failed jobs; subscribe whatever should hear of them."
  value       = module.lake.alarm_topic
}

output "alarm_queue" {
  description = "Queue with alarms that couldn't be delivered."
  value       = module.lake.alarm_queue
}

output "console" {
  description = "Where to look in the AWS console."
  value = {
    landing  = "https://s3.console.aws.amazon.com/s3/buckets/${module.lake.bucket}?region=${module.lake.region}&prefix=landing/"
    workflow = "https://${module.lake.region}.console.aws.amazon.com/glue/home?region=${module.lake.region}#/v2/etl-configuration/workflows/view/${module.lake.workflow}"
    tables   = "https://${module.lake.region}.console.aws.amazon.com/glue/home?region=${module.lake.region}#/v2/data-catalog/databases/view/${module.lake.database}"
    athena   = "https://${module.lake.region}.console.aws.amazon.com/athena/home?region=${module.lake.region}#/query-editor"
  }
}
