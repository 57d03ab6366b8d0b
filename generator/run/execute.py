"""Runs a program on DuckDB, in this process: read, make, audit, and publish everything at once.

Each table is written to a version folder of its own and checked there. Only when all tables are done does the catalog
switch, for all that passed, in one step; so readers never see tables of two different runs that don't belong together
because a run died halfway. A table that fails keeps its last version, and so do those that read it.
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from generator.jobs.check import Check
from generator.plan.types import parse_type
from generator.run.lake_folder import Catalog, Entry, LakeFolder, Version
from generator.run.landing import (
    LandingColumn,
    LandingError,
    LandingReport,
    LandingSource,
    landing_table,
    quarantine_table,
    read_landing,
)
from generator.run.program import Program, SourceProgram, TableProgram
from generator.run.report import CheckReport, Listener, RunReport, StageReport, Status, TableReport
from generator.runtime.options import ReadOptions


def execute(
    program: Program,
    data: Path,
    lake: LakeFolder,
    listener: Listener,
    changes: Mapping[str, tuple[str, ...]] | None = None,
) -> RunReport:
    """Runs a program over landing data and publishes the tables that passed their checks.

    Args:
        changes: SQL statements that change a source after it was read, to see what would follow; by source.

    Raises:
        LakeFolderError: the lake folder can't be used; nothing has changed then.
    """
    started = time.perf_counter()
    run = f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{os.urandom(3).hex()}"
    with lake.locked():
        catalog = lake.catalog()
        lake.remove_unpublished(catalog)
        with _connect(program, lake) as connection:
            execution = _Execution(program, data, lake, listener, run, connection, changes or {})
            execution.run()
        after = execution.publish(catalog)
        if after is not None:
            lake.remove_unpublished(after)
    seconds = time.perf_counter() - started
    return RunReport(program.lake, run, tuple(execution.reports.values()), seconds, after is not None)


def _connect(program: Program, lake: LakeFolder) -> duckdb.DuckDBPyConnection:
    settings: dict[str, str | bool | int | float | list[str]] = {
        "preserve_insertion_order": "false",
        "autoinstall_known_extensions": "false",
        "temp_directory": str(lake.root / ".spill"),
    }
    connection = duckdb.connect(config=settings)
    for setting in program.settings:
        connection.execute(setting)
    return connection


class _Execution:
    """One run: the connection, and what became of each table so far."""

    def __init__(
        self,
        program: Program,
        data: Path,
        lake: LakeFolder,
        listener: Listener,
        run: str,
        connection: duckdb.DuckDBPyConnection,
        changes: Mapping[str, tuple[str, ...]],
    ) -> None:
        self.program = program
        self.data = data
        self.lake = lake
        self.listener = listener
        self.run_id = run
        self.connection = connection
        self.changes = changes
        self.reports: dict[str, TableReport] = {}
        self.locations: dict[str, str] = {}
        self.quarantines: dict[str, str] = {}
        self.sources = {source.name: source for source in program.sources}

    def run(self) -> None:
        """Reads each source when it is first needed, and lets it go when it is last needed."""
        last_use = {name: table.name for table in self.program.tables for name in self._all_inputs(table)}
        for table in self.program.tables:
            for name in table.inputs:
                self._read(name)
            self._make(table)
            for name in [name for name in self._all_inputs(table) if last_use.get(name) == table.name]:
                if name in self.sources and not table.is_view:
                    self._forget(name)
        for name in self.sources:
            self._read(name)

    def _all_inputs(self, table: TableProgram) -> list[str]:
        """The inputs of a table, and those behind the views among them."""
        views = {one.name: one for one in self.program.tables if one.is_view}
        found = list(table.inputs)
        for name in found:
            if name in views:
                found.extend(one for one in views[name].inputs if one not in found)
        return found

    def _started(self, name: str) -> float:
        self.listener.started(name, len(self.reports) + 1, len(self.program.names()))
        return time.perf_counter()

    def _finish(self, report: TableReport) -> None:
        self.reports[report.name] = report
        self.listener.finished(report)

    # Sources -----------------------------------------------------------------------------------------

    def _read(self, name: str) -> None:
        source = self.sources.get(name)
        if source is None or name in self.reports:
            return
        started = self._started(name)
        try:
            landed = read_landing(self.connection, landing_source(source), self.data)
            if landed.quarantined:
                self.quarantines[name] = self._write_quarantine(name)
            for statement in self.changes.get(name, ()):
                self.connection.execute(statement)
            checks = tuple(self._check(check) for check in source.checks)
        except (LandingError, duckdb.Error) as error:
            failed = _failed(source.name, source.zone, _message(error), started, is_source=True)
            self._finish(failed)
            return
        self._finish(_source_report(source, landed, checks, time.perf_counter() - started, self.data))

    def _write_quarantine(self, name: str) -> str:
        location = self.lake.new_version("quarantine", name, self.run_id)
        self._copy(f"FROM {quarantine_table(name)} ORDER BY file, line", location)
        return location

    def _forget(self, name: str) -> None:
        with suppress(duckdb.Error):
            self.connection.execute(f"DROP TABLE IF EXISTS {landing_table(name)}")

    # Tables ------------------------------------------------------------------------------------------

    def _make(self, table: TableProgram) -> None:
        broken = [name for name in table.inputs if self.reports[name].status is not Status.OK]
        if broken:
            problem = f"{broken[0]} {self.reports[broken[0]].status}"
            self._finish(TableReport(table.name, table.zone, False, Status.SKIPPED, problem=problem))
            return
        started = self._started(table.name)
        try:
            report = self._define(table) if table.is_view else self._write(table, started)
        except duckdb.Error as error:
            report = _failed(table.name, table.zone, _message(error), started, is_source=False)
        self._finish(report)

    def _define(self, table: TableProgram) -> TableReport:
        self.connection.execute(f'CREATE TEMP VIEW "{table.name}" AS {table.sql}')
        return TableReport(table.name, table.zone, False, Status.OK)

    def _write(self, table: TableProgram, started: float) -> TableReport:
        location = self.lake.new_version("tables", table.name, self.run_id)
        rows = self._copy(table.sql, location)
        file = _literal(str(self.lake.data_file(location)))
        self.connection.execute(f'CREATE TEMP VIEW "{table.name}" AS FROM read_parquet({file})')
        rows_in = sum(self._rows(name) for name in table.base)
        stages = tuple(
            StageReport(stage.kind, stage.text, stage.lost, rows if stage.count is None else self._number(stage.count))
            for stage in table.stages
        )
        checks = tuple(self._check(check) for check in table.checks)
        failed = [check for check in checks if check.failed]
        if not failed:
            self.locations[table.name] = location
        return TableReport(
            name=table.name,
            zone=table.zone,
            is_source=False,
            status=Status.FAILED if failed else Status.OK,
            rows=rows,
            rows_in=rows_in,
            stages=stages,
            expected=table.expected,
            seconds=time.perf_counter() - started,
            checks=checks,
            problem=_broken(checks),
            help="the last published version stays current" if failed else "",
        )

    def _copy(self, sql: str, location: str) -> int:
        file = _literal(str(self.lake.data_file(location)))
        return self._number(f"COPY ({sql}) TO {file} (FORMAT parquet, COMPRESSION zstd)")

    def _number(self, sql: str) -> int:
        row = self.connection.execute(sql).fetchone()
        return int(row[0]) if row else 0

    def _rows(self, name: str) -> int:
        known = self.reports[name].rows
        return known if known is not None else self._number(f'SELECT count(*) FROM "{name}"')

    def _check(self, check: Check) -> CheckReport:
        clean = check.quick is not None and self._number(check.quick) == 0
        violations = 0 if clean else self._number(check.violations)
        examples: tuple[Mapping[str, Any], ...] = ()
        if violations and check.examples:
            cursor = self.connection.execute(check.examples)
            names = [column[0] for column in cursor.description or ()]
            examples = tuple(dict(zip(names, map(_plain, row), strict=True)) for row in cursor.fetchall())
        return CheckReport(check.name, check.kind, check.blocking, violations, examples)

    # Publishing --------------------------------------------------------------------------------------

    def publish(self, catalog: Catalog) -> Catalog | None:
        """Switches the catalog to what passed; returns it, or None when there was nothing to switch."""
        tables = dict(catalog.tables)
        for table in self.program.tables:
            if table.name in self.locations:
                before = catalog.tables.get(table.name)
                kept = before.versions[: table.keep_versions - 1] if before else ()
                version = self._version(table.name, self.locations[table.name])
                tables[table.name] = Entry(table.zone, table.columns, (version, *kept))
        quarantine = dict(catalog.quarantine)
        for name, report in self.reports.items():
            if report.is_source and report.status is Status.OK:
                quarantine.pop(name, None)
            if name in self.quarantines:
                rows = report.quarantined
                version = Version(self.run_id, self.quarantines[name], rows)
                quarantine[name] = Entry(report.zone, QUARANTINE_COLUMNS, (version,))
        if not self.locations and quarantine == catalog.quarantine:
            return None
        for location in (*self.locations.values(), *self.quarantines.values()):
            self.lake.sync_version(location)
        after = Catalog(tables, quarantine)
        self.lake.publish(self.program.lake, self.run_id, after)
        return after

    def _version(self, name: str, location: str) -> Version:
        return Version(self.run_id, location, self.reports[name].rows or 0)


QUARANTINE_COLUMNS = (
    ("file", "string"), ("line", "bigint"), ("reason", "string"), ("detail", "string"), ("raw", "string"),
)  # fmt: skip


def landing_source(source: SourceProgram) -> LandingSource:
    """A source as the landing reader takes it."""
    columns = tuple(LandingColumn(column.name, column.key, parse_type(column.type)) for column in source.columns)
    return LandingSource(source.name, source.path, source.format, columns, ReadOptions.of(source.options))


def _source_report(
    source: SourceProgram, landed: LandingReport, checks: tuple[CheckReport, ...], seconds: float, data: Path
) -> TableReport:
    problem, help = _broken(checks), ""
    if landed.missing:
        problem = f"no files in {data / source.path}"
        help = "name the folder of the landing data with --data, or make a sample: python -m generator sample DIR"
    elif _too_many(landed, source.max_bad_rows):
        problem = f"{landed.quarantined:,} of {landed.lines:,} lines quarantined, more than {source.max_bad_rows}"
        help = "look at the quarantine for the reasons, or raise `max_bad_rows`"
    return TableReport(
        name=source.name,
        zone=source.zone,
        is_source=True,
        status=Status.FAILED if problem else Status.OK,
        rows=landed.rows,
        rows_in=landed.lines,
        quarantined=landed.quarantined,
        reasons=landed.reasons,
        extra_keys=landed.extra_keys,
        notes=landed.notes,
        expected=source.expected,
        seconds=seconds,
        checks=checks,
        problem=problem,
        help=help,
    )


def _broken(checks: tuple[CheckReport, ...]) -> str:
    return "; ".join(f"it breaks: {check.name}" for check in checks if check.failed)


def _too_many(landed: LandingReport, limit: int | str | None) -> bool:
    if limit is None:
        return False
    if isinstance(limit, int):
        return landed.quarantined > limit
    return landed.quarantined * 100 > float(limit.rstrip("% ")) * landed.lines


def _failed(name: str, zone: str | None, problem: str, started: float, *, is_source: bool) -> TableReport:
    seconds = time.perf_counter() - started
    return TableReport(name, zone, is_source, Status.FAILED, seconds=seconds, problem=problem)


def _message(error: Exception) -> str:
    """The first line of an engine's message; the rest repeats the SQL."""
    return str(error).strip().split("\n")[0]


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _plain(value: Any) -> Any:
    return value if isinstance(value, (str, int, float, bool, type(None))) else str(value)
