# What runs when.
locals {
  start = {
    start = ["customer_landing", "accelerometer_landing", "step_trainer_landing"]
  }

  triggers = {
    customer_trusted = {
      description = "Once all of these succeeded: customer_landing."
      logical     = "AND"
      conditions = [
        { job = "customer_landing", state = "SUCCEEDED" },
      ]
      jobs = ["customer_trusted"]
    }
    accelerometer_trusted = {
      description = "Once all of these succeeded: customer_landing, accelerometer_landing, customer_trusted."
      logical     = "AND"
      conditions = [
        { job = "customer_landing", state = "SUCCEEDED" },
        { job = "accelerometer_landing", state = "SUCCEEDED" },
        { job = "customer_trusted", state = "SUCCEEDED" },
      ]
      jobs = ["accelerometer_trusted"]
    }
    customers_curated = {
      description = "Once all of these succeeded: customer_landing, customer_trusted, accelerometer_trusted."
      logical     = "AND"
      conditions = [
        { job = "customer_landing", state = "SUCCEEDED" },
        { job = "customer_trusted", state = "SUCCEEDED" },
        { job = "accelerometer_trusted", state = "SUCCEEDED" },
      ]
      jobs = ["customers_curated"]
    }
    step_trainer_trusted = {
      description = "Once all of these succeeded: customer_landing, step_trainer_landing, customers_curated."
      logical     = "AND"
      conditions = [
        { job = "customer_landing", state = "SUCCEEDED" },
        { job = "step_trainer_landing", state = "SUCCEEDED" },
        { job = "customers_curated", state = "SUCCEEDED" },
      ]
      jobs = ["step_trainer_trusted"]
    }
    machine_learning_curated = {
      description = "Once all of these succeeded: customer_landing, accelerometer_trusted, customers_curated, step_trainer_trusted."
      logical     = "AND"
      conditions = [
        { job = "customer_landing", state = "SUCCEEDED" },
        { job = "accelerometer_trusted", state = "SUCCEEDED" },
        { job = "customers_curated", state = "SUCCEEDED" },
        { job = "step_trainer_trusted", state = "SUCCEEDED" },
      ]
      jobs = ["machine_learning_curated"]
    }
  }
}
