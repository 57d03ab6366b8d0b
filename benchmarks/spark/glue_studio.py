"""The five tables as Glue Studio's usual output makes them: a process a job, JSON in and JSON out.

    python benchmarks/spark/glue_studio.py DATA OUT

Each job is what clicking the nodes together gives: the schema is inferred, `Filter` calls a Python function for each
record (as a DynamicFrame does), who may be in a table is decided by an inner join whose other columns are dropped and
whose doubles are taken out by `distinct`, and the result is JSON that the next job infers again. On this data, without
doubles of its own, the tables are the same ones. The session is as Spark comes, since nobody tunes a job that was
clicked together.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from pyspark.sql import DataFrame, Row, SparkSession
from session import plain_session


class Job:
    """One job: a session of its own, and the nodes that Glue Studio offers."""

    def __init__(self, name: str, data: Path, out: Path) -> None:
        self.name, self.data, self.out = name, data, out
        self.spark: SparkSession = plain_session(name)
        self.spark.sparkContext.setJobDescription(name)

    def landing(self, name: str) -> DataFrame:
        return self.spark.read.json(str(self.data / name / "landing"))

    def table(self, name: str) -> DataFrame:
        return self.spark.read.json(str(self.out / name))

    def filter(self, frame: DataFrame, keep: Callable[[Row], bool]) -> DataFrame:
        """As a DynamicFrame's Filter does: each record goes to Python and back."""
        return self.spark.createDataFrame(frame.rdd.filter(keep), frame.schema)

    def target(self, frame: DataFrame) -> None:
        frame.write.mode("overwrite").json(str(self.out / self.name))
        self.spark.stop()


def _matched(left: DataFrame, left_key: str, right: DataFrame, right_key: str) -> DataFrame:
    """Inner join, then the fields of the right side dropped, then the doubles."""
    renamed = right.toDF(*(f"right_{name}" for name in right.columns))
    joined = left.join(renamed, left[left_key] == renamed[f"right_{right_key}"])
    return joined.drop(*renamed.columns).distinct()


def customer_trusted(job: Job) -> DataFrame:
    return job.filter(job.landing("customer"), lambda row: row["shareWithResearchAsOfDate"] is not None)


def accelerometer_trusted(job: Job) -> DataFrame:
    return _matched(job.landing("accelerometer"), "user", job.table("customer_trusted"), "email")


def customers_curated(job: Job) -> DataFrame:
    return _matched(job.table("customer_trusted"), "email", job.table("accelerometer_trusted"), "user")


def step_trainer_trusted(job: Job) -> DataFrame:
    return _matched(job.landing("step_trainer"), "serialNumber", job.table("customers_curated"), "serialNumber")


def machine_learning_curated(job: Job) -> DataFrame:
    mine = _matched(job.table("accelerometer_trusted"), "user", job.table("customers_curated"), "email")
    steps = job.table("step_trainer_trusted")
    return mine.join(steps, mine["timestamp"] == steps["sensorReadingTime"]).drop("user")


JOBS = (
    customer_trusted,
    accelerometer_trusted,
    customers_curated,
    step_trainer_trusted,
    machine_learning_curated,
)


def main(data: Path, out: Path) -> None:
    for job in JOBS:
        subprocess.run([sys.executable, __file__, str(data), str(out), job.__name__], check=True)


if __name__ == "__main__":
    arguments = sys.argv[1:]
    if len(arguments) == 2:
        main(Path(arguments[0]), Path(arguments[1]))
    elif len(arguments) == 3:
        make = next(one for one in JOBS if one.__name__ == arguments[2])
        mine = Job(make.__name__, Path(arguments[0]), Path(arguments[1]))
        mine.target(make(mine))
    else:
        sys.exit(__doc__)
