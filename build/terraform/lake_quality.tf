# Expectations in the words of Glue Data Quality.
locals {
  rulesets = {
    customers_curated        = "Rules = [\n  # unique: email\n  IsUnique \"email\"\n]\n"
    machine_learning_curated = "Rules = [\n  # not_null: timestamp, serialnumber\n  IsComplete \"timestamp\",\n  IsComplete \"serialnumber\"\n]\n"
  }
}
