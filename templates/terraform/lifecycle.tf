# Jobs delete old versions of tables; the bucket keeps what was deleted for a while. So a person's withdrawn data is gone
# for good from tables and sources a day after keep_versions runs, and from landing/ var.noncurrent_days days after it
# was deleted there.
locals {
  # What goes sooner than the rest of its bucket: where rules overlap, S3 takes the earlier day. What a run makes, the
  # next one makes again.
  expiring = {
    data = {
      temporary  = { prefix = "temp/", days = [var.temporary_days], noncurrent_days = 1 }
      sources    = { prefix = "sources/", days = [], noncurrent_days = 1 }
      tables     = { prefix = "tables/", days = [], noncurrent_days = 1 }
      quarantine = { prefix = "quarantine/", days = [], noncurrent_days = 1 }
    }
    assets = {
      spark-history = { prefix = "spark-history/", days = [var.log_retention_days], noncurrent_days = 1 }
    }
    logs = {
      access-logs = { prefix = "", days = [var.log_retention_days], noncurrent_days = var.noncurrent_days }
    }
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
        prefix = rule.value.prefix
      }

      noncurrent_version_expiration {
        noncurrent_days = rule.value.noncurrent_days
      }

      dynamic "expiration" {
        for_each = rule.value.days

        content {
          days = expiration.value
        }
      }

      abort_incomplete_multipart_upload {
        days_after_initiation = 3
      }
    }
  }

  depends_on = [aws_s3_bucket_versioning.this]
}
