"""Decodes what has landed.

Makes customer_landing, accelerometer_landing and step_trainer_landing, one after the other. Each is checked and
published on its own: a step that fails ends the job, and what was published before it stays. The argument --steps, with
names and commas between them, makes only those.

Lake stedi.
Generated from pipeline.yaml (jobs.landing) by `python -m generator build`: edit that, not this file.
"""

import sys

from awsglue.context import GlueContext
from awsglue.job import Job
from awsglue.utils import getResolvedOptions
from lake import Lake, expect, run_steps
from pyspark.context import SparkContext

args = getResolvedOptions(sys.argv, ["JOB_NAME", "landing_root", "lake_root", "database"])
glue_context = GlueContext(SparkContext.getOrCreate())
job = Job(glue_context)
job.init(args["JOB_NAME"], args)
lake = Lake(glue_context, args)


def make_customer_landing() -> None:
    """Customers, from the website.

    Every line of raw data below customer/landing/ becomes a row here, or is kept in customer_landing_quarantine with
    the reason.

    Personal data: customername, email, phone, birthday, serialnumber (pseudonymous).

    Lake stedi, zone landing.
    Generated from pipeline.yaml (sources.customer_landing) by `python -m generator build`: edit that, not this file.
    """
    # Source data, JSON: decoded, checked, then published
    lake.source(
        "customer_landing",
        path="customer/landing/",
        format="json",
        columns={
            "customername": "string",
            "email": "string",
            "phone": "string",
            "birthday": "string",
            "serialnumber": "string",
            "registrationdate": "bigint",
            "lastupdatedate": "bigint",
            "sharewithresearchasofdate": "bigint",
            "sharewithpublicasofdate": "bigint",
            "sharewithfriendsasofdate": "bigint",
        },
        keys={
            "customername": "customerName",
            "birthday": "birthDay",
            "serialnumber": "serialNumber",
            "registrationdate": "registrationDate",
            "lastupdatedate": "lastUpdateDate",
            "sharewithresearchasofdate": "shareWithResearchAsOfDate",
            "sharewithpublicasofdate": "shareWithPublicAsOfDate",
            "sharewithfriendsasofdate": "shareWithFriendsAsOfDate",
        },
        personal=["customerName", "email", "phone", "birthDay", "serialNumber"],
        checks=[
            expect.row("email IS NULL", name="every customer has a key email", blocking=True),
            expect.unique("email", name="each email is one customer", blocking=True),
            expect.row("serialnumber IS NULL", name="every customer has a key serialnumber", blocking=True),
            expect.unique("serialnumber", name="each serialnumber is one customer", blocking=True),
        ],
        keep_versions=3,
    )


def make_accelerometer_landing() -> None:
    """Readings of the phone app's accelerometer.

    Every line of raw data below accelerometer/landing/ becomes a row here, or is kept in
    accelerometer_landing_quarantine with the reason.

    Personal data: user.

    Lake stedi, zone landing.
    Generated from pipeline.yaml (sources.accelerometer_landing) by `python -m generator build`: edit that, not this
    file.
    """
    # Source data, JSON: decoded, checked, then published
    lake.source(
        "accelerometer_landing",
        path="accelerometer/landing/",
        format="json",
        columns={"user": "string", "timestamp": "bigint", "x": "double", "y": "double", "z": "double"},
        personal=["user"],
        keep_versions=3,
    )


def make_step_trainer_landing() -> None:
    """Readings of the step trainer's motion sensor.

    Every line of raw data below step_trainer/landing/ becomes a row here, or is kept in step_trainer_landing_quarantine
    with the reason.

    Personal data: serialnumber (pseudonymous).

    Lake stedi, zone landing.
    Generated from pipeline.yaml (sources.step_trainer_landing) by `python -m generator build`: edit that, not this
    file.
    """
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


run_steps(make_customer_landing, make_accelerometer_landing, make_step_trainer_landing)

job.commit()
