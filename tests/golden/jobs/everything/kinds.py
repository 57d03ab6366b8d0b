"""Table kinds of the lake everything.

Lake everything, zone work. Runs after priced.
Generated from pipeline.yaml (tables.kinds) by `python -m generator build`: edit that, not this file.
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

# Published table: Visits with their price: "quotes", \backslashes\ and ünïcödé — {{ braces }} and '''three''' quotes …
priced = lake.table("priced")

# Group by kind, paid
aggregated = priced.groupBy("kind", "paid").agg(
    expr("count(*)").alias("visits"),
    expr("count(DISTINCT person_id)").alias("people"),
    expr("sum(`cost`)").alias("total"),
    expr("avg(weight)").alias("mean"),
    expr("min(`day`)").alias("first_day"),
)

# Output columns
kinds = aggregated.select("kind", "paid", "visits", "people", "total", "mean", "first_day")

# Target table: written, checked, then published
lake.publish(
    "kinds", kinds, checks=[expect.unique("kind", "paid", name="unique: kind, paid", blocking=True)], keep_versions=2
)

job.commit()
