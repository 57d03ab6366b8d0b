# terraform test: the variables refuse what AWS would refuse, and their defaults make a lake. Nothing is made.
mock_provider "aws" {
  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }
  mock_data "aws_partition" {
    defaults = { partition = "aws", dns_suffix = "amazonaws.com" }
  }
  mock_data "aws_region" {
    defaults = { id = "eu-central-1" }
  }
}

run "defaults" {
  command = plan

  assert {
    condition     = endswith(output.workflow, "-dev") && endswith(output.database, "_dev")
    error_message = "The lake isn't called after its environment."
  }
}

run "mistakes" {
  command = plan

  variables {
    environment             = "Prod"
    region                  = "europe"
    schedule                = "every day"
    alarm_email             = "me"
    max_retries             = 11
    noncurrent_days         = 0
    temporary_days          = 1.5
    log_retention_days      = 8
    timeout_minutes         = 0
    kms_key_arn             = "key"
    athena_scan_limit_bytes = 1
  }

  expect_failures = [
    var.environment,
    var.region,
    var.schedule,
    var.alarm_email,
    var.max_retries,
    var.noncurrent_days,
    var.temporary_days,
    var.log_retention_days,
    var.timeout_minutes,
    var.kms_key_arn,
    var.athena_scan_limit_bytes,
  ]
}
