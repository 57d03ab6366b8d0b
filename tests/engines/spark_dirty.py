"""Publishes sources as Iceberg tables: a program of its own, for the Python that has Spark 3.5 and Iceberg.

    python spark_dirty.py FOLDER

Each line of stdin asks for a run, as JSON: {"run", "landing": root, "sources": [{"name", "columns": its table's as SQL,
if that isn't there yet, "call": arguments of `Lake.source`}]}. The answer is a line of stdout, JSON as well. By source:
the `problem` for which it was refused, or nothing; what its `events` tell; its table's `columns`; the data `files` of
that and the `quarantine_files` that any reader of the catalog finds; `branches`, which should be none; and `seconds`.
"""

from __future__ import annotations

import io
import json
import os
import sys
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import redirect_stdout
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from pyspark.sql import SparkSession
from spark_iceberg import CATALOG, create, session

from generator.runtime.lake import Lake
from tests.quick_spark import TINY

AT_ONCE = 3
"""Sources are that small that most of what they take is waiting for the driver."""
BAD = "file string, line bigint, reason string, detail string, raw string"


def main() -> None:
    answers = sys.stdout
    spark = session(Path(sys.argv[1]))
    spark.sparkContext.setLogLevel("OFF")
    with ThreadPoolExecutor(AT_ONCE) as threads:
        for line in sys.stdin:
            asked = json.loads(line)
            sys.argv[1:] = ["--run_id", asked["run"]]
            with redirect_stdout(io.StringIO()) as told:
                made = {
                    one["name"]: threads.submit(publish, spark.newSession(), one, asked) for one in asked["sources"]
                }
                found = {name: one.result() for name, one in made.items()}
            add_events(found, told.getvalue())
            answers.write(json.dumps(found) + "\n")
            answers.flush()
    spark.stop()


def publish(spark: SparkSession, source: Mapping[str, Any], asked: Mapping[str, Any]) -> dict[str, Any]:
    name, started, found = source["name"], time.monotonic(), {"problem": "", "events": {}}
    if source["columns"]:
        create(spark, name, source["columns"])
        create(spark, f"{name}_quarantine", BAD)
    for key, value in TINY.items():
        spark.conf.set(key, value)
    arguments = {"lake_root": "/nowhere", "landing_root": asked["landing"], "database": "lake"}
    lake = Lake(SimpleNamespace(spark_session=spark), arguments)
    try:
        lake.source(name, **source["call"])
    except Exception as error:
        found["problem"] = f"{type(error).__name__}: {error}"[:2000]
    return {**found, **look(spark, name), "seconds": round(time.monotonic() - started, 3)}


def look(spark: SparkSession, name: str) -> dict[str, Any]:
    """What is in the catalog: no row is read for that."""
    rows, bad = (open_table(spark, one) for one in (name, f"{name}_quarantine"))
    return {
        "columns": dict(spark.table(f"{CATALOG}.lake.`{name}`").dtypes),
        "files": files_of(rows),
        "quarantine_files": files_of(bad),
        "branches": [str(one) for table in (rows, bad) for one in table.refs() if one != "main"],
    }


def open_table(spark: SparkSession, name: str) -> Any:
    jvm: Any = spark.sparkContext._jvm
    return jvm.org.apache.iceberg.spark.Spark3Util.loadIcebergTable(spark._jsparkSession, f"{CATALOG}.lake.{name}")


def files_of(table: Any) -> list[str]:
    """The data files of the current snapshot; nothing is deleted from them by others."""
    tasks, found = table.newScan().planFiles(), []
    try:
        each = tasks.iterator()
        while each.hasNext():
            task = each.next()
            assert task.deletes().isEmpty()
            found.append(str(task.file().location()))
    finally:
        tasks.close()
    return sorted(found)


def add_events(found: Mapping[str, dict[str, Any]], log: str) -> None:
    for line in log.splitlines():
        event = json.loads(line)
        kind = event.pop("lake_event")
        found[event.get("table") or event["name"]]["events"][kind] = event


if __name__ == "__main__":
    os.environ["PYSPARK_PYTHON"] = sys.executable
    main()
