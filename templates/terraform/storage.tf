# Three buckets. data: landing/ sources/ tables/ quarantine/ temp/. assets: the jobs' scripts and Spark's event logs.
# logs: who read and wrote the other two.
resource "aws_s3_bucket" "this" {
  # checkov:skip=CKV_AWS_144: everything but landing/ is made again by a run; whoever needs landing/ twice replicates it at its origin
  # checkov:skip=CKV_AWS_18: data and assets are logged (aws_s3_bucket_logging); a log of the log bucket would log itself
  # checkov:skip=CKV_AWS_145: access logs are delivered to buckets with S3's own keys; the other two use KMS
  # checkov:skip=CKV2_AWS_62: the workflow runs by schedule or on demand; nobody waits for an event of each object
  for_each = local.buckets

  bucket        = each.value
  force_destroy = var.allow_data_loss
}

resource "aws_s3_bucket_ownership_controls" "this" {
  for_each = aws_s3_bucket.this

  bucket = each.value.id

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_public_access_block" "this" {
  for_each = aws_s3_bucket.this

  bucket                  = each.value.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_versioning" "this" {
  for_each = aws_s3_bucket.this

  bucket = each.value.id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "this" {
  for_each = aws_s3_bucket.this

  bucket = each.value.id

  rule {
    bucket_key_enabled = each.key != "logs"

    apply_server_side_encryption_by_default {
      sse_algorithm     = each.key == "logs" ? "AES256" : "aws:kms"
      kms_master_key_id = each.key == "logs" ? null : local.key_arn
    }
  }
}

locals {
  bucket_statements = {
    for kind, arn in local.bucket_arns : kind => concat(
      [{
        Sid       = "OnlyEncryptedConnections"
        Effect    = "Deny"
        Principal = { AWS = "*" }
        Action    = "s3:*"
        Resource  = [arn, "${arn}/*"]
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      }],
      # So a bucket and the settings that its policy depends on stay, whoever destroys them. To change them is allowed.
      [for sid in var.allow_data_loss ? [] : ["NotByMistake"] : {
        Sid       = sid
        Effect    = "Deny"
        Principal = { AWS = "*" }
        Action    = ["s3:DeleteBucket", "s3:DeleteBucketPolicy"]
        Resource  = [arn]
      }],
    )
  }
}

# What a policy depends on is destroyed after it: so never, as long as the policy can't be deleted.
resource "aws_s3_bucket_policy" "logs" {
  bucket = aws_s3_bucket.this["logs"].id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(local.bucket_statements.logs, [{
      Sid       = "AccessLogs"
      Effect    = "Allow"
      Principal = { Service = "logging.s3.amazonaws.com" }
      Action    = "s3:PutObject"
      Resource  = "${local.bucket_arns.logs}/*"
      Condition = {
        StringEquals = { "aws:SourceAccount" = local.account }
        ArnLike      = { "aws:SourceArn" = [local.bucket_arns.data, local.bucket_arns.assets] }
      }
    }])
  })

  depends_on = [
    aws_s3_bucket_lifecycle_configuration.this,
    aws_s3_bucket_ownership_controls.this,
    aws_s3_bucket_public_access_block.this,
    aws_s3_bucket_server_side_encryption_configuration.this,
    aws_s3_bucket_versioning.this,
  ]
}

moved {
  from = aws_s3_bucket_policy.this["logs"]
  to   = aws_s3_bucket_policy.logs
}

resource "aws_s3_bucket_policy" "this" {
  for_each = { for kind in ["data", "assets"] : kind => aws_s3_bucket.this[kind].id }

  bucket = each.value

  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = local.bucket_statements[each.key]
  })

  depends_on = [aws_s3_bucket_logging.this, aws_s3_bucket_policy.logs]
}

resource "aws_s3_bucket_logging" "this" {
  for_each = { for kind in ["data", "assets"] : kind => aws_s3_bucket.this[kind].id }

  bucket        = each.value
  target_bucket = aws_s3_bucket.this["logs"].id
  target_prefix = "${each.key}/"

  depends_on = [aws_s3_bucket_policy.logs]
}
