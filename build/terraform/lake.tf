# The lake of pipeline.yaml: this file and the other lake_*.tf are made of it by `python -m generator build`.
locals {
  lake        = "stedi"
  description = "STEDI Human Balance Analytics. Only customers who agreed to share with research reach the training data."

  # Files of ../athena and what they tell.
  queries = {
    preview_accelerometer_trusted    = "Some rows of accelerometer_trusted."
    preview_customer_trusted         = "Some rows of customer_trusted."
    preview_customers_curated        = "Some rows of customers_curated."
    preview_machine_learning_curated = "Some rows of machine_learning_curated."
    preview_step_trainer_trusted     = "Some rows of step_trainer_trusted."
    quarantine                       = "Lines of raw data that became no rows, by reason."
    row_counts                       = "Rows of each table, and how many the reference data gives."
    row_counts_of_sources            = "Rows of each source, and how many the reference data gives."
  }
}
