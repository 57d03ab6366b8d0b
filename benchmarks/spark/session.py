"""The Spark sessions of the scripts that the generator is compared with."""

from __future__ import annotations

from pathlib import Path

from pyspark.sql import SparkSession


def session(name: str, data: Path) -> SparkSession:
    """A local session for so much landing data, set up as the generator's own."""
    from generator.run.spark.session import start_session

    return start_session(name, data)


def plain_session(name: str) -> SparkSession:
    """A local session as Spark comes: on all cores, with the memory of the others."""
    from generator.run.spark.settings import event_log, memory

    builder = SparkSession.builder.appName(name).master("local[*]").config("spark.driver.memory", f"{memory()}m")
    for key, value in {"spark.log.level": "ERROR", "spark.ui.enabled": "false", **event_log()}.items():
        builder = builder.config(key, value)
    return builder.getOrCreate()
