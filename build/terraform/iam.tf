# A role a job. What it may do follows from what the job reads and publishes (lake_jobs.tf), and from what Glue itself
# does in its name: fetch scripts, write logs, metrics and Spark's history.
locals {
  trust_of_glue = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "glue.amazonaws.com" }
      Action    = "sts:AssumeRole"
      Condition = { StringEquals = { "aws:SourceAccount" = local.account } }
    }]
  })

  reads = {
    for name, job in local.jobs : name => concat(
      [for path in job.landing : "landing/${path}"],
      job.reads,
    )
  }

  # IAM takes policies of some thousand characters: what doesn't fit into the role's own goes to others. `per_policy` is
  # how many prefixes fit for sure.
  parts = merge([
    for name, job in local.jobs : {
      for number, part in chunklist(concat(job.publishes, local.reads[name]), job.per_policy) : "${name}-${number + 1}" => {
        job    = name
        writes = [for prefix in part : prefix if contains(job.publishes, prefix)]
        reads  = [for prefix in part : prefix if !contains(job.publishes, prefix)]
      }
    }
  ]...)

  # The table of the catalog that each prefix is the data of.
  table_names = {
    for prefix in distinct(flatten([for job in local.jobs : concat(job.publishes, job.reads)])) :
    prefix => startswith(prefix, "quarantine/") ? "${split("/", prefix)[1]}_quarantine" : split("/", prefix)[1]
  }

  publishes = { for name, job in local.jobs : name => [for prefix in job.publishes : local.table_names[prefix]] }

  part_statements = {
    for name, part in local.parts : name => [
      for statement in [
        {
          Sid      = "Read"
          Effect   = "Allow"
          Action   = ["s3:GetObject"]
          Resource = [for prefix in part.reads : "${local.bucket_arns.data}/${prefix}*"]
        },
        {
          # Glue asks for catalog and database too, and for the right to change them, whenever a table is asked for.
          Sid    = "ReadCatalog"
          Effect = "Allow"
          Action = ["glue:GetTable"]
          Resource = anytrue([for prefix in part.reads : !startswith(prefix, "landing/")]) ? concat(
            local.database_arns,
            [for prefix in part.reads : "${local.table_arn}/${local.table_names[prefix]}" if !startswith(prefix, "landing/")],
          ) : []
        },
        {
          Sid      = "Write"
          Effect   = "Allow"
          Action   = ["s3:AbortMultipartUpload", "s3:DeleteObject", "s3:GetObject", "s3:PutObject"]
          Resource = [for prefix in part.writes : "${local.bucket_arns.data}/${prefix}*"]
        },
        {
          Sid    = "Publish"
          Effect = "Allow"
          Action = ["glue:GetTable", "glue:UpdateTable"]
          Resource = length(part.writes) == 0 ? [] : concat(
            local.database_arns,
            [for prefix in part.writes : "${local.table_arn}/${local.table_names[prefix]}"],
          )
        },
        {
          # Both spellings of a folder: Spark asks for the one without a slash first.
          Sid       = "List"
          Effect    = "Allow"
          Action    = ["s3:ListBucket"]
          Resource  = [local.bucket_arns.data]
          Condition = { StringLike = { "s3:prefix" = flatten([for prefix in concat(part.writes, part.reads) : ["${prefix}*", trimsuffix(prefix, "/")]]) } }
        },
      ] : statement if length(statement.Resource) > 0
    ]
  }

  # Jobs that ask what time it is count as their workflow's run, which tells when it was started.
  time_statements = {
    for name in keys(local.jobs) : name => [
      for statement in [
        {
          Sid      = "TimeOfRun"
          Effect   = "Allow"
          Action   = ["glue:GetWorkflowRun"]
          Resource = ["arn:${local.partition}:glue:${local.region}:${local.account}:workflow/${local.prefix}"]
        },
      ] : statement if length(regexall("[{]lake[.](now|today)[}]", file("${local.scripts_folder}/${name}.py"))) > 0
    ]
  }

  own_statements = {
    for name, job in local.jobs : name => concat(local.time_statements[name], [
      {
        Sid      = "Temporary"
        Effect   = "Allow"
        Action   = ["s3:AbortMultipartUpload", "s3:DeleteObject", "s3:GetObject", "s3:PutObject"]
        Resource = ["${local.bucket_arns.data}/temp/${name}/*"]
      },
      {
        Sid       = "ListTemporary"
        Effect    = "Allow"
        Action    = ["s3:ListBucket"]
        Resource  = [local.bucket_arns.data]
        Condition = { StringLike = { "s3:prefix" = ["temp/${name}/*", "temp/${name}"] } }
      },
      {
        Sid      = "Locate"
        Effect   = "Allow"
        Action   = ["s3:GetBucketLocation"]
        Resource = [local.bucket_arns.data, local.bucket_arns.assets]
      },
      {
        # Whatever their hashes: a run that started before an apply fetches what it was started with.
        Sid      = "Scripts"
        Effect   = "Allow"
        Action   = ["s3:GetObject"]
        Resource = ["${local.bucket_arns.assets}/jobs/${name}-*.py", "${local.bucket_arns.assets}/runtime/*"]
      },
      {
        Sid      = "SparkHistory"
        Effect   = "Allow"
        Action   = ["s3:AbortMultipartUpload", "s3:DeleteObject", "s3:GetObject", "s3:PutObject"]
        Resource = ["${local.bucket_arns.assets}/spark-history/${name}/*"]
      },
      {
        Sid       = "ListSparkHistory"
        Effect    = "Allow"
        Action    = ["s3:ListBucket"]
        Resource  = [local.bucket_arns.assets]
        Condition = { StringLike = { "s3:prefix" = ["spark-history/${name}/*", "spark-history/${name}"] } }
      },
      {
        # Glue asks for a group that is missing, and sets its key each time.
        Sid      = "Log"
        Effect   = "Allow"
        Action   = ["logs:AssociateKmsKey", "logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"]
        Resource = ["arn:${local.partition}:logs:${local.region}:${local.account}:log-group:${local.log_prefix}/${local.security_configuration}-role/${local.role_names[name]}/*"]
      },
      {
        # CloudWatch knows no resources: the namespace is the only bound.
        Sid       = "Metrics"
        Effect    = "Allow"
        Action    = ["cloudwatch:PutMetricData"]
        Resource  = ["*"]
        Condition = { StringEquals = { "cloudwatch:namespace" = "Glue" } }
      },
      {
        Sid      = "Key"
        Effect   = "Allow"
        Action   = ["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey"]
        Resource = [local.key_arn]
      },
    ])
  }
}

resource "aws_iam_role" "job" {
  for_each = local.jobs

  name        = local.role_names[each.key]
  description = "What the Glue job ${local.job_names[each.key]} may do."

  assume_role_policy = local.trust_of_glue
}

resource "aws_iam_role_policy" "job" {
  for_each = local.jobs

  name = "lake"
  role = local.role_names[each.key]

  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = concat(lookup(local.part_statements, "${each.key}-1", []), local.own_statements[each.key], local.catalog_key_statements)
  })

  lifecycle {
    precondition {
      condition     = length(jsonencode([lookup(local.part_statements, "${each.key}-1", []), local.own_statements[each.key], local.catalog_key_statements])) <= 10000
      error_message = "IAM takes no policy as long as ${each.key}'s: shorten the paths or the names of what it reads and publishes."
    }
  }

  depends_on = [aws_iam_role.job]
}

resource "aws_iam_policy" "further" {
  for_each = { for name, part in local.parts : name => part.job if name != "${part.job}-1" }

  name        = length(each.key) <= 80 ? "${local.prefix}-${each.key}" : "${local.prefix}-${substr(each.key, 0, 70)}-${substr(sha1(each.key), 0, 8)}"
  description = "More of what the Glue job ${local.job_names[each.value]} may do."

  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = local.part_statements[each.key]
  })

  lifecycle {
    precondition {
      condition     = length(jsonencode(local.part_statements[each.key])) <= 6000
      error_message = "IAM takes no policy as long as ${each.key}'s: shorten the paths or the names of what it reads and publishes."
    }
  }
}

resource "aws_iam_role_policy_attachment" "further" {
  for_each = aws_iam_policy.further

  role       = local.role_names[local.parts[each.key].job]
  policy_arn = each.value.arn

  depends_on = [aws_iam_role.job]
}
