# What runs when.
locals {
  start = {
    start = ["customer_trusted"]
  }

  triggers = {
    accelerometer_trusted = {
      description = "Once all of these succeeded: customer_trusted."
      logical     = "AND"
      conditions = [
        { job = "customer_trusted", state = "SUCCEEDED" },
      ]
      jobs = ["accelerometer_trusted"]
    }
    customers_curated = {
      description = "Once all of these succeeded: customer_trusted, accelerometer_trusted."
      logical     = "AND"
      conditions = [
        { job = "customer_trusted", state = "SUCCEEDED" },
        { job = "accelerometer_trusted", state = "SUCCEEDED" },
      ]
      jobs = ["customers_curated"]
    }
    step_trainer_trusted = {
      description = "Once all of these succeeded: customers_curated."
      logical     = "AND"
      conditions = [
        { job = "customers_curated", state = "SUCCEEDED" },
      ]
      jobs = ["step_trainer_trusted"]
    }
    machine_learning_curated = {
      description = "Once all of these succeeded: accelerometer_trusted, customers_curated, step_trainer_trusted."
      logical     = "AND"
      conditions = [
        { job = "accelerometer_trusted", state = "SUCCEEDED" },
        { job = "customers_curated", state = "SUCCEEDED" },
        { job = "step_trainer_trusted", state = "SUCCEEDED" },
      ]
      jobs = ["machine_learning_curated"]
    }
  }
}
