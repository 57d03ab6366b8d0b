resource "aws_athena_workgroup" "this" {
  name          = local.prefix
  description   = "Queries of ${local.prefix}; results are encrypted and expire."
  force_destroy = true # takes saved queries and their history along, never data

  configuration {
    enforce_workgroup_configuration    = true
    publish_cloudwatch_metrics_enabled = true
    bytes_scanned_cutoff_per_query     = var.athena_scan_limit_bytes

    result_configuration {
      output_location = "s3://${local.buckets.data}/temp/athena/"

      encryption_configuration {
        encryption_option = "SSE_KMS"
        kms_key_arn       = local.key_arn
      }
    }
  }
}

resource "aws_athena_named_query" "this" {
  for_each = local.queries

  name        = each.key
  description = each.value
  workgroup   = aws_athena_workgroup.this.name
  database    = aws_glue_catalog_database.this.name
  query       = file("${path.module}/../athena/${each.key}.sql")
}
