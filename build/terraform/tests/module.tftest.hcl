# terraform test: checks this module without an account. The provider is a mock, nothing is made.
mock_provider "aws" {
  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
  mock_data "aws_region" {
    defaults = { name = "eu-central-1" }
  }
}

variables {
  environment = "test"
  kms_key_arn = "arn:aws:kms:eu-central-1:123456789012:key/00000000-0000-0000-0000-000000000000"
}

run "names_carry_the_environment" {
  command = plan

  assert {
    condition     = alltrue([for job in aws_glue_job.this : startswith(job.name, "${local.lake}-test-")])
    error_message = "A job's name lacks the environment."
  }
  assert {
    condition     = alltrue([for role in aws_iam_role.job : startswith(role.name, "${local.lake}-test-") && length(role.name) <= 64])
    error_message = "A role's name lacks the environment or is too long."
  }
  assert {
    condition     = alltrue([for bucket in aws_s3_bucket.this : can(regex("^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$", bucket.bucket))])
    error_message = "S3 takes no bucket of such a name."
  }
}

run "data_is_kept_and_encrypted" {
  command = plan

  assert {
    condition     = alltrue([for bucket in aws_s3_bucket.this : !bucket.force_destroy])
    error_message = "A bucket with data would be destroyed."
  }
  assert {
    condition     = length(aws_kms_key.lake) == 0 && alltrue([for group in aws_cloudwatch_log_group.jobs : group.kms_key_id == var.kms_key_arn])
    error_message = "The key that was brought along isn't used."
  }
  assert {
    condition     = length(aws_s3_bucket_lifecycle_configuration.this) == length(aws_s3_bucket.this)
    error_message = "Deleted data would stay in a bucket for ever."
  }
}

run "every_job_has_a_role_with_bounds" {
  command = plan

  assert {
    condition     = toset(keys(aws_iam_role_policy.job)) == toset(keys(aws_glue_job.this))
    error_message = "A job has no policy, or a policy has no job."
  }
  assert {
    condition = alltrue(flatten([
      for policy in aws_iam_role_policy.job : [
        for statement in jsondecode(policy.policy).Statement : [for action in statement.Action : !strcontains(action, "*")]
      ]
    ]))
    error_message = "A role may do whatever a service offers."
  }
  assert {
    condition     = alltrue([for policy in aws_iam_role_policy.job : length(policy.policy) <= 10240])
    error_message = "A policy is longer than IAM takes."
  }
}

run "on_demand_unless_scheduled" {
  command = plan

  assert {
    condition     = alltrue([for trigger in aws_glue_trigger.start : trigger.type == "ON_DEMAND" && !trigger.enabled])
    error_message = "An apply would start the workflow."
  }
}

run "scheduled" {
  command = plan

  variables {
    schedule = "cron(15 2 * * ? *)"
  }

  assert {
    condition     = alltrue([for trigger in aws_glue_trigger.start : trigger.type == "SCHEDULED" && trigger.enabled])
    error_message = "The workflow wouldn't start by itself."
  }
}

run "bigger_workers" {
  command = plan

  variables {
    workers = { type = "G.2X", count = 10 }
  }

  assert {
    condition     = alltrue([for job in aws_glue_job.this : job.worker_type == "G.2X" && job.number_of_workers == 10])
    error_message = "A job doesn't get the workers that were asked for."
  }
}

run "refuses_workers_that_glue_lacks" {
  command = plan

  variables {
    workers = { type = "R.1X", count = 2 }
  }

  expect_failures = [var.workers]
}

run "refuses_a_long_environment" {
  command = plan

  variables {
    environment = "production-of-the-north"
  }

  expect_failures = [var.environment]
}
