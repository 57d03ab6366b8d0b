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
        description = source.description
        folder      = "sources/${name}"
        columns     = source.columns
        metadata    = source.metadata
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

resource "aws_glue_catalog_table" "published" {
  for_each = local.published

  database_name = aws_glue_catalog_database.this.name
  name          = each.key
  description   = each.value.description
  table_type    = "EXTERNAL_TABLE"
  parameters    = merge({ EXTERNAL = "TRUE", classification = "parquet" }, each.value.metadata)

  storage_descriptor {
    location      = "s3://${local.buckets.data}/${each.value.folder}/empty/"
    input_format  = local.storage.parquet.input
    output_format = local.storage.parquet.output

    ser_de_info {
      serialization_library = local.storage.parquet.serde
      parameters            = { "serialization.format" = "1" }
    }

    dynamic "columns" {
      for_each = each.value.columns

      content {
        name    = columns.value.name
        type    = columns.value.type
        comment = columns.value.comment
      }
    }
  }

  # A lake from before sources had rows has its raw text under their names.
  depends_on = [aws_glue_catalog_table.source]

  # Jobs publish by switching the location; they note the run, its rows and checks, the versions that are kept, and of a
  # source what they read of it.
  lifecycle {
    ignore_changes = [
      storage_descriptor[0].location,
      parameters["lake_run"],
      parameters["lake_rows"],
      parameters["lake_versions"],
      parameters["lake_checks"],
      parameters["lake_source"],
    ]
  }
}
