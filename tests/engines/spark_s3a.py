"""Runs the jobs of a lake over a file system that answers as S3A does: a program of its own, for any Spark's Python.

    python spark_s3a.py JOBS BASE CLASSES < LAKES > RESULTS

JOBS has the scripts and lake.zip; BASE is what lies under `s3://bucket/`, CLASSES the file system. LAKES is a JSON list
of {"name", "tables"}: the landing data is `BASE/NAME/landing`, the lake `BASE/NAME/lake`. RESULTS has one JSON object
for each: the problem of each table whose script failed.
"""

from __future__ import annotations

import importlib
import io
import json
import os
import sys
from pathlib import Path
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
            publish_beside(base / lake["name"] / "lake")
            arguments = {
                "landing_root": f"s3://bucket/{lake['name']}/landing",
                "lake_root": f"s3://bucket/{lake['name']}/lake",
                "database": "lake",
                "run_id": "run",
            }
            log = io.StringIO()
            found = {table: Scripts(jobs, log).run(table, arguments, Events()) for table in lake["tables"]}
            problems = {table: problem for table, problem in found.items() if problem}
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


def publish_beside(folder: Path) -> None:
    """Keeps the catalog in a folder, where Glue's would be; the tables lie on the file system."""
    folder.mkdir(parents=True)
    lake, catalogs = map(importlib.import_module, ("lake.lake", "lake.folder_catalog"))

    class Beside(catalogs.FolderCatalog):  # type: ignore[name-defined, misc]
        def path(self, location: str) -> str:
            return f"s3://bucket/{folder.parent.name}/lake/{location}"

    def opened(root: str, database: str) -> Any:
        return Beside(str(folder), database)

    lake.open_catalog = opened


if __name__ == "__main__":
    main()
