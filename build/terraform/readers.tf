# What somebody needs who reads the published tables with Athena: attach it to their role. Raw data and quarantines
# aren't part of it.
resource "aws_iam_policy" "reader" {
  name        = "${local.prefix}-reader"
  description = "Reads the published tables of ${local.prefix} with Athena."

  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = concat(local.reader_statements, local.catalog_key_statements, local.data_access_statements)
  })
}

locals {
  results = "temp/athena/"

  reader_statements = [
    {
      Sid    = "Query"
      Effect = "Allow"
      Action = [
        "athena:BatchGetNamedQuery", "athena:GetNamedQuery", "athena:GetQueryExecution", "athena:GetQueryResults",
        "athena:GetWorkGroup", "athena:ListNamedQueries", "athena:StartQueryExecution", "athena:StopQueryExecution",
      ]
      Resource = ["arn:${local.partition}:athena:${local.region}:${local.account}:workgroup/${local.prefix}"]
    },
    {
      Sid      = "Catalog"
      Effect   = "Allow"
      Action   = ["glue:GetDatabase", "glue:GetPartitions", "glue:GetTable", "glue:GetTables"]
      Resource = concat(local.database_arns, [for name in keys(local.tables) : "${local.table_arn}/${name}"])
    },
    {
      Sid      = "Read"
      Effect   = "Allow"
      Action   = ["s3:GetObject"]
      Resource = ["${local.bucket_arns.data}/tables/*"]
    },
    {
      Sid      = "Results"
      Effect   = "Allow"
      Action   = ["s3:AbortMultipartUpload", "s3:GetObject", "s3:PutObject"]
      Resource = ["${local.bucket_arns.data}/${local.results}*"]
    },
    {
      Sid       = "List"
      Effect    = "Allow"
      Action    = ["s3:ListBucket"]
      Resource  = [local.bucket_arns.data]
      Condition = { StringLike = { "s3:prefix" = ["tables/*", "${local.results}*"] } }
    },
    {
      Sid      = "Locate"
      Effect   = "Allow"
      Action   = ["s3:GetBucketLocation"]
      Resource = [local.bucket_arns.data]
    },
    {
      Sid      = "Key"
      Effect   = "Allow"
      Action   = ["kms:Decrypt", "kms:GenerateDataKey"]
      Resource = [local.key_arn]
    },
  ]

  # Every client of an encrypted catalog needs its key.
  catalog_key_statements = [for arn in compact([var.catalog_kms_key_arn]) : {
    Sid      = "CatalogKey"
    Effect   = "Allow"
    Action   = ["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey"]
    Resource = [arn]
  }]

  # Lake Formation knows no resources here: its grants are the bound.
  data_access_statements = [for sid in var.lake_formation ? ["DataAccess"] : [] : {
    Sid      = sid
    Effect   = "Allow"
    Action   = ["lakeformation:GetDataAccess"]
    Resource = ["*"]
  }]
}
