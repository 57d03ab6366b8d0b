# A job a table: the landing data and published tables that it reads, and the sources whose bad lines it publishes.
locals {
  jobs = {
    customer_trusted = {
      description = "Customers who agreed to share their data for research."
      landing     = ["customer/landing/"]
      tables      = []
      quarantines = ["customer_landing"]
    }
    accelerometer_trusted = {
      description = "Accelerometer readings of customers who agreed to share."
      landing     = ["accelerometer/landing/", "customer/landing/"]
      tables      = ["customer_trusted"]
      quarantines = ["accelerometer_landing"]
    }
    customers_curated = {
      description = "Customers who agreed to share and have accelerometer readings."
      landing     = ["customer/landing/"]
      tables      = ["customer_trusted", "accelerometer_trusted"]
      quarantines = []
    }
    step_trainer_trusted = {
      description = "Step trainer readings of customers who agreed to share and have accelerometer readings."
      landing     = ["step_trainer/landing/", "customer/landing/"]
      tables      = ["customers_curated"]
      quarantines = ["step_trainer_landing"]
    }
    machine_learning_curated = {
      description = "Each step trainer reading with the accelerometer readings of the same moment, to train the model on."
      landing     = ["customer/landing/"]
      tables      = ["accelerometer_trusted", "customers_curated", "step_trainer_trusted"]
      quarantines = []
    }
  }

  # The jobs whose failure each rule of the alarm tells: as many as the pattern of a rule holds.
  alarm_rules = {
    "1" = [
      "customer_trusted",
      "accelerometer_trusted",
      "customers_curated",
      "step_trainer_trusted",
      "machine_learning_curated",
    ]
  }
}
