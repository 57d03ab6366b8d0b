# terraform test: checks this module without an account. The provider is a mock, nothing is made.
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

run "cheaper_jobs" {
  command = plan

  variables {
    execution_class = "FLEX"
    auto_scaling    = false
  }

  assert {
    condition     = alltrue([for job in aws_glue_job.this : job.execution_class == "FLEX" && !job.job_run_queuing_enabled])
    error_message = "A job isn't of class FLEX, or would queue."
  }
  assert {
    condition     = alltrue([for job in aws_glue_job.this : !contains(keys(job.default_arguments), "--enable-auto-scaling")])
    error_message = "A job scales although it shouldn't."
  }
}

run "jobs_wait_for_the_quota_or_are_tried_again" {
  command = plan

  assert {
    condition     = alltrue([for job in aws_glue_job.this : job.job_run_queuing_enabled && job.max_retries == 0])
    error_message = "A job fails when the quota is used up."
  }
}

run "in_another_partition" {
  command = plan

  variables {
    kms_key_arn = null
  }

  override_data {
    target = data.aws_partition.current
    values = { partition = "aws-cn", dns_suffix = "amazonaws.com.cn" }
  }
  override_data {
    target = data.aws_region.current
    values = { id = "cn-north-1" }
  }

  assert {
    condition     = strcontains(aws_kms_key.lake[0].policy, "logs.cn-north-1.amazonaws.com.cn")
    error_message = "CloudWatch Logs may not use the key there."
  }
  assert {
    condition     = alltrue([for policy in values(aws_s3_bucket_policy.this) : !strcontains(policy.policy, "arn:aws:")])
    error_message = "A policy speaks of another partition."
  }
}

run "grants_where_lake_formation_decides" {
  command = plan

  variables {
    lake_formation      = true
    readers             = ["arn:aws:iam::123456789012:role/analyst"]
    catalog_kms_key_arn = "arn:aws:kms:eu-central-1:123456789012:key/11111111-1111-1111-1111-111111111111"
  }

  assert {
    condition     = toset([for one in aws_lakeformation_permissions.job_database : one.principal]) == toset(values(local.role_arns))
    error_message = "A job may not see the database."
  }
  assert {
    condition     = toset([for one in aws_lakeformation_permissions.job_table : one.table[0].name if contains(one.permissions, "ALTER")]) == toset(keys(local.published))
    error_message = "A job may not publish its table, or its quarantine."
  }
  assert {
    condition     = length(aws_lakeformation_permissions.reader_table) == length(local.tables) && length(aws_lakeformation_permissions.job_location) == 0
    error_message = "A reader doesn't get every table, or a job gets a location that isn't registered."
  }
  assert {
    condition     = alltrue([for policy in concat(values(aws_iam_role_policy.job), [aws_iam_policy.reader]) : strcontains(policy.policy, var.catalog_kms_key_arn)])
    error_message = "A client of the catalog may not use its key."
  }
}

run "refuses_readers_that_are_no_arns" {
  command = plan

  variables {
    readers             = ["analyst"]
    catalog_kms_key_arn = "alias/catalog"
  }

  expect_failures = [var.readers, var.catalog_kms_key_arn]
}

run "refuses_flexible_jobs_of_big_workers" {
  command = plan

  variables {
    execution_class = "FLEX"
    workers_by_job  = { some = { type = "G.4X", count = 2 } }
  }

  expect_failures = [var.execution_class, aws_glue_workflow.this]
}

run "refuses_workers_of_no_job" {
  command = plan

  variables {
    workers_by_job = { some = { type = "G.2X", count = 2 } }
  }

  expect_failures = [aws_glue_workflow.this]
}

run "refuses_what_glue_refuses" {
  command = plan

  variables {
    glue_version    = "4.0"
    timeout_minutes = 10081
    max_retries     = 11
  }

  expect_failures = [var.glue_version, var.timeout_minutes, var.max_retries]
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

run "a_failure_tells_once" {
  command = plan

  variables {
    max_retries = 0
  }

  assert {
    condition = toset(keys(aws_glue_job.this)) == toset(flatten(values(local.alarm_rules))) && alltrue([
      for rule in aws_cloudwatch_event_rule.failed_job : length(rule.event_pattern) <= 2048
    ])
    error_message = "A job is in no rule of the alarm, or a rule is longer than EventBridge takes."
  }
  assert {
    condition     = length(flatten(values(local.alarm_rules))) == length(distinct(flatten(values(local.alarm_rules))))
    error_message = "A job is in two rules of the alarm: its failure would be told twice."
  }
  assert {
    condition = alltrue([
      for rule in aws_cloudwatch_event_rule.failed_job :
      toset(jsondecode(rule.event_pattern).detail.state) == toset(["ERROR", "EXPIRED", "FAILED", "TIMEOUT"])
    ])
    error_message = "Not all that is a failure is told."
  }
}

run "only_the_last_attempt_is_a_failure" {
  command = plan

  variables {
    max_retries = 3
  }

  assert {
    condition = alltrue([
      for rule in aws_cloudwatch_event_rule.failed_job :
      strcontains(rule.event_pattern, "{\"jobRunId\":[{\"suffix\":\"_attempt_3\"}],\"state\":[\"FAILED\"]}")
    ])
    error_message = "Each attempt of a run would be told."
  }
}

run "logs_have_glues_names_and_an_end" {
  command = plan

  assert {
    condition = toset([for group in aws_cloudwatch_log_group.jobs : group.name]) == toset(flatten([
      for role in aws_iam_role.job : [
        for kind in ["output", "error"] : "/aws-glue/jobs/${local.prefix}/${aws_glue_security_configuration.jobs.name}-role/${role.name}/${kind}"
      ]
    ]))
    error_message = "Glue would write to log groups of its own."
  }
  assert {
    condition     = alltrue([for group in aws_cloudwatch_log_group.jobs : group.retention_in_days == var.log_retention_days])
    error_message = "A log is kept for ever."
  }
}
