"""Customers, from the website.

Every line of raw data below customer/landing/ becomes a row here, or is kept in customer_landing_quarantine with the
reason.

Personal data: customername, email, phone, birthday, serialnumber (pseudonymous).

Lake stedi, zone landing.
Generated from pipeline.yaml (sources.customer_landing) by `python -m generator build`: edit that, not this file.
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

# Source data, JSON: decoded, checked, then published
lake.source(
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
    personal=["customerName", "email", "phone", "birthDay", "serialNumber"],
    checks=[
        expect.row("email IS NULL", name="every customer has a key email", blocking=True),
        expect.unique("email", name="each email is one customer", blocking=True),
        expect.row("serialnumber IS NULL", name="every customer has a key serialnumber", blocking=True),
        expect.unique("serialnumber", name="each serialnumber is one customer", blocking=True),
    ],
    keep_versions=3,
)

job.commit()
