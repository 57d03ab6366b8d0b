# The spec's expectations for Glue Data Quality: to look at them in the console. The jobs check them themselves.
resource "aws_glue_data_quality_ruleset" "this" {
  for_each = local.rulesets

  name        = "${local.prefix}-${each.key}"
  description = "What pipeline.yaml expects of ${each.key}."
  ruleset     = each.value

  target_table {
    database_name = aws_glue_catalog_database.this.name
    table_name    = each.key
  }

  depends_on = [aws_glue_catalog_table.published]
}
