# A job a table. Its script and the modules that all jobs share lie in the assets bucket; a change of a file is a
# change of its hash.
locals {
  scripts_folder = "${path.module}/../jobs"
  scripts        = { for table in keys(local.jobs) : table => "${table}.py" }
  modules        = setsubtract(fileset(local.scripts_folder, "*.py"), values(local.scripts))
}

resource "aws_s3_object" "script" {
  for_each = setunion(values(local.scripts), local.modules)

  bucket       = aws_s3_bucket.this["assets"].id
  key          = contains(local.modules, each.value) ? "jobs/shared/${each.value}" : "jobs/${each.value}"
  source       = "${local.scripts_folder}/${each.value}"
  source_hash  = filemd5("${local.scripts_folder}/${each.value}")
  content_type = "text/x-python"

  depends_on = [aws_s3_bucket_server_side_encryption_configuration.this, aws_s3_bucket_versioning.this]
}

resource "aws_glue_job" "this" {
  for_each = local.jobs

  name        = local.job_names[each.key]
  description = each.value.description
  role_arn    = local.role_arns[each.key]

  glue_version           = var.glue_version
  execution_class        = "STANDARD"
  worker_type            = lookup(var.workers_by_table, each.key, var.workers).type
  number_of_workers      = lookup(var.workers_by_table, each.key, var.workers).count
  timeout                = var.timeout_minutes
  max_retries            = var.max_retries
  security_configuration = aws_glue_security_configuration.jobs.name

  command {
    name            = "glueetl"
    python_version  = "3"
    script_location = "s3://${local.buckets.assets}/jobs/${local.scripts[each.key]}"
  }

  execution_property {
    max_concurrent_runs = 1
  }

  default_arguments = {
    "--landing_root" = "s3://${local.buckets.data}/landing"
    "--lake_root"    = "s3://${local.buckets.data}"
    "--database"     = aws_glue_catalog_database.this.name

    "--job-language"        = "python"
    "--job-bookmark-option" = "job-bookmark-disable"
    "--TempDir"             = "s3://${local.buckets.data}/temp/${each.key}/"
    "--extra-py-files"      = join(",", [for name in sort(local.modules) : "s3://${local.buckets.assets}/jobs/shared/${name}"])

    "--enable-metrics"                   = "true"
    "--enable-observability-metrics"     = "true"
    "--enable-spark-ui"                  = "true"
    "--spark-event-logs-path"            = "s3://${local.buckets.assets}/spark-history/${each.key}/"
    "--enable-continuous-cloudwatch-log" = "true"
    "--custom-logGroup-prefix"           = local.log_prefix
  }

  lifecycle {
    precondition {
      condition     = length(local.modules) > 0
      error_message = "The modules that the jobs share are missing in build/jobs: run `python -m generator build`."
    }
  }

  # A job that starts before its role may do anything fails.
  depends_on = [
    aws_iam_role.job,
    aws_iam_role_policy.job,
    aws_iam_role_policy_attachment.further_reads,
    aws_s3_object.script,
  ]
}
