"""Table quiet_people of the lake everything.

Personal data: person_id (pseudonymous), phone.

Lake everything, zone work. Runs after people, visits.
Generated from pipeline.yaml (tables.quiet_people) by `python -m generator build`: edit that, not this file.
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

# Rows of the source: people
people = lake.table("people")

# Rows of the source: visits
visits = lake.table("visits")

# Anti join visits on person_id
not_in_visits = people.alias("people").join(
    visits.alias("visits"), expr("people.person_id = visits.person_id"), "left_anti"
)

# Output columns
quiet_people = not_in_visits.select(
    "person_id",
    expr("people.home.city").alias("city"),
    expr("people.home.`at`.lat").alias("lat"),
    expr("phones[0]").alias("phone"),
    expr("scores['math']").alias("math"),
)

# Target table: written, checked, then published
lake.publish("quiet_people", quiet_people, keep_versions=2)

job.commit()
