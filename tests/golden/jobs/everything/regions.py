"""Table regions of the lake everything.

Lake everything, zone work.
Generated from pipeline.yaml (tables.regions) by `python -m generator build`: edit that, not this file.
"""

import sys

from awsglue.context import GlueContext
from awsglue.job import Job
from awsglue.utils import getResolvedOptions
from lake import Lake
from pyspark.context import SparkContext

args = getResolvedOptions(sys.argv, ["JOB_NAME", "lake_root", "database"])
glue_context = GlueContext(SparkContext.getOrCreate())
job = Job(glue_context)
job.init(args["JOB_NAME"], args)
lake = Lake(glue_context, args)
spark = glue_context.spark_session

# Rows that stand in pipeline.yaml
rows = spark.sql(r"""
    SELECT *
    FROM (
      VALUES
        ('n', 'It\'s \\ "North" — \u0060#lake.now`', DATE'2024-01-01', CAST('0.5' AS decimal(4,2)), CAST(array('a',
          CAST(NULL AS string)) AS array<string>)),
        ('s', 'South', NULL, NULL, NULL)
    ) AS regions(code, `name`, since, rate, parts)
""")

# Output columns
regions = rows.select("code", "name", "since", "rate", "parts")

# Target table: written, checked, then published
lake.publish("regions", regions, keep_versions=2)

job.commit()
