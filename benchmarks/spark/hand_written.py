"""The five tables of the reference lake by hand: Spark DataFrames in one session, nothing checked.

    python benchmarks/spark/hand_written.py DATA OUT [--plain]

What an engineer writes who knows Spark: explicit schemas, semi joins, zstd Parquet, each table read back from where it
was written. Nothing notices a number in quotes, a key in another case or a table gone wrong, and the last result is
overwritten in place. The session is set up as the generator's own, so that only the work differs; with --plain it is as
Spark comes.
"""

from __future__ import annotations

import sys
from pathlib import Path

from pyspark.sql import DataFrame, SparkSession
from session import plain_session, session

SOURCES = {
    "customer": """
        customerName string, email string, phone string, birthDay string, serialNumber string,
        registrationDate bigint, lastUpdateDate bigint, shareWithResearchAsOfDate bigint,
        shareWithPublicAsOfDate bigint, shareWithFriendsAsOfDate bigint
    """,
    "accelerometer": "user string, timestamp bigint, x double, y double, z double",
    "step_trainer": "sensorReadingTime bigint, serialNumber string, distanceFromObject int",
}


def make_tables(spark: SparkSession, data: Path, out: Path) -> None:
    customers, readings, steps = (
        spark.read.schema(columns).json(str(data / name / "landing")) for name, columns in SOURCES.items()
    )

    def kept(name: str, table: DataFrame) -> DataFrame:
        return _written(spark, out / name, table)

    trusted = kept("customer_trusted", customers.where("shareWithResearchAsOfDate is not null"))
    accelerometer = kept(
        "accelerometer_trusted", readings.join(trusted, readings["user"] == trusted["email"], "left_semi")
    )
    curated = kept(
        "customers_curated", trusted.join(accelerometer, trusted["email"] == accelerometer["user"], "left_semi")
    )
    trainer = kept("step_trainer_trusted", steps.join(curated, "serialNumber", "left_semi").select(steps.columns))
    kept(
        "machine_learning_curated",
        accelerometer.join(curated, accelerometer["user"] == curated["email"], "left_semi")
        .join(trainer, accelerometer["timestamp"] == trainer["sensorReadingTime"])
        .drop("user"),
    )


def _written(spark: SparkSession, folder: Path, table: DataFrame) -> DataFrame:
    spark.sparkContext.setJobDescription(folder.name)
    table.write.mode("overwrite").option("compression", "zstd").parquet(str(folder))
    return spark.read.parquet(str(folder))


if __name__ == "__main__":
    if len(sys.argv) < 3 or sys.argv[3:] not in ([], ["--plain"]):
        sys.exit(__doc__)
    landing = Path(sys.argv[1])
    own = plain_session("hand-written") if len(sys.argv) == 4 else session("hand-written", landing)
    make_tables(own, landing, Path(sys.argv[2]))
    own.stop()
