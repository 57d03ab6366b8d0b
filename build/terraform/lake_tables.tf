# What the jobs publish.
locals {
  tables = {
    customer_trusted = {
      description   = "Customers who agreed to share their data for research."
      metadata      = {}
      keep_versions = 3
      columns = [
        { name = "customername", type = "string", comment = "Personal: customer_landing.customername." },
        { name = "email", type = "string", comment = "Personal: customer_landing.email." },
        { name = "phone", type = "string", comment = "Personal: customer_landing.phone." },
        { name = "birthday", type = "string", comment = "Personal: customer_landing.birthday." },
        { name = "serialnumber", type = "string", comment = "Pseudonymous: customer_landing.serialnumber." },
        { name = "registrationdate", type = "bigint", comment = "" },
        { name = "lastupdatedate", type = "bigint", comment = "" },
        { name = "sharewithresearchasofdate", type = "bigint", comment = "" },
        { name = "sharewithpublicasofdate", type = "bigint", comment = "" },
        { name = "sharewithfriendsasofdate", type = "bigint", comment = "" },
      ]
    }
    accelerometer_trusted = {
      description   = "Accelerometer readings of customers who agreed to share."
      metadata      = {}
      keep_versions = 3
      columns = [
        { name = "user", type = "string", comment = "Personal: accelerometer_landing.user, customer_landing.email." },
        { name = "timestamp", type = "bigint", comment = "" },
        { name = "x", type = "double", comment = "" },
        { name = "y", type = "double", comment = "" },
        { name = "z", type = "double", comment = "" },
      ]
    }
    customers_curated = {
      description   = "Customers who agreed to share and have accelerometer readings."
      metadata      = {}
      keep_versions = 3
      columns = [
        { name = "customername", type = "string", comment = "Personal: customer_landing.customername." },
        { name = "email", type = "string", comment = "Personal: accelerometer_landing.user, customer_landing.email." },
        { name = "phone", type = "string", comment = "Personal: customer_landing.phone." },
        { name = "birthday", type = "string", comment = "Personal: customer_landing.birthday." },
        { name = "serialnumber", type = "string", comment = "Pseudonymous: customer_landing.serialnumber." },
        { name = "registrationdate", type = "bigint", comment = "" },
        { name = "lastupdatedate", type = "bigint", comment = "" },
        { name = "sharewithresearchasofdate", type = "bigint", comment = "" },
        { name = "sharewithpublicasofdate", type = "bigint", comment = "" },
        { name = "sharewithfriendsasofdate", type = "bigint", comment = "" },
      ]
    }
    step_trainer_trusted = {
      description   = "Step trainer readings of customers who agreed to share and have accelerometer readings."
      metadata      = {}
      keep_versions = 3
      columns = [
        { name = "sensorreadingtime", type = "bigint", comment = "" },
        { name = "serialnumber", type = "string", comment = "Pseudonymous: customer_landing.serialnumber, step_trainer_landing.serialnumber." },
        { name = "distancefromobject", type = "int", comment = "" },
      ]
    }
    machine_learning_curated = {
      description   = "Each step trainer reading with the accelerometer readings of the same moment, to train the model on."
      metadata      = {}
      keep_versions = 3
      columns = [
        { name = "timestamp", type = "bigint", comment = "" },
        { name = "x", type = "double", comment = "" },
        { name = "y", type = "double", comment = "" },
        { name = "z", type = "double", comment = "" },
        { name = "sensorreadingtime", type = "bigint", comment = "" },
        { name = "serialnumber", type = "string", comment = "Pseudonymous: customer_landing.serialnumber, step_trainer_landing.serialnumber." },
        { name = "distancefromobject", type = "int", comment = "" },
      ]
    }
  }
}
