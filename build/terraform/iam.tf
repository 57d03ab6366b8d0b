# A role a job. What it may do follows from what the job reads and publishes (lake_jobs.tf), and from what Glue itself
# does in its name: fetch scripts, write logs, metrics and Spark's history.
locals {
  reads = {
    for table, job in local.jobs : table => concat(
      [for path in job.landing : "landing/${path}"],
      job.reads,
    )
  }

  # IAM takes policies of some thousand characters: what a job reads besides the first few goes to policies of their own.
  read_parts = merge([
    for table, prefixes in local.reads : {
      for number, part in chunklist(prefixes, 8) : "${table}-${number + 1}" => { job = table, prefixes = part }
    }
  ]...)

  read_statements = {
    for name, part in local.read_parts : name => [
      for statement in [
        {
          Sid      = "Read"
          Effect   = "Allow"
          Action   = ["s3:GetObject"]
          Resource = [for prefix in part.prefixes : "${local.bucket_arns.data}/${prefix}*"]
        },
        {
          # Both spellings of a folder: Spark asks for the one without a slash first.
          Sid       = "List"
          Effect    = "Allow"
          Action    = ["s3:ListBucket"]
          Resource  = [local.bucket_arns.data]
          Condition = { StringLike = { "s3:prefix" = flatten([for prefix in part.prefixes : ["${prefix}*", trimsuffix(prefix, "/")]]) } }
        },
        {
          Sid    = "ReadCatalog"
          Effect = "Allow"
          Action = ["glue:GetTable"]
          Resource = distinct(flatten([
            for prefix in part.prefixes : concat(local.database_arns, ["${local.table_arn}/${split("/", prefix)[1]}"])
            if !startswith(prefix, "landing/")
          ]))
        },
      ] : statement if length(statement.Resource) > 0
    ]
  }

  writes = {
    for table, job in local.jobs : table => concat(
      ["${job.kind}/${table}/", "temp/${table}/"],
      job.kind == "sources" ? ["quarantine/${table}/"] : [],
    )
  }
  publishes = { for table, job in local.jobs : table => concat([table], job.kind == "sources" ? ["${table}_quarantine"] : []) }

  # Jobs that ask what time it is count as their workflow's run, which tells when it was started.
  time_statements = {
    for table in keys(local.jobs) : table => [
      for statement in [
        {
          Sid      = "TimeOfRun"
          Effect   = "Allow"
          Action   = ["glue:GetWorkflowRun"]
          Resource = ["arn:${local.partition}:glue:${local.region}:${local.account}:workflow/${local.prefix}"]
        },
      ] : statement if length(regexall("[{]lake[.](now|today)[}]", file("${local.scripts_folder}/${table}.py"))) > 0
    ]
  }

  own_statements = {
    for table, job in local.jobs : table => concat(local.time_statements[table], [
      {
        Sid      = "Write"
        Effect   = "Allow"
        Action   = ["s3:AbortMultipartUpload", "s3:DeleteObject", "s3:GetObject", "s3:PutObject"]
        Resource = [for prefix in local.writes[table] : "${local.bucket_arns.data}/${prefix}*"]
      },
      {
        Sid       = "ListOwn"
        Effect    = "Allow"
        Action    = ["s3:ListBucket"]
        Resource  = [local.bucket_arns.data]
        Condition = { StringLike = { "s3:prefix" = flatten([for prefix in local.writes[table] : ["${prefix}*", trimsuffix(prefix, "/")]]) } }
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
        Resource = ["${local.bucket_arns.assets}/jobs/${table}-*.py", "${local.bucket_arns.assets}/runtime/*"]
      },
      {
        Sid      = "SparkHistory"
        Effect   = "Allow"
        Action   = ["s3:AbortMultipartUpload", "s3:DeleteObject", "s3:GetObject", "s3:PutObject"]
        Resource = ["${local.bucket_arns.assets}/spark-history/${table}/*"]
      },
      {
        Sid       = "ListSparkHistory"
        Effect    = "Allow"
        Action    = ["s3:ListBucket"]
        Resource  = [local.bucket_arns.assets]
        Condition = { StringLike = { "s3:prefix" = ["spark-history/${table}/*", "spark-history/${table}"] } }
      },
      {
        Sid      = "Publish"
        Effect   = "Allow"
        Action   = ["glue:GetTable", "glue:UpdateTable"]
        Resource = concat(local.database_arns, [for name in local.publishes[table] : "${local.table_arn}/${name}"])
      },
      {
        # Glue asks for a group that is missing, and sets its key each time.
        Sid      = "Log"
        Effect   = "Allow"
        Action   = ["logs:AssociateKmsKey", "logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"]
        Resource = ["arn:${local.partition}:logs:${local.region}:${local.account}:log-group:${local.log_prefix}/${local.security_configuration}-role/${local.role_names[table]}/*"]
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

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "glue.amazonaws.com" }
      Action    = "sts:AssumeRole"
      Condition = { StringEquals = { "aws:SourceAccount" = local.account } }
    }]
  })
}

resource "aws_iam_role_policy" "job" {
  for_each = local.jobs

  name = "lake"
  role = local.role_names[each.key]

  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = concat(lookup(local.read_statements, "${each.key}-1", []), local.own_statements[each.key], local.catalog_key_statements)
  })

  lifecycle {
    precondition {
      condition     = length(jsonencode([lookup(local.read_statements, "${each.key}-1", []), local.own_statements[each.key], local.catalog_key_statements])) <= 10000
      error_message = "IAM takes no policy as long as ${each.key}'s: shorten the paths or the names of what it reads."
    }
  }

  depends_on = [aws_iam_role.job]
}

resource "aws_iam_policy" "further_reads" {
  for_each = { for name, part in local.read_parts : name => part.job if name != "${part.job}-1" }

  name        = length(each.key) <= 80 ? "${local.prefix}-${each.key}" : "${local.prefix}-${substr(each.key, 0, 70)}-${substr(sha1(each.key), 0, 8)}"
  description = "More of what the Glue job ${local.job_names[each.value]} reads."

  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = local.read_statements[each.key]
  })

  lifecycle {
    precondition {
      condition     = length(jsonencode(local.read_statements[each.key])) <= 6000
      error_message = "IAM takes no policy as long as ${each.key}'s: shorten the paths or the names of what it reads."
    }
  }
}

resource "aws_iam_role_policy_attachment" "further_reads" {
  for_each = aws_iam_policy.further_reads

  role       = local.role_names[local.read_parts[each.key].job]
  policy_arn = each.value.arn

  depends_on = [aws_iam_role.job]
}
