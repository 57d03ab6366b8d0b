"""Source customers of the lake shop.

Every line of raw data below customers/ becomes a row here, or is kept in customers_quarantine with the reason.

Personal data: customer_id (pseudonymous), email.

Lake shop, zone landing.
Generated from pipeline.yaml (sources.customers) by `python -m generator build`: edit that, not this file.
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
    "customers",
    path="customers/",
    format="json",
    columns={
        "customer_id": "bigint",
        "email": "string",
        "address": "struct<city:string,country:string>",
        "marketing_since": "date",
    },
    keys={"customer_id": "customerId", "marketing_since": "marketingSince"},
    personal=["customerId", "email"],
    checks=[
        expect.row("customer_id IS NULL", name="every customer has a key customer_id", blocking=True),
        expect.unique("customer_id", name="each customer_id is one customer", blocking=True),
    ],
    keep_versions=3,
)

job.commit()
