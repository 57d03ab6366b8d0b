"""Customers who agreed to share their data for research.

Every row is proven to be about a customer who gave the consent research (customer_landing: sharewithresearchasofdate is
not null):
- customer_trusted: filter sharewithresearchasofdate is not null

Personal data: customername, email, phone, birthday, serialnumber (pseudonymous).

Lake stedi, zone trusted. Runs after customer_landing.
Generated from pipeline.yaml (tables.customer_trusted) by `python -m generator build`: edit that, not this file.
"""

import sys

from awsglue.context import GlueContext
from awsglue.job import Job
from awsglue.utils import getResolvedOptions
from lake import Lake, expect
from pyspark.context import SparkContext

args = getResolvedOptions(sys.argv, ["JOB_NAME", "lake_root", "database"])
glue_context = GlueContext(SparkContext.getOrCreate())
job = Job(glue_context)
job.init(args["JOB_NAME"], args)
lake = Lake(glue_context, args)

# Rows of the source: Customers, from the website.
customer_landing = lake.table("customer_landing")

# Filter rows: sharewithresearchasofdate is not null
filtered = customer_landing.filter("sharewithresearchasofdate IS NOT NULL")

# Output columns
customer_trusted = filtered.select(
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

# Target table: written, checked, then published
lake.publish(
    "customer_trusted",
    customer_trusted,
    checks=[
        expect.no_rows(
            """
            SELECT t.email
            FROM customer_trusted AS t
            LEFT ANTI JOIN (
              SELECT email FROM customer_landing WHERE sharewithresearchasofdate IS NOT NULL
            ) AS agreed
              ON t.email = agreed.email
            WHERE t.email IS NOT NULL
            """,
            name="every email is of a customer with consent research",
            blocking=True,
        ),
    ],
    keep_versions=3,
)

job.commit()
