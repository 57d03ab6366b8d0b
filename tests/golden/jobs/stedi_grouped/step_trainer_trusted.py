"""Step trainer readings of customers who agreed to share and have accelerometer readings.

Every row is proven to be about a customer who gave the consent research (customer_landing: sharewithresearchasofdate is
not null):
- step_trainer_trusted: semi join customers_curated on step_trainer_landing.serialnumber =
  customers_curated.serialnumber
- customers_curated: rows of customer_trusted
- customer_trusted: filter sharewithresearchasofdate is not null

Personal data: serialnumber (pseudonymous).

Lake stedi, zone trusted. Runs after step_trainer_landing, customers_curated, customer_landing.
Generated from pipeline.yaml (tables.step_trainer_trusted) by `python -m generator build`: edit that, not this file.
"""

import sys

from awsglue.context import GlueContext
from awsglue.job import Job
from awsglue.utils import getResolvedOptions
from lake import Lake, expect
from pyspark.context import SparkContext
from pyspark.sql.functions import expr

args = getResolvedOptions(sys.argv, ["JOB_NAME", "lake_root", "database"])
glue_context = GlueContext(SparkContext.getOrCreate())
job = Job(glue_context)
job.init(args["JOB_NAME"], args)
lake = Lake(glue_context, args)

# Rows of the source: Readings of the step trainer's motion sensor.
step_trainer_landing = lake.table("step_trainer_landing")

# Published table: Customers who agreed to share and have accelerometer readings.
customers_curated = lake.table("customers_curated")

# Semi join customers_curated on step_trainer_landing.serialnumber = customers_curated.serialnumber
in_customers_curated = step_trainer_landing.alias("step_trainer_landing").join(
    customers_curated.alias("customers_curated"),
    expr("step_trainer_landing.serialnumber = customers_curated.serialnumber"),
    "left_semi",
)

# Output columns
step_trainer_trusted = in_customers_curated.select("sensorreadingtime", "serialnumber", "distancefromobject")

# Rows of the source that only the checks ask: customer_landing
lake.table("customer_landing")

# Target table: written, checked, then published
lake.publish(
    "step_trainer_trusted",
    step_trainer_trusted,
    checks=[
        expect.no_rows(
            """
            SELECT t.serialnumber
            FROM step_trainer_trusted AS t
            LEFT ANTI JOIN (
              SELECT serialnumber FROM customer_landing WHERE sharewithresearchasofdate IS NOT NULL
            ) AS agreed
              ON t.serialnumber = agreed.serialnumber
            WHERE t.serialnumber IS NOT NULL
            """,
            name="every serialnumber is of a customer with consent research",
            blocking=True,
        ),
    ],
    keep_versions=3,
)

job.commit()
