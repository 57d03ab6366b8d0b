"""Runs the jobs of a lake on Iceberg tables: `python spark_iceberg_lake.py JOBS LANDING OUT < TABLES > PROBLEMS`.

JOBS has the scripts and lake.zip; TABLES is JSON: {"jobs": names in order, "tables": {name: columns as SQL}}. What jobs
read of each table afterwards is written to OUT/NAME as Parquet. PROBLEMS is JSON: the problem of each job that failed.
"""

from __future__ import annotations

import io
import json
import os
import sys
from pathlib import Path
from typing import Any

from spark_iceberg import create, session

from generator.run.spark.events import Events
from generator.run.spark.scripts import STAND_IN, Scripts, importable
from tests.quick_spark import TINY


def main() -> None:
    jobs, landing, out = map(Path, sys.argv[1:])
    os.environ.update(PYTHONPATH=str(jobs / "lake.zip"), PYSPARK_PYTHON=sys.executable, SPARK_LOCAL_IP="127.0.0.1")
    asked = json.load(sys.stdin)
    spark = session(out, TINY)
    spark.sparkContext.setLogLevel("OFF")
    for name, columns in asked["tables"].items():
        create(spark, name, columns)
    log = io.StringIO()
    given = {"landing_root": str(landing), "lake_root": "/nowhere", "database": "lake", "run_id": "r1"}
    with importable([STAND_IN, jobs / "lake.zip"]):
        found = {name: Scripts(jobs, log).run(name, given, Events()) for name in asked["jobs"]}
        problems = {name: problem for name, problem in found.items() if problem}
        if not problems:
            export(spark, list(asked["tables"]), out)
    sys.stdout.write(json.dumps({"problems": problems, "log": log.getvalue()[-4000:] if problems else ""}) + "\n")


def export(spark: Any, names: list[str], out: Path) -> None:
    from lake.lake import set_up
    from lake.tables import open_tables
    from lake.writer import Writer

    set_up(spark)
    tables = open_tables(spark, "/nowhere", "lake", "reader")
    for name in names:
        rows = tables.rows(name)
        assert rows is not None, name
        Writer(spark).write(rows, str(out / name), 2)


if __name__ == "__main__":
    main()
