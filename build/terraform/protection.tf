# Nothing goes by mistake. Terraform destroys what depends on others first, so the guard, which depends on everything,
# is first to go; as long as allow_data_loss isn't applied, it refuses, and nothing else is begun. Buckets and key
# hold even without it: see the policies of the buckets (storage.tf).
locals {
  # Objects lie in the buckets under the key that they were written with.
  keeps = { buckets = values(local.buckets), key = coalesce(var.kms_key_arn, "the module's own") }
}

# Where the lake began. It begins anew only when data may be lost.
resource "terraform_data" "origin" {
  input            = local.keeps
  triggers_replace = var.allow_data_loss ? local.keeps : null

  lifecycle {
    ignore_changes = [input]
  }
}

resource "terraform_data" "guard" {
  input = { allow_data_loss = var.allow_data_loss }

  triggers_replace = {
    buckets  = [for bucket in aws_s3_bucket.this : bucket.id]
    database = aws_glue_catalog_database.this.id
    key      = local.key_arn
  }

  provisioner "local-exec" {
    when    = destroy
    quiet   = true
    command = self.output.allow_data_loss ? "exit 0" : "echo Nothing was destroyed: this lake is protected. If all of its data may go, first apply allow_data_loss = true, and then destroy. && exit 1"
  }

  lifecycle {
    precondition {
      condition     = var.allow_data_loss || jsonencode(terraform_data.origin.output) == jsonencode(local.keeps)
      error_message = "A lake keeps its buckets and its key, since its data is in them. This one has ${jsonencode(terraform_data.origin.output)}; environment, bucket_suffix or kms_key_arn now says otherwise. Put back what was there, or begin a second lake with a state of its own. Only if all data may go: apply allow_data_loss = true first."
    }
  }

  # All that this module makes.
  depends_on = [
    aws_athena_named_query.this,
    aws_athena_workgroup.this,
    aws_cloudwatch_event_rule.failed_job,
    aws_cloudwatch_event_target.failed_job,
    aws_cloudwatch_log_group.jobs,
    aws_glue_catalog_database.this,
    aws_glue_catalog_table.published,
    aws_glue_catalog_table.source,
    aws_glue_catalog_table_optimizer.this,
    aws_glue_data_quality_ruleset.this,
    aws_glue_job.this,
    aws_glue_security_configuration.jobs,
    aws_glue_trigger.after,
    aws_glue_trigger.start,
    aws_glue_workflow.this,
    aws_iam_policy.further,
    aws_iam_policy.reader,
    aws_iam_role.job,
    aws_iam_role.optimizer,
    aws_iam_role_policy.job,
    aws_iam_role_policy.optimizer,
    aws_iam_role_policy_attachment.further,
    aws_kms_alias.lake,
    aws_kms_key.lake,
    aws_lakeformation_permissions.job_database,
    aws_lakeformation_permissions.job_location,
    aws_lakeformation_permissions.job_table,
    aws_lakeformation_permissions.reader_database,
    aws_lakeformation_permissions.reader_table,
    aws_s3_bucket.this,
    aws_s3_bucket_lifecycle_configuration.this,
    aws_s3_bucket_logging.this,
    aws_s3_bucket_ownership_controls.this,
    aws_s3_bucket_policy.logs,
    aws_s3_bucket_policy.this,
    aws_s3_bucket_public_access_block.this,
    aws_s3_bucket_server_side_encryption_configuration.this,
    aws_s3_bucket_versioning.this,
    aws_s3_object.descriptions,
    aws_s3_object.runtime,
    aws_s3_object.script,
    aws_s3_object.upkeep,
    aws_sns_topic.alarms,
    aws_sns_topic_policy.alarms,
    aws_sns_topic_subscription.email,
    aws_sqs_queue.undelivered_alarms,
  ]
}
