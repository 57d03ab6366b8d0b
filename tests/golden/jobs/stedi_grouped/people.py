"""Job people of the lake stedi.

Makes customer_trusted, accelerometer_trusted and customers_curated, one after the other. Each is checked and published
on its own: a step that fails ends the job, and what was published before it stays. The argument --steps, with names and
commas between them, makes only those.

Lake stedi. Runs after landing.
Generated from pipeline.yaml (jobs.people) by `python -m generator build`: edit that, not this file.
"""

import sys

from awsglue.context import GlueContext
from awsglue.job import Job
from awsglue.utils import getResolvedOptions
from lake import Lake, expect, run_steps
from pyspark.context import SparkContext
from pyspark.sql.functions import expr

args = getResolvedOptions(sys.argv, ["JOB_NAME", "lake_root", "database"])
glue_context = GlueContext(SparkContext.getOrCreate())
job = Job(glue_context)
job.init(args["JOB_NAME"], args)
lake = Lake(glue_context, args)


def make_customer_trusted() -> None:
    """Customers who agreed to share their data for research.

    Every row is proven to be about a customer who gave the consent research (customer_landing:
    sharewithresearchasofdate is not null):
    - customer_trusted: filter sharewithresearchasofdate is not null

    Personal data: customername, email, phone, birthday, serialnumber (pseudonymous).

    Lake stedi, zone trusted. Runs after customer_landing.
    Generated from pipeline.yaml (tables.customer_trusted) by `python -m generator build`: edit that, not this file.
    """
    # Rows of the source: Customers, from the website.
    customer_landing = lake.table("customer_landing")

    # Filter rows: sharewithresearchasofdate is not null
    filtered = customer_landing.filter("sharewithresearchasofdate IS NOT NULL")

    # Output columns
    customer_trusted = filtered.select(
        "customername",
        "email",
        "phone",
        "birthday",
        "serialnumber",
        "registrationdate",
        "lastupdatedate",
        "sharewithresearchasofdate",
        "sharewithpublicasofdate",
        "sharewithfriendsasofdate",
    )

    # Target table: written, checked, then published
    lake.publish(
        "customer_trusted",
        customer_trusted,
        checks=[
            expect.no_rows(
                """
                SELECT t.email
                FROM customer_trusted AS t
                LEFT ANTI JOIN (
                  SELECT email FROM customer_landing WHERE sharewithresearchasofdate IS NOT NULL
                ) AS agreed
                  ON t.email = agreed.email
                WHERE t.email IS NOT NULL
                """,
                name="every email is of a customer with consent research",
                blocking=True,
            ),
        ],
        keep_versions=3,
    )


def make_accelerometer_trusted() -> None:
    """Accelerometer readings of customers who agreed to share.

    Every row is proven to be about a customer who gave the consent research (customer_landing:
    sharewithresearchasofdate is not null):
    - accelerometer_trusted: semi join customer_trusted on accelerometer_landing.user = customer_trusted.email
    - customer_trusted: filter sharewithresearchasofdate is not null

    Personal data: user.

    Lake stedi, zone trusted. Runs after accelerometer_landing, customer_trusted, customer_landing.
    Generated from pipeline.yaml (tables.accelerometer_trusted) by `python -m generator build`: edit that, not this
    file.
    """
    # Rows of the source: Readings of the phone app's accelerometer.
    accelerometer_landing = lake.table("accelerometer_landing")

    # Published table: Customers who agreed to share their data for research.
    customer_trusted = lake.table("customer_trusted")

    # Semi join customer_trusted on user = email
    in_customer_trusted = accelerometer_landing.alias("accelerometer_landing").join(
        customer_trusted.alias("customer_trusted"),
        expr("accelerometer_landing.`user` = customer_trusted.email"),
        "left_semi",
    )

    # Output columns
    accelerometer_trusted = in_customer_trusted.select("user", "timestamp", "x", "y", "z")

    # Rows of the source that only the checks ask: customer_landing
    lake.table("customer_landing")

    # Target table: written, checked, then published
    lake.publish(
        "accelerometer_trusted",
        accelerometer_trusted,
        checks=[
            expect.no_rows(
                """
                SELECT t.`user`
                FROM accelerometer_trusted AS t
                LEFT ANTI JOIN (
                  SELECT email FROM customer_landing WHERE sharewithresearchasofdate IS NOT NULL
                ) AS agreed
                  ON t.`user` = agreed.email
                WHERE t.`user` IS NOT NULL
                """,
                name="every user is of a customer with consent research",
                blocking=True,
            ),
        ],
        keep_versions=3,
    )


def make_customers_curated() -> None:
    """Customers who agreed to share and have accelerometer readings.

    Every row is proven to be about a customer who gave the consent research (customer_landing:
    sharewithresearchasofdate is not null):
    - customers_curated: rows of customer_trusted
    - customer_trusted: filter sharewithresearchasofdate is not null

    Personal data: customername, email, phone, birthday, serialnumber (pseudonymous).

    Lake stedi, zone curated. Runs after customer_trusted, accelerometer_trusted, customer_landing.
    Generated from pipeline.yaml (tables.customers_curated) by `python -m generator build`: edit that, not this file.
    """
    # Published table: Customers who agreed to share their data for research.
    customer_trusted = lake.table("customer_trusted")

    # Published table: Accelerometer readings of customers who agreed to share.
    accelerometer_trusted = lake.table("accelerometer_trusted")

    # Semi join accelerometer_trusted on email = user
    in_accelerometer_trusted = customer_trusted.alias("customer_trusted").join(
        accelerometer_trusted.alias("accelerometer_trusted"),
        expr("customer_trusted.email = accelerometer_trusted.`user`"),
        "left_semi",
    )

    # Output columns
    customers_curated = in_accelerometer_trusted.select(
        "customername",
        "email",
        "phone",
        "birthday",
        "serialnumber",
        "registrationdate",
        "lastupdatedate",
        "sharewithresearchasofdate",
        "sharewithpublicasofdate",
        "sharewithfriendsasofdate",
    )

    # Rows of the source that only the checks ask: customer_landing
    lake.table("customer_landing")

    # Target table: written, checked, then published
    lake.publish(
        "customers_curated",
        customers_curated,
        checks=[
            expect.no_rows(
                """
                SELECT t.email
                FROM customers_curated AS t
                LEFT ANTI JOIN (
                  SELECT email FROM customer_landing WHERE sharewithresearchasofdate IS NOT NULL
                ) AS agreed
                  ON t.email = agreed.email
                WHERE t.email IS NOT NULL
                """,
                name="every email is of a customer with consent research",
                blocking=True,
            ),
            expect.unique("email", name="unique: email", blocking=True),
        ],
        keep_versions=3,
    )


run_steps(make_customer_trusted, make_accelerometer_trusted, make_customers_curated)

job.commit()
