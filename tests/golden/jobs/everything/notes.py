"""Source notes of the lake everything.

Every line of raw data below notes/ becomes a row here, or is kept in notes_quarantine with the reason.

Personal data: visit (pseudonymous).

Lake everything, zone landing.
Generated from pipeline.yaml (sources.notes) by `python -m generator build`: edit that, not this file.
"""

import sys

from awsglue.context import GlueContext
from awsglue.job import Job
from awsglue.utils import getResolvedOptions
from lake import Lake
from pyspark.context import SparkContext

args = getResolvedOptions(sys.argv, ["JOB_NAME", "landing_root", "lake_root", "database"])
glue_context = GlueContext(SparkContext.getOrCreate())
job = Job(glue_context)
job.init(args["JOB_NAME"], args)
lake = Lake(glue_context, args)

# Source data, JSON: decoded, checked, then published
lake.source(
    "notes",
    path="notes/",
    format="json",
    columns={
        "visit": "int",
        "select": "string",
        "tiny": "tinyint",
        "small": "smallint",
        "ratio": "double",
        "tags": "array<struct<k:string,v:decimal(6,2)>>",
    },
    keys={"select": "Select"},
    personal=["visit"],
    max_bad_rows=20,
    keep_versions=2,
)

job.commit()
