# A job a source, which alone reads raw data, and a job a table: below which prefixes each reads, and publishes.
locals {
  jobs = {
    customer_landing = {
      description = "Customers, from the website."
      workers     = {}
      kind        = "sources"
      landing     = ["customer/landing/"]
      reads       = []
    }
    accelerometer_landing = {
      description = "Readings of the phone app's accelerometer."
      workers     = {}
      kind        = "sources"
      landing     = ["accelerometer/landing/"]
      reads       = []
    }
    step_trainer_landing = {
      description = "Readings of the step trainer's motion sensor."
      workers     = {}
      kind        = "sources"
      landing     = ["step_trainer/landing/"]
      reads       = []
    }
    customer_trusted = {
      description = "Customers who agreed to share their data for research."
      workers     = {}
      kind        = "tables"
      landing     = []
      reads       = ["sources/customer_landing/"]
    }
    accelerometer_trusted = {
      description = "Accelerometer readings of customers who agreed to share."
      workers     = {}
      kind        = "tables"
      landing     = []
      reads       = ["sources/accelerometer_landing/", "tables/customer_trusted/", "sources/customer_landing/"]
    }
    customers_curated = {
      description = "Customers who agreed to share and have accelerometer readings."
      workers     = {}
      kind        = "tables"
      landing     = []
      reads       = ["tables/customer_trusted/", "tables/accelerometer_trusted/", "sources/customer_landing/"]
    }
    step_trainer_trusted = {
      description = "Step trainer readings of customers who agreed to share and have accelerometer readings."
      workers     = {}
      kind        = "tables"
      landing     = []
      reads       = ["sources/step_trainer_landing/", "tables/customers_curated/", "sources/customer_landing/"]
    }
    machine_learning_curated = {
      description = "Each step trainer reading with the accelerometer readings of the same moment, to train the model on."
      workers     = {}
      kind        = "tables"
      landing     = []
      reads = [
        "tables/accelerometer_trusted/",
        "tables/customers_curated/",
        "tables/step_trainer_trusted/",
        "sources/customer_landing/",
      ]
    }
  }

  # The jobs whose failure each rule of the alarm tells: as many as the pattern of a rule holds.
  alarm_rules = {
    "1" = [
      "customer_landing",
      "accelerometer_landing",
      "step_trainer_landing",
      "customer_trusted",
      "accelerometer_trusted",
      "customers_curated",
      "step_trainer_trusted",
      "machine_learning_curated",
    ]
  }
}
