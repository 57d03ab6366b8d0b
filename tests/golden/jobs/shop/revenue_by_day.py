"""What was paid each day in each country.

Lake shop, zone reports. Runs after orders, customers.
Generated from pipeline.yaml (tables.revenue_by_day) by `python -m generator build`: edit that, not this file.
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

# Published table: The last copy of each order, without tests.
orders = lake.table("orders")

# Rows of the source: customers
customers = lake.table("customers")

# Left join customers on o.customer_id = c.customer_id
with_customers = orders.alias("o").join(customers.alias("c"), expr("o.customer_id = c.customer_id"), "left")

# Filter rows: status in ('paid', 'shipped')
filtered = with_customers.filter("status IN ('paid', 'shipped')")

# Add column day: cast(placed_at as date)
with_day = filtered.withColumn("day", expr("cast(placed_at AS date)"))

# Add column country: coalesce(address.country, 'unknown')
with_country = with_day.withColumn("country", expr("coalesce(c.address.country, 'unknown')"))

# Group by day, country
aggregated = with_country.groupBy("day", "country").agg(
    expr("count(*)").alias("orders"), expr("sum(amount)").alias("revenue"), expr("max(amount)").alias("largest")
)

# Output columns
revenue_by_day = aggregated.select("day", "country", "orders", "revenue", "largest")

# Target table: written, checked, then published
lake.publish(
    "revenue_by_day",
    revenue_by_day,
    checks=[
        expect.unique("day", "country", name="unique: day, country", blocking=True),
        expect.row("revenue < 0", name="between: revenue 0..", blocking=True),
    ],
    keep_versions=3,
)

job.commit()
