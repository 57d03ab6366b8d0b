# Raw data, as it lands below landing/, and the rows that become of it.
locals {
  sources = {
    customer_landing = {
      description   = "Customers, from the website."
      paths         = ["customer/landing/"]
      format        = "json"
      parameters    = {}
      metadata      = {}
      keep_versions = 3
      serde = {
        "case.insensitive"                  = "FALSE"
        "ignore.malformed.json"             = "TRUE"
        "use.null.for.invalid.data"         = "TRUE"
        "mapping.customername"              = "customerName"
        "mapping.birthday"                  = "birthDay"
        "mapping.serialnumber"              = "serialNumber"
        "mapping.registrationdate"          = "registrationDate"
        "mapping.lastupdatedate"            = "lastUpdateDate"
        "mapping.sharewithresearchasofdate" = "shareWithResearchAsOfDate"
        "mapping.sharewithpublicasofdate"   = "shareWithPublicAsOfDate"
        "mapping.sharewithfriendsasofdate"  = "shareWithFriendsAsOfDate"
      }
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
      row_file = "landing_file"
      folders  = []
      text     = false
    }
    accelerometer_landing = {
      description   = "Readings of the phone app's accelerometer."
      paths         = ["accelerometer/landing/"]
      format        = "json"
      parameters    = {}
      metadata      = {}
      keep_versions = 3
      serde = {
        "case.insensitive"          = "FALSE"
        "ignore.malformed.json"     = "TRUE"
        "use.null.for.invalid.data" = "TRUE"
      }
      columns = [
        { name = "user", type = "string", comment = "Personal: accelerometer_landing.user." },
        { name = "timestamp", type = "bigint", comment = "" },
        { name = "x", type = "double", comment = "" },
        { name = "y", type = "double", comment = "" },
        { name = "z", type = "double", comment = "" },
      ]
      row_file = "landing_file"
      folders  = []
      text     = false
    }
    step_trainer_landing = {
      description   = "Readings of the step trainer's motion sensor."
      paths         = ["step_trainer/landing/"]
      format        = "json"
      parameters    = {}
      metadata      = {}
      keep_versions = 3
      serde = {
        "case.insensitive"           = "FALSE"
        "ignore.malformed.json"      = "TRUE"
        "use.null.for.invalid.data"  = "TRUE"
        "mapping.sensorreadingtime"  = "sensorReadingTime"
        "mapping.serialnumber"       = "serialNumber"
        "mapping.distancefromobject" = "distanceFromObject"
      }
      columns = [
        { name = "sensorreadingtime", type = "bigint", comment = "" },
        { name = "serialnumber", type = "string", comment = "Pseudonymous: step_trainer_landing.serialnumber." },
        { name = "distancefromobject", type = "int", comment = "" },
      ]
      row_file = "landing_file"
      folders  = []
      text     = false
    }
  }
}
