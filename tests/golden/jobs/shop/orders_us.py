"""Source orders_us of the lake shop.

Every line of raw data below orders_us/ becomes a row here, or is kept in orders_us_quarantine with the reason.

Personal data: customer_id (pseudonymous).

Lake shop, zone landing.
Generated from pipeline.yaml (sources.orders_us) by `python -m generator build`: edit that, not this file.
"""

import sys

from awsglue.context import GlueContext
from awsglue.job import Job
from awsglue.utils import getResolvedOptions
from lake import Lake
from pyspark.context import SparkContext

args = getResolvedOptions(sys.argv, ["JOB_NAME", "landing_root", "lake_root", "database"])
glue_context = GlueContext(SparkContext.getOrCreate())
job = Job(glue_context)
job.init(args["JOB_NAME"], args)
lake = Lake(glue_context, args)

# Source data, JSON: decoded, checked, then published
lake.source(
    "orders_us",
    path="orders_us/",
    format="json",
    columns={
        "order_id": "bigint",
        "customer_id": "bigint",
        "amount": "decimal(10,2)",
        "status": "string",
        "placed_at": "timestamp",
        "updated_at": "timestamp",
    },
    keys={"order_id": "orderId", "customer_id": "customerId", "placed_at": "placedAt", "updated_at": "updatedAt"},
    personal=["customerId"],
    keep_versions=3,
)

job.commit()
