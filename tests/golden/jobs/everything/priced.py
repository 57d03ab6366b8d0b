r"""Visits with their price: "quotes", \backslashes\ and ünïcödé — {{ braces }} and '''three''' quotes over two lines.

Personal data: person_id (pseudonymous), rank (pseudonymous).

Lake everything, zone work. Runs after visits, prices, people.
Generated from pipeline.yaml (tables.priced) by `python -m generator build`: edit that, not this file.
"""

import sys

from awsglue.context import GlueContext
from awsglue.job import Job
from awsglue.utils import getResolvedOptions
from lake import Lake, expect
from pyspark.context import SparkContext
from pyspark.sql.functions import col, expr

args = getResolvedOptions(sys.argv, ["JOB_NAME", "lake_root", "database"])
glue_context = GlueContext(SparkContext.getOrCreate())
job = Job(glue_context)
job.init(args["JOB_NAME"], args)
lake = Lake(glue_context, args)

# Rows of the source: visits
visits = lake.table("visits")

# Rows of the source: prices
prices = lake.table("prices")

# View all_visits. Add column kind: coalesce(nullif(trim(kind), ''), 'none')
with_kind = visits.withColumn("kind", expr("coalesce(nullif(trim(kind), ''), 'none')"))

# Add column cents: cast(cost * 1000 as bigint)
with_cents = with_kind.withColumn("cents", expr("try_cast(`cost` * 1000 AS bigint)"))

# Output columns
all_visits = with_cents.select("visit", "person_id", "at", "cost", "weight", "day", "paid", "kind", "cents")

# Left join prices on v.kind = p.kind and p.valid_from <= v.day
with_prices = all_visits.alias("v").join(prices.alias("p"), expr("v.kind = p.kind AND p.valid_from <= v.`day`"), "left")

# Filter rows: v.visit > 0 or v.visit is null
filtered = with_prices.filter("visit > 0 OR visit IS NULL")

# Add column gap: v.cost - p.price
with_gap = filtered.withColumn("gap", expr("`cost` - price"))

# Add column rank: row_number() over (partition by v.person_id order by v.at desc, v.visit)
with_rank = with_gap.withColumn(
    "rank",
    expr(
        "row_number() OVER (PARTITION BY person_id ORDER BY `at` DESC NULLS LAST, visit ASC NULLS FIRST, "
        "`cost` ASC NULLS FIRST, `day` ASC NULLS FIRST, paid ASC NULLS FIRST, v.kind ASC NULLS FIRST, "
        "cents ASC NULLS FIRST, p.kind ASC NULLS FIRST, price ASC NULLS FIRST, valid_from ASC NULLS FIRST, "
        "gap ASC NULLS FIRST, weight ASC NULLS FIRST)"
    ),
)

# Add column long_text: concat(v.kind, ' \'quoted\' \\ "double" \n new ünï 🚲')
with_long_text = with_rank.withColumn(
    "long_text", expr("concat(v.kind, ' \\'quoted\\' \\\\ \"double\" \\n new ünï 🚲')")
)

# Output columns
priced = with_long_text.select(
    "visit",
    "person_id",
    "at",
    "cost",
    "weight",
    "day",
    "paid",
    "v.kind",
    "cents",
    col("p.kind").alias("price_kind"),
    "price",
    "gap",
    "rank",
    "long_text",
)

# Rows of the source that only the checks ask: people
lake.table("people")

# Target table: written, checked, then published
lake.publish(
    "priced",
    priced,
    checks=[
        expect.row("visit IS NULL", name="not_null: visit", blocking=False),
        expect.row("`cost` < -100 OR `cost` > 1000", name="between: cost -100..1000", blocking=False),
        expect.row("paid NOT IN (true, false)", name="values: paid [True, False]", blocking=True),
        expect.row(r"NOT kind RLIKE '\\A(?:[a-zé ]+)\\z'", name="matches: kind [a-zé ]+", blocking=False),
        expect.row("NOT coalesce(`cost` IS NULL OR `cost` >= 0, false)", name="no refunds", blocking=False),
        expect.no_rows(
            """
            SELECT t.person_id
            FROM priced AS t
            LEFT ANTI JOIN people AS r
              ON t.person_id = r.person_id
            WHERE t.person_id IS NOT NULL
            """,
            name="references: person_id people.person_id",
            blocking=False,
        ),
        expect.rows(min=1, max=1000, name="rows: 1..1000", blocking=True),
    ],
    keep_versions=2,
)

job.commit()
