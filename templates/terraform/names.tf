data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

data "aws_region" "current" {}

locals {
  account   = data.aws_caller_identity.current.account_id
  partition = data.aws_partition.current.partition
  domain    = data.aws_partition.current.dns_suffix
  region    = data.aws_region.current.id # called name in provider 5, region in 6, and id in both

  prefix        = "${local.lake}-${var.environment}"
  database      = replace(local.prefix, "-", "_")
  bucket_prefix = replace(local.prefix, "_", "-")
  bucket_suffix = coalesce(var.bucket_suffix, local.account)

  buckets = { for kind in ["data", "assets", "logs"] : kind => "${local.bucket_prefix}-${kind}-${local.bucket_suffix}" }

  # ARNs are spelled from names rather than read from resources, so that a plan shows every policy in full.
  bucket_arns = { for kind, name in local.buckets : kind => "arn:${local.partition}:s3:::${name}" }
  glue_arn    = "arn:${local.partition}:glue:${local.region}:${local.account}"
  table_arn   = "${local.glue_arn}:table/${local.database}"

  # Glue asks for these too, whenever a table is asked for.
  database_arns = ["${local.glue_arn}:catalog", "${local.glue_arn}:database/${local.database}"]

  job_names = { for name in keys(local.jobs) : name => "${local.prefix}-${name}" }

  # Resources of which there are as many as jobs refer to each other by these names and `depends_on`: to ask a
  # resource for one of many costs Terraform as much as to ask for all of them.

  # A role's name has 64 characters at most: a longer one ends in a hash of all of it.
  role_names = {
    for job, name in local.job_names :
    job => length(name) <= 64 ? name : "${substr(name, 0, 55)}-${substr(sha1(name), 0, 8)}"
  }
  role_arns = { for job, name in local.role_names : job => "arn:${local.partition}:iam::${local.account}:role/${name}" }
}
