"""Table quiet_people of the lake everything.

Personal data: person_id (pseudonymous), phone.

Lake everything, zone work.
Generated from pipeline.yaml (tables.quiet_people) by `python -m generator build`: edit that, not this file.
"""

import sys

from awsglue.context import GlueContext
from awsglue.job import Job
from awsglue.utils import getResolvedOptions
from lake import Lake, expect
from pyspark.context import SparkContext
from pyspark.sql.functions import expr

args = getResolvedOptions(sys.argv, ["JOB_NAME", "landing_root", "lake_root", "database"])
glue_context = GlueContext(SparkContext.getOrCreate())
job = Job(glue_context)
job.init(args["JOB_NAME"], args)
lake = Lake(glue_context, args)

# Source data, JSON: people
people = lake.landing(
    "people",
    path="people/",
    format="json",
    columns={
        "person_id": "bigint",
        "name": "string",
        "agreed": "boolean",
        "agreed_at": "timestamp",
        "born": "date",
        "home": "struct<city:string,at:struct<lat:double,lon:double>>",
        "phones": "array<string>",
        "scores": "map<string,int>",
        "salt": "binary",
    },
    keys={"person_id": "personId", "agreed_at": "agreedAt"},
    max_bad_rows="50%",
    checks=[
        expect.row("person_id IS NULL", name="every person has a key person_id", blocking=True),
        expect.unique("person_id", name="each person_id is one person", blocking=True),
    ],
    quarantine=True,
)

# Source data, CSV: visits
visits = lake.landing(
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
    quarantine=True,
)

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
