"""Runs the jobs of a lake over a file system that answers as S3A does: a program of its own, for any Spark's Python.

    python spark_s3a.py JOBS BASE CLASSES < LAKES > RESULTS

JOBS has the scripts and lake.zip; BASE is what lies under `s3://bucket/`, CLASSES the file system. LAKES is a JSON list
of {"name", "jobs"}: the landing data is `BASE/NAME/landing`, the lake `BASE/NAME/lake`. RESULTS has one JSON object for
each: the problem of each job whose script failed.
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

    from tests.quick_spark import JVM, TINY, workers_of_files

    builder = SparkSession.builder.master("local[2]")
    quick = {**TINY, **workers_of_files(), "spark.driver.extraJavaOptions": JVM}
    for key, value in {**quick, **settings(base, classes)}.items():
        builder = builder.config(key, value)
    builder.getOrCreate().sparkContext.setLogLevel("OFF")
    with importable([STAND_IN, jobs / "lake.zip"]):
        for lake in json.load(sys.stdin):
            (base / lake["name"] / "lake").mkdir(parents=True)
            publish_to(base / lake["name"] / "lake" / "places.json")
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
        "spark.sql.shuffle.partitions": "2",
        "spark.sql.warehouse.dir": str(base / "warehouse"),
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
    }


def publish_to(places: Path) -> None:
    """Lets jobs publish to folders of Parquet files, where there is no Iceberg; notes where the rows of each are."""
    lake, source, writer = map(importlib.import_module, ("lake.lake", "lake.source", "lake.writer"))
    noted: dict[str, str] = {}

    class Folders:
        def __init__(self, spark: Any, root: str) -> None:
            self.spark, self.root = spark, root

        def is_published(self, name: str) -> bool:
            return name in noted

        def rows(self, name: str) -> Any:
            return self.spark.read.parquet(noted[name])

        def stage(self, name: str, rows: Any, *_: Any) -> Any:
            place = f"{self.root}/{name}"
            writer.Writer(self.spark).write(rows, place, 2)
            return self.spark.read.parquet(place)

        def publish(self, name: str, *_: Any) -> None:
            noted[name] = f"{self.root}/{name}"
            places.write_text(json.dumps(noted))

        def expire(self, name: str) -> None: ...

        def discard(self, name: str) -> None: ...

    class Source:
        """A source of which all files are read on each run."""

        def __init__(self, run: Any, call: Any) -> None:
            self.tables, self.call = run._tables, call
            self.landing = source.read_all(run.spark, run.landing_root, call)

        def read(self) -> Any:
            return source.lines_of(self.landing)

        def unchanged(self) -> None: ...

        def write(self) -> Any:
            columns = [f"`{name}`" for name in self.call.declared.columns]
            return self.tables.stage(self.call.name, self.landing.rows.select(*columns))

        def publish(self, lines: Any, *_: Any) -> None:
            if lines.quarantine is not None:
                self.tables.stage(f"{self.call.name}_quarantine", lines.quarantine)
                self.tables.publish(f"{self.call.name}_quarantine")
            self.tables.publish(self.call.name)

        def facts(self) -> dict[str, Any]:
            return {}

        def discard(self) -> None: ...

        def release(self) -> None:
            self.landing.release()

    lake.open_tables = lambda spark, root, *_: Folders(spark, root)
    lake.Lake._source = lambda run, call, _: Source(run, call)


if __name__ == "__main__":
    main()
