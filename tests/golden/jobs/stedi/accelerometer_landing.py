"""Readings of the phone app's accelerometer.

Every line of raw data below accelerometer/landing/ becomes a row here, or is kept in accelerometer_landing_quarantine
with the reason.

Personal data: user.

Lake stedi, zone landing.
Generated from pipeline.yaml (sources.accelerometer_landing) by `python -m generator build`: edit that, not this file.
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
    "accelerometer_landing",
    path="accelerometer/landing/",
    format="json",
    columns={"user": "string", "timestamp": "bigint", "x": "double", "y": "double", "z": "double"},
    personal=["user"],
    keep_versions=3,
)

job.commit()
