"""Runs the jobs of a lake over a file system that answers as S3A does: a program of its own, for any Spark's Python.

    python spark_s3a.py JOBS BASE CLASSES < LAKES > RESULTS

JOBS has the scripts and lake.zip; BASE is what lies under `s3://bucket/`, CLASSES the file system. LAKES is a JSON list
of {"name", "jobs", "columns"}: the landing data is `BASE/NAME/landing`, the lake `BASE/NAME/lake`, and the catalog has
these columns of each table. RESULTS has one JSON object for each: the problem of each job whose script failed.
"""

from __future__ import annotations

import importlib
import io
import json
import os
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

ROOT = Path(__file__).parents[2]


def main() -> None:
    jobs, base, classes = map(Path, sys.argv[1:])
    sys.path.insert(0, str(ROOT))
    from generator.run.spark.events import Events
    from generator.run.spark.scripts import STAND_IN, Scripts, importable

    os.environ.update(PYTHONPATH=str(jobs / "lake.zip"), PYSPARK_PYTHON=sys.executable, SPARK_LOCAL_IP="127.0.0.1")
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.master("local[2]")
    for key, value in settings(base, classes).items():
        builder = builder.config(key, value)
    builder.getOrCreate().sparkContext.setLogLevel("OFF")
    with importable([STAND_IN, jobs / "lake.zip"]):
        for lake in json.load(sys.stdin):
            (base / lake["name"] / "lake").mkdir(parents=True)
            publish_to(Glue(lake["columns"], base / lake["name"] / "lake" / "places.json"))
            arguments = {
                "landing_root": f"s3://bucket/{lake['name']}/landing",
                "lake_root": f"s3://bucket/{lake['name']}/lake",
                "database": "lake",
                "run_id": "run",
            }
            log = io.StringIO()
            found = {name: Scripts(jobs, log).run(name, arguments, Events()) for name in lake["jobs"]}
            problems = {name: problem for name, problem in found.items() if problem}
            sys.stdout.write(
                json.dumps({"problems": problems, "log": log.getvalue()[-4000:] if problems else ""}) + "\n"
            )
            sys.stdout.flush()


def settings(base: Path, classes: Path) -> dict[str, str]:
    return {
        "spark.driver.extraClassPath": str(classes),
        "spark.hadoop.fs.s3.impl": "RecordingS3A",
        "spark.hadoop.fake.base": str(base),
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1",
        "spark.sql.shuffle.partitions": "2",
        "spark.sql.warehouse.dir": str(base / "warehouse"),
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
    }


class Glue:
    """As much of a client for Glue's catalog as jobs need; it notes where the rows of each table are."""

    exceptions = SimpleNamespace(
        EntityNotFoundException=type("EntityNotFoundException", (Exception,), {}),
        ConcurrentModificationException=type("ConcurrentModificationException", (Exception,), {}),
    )
    _members = SimpleNamespace(members={"Name": None, "StorageDescriptor": None, "Parameters": None})
    meta = SimpleNamespace(service_model=SimpleNamespace(shape_for=lambda name: Glue._members))

    def __init__(self, columns: dict[str, dict[str, str]], places: Path) -> None:
        self.places = places
        self.tables: dict[str, Any] = {
            name: {
                "Name": name,
                "VersionId": "0",
                "StorageDescriptor": {"Columns": [{"Name": one, "Type": kind} for one, kind in found.items()]},
            }
            for name, found in columns.items()
        }

    def get_table(self, DatabaseName: str, Name: str) -> dict[str, Any]:
        return {"Table": self.tables[Name]}

    def update_table(self, *, TableInput: dict[str, Any], **_: Any) -> None:
        self.tables[TableInput["Name"]] = {**TableInput, "VersionId": "0"}
        places = {
            name: table["StorageDescriptor"]["Location"]
            for name, table in self.tables.items()
            if "Location" in table["StorageDescriptor"]
        }
        self.places.write_text(json.dumps(places))


def publish_to(glue: Glue) -> None:
    """Lets jobs find this catalog where Glue's would be."""
    lake, catalog = map(importlib.import_module, ("lake.lake", "lake.catalog"))
    lake.open_catalog = lambda root, database: catalog.GlueCatalog(glue, database, root)


if __name__ == "__main__":
    main()
