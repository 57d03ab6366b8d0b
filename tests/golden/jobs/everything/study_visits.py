"""Table study_visits of the lake everything.

Every row is proven to be about a person who gave the consent study (people: agreed and agreed_at is not null):
- study_visits: filter people.agreed and people.agreed_at is not null and visits.at >= people.agreed_at

Personal data: person_id (pseudonymous), phones.

Lake everything, zone study. Runs after visits, people.
Generated from pipeline.yaml (tables.study_visits) by `python -m generator build`: edit that, not this file.
"""

import sys

from awsglue.context import GlueContext
from awsglue.job import Job
from awsglue.utils import getResolvedOptions
from lake import Lake, expect
from pyspark.context import SparkContext
from pyspark.sql.functions import expr

args = getResolvedOptions(sys.argv, ["JOB_NAME", "lake_root", "database"])
glue_context = GlueContext(SparkContext.getOrCreate())
job = Job(glue_context)
job.init(args["JOB_NAME"], args)
lake = Lake(glue_context, args)

# Rows of the source: visits
visits = lake.table("visits")

# Rows of the source: people
people = lake.table("people")

# Inner join people on visits.person_id = people.person_id
with_people = visits.alias("visits").join(people.alias("people"), expr("visits.person_id = people.person_id"), "inner")

# Filter rows: people.agreed and people.agreed_at is not null and visits.at >= people.agreed_at
filtered = with_people.filter("agreed AND agreed_at IS NOT NULL AND `at` >= agreed_at")

# Output columns
study_visits = filtered.select(
    "visit", "visits.person_id", "at", "cost", "agreed_at", "born", "home", "phones", "scores", "salt"
)

# Target table: written, checked, then published
lake.publish(
    "study_visits",
    study_visits,
    checks=[
        expect.no_rows(
            """
            SELECT t.person_id
            FROM study_visits AS t
            LEFT ANTI JOIN (
              SELECT person_id FROM people WHERE agreed AND agreed_at IS NOT NULL
            ) AS agreed
              ON t.person_id = agreed.person_id
            WHERE t.person_id IS NOT NULL
            """,
            name="every person_id is of a person with consent study",
            blocking=True,
        ),
        expect.no_rows(
            """
            SELECT t.person_id, t.`at`
            FROM study_visits AS t
            INNER JOIN people AS r
              ON t.person_id = r.person_id
            WHERE t.`at` < r.agreed_at
            """,
            name="every at is since agreed_at",
            blocking=True,
        ),
    ],
    keep_versions=2,
)

job.commit()
