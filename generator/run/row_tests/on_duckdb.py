"""Tests on DuckDB, in memory: the tables of a run's program over the given rows."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime

import duckdb

from generator.jobs.check_sql import sql_literal, sql_name
from generator.jobs.duckdb_checks import duckdb_check
from generator.jobs.expectation_rules import stated_rules
from generator.plan.expressions import settings_for
from generator.plan.lake import CompiledLake, CompiledTable
from generator.plan.row_tests import CompiledTest, Row
from generator.plan.types import duckdb_type
from generator.plan.value_sql import duckdb_value
from generator.run.program import Program
from generator.run.row_tests.result import Found
from generator.runtime.run_time import VARIABLE


def run_on_duckdb(
    lake: CompiledLake, program: Program, tests: Iterable[CompiledTest]
) -> Iterator[tuple[CompiledTest, Found]]:
    """What each test makes of its rows."""
    config: dict[str, str | bool | int | float | list[str]] = {
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
        "enable_external_access": "false",
        "threads": "1",
    }
    with duckdb.connect(config=config) as connection:
        for setting in dict.fromkeys((*program.settings, *settings_for(_checked(lake)))):
            connection.execute(setting)
        for test in tests:
            yield test, _Running(connection, lake, program, test).run()


def _checked(lake: CompiledLake) -> Iterator[str]:
    """The SQL of all expectations, also of those that no run looks at, as of a view that nothing reads."""
    for table in lake.tables.values():
        yield from (duckdb_check(rule, lake).violations for rule in stated_rules(table))


class _Running:
    """One test on a connection; nothing of it is left afterwards."""

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, lake: CompiledLake, program: Program, test: CompiledTest
    ) -> None:
        self.connection = connection
        self.lake = lake
        self.test = test
        self.tables = {table.name: table for table in program.tables}
        self.made: dict[str, str] = {}

    def run(self) -> Found:
        started = time.perf_counter()
        rows: dict[str, tuple[Row, ...]] = {}
        violations: dict[str, Mapping[str, int]] = {}
        problem = ""
        try:
            self._stop_clock()
            for name in needed(self.lake, self.test):
                self._make(name)
            rows = {name: self._rows(name) for name in self.test.expected}
            violations = {name: self._violations(name) for name in self.test.breaks}
        except duckdb.Error as error:
            problem = str(error).strip().split("\n")[0]
        finally:
            for name, kind in reversed(self.made.items()):
                self.connection.execute(f"DROP {kind} {sql_name(name)}")
        return Found(rows, violations, time.perf_counter() - started, problem)

    def _stop_clock(self) -> None:
        moment = self.test.now or datetime.now(UTC).replace(tzinfo=None)
        text = sql_literal(moment.isoformat(" "))
        self.connection.execute(f'SET VARIABLE "{VARIABLE}" = {text}::TIMESTAMP')

    def _make(self, name: str) -> None:
        if name in self.test.given or name not in self.tables:
            self._give(name, self.test.given.get(name, ()))
            return
        table = self.tables[name]
        kind = "VIEW" if table.is_view else "TABLE"
        self.connection.execute(f"CREATE TEMP {kind} {sql_name(name)} AS {table.sql}")
        self.made[name] = kind

    def _give(self, name: str, rows: tuple[Row, ...]) -> None:
        columns = list(self.lake.relation(name).columns.values())
        declared = ", ".join(f"{sql_name(column.name)} {duckdb_type(column.type)}" for column in columns)
        self.connection.execute(f"CREATE TEMP TABLE {sql_name(name)} ({declared})")
        self.made[name] = "TABLE"
        if rows:
            values = (
                f"({', '.join(duckdb_value(row[column.name], column.type) for column in columns)})" for row in rows
            )
            self.connection.execute(f"INSERT INTO {sql_name(name)} VALUES {', '.join(values)}")

    def _rows(self, name: str) -> tuple[Row, ...]:
        columns = [column.name for column in self.lake.relation(name).columns.values()]
        found = self.connection.execute(f"SELECT {', '.join(map(sql_name, columns))} FROM {sql_name(name)}").fetchall()
        return tuple(dict(zip(columns, row, strict=True)) for row in found)

    def _violations(self, name: str) -> dict[str, int]:
        found = {}
        for rule in stated_rules(self.lake.tables[name]):
            row = self.connection.execute(duckdb_check(rule, self.lake).violations).fetchone()
            found[rule.name] = int(row[0]) if row else 0
        return found


def needed(lake: CompiledLake, test: CompiledTest) -> list[str]:
    """What has to be there for a test, each after those that it is made of."""
    wanted: set[str] = set()
    waiting = [*test.tested, *(one for name in test.breaks for one in looked_into(lake.tables[name]))]
    while waiting:
        name = waiting.pop()
        if name not in wanted:
            wanted.add(name)
            waiting += lake.tables[name].inputs if name in lake.tables and name not in test.given else ()
    return [name for name in (*lake.sources, *lake.tables) if name in wanted]


def looked_into(table: CompiledTable) -> list[str]:
    """The tables, views and sources that a table's expectations look into."""
    references = (one.argument.values() for one in table.expectations if one.kind == "references")
    return [reference.split(".")[0] for found in references for reference in found]
