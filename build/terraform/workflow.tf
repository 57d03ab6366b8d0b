# One workflow. The start trigger begins with the jobs that wait for nobody; every other trigger waits until all of
# its jobs have succeeded, so what depends on a failed job doesn't run.
resource "aws_glue_workflow" "this" {
  name                = local.prefix
  description         = local.description
  max_concurrent_runs = 1

  lifecycle {
    precondition {
      condition     = alltrue([for name in keys(var.workers_by_job) : contains(keys(local.jobs), name)])
      error_message = "workers_by_job names what is no job: ${join(", ", [for name in keys(var.workers_by_job) : lookup(local.makers, name, null) == null ? name : "${name} (job ${local.makers[name]} makes it)" if !contains(keys(local.jobs), name)])}."
    }
  }
}

resource "aws_glue_trigger" "start" {
  for_each = local.start

  name          = "${local.prefix}-${each.key}"
  description   = "Begins a run of ${local.prefix}."
  workflow_name = aws_glue_workflow.this.name
  type          = var.schedule == null ? "ON_DEMAND" : "SCHEDULED"
  schedule      = var.schedule
  enabled       = var.schedule != null # a trigger on demand that is enabled would start with the apply

  dynamic "actions" {
    for_each = each.value

    content {
      job_name = local.job_names[actions.value]
    }
  }

  depends_on = [aws_glue_job.this]
}

resource "aws_glue_trigger" "after" {
  for_each = local.triggers

  name          = "${local.prefix}-run-${each.key}"
  description   = each.value.description
  workflow_name = aws_glue_workflow.this.name
  type          = "CONDITIONAL"

  predicate {
    logical = each.value.logical

    dynamic "conditions" {
      for_each = each.value.conditions

      content {
        job_name         = local.job_names[conditions.value.job]
        state            = conditions.value.state
        logical_operator = "EQUALS"
      }
    }
  }

  dynamic "actions" {
    for_each = each.value.jobs

    content {
      job_name = local.job_names[actions.value]
    }
  }

  depends_on = [aws_glue_job.this]
}
