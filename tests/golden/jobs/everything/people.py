"""Source people of the lake everything.

Every line of raw data below people/ becomes a row here, or is kept in people_quarantine with the reason.

Personal data: person_id (pseudonymous), name, phones.

Lake everything, zone landing.
Generated from pipeline.yaml (sources.people) by `python -m generator build`: edit that, not this file.
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
    personal=["personId", "name", "phones"],
    max_bad_rows="50%",
    checks=[
        expect.row("person_id IS NULL", name="every person has a key person_id", blocking=True),
        expect.unique("person_id", name="each person_id is one person", blocking=True),
    ],
    keep_versions=2,
)

job.commit()
