"""The last copy of each order, without tests.

Personal data: customer_id (pseudonymous).

Lake shop, zone trusted.
Generated from pipeline.yaml (tables.orders) by `python -m generator build`: edit that, not this file.
"""

import sys

from awsglue.context import GlueContext
from awsglue.job import Job
from awsglue.utils import getResolvedOptions
from lake import Lake, expect
from pyspark.context import SparkContext
from pyspark.sql import Window
from pyspark.sql.functions import desc, row_number

args = getResolvedOptions(sys.argv, ["JOB_NAME", "landing_root", "lake_root", "database"])
glue_context = GlueContext(SparkContext.getOrCreate())
job = Job(glue_context)
job.init(args["JOB_NAME"], args)
lake = Lake(glue_context, args)

# Source data, CSV: orders_eu
orders_eu = lake.landing(
    "orders_eu",
    path="orders_eu/",
    format="csv",
    delimiter=";",
    columns={
        "order_id": "bigint",
        "customer_id": "bigint",
        "amount": "decimal(10,2)",
        "status": "string",
        "placed_at": "timestamp",
        "updated_at": "timestamp",
    },
    quarantine=True,
)

# Source data, JSON: orders_us
orders_us = lake.landing(
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
    quarantine=True,
)

# View orders_everywhere. Union of orders_eu, orders_us
united = orders_eu.unionByName(orders_us)

# Output columns
orders_everywhere = united.select("order_id", "customer_id", "amount", "status", "placed_at", "updated_at")

# Filter rows: status <> 'test'
filtered = orders_everywhere.filter("status <> 'test'")

# Keep one row for each order_id: the first by updated_at desc
order = Window.partitionBy("order_id").orderBy(desc("updated_at"), "customer_id", "amount", "status", "placed_at")
ranked = filtered.withColumn("row_number", row_number().over(order))
deduplicated = ranked.filter("row_number = 1").drop("row_number")

# Output columns
orders = deduplicated.select("order_id", "customer_id", "amount", "status", "placed_at", "updated_at")

# Source data that only the checks ask: customers
lake.landing(
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
)

# Target table: written, checked, then published
lake.publish(
    "orders",
    orders,
    checks=[
        expect.unique("order_id", name="unique: order_id", blocking=True),
        expect.row(
            "order_id IS NULL OR customer_id IS NULL OR amount IS NULL",
            name="not_null: order_id, customer_id, amount",
            blocking=True,
        ),
        expect.row(
            "status NOT IN ('placed', 'paid', 'shipped', 'refunded')",
            name="values: status [placed, paid, shipped, refunded]",
            blocking=True,
        ),
        expect.no_rows(
            """
            SELECT t.customer_id
            FROM orders AS t
            LEFT ANTI JOIN customers AS r
              ON t.customer_id = r.customer_id
            WHERE t.customer_id IS NOT NULL
            """,
            name="references: customer_id customers.customer_id",
            blocking=False,
        ),
    ],
    keep_versions=3,
)

job.commit()
