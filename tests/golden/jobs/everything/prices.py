"""Source prices of the lake everything.

Every line of raw data below prices/ becomes a row here, or is kept in prices_quarantine with the reason.

Lake everything, zone landing.
Generated from pipeline.yaml (sources.prices) by `python -m generator build`: edit that, not this file.
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
    "prices",
    path="prices/",
    format="json",
    columns={"kind": "string", "price": "decimal(8,2)", "valid_from": "date"},
    keys={"valid_from": "validFrom"},
    max_bad_rows=1,
    checks=[expect.unique("kind", name="unique: kind", blocking=True)],
    keep_versions=2,
)

job.commit()
