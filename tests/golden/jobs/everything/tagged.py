"""Table tagged of the lake everything.

Lake everything, zone work. Runs after notes.
Generated from pipeline.yaml (tables.tagged) by `python -m generator build`: edit that, not this file.
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

# Rows of the source: notes
notes = lake.table("notes")

# SQL query of the table (names with a # are not of pipeline.yaml)
notes.createOrReplaceTempView("notes")
tagged = spark.sql("""
    SELECT
      `#union`.`select`,
      `#union`.tiny,
      `#union`.small,
      `#union`.ratio,
      `#union`.tags,
      `#union`.notes,
      `#union`.most
    FROM (
      SELECT `select`, tiny, small, ratio, tags, notes, most FROM (
        SELECT DISTINCT
          n.`select`,
          n.tiny,
          n.small,
          n.ratio,
          n.tags,
          c.notes,
          c.most
        FROM notes AS n
        INNER JOIN (
          SELECT
            `#1`.visit,
            `#1`.`#0` AS notes,
            `#1`.`#1` AS most
          FROM (
            SELECT
              notes.visit,
              count(*) AS `#0`,
              max(size(notes.tags)) AS `#1`,
              count(*) >= 1 AS `#having`
            FROM notes
            GROUP BY notes.visit
          ) AS `#1`
          WHERE `#1`.`#having`
        ) AS c ON n.visit = c.visit
        WHERE n.ratio IS NOT NULL
      ) AS `#0`
      UNION ALL
      SELECT `select`, tiny, small, ratio, tags, notes, most FROM (
        SELECT
          notes.`select`,
          notes.tiny,
          notes.small,
          notes.ratio,
          notes.tags,
          try_cast(0 AS bigint) AS notes,
          cast(NULL AS int) AS most
        FROM notes
        WHERE notes.ratio IS NULL
      ) AS `#1`
    ) AS `#union`
""")

# Target table: written, checked, then published
lake.publish("tagged", tagged, keep_versions=2)

job.commit()
