"""Tests on local Spark: the scripts of the jobs, as they are, over a stand-in for the lake.

Each table has a script of its own here, whichever job makes it; and so has a view, as a table has one. What it computes
is the same.
"""

from __future__ import annotations

import io
import os
import sys
import time
import types
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from generator import stopping
from generator.jobs.expectation_rules import stated_rules
from generator.jobs.spark_checks import spark_check
from generator.jobs.spark_text import NOW, TODAY
from generator.plan.lake import CompiledLake
from generator.plan.row_tests import CompiledTest, Row
from generator.run.row_tests.on_duckdb import looked_into, needed
from generator.run.row_tests.result import Found
from generator.run.row_tests.spark_values import spark_rows
from generator.run.spark.events import Events
from generator.run.spark.scripts import STAND_IN, Scripts, importable
from generator.run.spark.session import local_spark
from generator.scratch import scratch_folder

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

_MODULE = "lake"


def without_views(lake: CompiledLake) -> CompiledLake:
    """The lake with a table in the place of each view, so that each has a script."""
    return replace(lake, tables={name: replace(table, is_view=False) for name, table in lake.tables.items()})


def run_on_spark(
    lake: CompiledLake, scripts: Mapping[str, str], tests: Iterable[CompiledTest]
) -> Iterator[tuple[CompiledTest, Found]]:
    """What each test makes of its rows, on a Spark of its own.

    Args:
        scripts: what makes each table of the lake `without_views`, by its name.

    Raises:
        GeneratorError: local Spark can't be used.
    """
    with scratch_folder("tests-") as folder:
        for name, text in scripts.items():
            (folder / f"{name}.py").write_text(text, encoding="utf-8")
        (folder / "data").mkdir()
        log = folder / "spark.log"
        log.touch()
        with in_utc(), local_spark(lake.name, folder / "data", log), importable([STAND_IN]):
            yield from run_in_session(lake, folder, tests)


def run_in_session(
    lake: CompiledLake, folder: Path, tests: Iterable[CompiledTest]
) -> Iterator[tuple[CompiledTest, Found]]:
    """What each test makes of its rows, by the scripts in a folder, on the Spark that is running."""
    for test in tests:
        yield test, _Running(lake, folder, test).run()


@contextmanager
def in_utc() -> Iterator[None]:
    """Lets Python's times without a zone be in UTC: pyspark takes them for local ones."""
    before = os.environ.get("TZ")
    os.environ["TZ"] = "UTC"
    time.tzset()
    try:
        yield
    finally:
        os.environ.pop("TZ")
        if before is not None:
            os.environ["TZ"] = before
        time.tzset()


class _Running:
    """One test: the rows of each table as far as they are there."""

    def __init__(self, lake: CompiledLake, folder: Path, test: CompiledTest) -> None:
        self.lake = lake
        self.scripts = Scripts(folder, io.StringIO())
        self.test = test
        self.rows: dict[str, tuple[Row, ...]] = dict(test.given)
        moment = (test.now or datetime.now(UTC)).replace(tzinfo=None)
        self.now = f"TIMESTAMP'{moment.isoformat(' ')}'"
        self.today = f"DATE'{moment.date().isoformat()}'"

    def run(self) -> Found:
        started = time.perf_counter()
        problem = ""
        for name in needed(self.lake, self.test):
            if name in self.lake.tables and name not in self.test.given:
                problem = self._script(name)
            if problem:
                return Found({}, {}, time.perf_counter() - started, problem)
        rows = {name: self.rows[name] for name in self.test.expected}
        violations = {name: self._violations(name) for name in self.test.breaks}
        return Found(rows, violations, time.perf_counter() - started)

    def _script(self, name: str) -> str:
        with _lake_of(self):
            arguments = {"lake_root": "-", "database": self.lake.name}
            return self.scripts.run(name, arguments, Events())

    def _violations(self, name: str) -> dict[str, int]:
        """How many rows break each expectation, as the runtime counts them."""
        from pyspark.sql import SparkSession

        from generator.runtime.expectations import audit, expect
        from generator.runtime.lake import SETTINGS

        active = SparkSession.getActiveSession()
        assert active is not None
        spark = active.newSession()
        for key, value in SETTINGS.items():
            spark.conf.set(key, value)
        table = self.lake.tables[name]
        for one in (name, *looked_into(table)):
            self.frame(spark, one).createOrReplaceTempView(f"`{one}`")
        checks = []
        for rule in stated_rules(table):
            check = spark_check(rule)
            arguments = [one.replace(NOW, self.now).replace(TODAY, self.today) for one in check.arguments]
            checks.append(getattr(expect, check.function)(*arguments, name=check.name, **check.bounds))
        found = audit(spark, self.frame(spark, name).alias(name), checks)
        return {one.expectation.name: one.violations for one in found.outcomes}

    def frame(self, spark: SparkSession, name: str) -> DataFrame:
        """The rows of a table or source; none where it is neither given nor made."""
        columns = {column.name: column.type for column in self.lake.relation(name).columns.values()}
        return spark.sql(spark_rows(columns, self.rows.get(name, ())))

    def publish(self, name: str, rows: DataFrame) -> None:
        """Takes what a script publishes."""
        self.rows[name] = tuple(row.asDict(recursive=True) for row in rows.collect())


@contextmanager
def _lake_of(running: _Running) -> Iterator[None]:
    """Lets scripts import a lake that has the rows of a test, and in which time stands still."""
    from generator.runtime.expectations import expect
    from generator.runtime.lake import SETTINGS

    class Lake:
        now = running.now
        today = running.today

        def __init__(self, glue_context: Any, args: Mapping[str, str]) -> None:
            self.spark = glue_context.spark_session
            for key, value in SETTINGS.items():
                self.spark.conf.set(key, value)

        def table(self, name: str) -> DataFrame:
            frame = running.frame(self.spark, name)
            frame.createOrReplaceTempView(f"`{name}`")
            return frame

        def publish(self, name: str, rows: DataFrame, **_: Any) -> None:
            running.publish(name, rows)

    module = types.ModuleType(_MODULE)
    module.__dict__.update(Lake=Lake, expect=expect)
    before = sys.modules.get(_MODULE)
    sys.modules[_MODULE] = module
    try:
        yield
    finally:
        sys.modules.pop(_MODULE, None)
        if before is not None:
            sys.modules[_MODULE] = before
        stopping.check()
