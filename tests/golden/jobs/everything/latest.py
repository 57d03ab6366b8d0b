"""Table latest of the lake everything.

Personal data: person_id (pseudonymous), rank (pseudonymous).

Lake everything, zone work. Runs after priced.
Generated from pipeline.yaml (tables.latest) by `python -m generator build`: edit that, not this file.
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

# Published table: Visits with their price: "quotes", \backslashes\ and ünïcödé — {{ braces }} and '''three''' quotes …
priced = lake.table("priced")

# Keep one row for each person_id: the first by at desc, visit
order = Window.partitionBy("person_id").orderBy(
    desc("at"), "visit", "cost", "day", "paid", "kind", "cents", "price_kind", "price", "gap", "rank"
)
ranked = priced.withColumn("row_number", row_number().over(order))
deduplicated = ranked.filter("row_number = 1").drop("row_number")

# Output columns
latest = deduplicated.select(
    "visit",
    "person_id",
    "at",
    "cost",
    "weight",
    "day",
    "paid",
    "kind",
    "cents",
    "price_kind",
    "price",
    "gap",
    "rank",
    "long_text",
)

# Target table: written, checked, then published
lake.publish(
    "latest", latest, checks=[expect.unique("person_id", name="unique: person_id", blocking=True)], keep_versions=2
)

job.commit()
