# A job of this lake that fails, runs into its time limit or can't be started → EventBridge → SNS → whoever subscribed.
# What can't be delivered lies in a queue, of which `python -m generator status` tells.
locals {
  # Glue tells of each attempt of a run, under the run's id with _attempt_N behind it; only the last one is a failure.
  # What isn't FAILED isn't tried again.
  failed      = { state = ["FAILED"], jobRunId = [{ suffix = "_attempt_${var.max_retries}" }] }
  not_retried = ["ERROR", "EXPIRED", "TIMEOUT"]
  alarming = {
    state = var.max_retries == 0 ? concat(["FAILED"], local.not_retried) : null
    "$or" = var.max_retries == 0 ? null : [local.failed, { state = local.not_retried }]
  }

  alarm_patterns = {
    for rule, jobs in local.alarm_rules : rule => jsonencode({
      source      = ["aws.glue"]
      detail-type = ["Glue Job State Change"]
      detail = merge(
        { jobName = [for name in jobs : local.job_names[name]] },
        { for key, value in local.alarming : key => value if value != null },
      )
    })
  }

  # What EventBridge puts into a text it doesn't escape: no message of a job, in which there may be a quote.
  alarm_text = [
    "The Glue job <job> ended as <state> at <time>. What it has not published yet stays as it was.",
    "Why: python -m generator status, or https://${local.console}/gluestudio/home?region=${local.region}#/job/<job>/run/<run>",
    "Once it is mended: python -m generator start. The lake is ${local.prefix}, in account <account>.",
  ]
  console = lookup({ aws-cn = "console.amazonaws.cn", aws-us-gov = "console.amazonaws-us-gov.com" }, local.partition, "console.aws.amazon.com")

  alarm_topic = "arn:${local.partition}:sns:${local.region}:${local.account}:${local.prefix}-alarms"
  alarm_queue = "arn:${local.partition}:sqs:${local.region}:${local.account}:${local.prefix}-alarms-undelivered"
  alarm_arns  = [for rule in keys(local.alarm_rules) : "arn:${local.partition}:events:${local.region}:${local.account}:rule/${local.alarm_names[rule]}"]
  alarm_names = { for rule in keys(local.alarm_rules) : rule => rule == "1" ? "${local.prefix}-job-failed" : "${local.prefix}-job-failed-${rule}" }
}

resource "aws_sns_topic" "alarms" {
  name              = "${local.prefix}-alarms"
  display_name      = "Lake ${local.prefix}"
  kms_master_key_id = local.key_arn
}

resource "aws_sns_topic_policy" "alarms" {
  arn = aws_sns_topic.alarms.arn

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        # EventBridge publishes without saying for which rule or account: a condition would never hold.
        Sid       = "FailedJobs"
        Effect    = "Allow"
        Principal = { Service = "events.amazonaws.com" }
        Action    = "sns:Publish"
        Resource  = local.alarm_topic
      },
      {
        Sid       = "OnlyEncryptedConnections"
        Effect    = "Deny"
        Principal = { AWS = "*" }
        Action    = "sns:Publish"
        Resource  = local.alarm_topic
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      },
    ]
  })
}

resource "aws_sns_topic_subscription" "email" {
  count = var.alarm_email == null ? 0 : 1

  topic_arn = aws_sns_topic.alarms.arn
  protocol  = "email"
  endpoint  = var.alarm_email
}

# Encrypted with a key of SQS's own: the lake's key may be what keeps an alarm from being delivered.
resource "aws_sqs_queue" "undelivered_alarms" {
  count = var.enable_alarm_queue && length(local.alarm_rules) > 0 ? 1 : 0

  name                      = "${local.prefix}-alarms-undelivered"
  sqs_managed_sse_enabled   = true
  message_retention_seconds = 1209600 # 14 days, the most there is

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "UndeliveredAlarms"
        Effect    = "Allow"
        Principal = { Service = "events.amazonaws.com" }
        Action    = "sqs:SendMessage"
        Resource  = local.alarm_queue
        Condition = { ArnEquals = { "aws:SourceArn" = local.alarm_arns } }
      },
      {
        Sid       = "OnlyEncryptedConnections"
        Effect    = "Deny"
        Principal = { AWS = "*" }
        Action    = "sqs:*"
        Resource  = local.alarm_queue
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      },
    ]
  })
}

resource "aws_cloudwatch_event_rule" "failed_job" {
  for_each = local.alarm_patterns

  name          = local.alarm_names[each.key]
  description   = "A job of ${local.prefix} failed."
  event_pattern = each.value

  lifecycle {
    precondition {
      condition     = length(each.value) <= 2048
      error_message = "EventBridge takes no pattern as long as that of alarm rule ${each.key}: the names of its jobs are too long."
    }
  }
}

resource "aws_cloudwatch_event_target" "failed_job" {
  for_each = local.alarm_patterns

  rule      = aws_cloudwatch_event_rule.failed_job[each.key].name
  target_id = "alarms"
  arn       = aws_sns_topic.alarms.arn

  input_transformer {
    input_paths = {
      account = "$.account"
      job     = "$.detail.jobName"
      run     = "$.detail.jobRunId"
      state   = "$.detail.state"
      time    = "$.time"
    }
    input_template = join("\n", [for line in local.alarm_text : "\"${line}\""])
  }

  dynamic "dead_letter_config" {
    for_each = aws_sqs_queue.undelivered_alarms

    content {
      arn = local.alarm_queue
    }
  }
}

moved {
  from = aws_cloudwatch_event_rule.failed_job
  to   = aws_cloudwatch_event_rule.failed_job["1"]
}

moved {
  from = aws_cloudwatch_event_target.failed_job
  to   = aws_cloudwatch_event_target.failed_job["1"]
}
