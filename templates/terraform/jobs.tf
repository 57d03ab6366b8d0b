# A job's script, and the package `lake` that all scripts import, lie in the assets bucket. Each key has the
# hash of what lies there: a job moves to another script as a whole, and no run mixes two builds.
locals {
  scripts_folder = "${path.module}/../jobs"
  script_keys = {
    for name in keys(local.jobs) : name => "jobs/${name}-${substr(filesha256("${local.scripts_folder}/${name}.py"), 0, 16)}.py"
  }

  runtime     = "${local.scripts_folder}/lake.zip"
  runtime_key = "runtime/lake-${substr(filesha256(local.runtime), 0, 16)}.zip"

  # How jobs keep tables by what changed.
  upkeep     = "${local.scripts_folder}/upkeep.json"
  upkeep_key = "runtime/upkeep-${substr(filesha256(local.upkeep), 0, 16)}.json"

  # What jobs say of the tables that they publish, and of their columns.
  descriptions = jsonencode({
    for name, table in local.published : name => {
      description = table.description
      columns     = { for column in table.columns : column.name => column.comment }
    }
  })
  descriptions_key = "runtime/descriptions-${substr(sha256(local.descriptions), 0, 16)}.json"

  landing_arguments = { "--landing_root" = "s3://${local.buckets.data}/landing" }

  # What Terraform is told of a job comes before what the spec says of it, and that before what is said of all.
  workers = {
    for name, job in local.jobs : name => lookup(var.workers_by_job, name, merge(var.workers, lookup(job.settings, "workers", {})))
  }
  timeouts          = { for name, job in local.jobs : name => lookup(job.settings, "timeout", var.timeout_minutes) }
  execution_classes = { for name, job in local.jobs : name => lookup(job.settings, "execution_class", var.execution_class) }

  # Spark's settings, in the one argument that Glue takes them in. S3A, Glue's file system since 5.1, asks us-east-2 first
  # where no region is set; the session's catalog is Glue's, with Iceberg tables.
  spark_settings = {
    "spark.hadoop.fs.s3a.endpoint.region"          = local.region
    "spark.sql.extensions"                         = "org.apache.iceberg.spark.extensions.IcebergSparkSessionExtensions"
    "spark.sql.catalog.glue_catalog"               = "org.apache.iceberg.spark.SparkCatalog"
    "spark.sql.catalog.glue_catalog.catalog-impl"  = "org.apache.iceberg.aws.glue.GlueCatalog"
    "spark.sql.catalog.glue_catalog.io-impl"       = "org.apache.iceberg.aws.s3.S3FileIO"
    "spark.sql.catalog.glue_catalog.warehouse"     = "s3://${local.buckets.data}/tables"
    "spark.sql.catalog.glue_catalog.client.region" = local.region
    "spark.sql.catalog.glue_catalog.cache-enabled" = "false"
  }

  # On for any value, so it isn't there when it is off.
  scaling_arguments = var.auto_scaling ? { "--enable-auto-scaling" = "true" } : {}
}

# The new file is there before a job moves to it, and the old one goes after that.
resource "aws_s3_object" "script" {
  for_each = local.script_keys

  bucket       = aws_s3_bucket.this["assets"].id
  key          = each.value
  source       = "${local.scripts_folder}/${each.key}.py"
  content_type = "text/x-python"

  lifecycle {
    create_before_destroy = true
  }

  depends_on = [aws_s3_bucket_server_side_encryption_configuration.this, aws_s3_bucket_versioning.this]
}

resource "aws_s3_object" "runtime" {
  bucket       = aws_s3_bucket.this["assets"].id
  key          = local.runtime_key
  source       = local.runtime
  content_type = "application/zip"

  lifecycle {
    create_before_destroy = true
  }

  depends_on = [aws_s3_bucket_server_side_encryption_configuration.this, aws_s3_bucket_versioning.this]
}

resource "aws_s3_object" "upkeep" {
  bucket       = aws_s3_bucket.this["assets"].id
  key          = local.upkeep_key
  source       = local.upkeep
  content_type = "application/json"

  lifecycle {
    create_before_destroy = true
  }

  depends_on = [aws_s3_bucket_server_side_encryption_configuration.this, aws_s3_bucket_versioning.this]
}

resource "aws_s3_object" "descriptions" {
  bucket       = aws_s3_bucket.this["assets"].id
  key          = local.descriptions_key
  content      = local.descriptions
  content_type = "application/json"

  lifecycle {
    create_before_destroy = true
  }

  depends_on = [aws_s3_bucket_server_side_encryption_configuration.this, aws_s3_bucket_versioning.this]
}

resource "aws_glue_job" "this" {
  for_each = local.jobs

  name        = local.job_names[each.key]
  description = each.value.description
  role_arn    = local.role_arns[each.key]

  glue_version           = var.glue_version
  execution_class        = local.execution_classes[each.key]
  worker_type            = local.workers[each.key].type
  number_of_workers      = local.workers[each.key].count
  timeout                = local.timeouts[each.key]
  max_retries            = var.max_retries
  security_configuration = aws_glue_security_configuration.jobs.name

  # Glue queues no job that is tried again, and a flexible one waits anyway.
  job_run_queuing_enabled = var.job_queuing && var.max_retries == 0 && local.execution_classes[each.key] == "STANDARD"

  command {
    name            = "glueetl"
    python_version  = "3"
    script_location = "s3://${local.buckets.assets}/${local.script_keys[each.key]}"
  }

  execution_property {
    max_concurrent_runs = 1
  }

  default_arguments = merge(local.scaling_arguments, length(each.value.landing) > 0 ? local.landing_arguments : {}, {
    "--lake_root" = "s3://${local.buckets.data}"
    "--database"  = aws_glue_catalog_database.this.name

    "--job-language"        = "python"
    "--job-bookmark-option" = "job-bookmark-disable"
    "--TempDir"             = "s3://${local.buckets.data}/temp/${each.key}/"
    "--extra-py-files"      = "s3://${local.buckets.assets}/${local.runtime_key}"
    "--descriptions"        = "s3://${local.buckets.assets}/${local.descriptions_key}"
    "--upkeep"              = "s3://${local.buckets.assets}/${local.upkeep_key}"

    "--datalake-formats" = "iceberg"
    "--conf"             = join(" --conf ", [for name, value in local.spark_settings : "${name}=${value}"])

    "--enable-metrics"                   = "true"
    "--enable-observability-metrics"     = "true"
    "--enable-spark-ui"                  = "true"
    "--spark-event-logs-path"            = "s3://${local.buckets.assets}/spark-history/${each.key}/"
    "--enable-continuous-cloudwatch-log" = "true"
    "--custom-logGroup-prefix"           = local.log_prefix
  })

  lifecycle {
    precondition {
      condition     = local.execution_classes[each.key] != "FLEX" || contains(["G.1X", "G.2X"], local.workers[each.key].type)
      error_message = "FLEX takes workers of type G.1X or G.2X only: those of ${each.key} are others."
    }
  }

  # A job that starts before its role may do anything fails; one without log groups makes Glue make them.
  depends_on = [
    aws_cloudwatch_log_group.jobs,
    aws_iam_role.job,
    aws_iam_role_policy.job,
    aws_iam_role_policy_attachment.further,
    aws_s3_object.descriptions,
    aws_s3_object.runtime,
    aws_s3_object.script,
    aws_s3_object.upkeep,
  ]
}
