"""What a run of the jobs costs on Iceberg tables, beside DataFrames by hand that write Parquet: in one Spark session.

    SPARK35/bin/python benchmarks/jobs_on_iceberg.py [--scale 20] [--runs 3] [--json]

It takes Spark 3.5, as Glue 5.1 has it, with Iceberg (`make install VENV=.venv-spark35 EXTRAS=spark35`). The scripts of
`build/jobs` run one after the other, each as its own job, on a catalog of files; a job's start is not counted.
A first round, which isn't shown, warms the JVM up; a ratio is taken within a round, and the median is shown.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import shutil
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from typing import Any

sys.path.insert(0, str(Path(__file__).parent / "spark"))
from contenders import make_sample
from landing_changes import LandingChanges
from pyspark.sql import SparkSession
from spark.hand_written import make_tables

from generator.checks import check_spec
from generator.jobs.plan import plan_steps
from generator.plan.lake import CompiledLake
from generator.plan.types import stored_type
from generator.render.build import render_build
from generator.run.spark.events import Events
from generator.run.spark.scripts import STAND_IN, Scripts, importable
from generator.run.spark.settings import spark_settings
from generator.runtime.landing import QUARANTINE
from generator.runtime.rules import landing_column
from generator.runtime.tables import CATALOG
from generator.spec.source import read_source

ROOT = Path(__file__).resolve().parents[1]
HAND = "by hand, as Parquet"
FULL, NOTHING, MORE, LESS = "everything", "nothing changed", "0.1 % more readings", "a customer withdraws"


@dataclass(slots=True)
class Jobs:
    """The jobs of the reference lake, on a session."""

    spark: SparkSession
    lake: CompiledLake
    data: Path
    folder: Path
    runs: int = 0
    facts: list[Mapping[str, Any]] = field(default_factory=list)

    def deploy(self) -> None:
        """Writes the jobs, and makes the tables, empty, as Terraform does."""
        for name, content in render_build(self.lake).items():
            if name.startswith("jobs/"):
                file = self.folder / name
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(content if isinstance(content, bytes) else content.encode())
        for name, columns in self._columns():
            table = f"{CATALOG}.lake.{name}"
            self.spark.sql(f"CREATE TABLE {table} ({columns}) USING iceberg TBLPROPERTIES ('format-version' = '2')")

    def _columns(self) -> Iterator[tuple[str, str]]:
        for name in plan_steps(self.lake):
            columns = self.lake.relation(name).columns.values()
            found = [f"`{one.name}` {stored_type(one.type)}" for one in columns]
            if name in self.lake.sources:
                found.append(f"{landing_column(one.name for one in columns)} string")
                yield f"{name}_quarantine", ", ".join(f"{one.name} {one.dataType.simpleString()}" for one in QUARANTINE)
            yield name, ", ".join(found)

    def run(self, *, full: bool = False) -> None:
        self.runs += 1
        jobs = self.folder / "jobs"
        given = {
            "landing_root": str(self.data), "lake_root": "/nowhere", "database": "lake",
            "run_id": f"r{self.runs:04}", "upkeep": f"file://{jobs}/upkeep.json", **({"full": "true"} if full else {}),
        }  # fmt: skip
        self.facts.clear()
        with importable([STAND_IN, jobs / "lake.zip"]):
            for name in plan_steps(self.lake):
                log, events = io.StringIO(), Events()
                problem = Scripts(jobs, log).run(name, given, events)
                assert not problem, f"{name}: {problem}\n{log.getvalue()[-4000:]}"
                self.facts.append(events.published or {})


def main() -> None:
    formatter = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=formatter)
    parser.add_argument("--scale", type=int, default=20, metavar="N", help="of the sample (20)")
    parser.add_argument("--runs", type=int, default=3, metavar="N", help="rounds (3)")
    parser.add_argument(
        "--folder", type=Path, default=ROOT / ".benchmarks", metavar="DIR", help="for data (.benchmarks)"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON value, and nothing else, on stdout")
    options = parser.parse_args()
    here = options.folder.absolute() / f"scale-{options.scale}"
    data, folder = here / "data", here / "on_iceberg"
    make_sample(data, options.scale)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    lake = check_spec(read_source(ROOT / "pipeline.yaml")).lake
    assert lake is not None
    jobs = Jobs(session(data, folder), lake, data, folder)
    jobs.deploy()
    rounds = []
    for number in range(options.runs + 1):
        title = f"round {number} of {options.runs}" if number else "warming up"
        print(f"{title}, load {os.getloadavg()[0]:.1f}", file=sys.stderr, flush=True)
        rounds.append(dict(one_round(jobs, here)))
    found = {name: figures(name, rounds[1:]) for name in rounds[0]}
    print(json.dumps(found, indent=2) if options.json else text(found))


def session(data: Path, folder: Path) -> SparkSession:
    """A session as local runs have it, with a catalog of Iceberg tables in a folder."""
    found = find_spec("snowpark_connect_deps_iceberg")
    assert found is not None and found.origin is not None, "there is no Iceberg: install the extra `spark35`"
    catalog = f"spark.sql.catalog.{CATALOG}"
    settings = {
        **spark_settings("jobs on Iceberg", data, folder, ()),
        "spark.jars": str(next(Path(found.origin).parent.glob("jars/iceberg-spark-runtime-3.5_2.12-*.jar"))),
        "spark.sql.extensions": "org.apache.iceberg.spark.extensions.IcebergSparkSessionExtensions",
        catalog: "org.apache.iceberg.spark.SparkCatalog",
        f"{catalog}.type": "hadoop",
        f"{catalog}.warehouse": str(folder / "tables"),
    }
    builder = SparkSession.builder
    for key, value in settings.items():
        builder = builder.config(key, value)
    made = builder.getOrCreate()
    made.sparkContext.setLogLevel("OFF")
    return made


Cost = tuple[float, int, int]
"""Seconds, and rows that were read and written."""


def one_round(jobs: Jobs, here: Path) -> Iterator[tuple[str, Cost]]:
    """The cost by hand, of a full run, and of one after each change; then all is as before."""

    def of_run(*, full: bool = False) -> Cost:
        seconds = took(lambda: jobs.run(full=full))
        rows = (sum(one.get(key, 0) for one in jobs.facts) for key in ("rows_read", "rows_written"))
        return (seconds, *rows)  # type: ignore[return-value]

    with LandingChanges(jobs.data, here / "customers.json") as landing:
        yield HAND, (took(lambda: make_tables(jobs.spark, jobs.data, here / "by_hand")), 0, 0)
        yield FULL, of_run(full=True)
        yield NOTHING, of_run()
        landing.add_readings(0.001)
        yield MORE, of_run()
        landing.withdraw()
        yield LESS, of_run()
    jobs.run()


def took(action: Callable[[], object]) -> float:
    started = time.perf_counter()
    action()
    return time.perf_counter() - started


def figures(name: str, rounds: list[dict[str, Cost]]) -> dict[str, Any]:
    ratios = [one[name][0] / one[HAND][0] for one in rounds]
    return {
        "seconds": round(median(one[name][0] for one in rounds), 2),
        "times_by_hand": round(median(ratios), 2),
        "range": [round(min(ratios), 2), round(max(ratios), 2)],
        "rows_read": rounds[-1][name][1],
        "rows_written": rounds[-1][name][2],
    }


def text(found: Mapping[str, Mapping[str, Any]]) -> str:
    lines = [f"{'':22}{'s':>8}{'by hand':>9}{'range':>14}{'rows read':>14}{'rows written':>14}"]
    for name, one in found.items():
        least, most = one["range"]
        around, rows = f"{least:.2f} – {most:.2f}", f"{one['rows_read']:14,}{one['rows_written']:14,}"
        lines.append(f"{name:22}{one['seconds']:8.2f}{one['times_by_hand']:9.2f}{around:>14}{rows}")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
