"""Source visits of the lake everything.

Every line of raw data below visits/ becomes a row here, or is kept in visits_quarantine with the reason.

Personal data: person_id (pseudonymous).

Lake everything, zone landing.
Generated from pipeline.yaml (sources.visits) by `python -m generator build`: edit that, not this file.
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

# Source data, CSV: decoded, checked, then published
lake.source(
    "visits",
    path="visits/",
    format="csv",
    delimiter="|",
    columns={
        "visit": "int",
        "person_id": "bigint",
        "at": "timestamp",
        "cost": "decimal(12,3)",
        "weight": "float",
        "kind": "string",
        "day": "date",
        "paid": "boolean",
    },
    personal=["person_id"],
    max_bad_rows="50%",
    keep_versions=2,
)

job.commit()
