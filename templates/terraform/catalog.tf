# What Athena sees. The raw text of a source is NAME_raw: for people, since nothing but the source's job reads raw data.
locals {
  text_input  = "org.apache.hadoop.mapred.TextInputFormat"
  text_output = "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat"

  storage = {
    json = {
      input  = local.text_input
      output = local.text_output
      serde  = "org.openx.data.jsonserde.JsonSerDe"
    }
    csv = {
      input  = local.text_input
      output = local.text_output
      serde  = "org.apache.hadoop.hive.serde2.OpenCSVSerde"
    }
    parquet = {
      input  = "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat"
      output = "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat"
      serde  = "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"
    }
  }

  # The raw text of sources: a table for each folder that one has.
  raw = merge([
    for name, source in local.sources : {
      for index, path in source.paths : index == 0 ? name : "${name}_${index + 1}" => merge(source, {
        name = index == 0 ? "${name}_raw" : "${name}_raw_${index + 1}"
        rows = name
        path = path
      })
    }
  ]...)

  # What jobs publish: tables, the rows of sources, and their lines that are no rows.
  published = merge(
    { for name, table in local.tables : name => merge(table, { folder = "tables/${name}" }) },
    {
      for name, source in local.sources : name => {
        description   = source.description
        keep_versions = source.keep_versions
        folder        = "sources/${name}"
        columns       = concat(source.columns, [{ name = source.row_file, type = "string", comment = "The landing file that the row is of, below landing/." }])
        metadata      = source.metadata
      }
    },
    {
      for name, source in local.sources : "${name}_quarantine" => {
        description = "Lines of ${name} that are no rows of it, with the reasons."
        folder      = "quarantine/${name}"
        metadata    = source.metadata
        columns = [
          { name = "file", type = "string", comment = "Where the line is, below landing/." },
          { name = "line", type = "bigint", comment = "Its number, counted from 1." },
          { name = "reason", type = "string", comment = "What is wrong, in a word." },
          { name = "detail", type = "string", comment = "Which column, and what is wrong with it." },
          { name = "raw", type = "string", comment = "The line as it landed; personal where the source is." },
        ]
      }
    },
  )
}

resource "aws_glue_catalog_database" "this" {
  name        = local.database
  description = local.description
}

resource "aws_glue_catalog_table" "source" {
  for_each = local.raw

  database_name = aws_glue_catalog_database.this.name
  name          = each.value.name
  description   = "The raw text of ${each.value.rows}, whose rows and quarantine are what counts."
  table_type    = "EXTERNAL_TABLE"
  parameters    = merge({ EXTERNAL = "TRUE", classification = each.value.format }, each.value.parameters, each.value.metadata)

  storage_descriptor {
    location      = "s3://${local.buckets.data}/landing/${each.value.path}"
    input_format  = local.storage[each.value.format].input
    output_format = local.storage[each.value.format].output

    ser_de_info {
      serialization_library = local.storage[each.value.format].serde
      parameters            = each.value.serde
    }

    dynamic "columns" {
      for_each = [for column in each.value.columns : column if !contains(each.value.folders, column.name)]

      content {
        name    = columns.value.name
        type    = each.value.text ? "string" : columns.value.type
        comment = columns.value.comment
      }
    }
  }
}

# Iceberg tables. They are here from the first apply on, empty; from then on jobs keep all of them: which rows they have
# and had, and columns, comments and descriptions as the last publishing run's build says. To change one from here too
# would undo what a job commits at the same moment, so Terraform leaves them alone until they go.
resource "aws_glue_catalog_table" "published" {
  for_each = local.published

  database_name = aws_glue_catalog_database.this.name
  name          = each.key
  description   = each.value.description
  table_type    = "EXTERNAL_TABLE"
  parameters    = each.value.metadata

  open_table_format_input {
    iceberg_input {
      metadata_operation = "CREATE"
      version            = 2
    }
  }

  storage_descriptor {
    location = "s3://${local.buckets.data}/${each.value.folder}"

    dynamic "columns" {
      for_each = each.value.columns

      content {
        name    = columns.value.name
        type    = lookup(columns.value, "stored", columns.value.type)
        comment = columns.value.comment
      }
    }
  }

  lifecycle {
    ignore_changes = [description, owner, parameters, partition_keys, retention, storage_descriptor, table_type]
  }

  # A lake from before sources had rows has its raw text under their names. Glue writes a table's first metadata.
  depends_on = [
    aws_glue_catalog_table.source,
    aws_s3_bucket_policy.this,
    aws_s3_bucket_server_side_encryption_configuration.this,
    aws_s3_bucket_versioning.this,
  ]
}
