"""Customers who agreed to share their data for research.

Every row is proven to be about a customer who gave the consent research (customer_landing: sharewithresearchasofdate is
not null):
- customer_trusted: filter sharewithresearchasofdate is not null

Personal data: customername, email, phone, birthday, serialnumber (pseudonymous).

Lake stedi, zone trusted.
Generated from pipeline.yaml (tables.customer_trusted) by `python -m generator build`: edit that, not this file.
"""

import sys

from awsglue.context import GlueContext
from awsglue.job import Job
from awsglue.utils import getResolvedOptions
from lake import Lake, expect
from pyspark.context import SparkContext

args = getResolvedOptions(sys.argv, ["JOB_NAME", "landing_root", "lake_root", "database"])
glue_context = GlueContext(SparkContext.getOrCreate())
job = Job(glue_context)
job.init(args["JOB_NAME"], args)
lake = Lake(glue_context, args)

# Source data, JSON: Customers, from the website.
customer_landing = lake.landing(
    "customer_landing",
    path="customer/landing/",
    format="json",
    columns={
        "customername": "string",
        "email": "string",
        "phone": "string",
        "birthday": "string",
        "serialnumber": "string",
        "registrationdate": "bigint",
        "lastupdatedate": "bigint",
        "sharewithresearchasofdate": "bigint",
        "sharewithpublicasofdate": "bigint",
        "sharewithfriendsasofdate": "bigint",
    },
    keys={
        "customername": "customerName",
        "birthday": "birthDay",
        "serialnumber": "serialNumber",
        "registrationdate": "registrationDate",
        "lastupdatedate": "lastUpdateDate",
        "sharewithresearchasofdate": "shareWithResearchAsOfDate",
        "sharewithpublicasofdate": "shareWithPublicAsOfDate",
        "sharewithfriendsasofdate": "shareWithFriendsAsOfDate",
    },
    checks=[
        expect.row("email IS NULL", name="every customer has a key email", blocking=True),
        expect.unique("email", name="each email is one customer", blocking=True),
        expect.row("serialnumber IS NULL", name="every customer has a key serialnumber", blocking=True),
        expect.unique("serialnumber", name="each serialnumber is one customer", blocking=True),
    ],
    quarantine=True,
)

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
