"""Runs the jobs of lakes on Iceberg tables: `python spark_iceberg_jobs.py FOLDER`, with one JVM for all of them.

Each line of stdin asks for a run, as JSON: {"jobs": folder with scripts, lake.zip and upkeep.json, "landing",
"database", "run", "full", "steps": {name: names that it waits for}, "tables": {name: columns as SQL}, "out": {name:
folder}, "by_all_means", "compact": whether others compact all tables first, "orphans": whether files that belong to
nothing are told}. The answer is a line of stdout: {"steps": {name: {"events", "problem"}}, "log", "orphans": files,
"branches": {name: those but main}}. What is published is in those folders then, as Parquet.
"""

from __future__ import annotations

import io
import json
import os
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent / "engines"))
from spark_iceberg import CATALOG, session

from generator.run.report import CheckReport
from generator.run.spark.scripts import STAND_IN, Scripts, importable
from tests.quick_spark import QUICK


@dataclass(slots=True)
class Told:
    """All events of a script."""

    events: list[Mapping[str, Any]] = field(default_factory=list)
    checks: dict[str, list[CheckReport]] = field(default_factory=dict)

    def add(self, event: Mapping[str, Any]) -> None:
        self.events.append(event)


def main() -> None:
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    spark = session(Path(sys.argv[1]), QUICK)
    spark.sparkContext.setLogLevel("OFF")
    for line in sys.stdin:
        answers.write(json.dumps(run(spark, json.loads(line))) + "\n")
        answers.flush()


def run(spark: Any, asked: Mapping[str, Any]) -> dict[str, Any]:
    jobs, log = Path(asked["jobs"]), io.StringIO()
    spark.sql(f"CREATE DATABASE IF NOT EXISTS {CATALOG}.`{asked['database']}`")
    for name, columns in asked["tables"].items():
        table = f"{CATALOG}.`{asked['database']}`.`{name}`"
        spark.sql(
            f"CREATE TABLE IF NOT EXISTS {table} ({columns}) USING iceberg TBLPROPERTIES ('format-version' = '2')"
        )
    given = {
        "landing_root": asked["landing"], "lake_root": "/nowhere", "database": asked["database"],
        "run_id": asked["run"], "upkeep": f"file://{jobs}/upkeep.json", **({"full": "true"} if asked["full"] else {}),
    }  # fmt: skip
    steps: dict[str, Any] = {}
    for name in asked["tables"] if asked["compact"] else ():
        told = f"table => '{asked['database']}.{name}', options => map('rewrite-all', 'true')"
        spark.sql(f"CALL {CATALOG}.system.rewrite_data_files({told})")
    with importable([STAND_IN, jobs / "lake.zip"]):
        if asked["by_all_means"]:
            keep_by_all_means()
        for name, after in asked["steps"].items():
            broken = next((one for one in after if one not in steps or steps[one]["problem"]), None)
            if broken is None:
                told = Told()
                problem = Scripts(jobs, log).run(name, given, told)  # type: ignore[arg-type]
                steps[name] = {"events": told.events, "problem": problem}
        export(spark, asked)
    left = left_over(spark, asked) if asked["orphans"] else {}
    return {"steps": steps, "log": log.getvalue()[-6000:], **left}


def left_over(spark: Any, asked: Mapping[str, Any]) -> dict[str, Any]:
    """Files of tables that no snapshot has, and the branches of runs."""
    jvm = spark.sparkContext._jvm
    files, branches = [], {}
    for name in asked["tables"]:
        identifier = f"{CATALOG}.`{asked['database']}`.`{name}`"
        table = jvm.org.apache.iceberg.spark.Spark3Util.loadIcebergTable(spark._jsparkSession, identifier)
        actions = jvm.org.apache.iceberg.spark.actions.SparkActions.get(spark._jsparkSession)
        found = actions.deleteOrphanFiles(table).olderThan(jvm.java.lang.System.currentTimeMillis()).execute()
        files += [str(one) for one in found.orphanFileLocations()]
        branches[name] = [str(one) for one in table.refs() if one.startswith("run_")]
    return {"orphans": files, "branches": {name: found for name, found in branches.items() if found}}


def keep_by_all_means() -> None:
    from lake.maintenance import files, keeper

    keeper.MOST = keeper.MOST_READ = 10**9
    files.MOST_SMALL = 3


def export(spark: Any, asked: Mapping[str, Any]) -> None:
    """Writes what is published: of sources with the landing file of each row."""
    from lake.iceberg import IcebergTables
    from lake.lake import set_up
    from lake.writer import Writer

    set_up(spark)
    tables = IcebergTables(spark, asked["database"], "reader", 0)
    for name, place in asked["out"].items():
        shutil.rmtree(place, ignore_errors=True)
        if (found := tables.current(name)) is not None:
            Writer(spark).write(tables.rows_at(name, found.snapshot, found.schema), place, 1)


if __name__ == "__main__":
    main()
