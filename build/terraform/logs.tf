# Glue adds the security configuration's name to the names of the groups that it encrypts.
locals {
  log_prefix = "/aws-glue/jobs/${local.prefix}"
  log_groups = { for kind in ["output", "error"] : kind => "${local.log_prefix}/${kind}-${aws_glue_security_configuration.jobs.name}" }
}

resource "aws_cloudwatch_log_group" "jobs" {
  for_each = local.log_groups

  name              = each.value
  retention_in_days = var.log_retention_days
  kms_key_id        = local.key_arn
}
