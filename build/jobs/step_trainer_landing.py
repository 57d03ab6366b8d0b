"""Readings of the step trainer's motion sensor.

Every line of raw data below step_trainer/landing/ becomes a row here, or is kept in step_trainer_landing_quarantine
with the reason.

Personal data: serialnumber (pseudonymous).

Lake stedi, zone landing.
Generated from pipeline.yaml (sources.step_trainer_landing) by `python -m generator build`: edit that, not this file.
"""

import sys

from awsglue.context import GlueContext
from awsglue.job import Job
from awsglue.utils import getResolvedOptions
from lake import Lake, expect
from pyspark.context import SparkContext

args = getResolvedOptions(sys.argv, ["JOB_NAME", "landing_root", "lake_root", "database"])
glue_context = GlueContext(SparkContext.getOrCreate())
job = Job(glue_context)
job.init(args["JOB_NAME"], args)
lake = Lake(glue_context, args)

# Source data, JSON: decoded, checked, then published
lake.source(
    "step_trainer_landing",
    path="step_trainer/landing/",
    format="json",
    columns={"sensorreadingtime": "bigint", "serialnumber": "string", "distancefromobject": "int"},
    keys={
        "sensorreadingtime": "sensorReadingTime",
        "serialnumber": "serialNumber",
        "distancefromobject": "distanceFromObject",
    },
    personal=["serialNumber"],
    checks=[
        expect.unique(
            "serialnumber", "sensorreadingtime", name="unique: serialnumber, sensorreadingtime", blocking=True
        ),
    ],
    keep_versions=3,
)

job.commit()
