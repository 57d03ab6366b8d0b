# What jobs print (output), and what Spark has to say (error), by job. These are Glue's names since 5.0 for a job with a
# security configuration; a group that isn't there Glue makes itself, and keeps for ever.
locals {
  log_prefix = "/aws-glue/jobs/${local.prefix}"
  log_groups = {
    for job, role in local.role_names : job => {
      for kind in ["output", "error"] : kind => "${local.log_prefix}/${local.security_configuration}-role/${role}/${kind}"
    }
  }
  security_configuration = local.prefix
}

resource "aws_cloudwatch_log_group" "jobs" {
  for_each = merge([for job, groups in local.log_groups : { for kind, name in groups : "${job}/${kind}" => name }]...)

  name              = each.value
  retention_in_days = var.log_retention_days
  kms_key_id        = local.key_arn
}
