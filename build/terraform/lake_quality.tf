# Expectations in the words of Glue Data Quality.
locals {
  rulesets = {
    customers_curated        = <<-EOT
      Rules = [
        # unique: email
        IsUnique "email"
      ]
    EOT
    machine_learning_curated = <<-EOT
      Rules = [
        # not_null: timestamp, serialnumber
        IsComplete "timestamp",
        IsComplete "serialnumber"
      ]
    EOT
  }
}
