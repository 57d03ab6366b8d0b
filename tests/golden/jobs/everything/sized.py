"""Table sized of the lake everything.

Lake everything, zone work. Runs after tagged.
Generated from pipeline.yaml (tables.sized) by `python -m generator build`: edit that, not this file.
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
spark = glue_context.spark_session

# Published table: tagged
tagged = lake.table("tagged")

# View sizes. Rows that stand in pipeline.yaml
rows = spark.sql("""
    SELECT *
    FROM (
      VALUES
        (0, 'none'),
        (1, 'one'),
        (2, 'many')
    ) AS sizes(most, word)
""")

# Output columns
sizes = rows.select("most", "word")

# Left join sizes on most
with_sizes = tagged.alias("tagged").join(sizes.alias("sizes"), expr("tagged.most = sizes.most"), "left")

# Output columns
sized = with_sizes.select("tiny", "tagged.most", "word")

# Target table: written, checked, then published
lake.publish("sized", sized, keep_versions=2)

job.commit()
