"""Each step trainer reading with the accelerometer readings of the same moment, to train the model on.

Every row is proven to be about a customer who gave the consent research (customer_landing: sharewithresearchasofdate is
not null):
- machine_learning_curated: rows of accelerometer_trusted
- machine_learning_curated: rows of step_trainer_trusted
- step_trainer_trusted: semi join customers_curated on step_trainer_landing.serialnumber =
  customers_curated.serialnumber
- customers_curated: rows of customer_trusted
- accelerometer_trusted: semi join customer_trusted on accelerometer_landing.user = customer_trusted.email
- customer_trusted: filter sharewithresearchasofdate is not null

Personal data: serialnumber (pseudonymous).

Lake stedi, zone curated. Runs after accelerometer_trusted, customers_curated, step_trainer_trusted, customer_landing.
Generated from pipeline.yaml (tables.machine_learning_curated) by `python -m generator build`: edit that, not this file.
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

# Published table: Accelerometer readings of customers who agreed to share.
accelerometer_trusted = lake.table("accelerometer_trusted")

# Published table: Customers who agreed to share and have accelerometer readings.
customers_curated = lake.table("customers_curated")

# Published table: Step trainer readings of customers who agreed to share and have accelerometer readings.
step_trainer_trusted = lake.table("step_trainer_trusted")

# Semi join customers_curated on user = email
in_customers_curated = accelerometer_trusted.alias("accelerometer_trusted").join(
    customers_curated.alias("customers_curated"),
    expr("accelerometer_trusted.`user` = customers_curated.email"),
    "left_semi",
)

# Inner join step_trainer_trusted on timestamp = sensorreadingtime
with_step_trainer_trusted = in_customers_curated.join(
    step_trainer_trusted.alias("step_trainer_trusted"),
    expr("accelerometer_trusted.`timestamp` = step_trainer_trusted.sensorreadingtime"),
    "inner",
)

# Output columns
machine_learning_curated = with_step_trainer_trusted.select(
    "timestamp", "x", "y", "z", "sensorreadingtime", "serialnumber", "distancefromobject"
)

# Rows of the source that only the checks ask: customer_landing
lake.table("customer_landing")

# Target table: written, checked, then published
lake.publish(
    "machine_learning_curated",
    machine_learning_curated,
    checks=[
        expect.no_rows(
            """
            SELECT t.serialnumber
            FROM machine_learning_curated AS t
            LEFT ANTI JOIN (
              SELECT serialnumber FROM customer_landing WHERE sharewithresearchasofdate IS NOT NULL
            ) AS agreed
              ON t.serialnumber = agreed.serialnumber
            WHERE t.serialnumber IS NOT NULL
            """,
            name="every serialnumber is of a customer with consent research",
            blocking=True,
        ),
        expect.row(
            "`timestamp` IS NULL OR serialnumber IS NULL", name="not_null: timestamp, serialnumber", blocking=True
        ),
    ],
    keep_versions=3,
)

job.commit()
