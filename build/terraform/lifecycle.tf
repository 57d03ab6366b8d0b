# Jobs delete old versions of tables; the bucket keeps what was deleted for a while. So a person's withdrawn data is
# gone for good after keep_versions runs and var.noncurrent_days days.
locals {
  expiring = {
    data   = { temporary = "temp/" }
    assets = { spark-history = "spark-history/" }
    logs   = { access-logs = "" }
  }
  expiring_days = {
    data   = var.temporary_days
    assets = var.log_retention_days
    logs   = var.log_retention_days
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "this" {
  for_each = var.enable_lifecycle ? aws_s3_bucket.this : {}

  bucket = each.value.id

  rule {
    id     = "deleted-is-gone"
    status = "Enabled"

    filter {}

    noncurrent_version_expiration {
      noncurrent_days = var.noncurrent_days
    }

    expiration {
      expired_object_delete_marker = true
    }

    abort_incomplete_multipart_upload {
      days_after_initiation = 3
    }
  }

  dynamic "rule" {
    for_each = local.expiring[each.key]

    content {
      id     = rule.key
      status = "Enabled"

      filter {
        prefix = rule.value
      }

      expiration {
        days = local.expiring_days[each.key]
      }

      abort_incomplete_multipart_upload {
        days_after_initiation = 3
      }
    }
  }

  depends_on = [aws_s3_bucket_versioning.this]
}
