"""Customers who agreed to marketing and bought something, with what they spent.

Every row is proven to be about a customer who gave the consent marketing (customers: marketing_since is not null):
- customers_to_write_to: filter c.marketing_since is not null

Personal data: customer_id (pseudonymous), email.

Lake shop, zone marketing. Runs after orders, customers.
Generated from pipeline.yaml (tables.customers_to_write_to) by `python -m generator build`: edit that, not this file.
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
spark = glue_context.spark_session

# Published table: The last copy of each order, without tests.
orders = lake.table("orders")

# Rows of the source: customers
customers = lake.table("customers")

# SQL query of the table (names with a # are not of pipeline.yaml)
orders.createOrReplaceTempView("orders")
customers.createOrReplaceTempView("customers")
customers_to_write_to = spark.sql("""
    SELECT
      c.customer_id,
      c.email,
      s.orders,
      s.total
    FROM customers AS c
    INNER JOIN (
      SELECT
        `#1`.customer_id,
        `#1`.`#0` AS orders,
        `#1`.`#1` AS total
      FROM (
        SELECT
          orders.customer_id,
          count(*) AS `#0`,
          sum(orders.amount) AS `#1`,
          sum(orders.amount) >= 20 AS `#having`
        FROM orders
        WHERE orders.status <> 'refunded'
        GROUP BY orders.customer_id
      ) AS `#1`
      WHERE `#1`.`#having`
    ) AS s ON c.customer_id = s.customer_id
    WHERE c.marketing_since IS NOT NULL
""")

# Target table: written, checked, then published
lake.publish(
    "customers_to_write_to",
    customers_to_write_to,
    checks=[
        expect.no_rows(
            """
            SELECT t.customer_id
            FROM customers_to_write_to AS t
            LEFT ANTI JOIN (
              SELECT customer_id FROM customers WHERE marketing_since IS NOT NULL
            ) AS agreed
              ON t.customer_id = agreed.customer_id
            WHERE t.customer_id IS NOT NULL
            """,
            name="every customer_id is of a customer with consent marketing",
            blocking=True,
        ),
        expect.rows(min=1, name="rows: 1..", blocking=True),
        expect.row(r"NOT email RLIKE '\\A(?:[^@ ]+@[^@ ]+)\\z'", name="matches: email [^@ ]+@[^@ ]+", blocking=True),
    ],
    keep_versions=3,
)

job.commit()
