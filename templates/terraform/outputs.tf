output "region" {
  description = "Where the lake is."
  value       = local.region
}

output "bucket" {
  description = "Bucket with landing/, sources/, tables/ and quarantine/."
  value       = aws_s3_bucket.this["data"].id
}

output "assets_bucket" {
  description = "Bucket with the jobs' scripts and Spark's event logs."
  value       = aws_s3_bucket.this["assets"].id
}

output "logs_bucket" {
  description = "Bucket with the access logs of the others."
  value       = aws_s3_bucket.this["logs"].id
}

output "database" {
  description = "Glue database, as Athena knows it."
  value       = aws_glue_catalog_database.this.name
}

output "workflow" {
  description = "Glue workflow that makes all tables."
  value       = aws_glue_workflow.this.name
}

output "athena_workgroup" {
  description = "Athena workgroup with the named queries."
  value       = aws_athena_workgroup.this.name
}

output "jobs" {
  description = "Glue jobs, by their names in the spec: that of a source or table, unless `jobs` says otherwise."
  value       = local.job_names
}

output "makers" {
  description = "Which of the jobs makes each source and table."
  value       = local.makers
}

output "roles" {
  description = "ARN of each job's role."
  value       = local.role_arns
}

output "reader_policy" {
  description = "ARN of the policy that lets somebody read the published tables with Athena: attach it to their role."
  value       = aws_iam_policy.reader.arn
}

output "log_groups" {
  description = "Log groups of each job: output has what it prints, error what Spark has to say."
  value       = local.log_groups
}

output "alarm_topic" {
  description = "ARN of the topic that tells of failed jobs."
  value       = aws_sns_topic.alarms.arn
}

output "alarm_queue" {
  description = "URL of the queue with alarms that couldn't be delivered; null without var.enable_alarm_queue."
  value       = one(aws_sqs_queue.undelivered_alarms[*].url)
}

output "kms_key_arn" {
  description = "Key that everything is encrypted with."
  value       = local.key_arn
}
