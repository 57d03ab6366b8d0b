"""Table total of the lake everything.

Lake everything, zone work. Runs after priced.
Generated from pipeline.yaml (tables.total) by `python -m generator build`: edit that, not this file.
"""

import sys

from awsglue.context import GlueContext
from awsglue.job import Job
from awsglue.utils import getResolvedOptions
from lake import Lake
from pyspark.context import SparkContext
from pyspark.sql.functions import expr

args = getResolvedOptions(sys.argv, ["JOB_NAME", "lake_root", "database"])
glue_context = GlueContext(SparkContext.getOrCreate())
job = Job(glue_context)
job.init(args["JOB_NAME"], args)
lake = Lake(glue_context, args)

# Published table: Visits with their price: "quotes", \backslashes\ and ünïcödé — {{ braces }} and '''three''' quotes …
priced = lake.table("priced")

# Aggregate all rows
aggregated = priced.agg(expr("count(*)").alias("rows"), expr("sum(`cost`)").alias("cost"))

# Output columns
total = aggregated.select("rows", "cost")

# Target table: written, checked, then published
lake.publish("total", total, keep_versions=2)

job.commit()
