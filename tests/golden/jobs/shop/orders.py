"""The last copy of each order, without tests.

Personal data: customer_id (pseudonymous).

Lake shop, zone trusted. Runs after orders_eu, orders_us, customers.
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

args = getResolvedOptions(sys.argv, ["JOB_NAME", "lake_root", "database"])
glue_context = GlueContext(SparkContext.getOrCreate())
job = Job(glue_context)
job.init(args["JOB_NAME"], args)
lake = Lake(glue_context, args)

# Rows of the source: orders_eu
orders_eu = lake.table("orders_eu")

# Rows of the source: orders_us
orders_us = lake.table("orders_us")

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

# Rows of the source that only the checks ask: customers
lake.table("customers")

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
