"""Accelerometer readings of customers who agreed to share.

Every row is proven to be about a customer who gave the consent research (customer_landing: sharewithresearchasofdate is
not null):
- accelerometer_trusted: semi join customer_trusted on accelerometer_landing.user = customer_trusted.email
- customer_trusted: filter sharewithresearchasofdate is not null

Personal data: user.

Lake stedi, zone trusted. Runs after accelerometer_landing, customer_trusted, customer_landing.
Generated from pipeline.yaml (tables.accelerometer_trusted) by `python -m generator build`: edit that, not this file.
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

# Rows of the source: Readings of the phone app's accelerometer.
accelerometer_landing = lake.table("accelerometer_landing")

# Published table: Customers who agreed to share their data for research.
customer_trusted = lake.table("customer_trusted")

# Semi join customer_trusted on user = email
in_customer_trusted = accelerometer_landing.alias("accelerometer_landing").join(
    customer_trusted.alias("customer_trusted"),
    expr("accelerometer_landing.`user` = customer_trusted.email"),
    "left_semi",
)

# Output columns
accelerometer_trusted = in_customer_trusted.select("user", "timestamp", "x", "y", "z")

# Rows of the source that only the checks ask: customer_landing
lake.table("customer_landing")

# Target table: written, checked, then published
lake.publish(
    "accelerometer_trusted",
    accelerometer_trusted,
    checks=[
        expect.no_rows(
            """
            SELECT t.`user`
            FROM accelerometer_trusted AS t
            LEFT ANTI JOIN (
              SELECT email FROM customer_landing WHERE sharewithresearchasofdate IS NOT NULL
            ) AS agreed
              ON t.`user` = agreed.email
            WHERE t.`user` IS NOT NULL
            """,
            name="every user is of a customer with consent research",
            blocking=True,
        ),
    ],
    keep_versions=3,
)

job.commit()
