# Glue's own upkeep of Iceberg tables, as far as it is asked for: jobs write files of a good size and remove what they
# replace, so this is for tables that others write to, or look far back in.
locals {
  optimizers = merge([
    for kind in var.table_optimizers : {
      for name, table in local.published : "${name} ${kind}" => {
        table    = name
        type     = kind
        location = "s3://${local.buckets.data}/${table.folder}"

        # Each version that a job keeps, and the same rows compacted.
        snapshots = 2 * lookup(table, "keep_versions", 1)
      }
    }
  ]...)
}

resource "aws_iam_role" "optimizer" {
  for_each = length(var.table_optimizers) > 0 ? toset(["optimizer"]) : []

  name        = length("${local.prefix}-${each.key}") <= 64 ? "${local.prefix}-${each.key}" : "${substr(local.prefix, 0, 45)}-${substr(sha1(local.prefix), 0, 8)}-${each.key}"
  description = "What Glue may do that looks after the tables of ${local.prefix}."

  assume_role_policy = local.trust_of_glue
}

resource "aws_iam_role_policy" "optimizer" {
  for_each = aws_iam_role.optimizer

  name = "tables"
  role = each.value.name

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat([
      {
        Sid      = "Rewrite"
        Effect   = "Allow"
        Action   = ["s3:DeleteObject", "s3:GetObject", "s3:PutObject"]
        Resource = [for kind in ["quarantine", "sources", "tables"] : "${local.bucket_arns.data}/${kind}/*"]
      },
      {
        Sid       = "List"
        Effect    = "Allow"
        Action    = ["s3:ListBucket"]
        Resource  = [local.bucket_arns.data]
        Condition = { StringLike = { "s3:prefix" = ["quarantine/*", "sources/*", "tables/*"] } }
      },
      {
        Sid      = "Commit"
        Effect   = "Allow"
        Action   = ["glue:GetTable", "glue:UpdateTable"]
        Resource = concat(local.database_arns, ["${local.table_arn}/*"])
      },
      {
        Sid      = "Log"
        Effect   = "Allow"
        Action   = ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"]
        Resource = ["arn:${local.partition}:logs:${local.region}:${local.account}:log-group:/aws-glue/iceberg-*"]
      },
      {
        Sid      = "Key"
        Effect   = "Allow"
        Action   = ["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey"]
        Resource = [local.key_arn]
      },
    ], local.catalog_key_statements)
  })
}

resource "aws_glue_catalog_table_optimizer" "this" {
  for_each = local.optimizers

  catalog_id    = local.account
  database_name = aws_glue_catalog_database.this.name
  table_name    = each.value.table
  type          = each.value.type

  configuration {
    role_arn = aws_iam_role.optimizer["optimizer"].arn
    enabled  = true

    dynamic "retention_configuration" {
      for_each = each.value.type == "retention" ? [each.value.snapshots] : []

      content {
        iceberg_configuration {
          snapshot_retention_period_in_days = 5
          number_of_snapshots_to_retain     = retention_configuration.value
          clean_expired_files               = true
        }
      }
    }

    dynamic "orphan_file_deletion_configuration" {
      for_each = each.value.type == "orphan_file_deletion" ? [each.value.location] : []

      content {
        iceberg_configuration {
          orphan_file_retention_period_in_days = 3
          location                             = orphan_file_deletion_configuration.value
        }
      }
    }
  }

  depends_on = [aws_glue_catalog_table.published, aws_iam_role_policy.optimizer]
}
