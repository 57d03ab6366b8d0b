# The jobs: below which prefixes each reads raw data and what others publish, and publishes itself.
locals {
  jobs = {
    customer_landing = {
      description = "Customers, from the website."
      settings    = {}
      landing     = ["customer/landing/"]
      reads       = []
      publishes   = ["sources/customer_landing/", "quarantine/customer_landing/"]
      per_policy  = 17
    }
    accelerometer_landing = {
      description = "Readings of the phone app's accelerometer."
      settings    = {}
      landing     = ["accelerometer/landing/"]
      reads       = []
      publishes   = ["sources/accelerometer_landing/", "quarantine/accelerometer_landing/"]
      per_policy  = 16
    }
    step_trainer_landing = {
      description = "Readings of the step trainer's motion sensor."
      settings    = {}
      landing     = ["step_trainer/landing/"]
      reads       = []
      publishes   = ["sources/step_trainer_landing/", "quarantine/step_trainer_landing/"]
      per_policy  = 16
    }
    customer_trusted = {
      description = "Customers who agreed to share their data for research."
      settings    = {}
      landing     = []
      reads       = ["sources/customer_landing/"]
      publishes   = ["tables/customer_trusted/"]
      per_policy  = 18
    }
    accelerometer_trusted = {
      description = "Accelerometer readings of customers who agreed to share."
      settings    = {}
      landing     = []
      reads       = ["sources/accelerometer_landing/", "tables/customer_trusted/", "sources/customer_landing/"]
      publishes   = ["tables/accelerometer_trusted/"]
      per_policy  = 17
    }
    customers_curated = {
      description = "Customers who agreed to share and have accelerometer readings."
      settings    = {}
      landing     = []
      reads       = ["tables/customer_trusted/", "tables/accelerometer_trusted/", "sources/customer_landing/"]
      publishes   = ["tables/customers_curated/"]
      per_policy  = 17
    }
    step_trainer_trusted = {
      description = "Step trainer readings of customers who agreed to share and have accelerometer readings."
      settings    = {}
      landing     = []
      reads       = ["sources/step_trainer_landing/", "tables/customers_curated/", "sources/customer_landing/"]
      publishes   = ["tables/step_trainer_trusted/"]
      per_policy  = 17
    }
    machine_learning_curated = {
      description = "Each step trainer reading with the accelerometer readings of the same moment, to train the model on."
      settings    = {}
      landing     = []
      reads = [
        "tables/accelerometer_trusted/",
        "tables/customers_curated/",
        "tables/step_trainer_trusted/",
        "sources/customer_landing/",
      ]
      publishes  = ["tables/machine_learning_curated/"]
      per_policy = 16
    }
  }

  # Which job makes each source and table.
  makers = {
    customer_landing         = "customer_landing"
    accelerometer_landing    = "accelerometer_landing"
    step_trainer_landing     = "step_trainer_landing"
    customer_trusted         = "customer_trusted"
    accelerometer_trusted    = "accelerometer_trusted"
    customers_curated        = "customers_curated"
    step_trainer_trusted     = "step_trainer_trusted"
    machine_learning_curated = "machine_learning_curated"
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
