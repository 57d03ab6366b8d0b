"""Customers who agreed to share and have accelerometer readings.

Every row is proven to be about a customer who gave the consent research (customer_landing: sharewithresearchasofdate is
not null):
- customers_curated: rows of customer_trusted
- customer_trusted: filter sharewithresearchasofdate is not null

Personal data: customername, email, phone, birthday, serialnumber (pseudonymous).

Lake stedi, zone curated. Runs after customer_trusted, accelerometer_trusted, customer_landing.
Generated from pipeline.yaml (tables.customers_curated) by `python -m generator build`: edit that, not this file.
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

# Published table: Customers who agreed to share their data for research.
customer_trusted = lake.table("customer_trusted")

# Published table: Accelerometer readings of customers who agreed to share.
accelerometer_trusted = lake.table("accelerometer_trusted")

# Semi join accelerometer_trusted on email = user
in_accelerometer_trusted = customer_trusted.alias("customer_trusted").join(
    accelerometer_trusted.alias("accelerometer_trusted"),
    expr("customer_trusted.email = accelerometer_trusted.`user`"),
    "left_semi",
)

# Output columns
customers_curated = in_accelerometer_trusted.select(
    "customername",
    "email",
    "phone",
    "birthday",
    "serialnumber",
    "registrationdate",
    "lastupdatedate",
    "sharewithresearchasofdate",
    "sharewithpublicasofdate",
    "sharewithfriendsasofdate",
)

# Rows of the source that only the checks ask: customer_landing
lake.table("customer_landing")

# Target table: written, checked, then published
lake.publish(
    "customers_curated",
    customers_curated,
    checks=[
        expect.no_rows(
            """
            SELECT t.email
            FROM customers_curated AS t
            LEFT ANTI JOIN (
              SELECT email FROM customer_landing WHERE sharewithresearchasofdate IS NOT NULL
            ) AS agreed
              ON t.email = agreed.email
            WHERE t.email IS NOT NULL
            """,
            name="every email is of a customer with consent research",
            blocking=True,
        ),
        expect.unique("email", name="unique: email", blocking=True),
    ],
    keep_versions=3,
)

job.commit()
