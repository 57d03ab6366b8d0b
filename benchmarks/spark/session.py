"""The Spark session of the scripts that the generator is compared with: set up as its own."""

from __future__ import annotations

from pathlib import Path

from pyspark.sql import SparkSession


def session(name: str, data: Path) -> SparkSession:
    """A local session, for so much landing data."""
    from generator.run.spark.session import start_session

    return start_session(name, data)
