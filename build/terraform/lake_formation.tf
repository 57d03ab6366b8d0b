# Where Lake Formation decides who may use the catalog, IAM's rights aren't enough: jobs and readers get grants besides.
# What lies in S3 stays a matter of IAM, unless the bucket was registered with Lake Formation.
locals {
  job_grants = merge([
    for job, values in local.jobs : merge(
      { for prefix in values.reads : "${job} reads ${local.table_names[prefix]}" => { job = job, table = local.table_names[prefix], permissions = ["DESCRIBE"] } },
      { for name in local.publishes[job] : "${job} publishes ${name}" => { job = job, table = name, permissions = ["ALTER", "DESCRIBE"] } },
    )
  ]...)

  reader_grants = merge([
    for reader in var.readers : { for name in keys(local.tables) : "${reader} ${name}" => { reader = reader, table = name } }
  ]...)
}

resource "aws_lakeformation_permissions" "job_database" {
  for_each = var.lake_formation ? local.role_arns : {}

  principal   = each.value
  permissions = ["DESCRIBE"]

  database {
    name = aws_glue_catalog_database.this.name
  }

  depends_on = [aws_iam_role.job]
}

resource "aws_lakeformation_permissions" "job_table" {
  for_each = var.lake_formation ? local.job_grants : {}

  principal   = local.role_arns[each.value.job]
  permissions = each.value.permissions

  table {
    database_name = aws_glue_catalog_database.this.name
    name          = each.value.table
  }

  depends_on = [aws_glue_catalog_table.published, aws_iam_role.job]
}

# A job publishes by giving its table another location in the bucket.
resource "aws_lakeformation_permissions" "job_location" {
  for_each = var.lake_formation && var.data_location_registered ? local.role_arns : {}

  principal   = each.value
  permissions = ["DATA_LOCATION_ACCESS"]

  data_location {
    arn = local.bucket_arns.data
  }

  depends_on = [aws_iam_role.job, aws_s3_bucket.this]
}

resource "aws_lakeformation_permissions" "reader_database" {
  for_each = var.lake_formation ? toset(var.readers) : []

  principal   = each.value
  permissions = ["DESCRIBE"]

  database {
    name = aws_glue_catalog_database.this.name
  }
}

resource "aws_lakeformation_permissions" "reader_table" {
  for_each = var.lake_formation ? local.reader_grants : {}

  principal   = each.value.reader
  permissions = ["DESCRIBE", "SELECT"]

  table {
    database_name = aws_glue_catalog_database.this.name
    name          = each.value.table
  }

  depends_on = [aws_glue_catalog_table.published]
}
