"""Runs a program on DuckDB, in this process: read, make, audit, and publish everything at once.

What is current stays as it is: a table whose program and inputs are those that its version was made of, a landing file
that was read before. Whatever else is made goes to files of its own and is checked there. Only when all tables are done
does the catalog switch, for all that passed, in one step; so readers never see tables of two different runs that don't
belong together because a run died halfway. A table that fails keeps its last version, and so do those that read it.
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from generator import stopping
from generator.jobs.check import Check
from generator.run.lake_folder import DATA_FILE, SPILL, Catalog, Entry, LakeFolder, Version
from generator.run.landing import LandingError
from generator.run.landing.sql import file_list
from generator.run.masking import masked
from generator.run.program import Program, TableProgram
from generator.run.report import CheckReport, Listener, RunReport, StageReport, Status, TableReport, broken
from generator.run.source_step import MadeSource, SourceStep
from generator.run.unchanged import all_inputs, is_current, made, table_digest, unchanged
from generator.runtime.folder_catalog import aged, with_newer
from generator.runtime.run_time import VARIABLE


def execute(
    program: Program,
    data: Path,
    lake: LakeFolder,
    listener: Listener,
    edits: Mapping[str, tuple[str, ...]] | None = None,
    *,
    full: bool = False,
    time_of_run: datetime | None = None,
) -> RunReport:
    """Runs a program over landing data and publishes what passed its checks.

    Args:
        edits: SQL statements that change a source after it was read, to see what would follow; by source.
        full: whether everything is made anew, as if nothing had been published before.
        time_of_run: what the time is in all tables; now unless it is given.

    Raises:
        LakeFolderError: the lake folder can't be used; nothing has changed then.
    """
    started = time.perf_counter()
    moment = time_of_run or datetime.now(UTC)
    run = f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{os.urandom(3).hex()}"
    with lake.locked():
        catalog = lake.catalog()
        lake.begin(run, program.names(), catalog)
        try:
            with _connect(program, lake, moment) as connection, stopping.interrupting(connection.interrupt):
                execution = _Execution(program, data, lake, listener, run, connection, catalog, edits or {}, full)
                execution.run()
            after = execution.publish()
        finally:
            lake.end(catalog)
    seconds = time.perf_counter() - started
    report = RunReport(program.lake, run, tuple(execution.reports.values()), seconds, after is not None)
    return masked(report, program)


def _connect(program: Program, lake: LakeFolder, moment: datetime) -> duckdb.DuckDBPyConnection:
    settings: dict[str, str | bool | int | float | list[str]] = {
        "preserve_insertion_order": "false",
        "autoinstall_known_extensions": "false",
        "temp_directory": str(lake.root / SPILL),
    }
    connection = duckdb.connect(config=settings)
    for setting in program.settings:
        connection.execute(setting)
    text = moment.astimezone(UTC).replace(tzinfo=None).isoformat(" ")
    connection.execute(f'SET VARIABLE "{VARIABLE}" = {_literal(text)}::TIMESTAMP')
    return connection


class _Execution:
    """One run: the connection, and what became of each source and table so far."""

    def __init__(
        self,
        program: Program,
        data: Path,
        lake: LakeFolder,
        listener: Listener,
        run: str,
        connection: duckdb.DuckDBPyConnection,
        catalog: Catalog,
        edits: Mapping[str, tuple[str, ...]],
        full: bool,
    ) -> None:
        self.program = program
        self.lake = lake
        self.listener = listener
        self.run_id = run
        self.connection = connection
        self.catalog = catalog
        self.full = full
        self.reports: dict[str, TableReport] = {}
        self.sources: dict[str, MadeSource] = {}
        self.tables: dict[str, Entry] = {}
        reader = f"duckdb {duckdb.__version__} {program.reader}"
        self.step = SourceStep(connection, data, lake, run, catalog, reader, edits, full, self._check)

    def run(self) -> None:
        for source in self.program.sources:
            started = self._started(source.name)
            try:
                made = self.step.make(source, started)
            except (LandingError, duckdb.Error, OSError) as error:
                stopping.check()
                made = MadeSource(_failed(source.name, source.zone, _message(error), started, is_source=True))
            self.sources[source.name] = made
            self._finish(made.report)
        for table in self.program.tables:
            self._make(table)

    def _started(self, name: str) -> float:
        self.listener.started(name, len(self.reports) + 1, len(self.program.names()))
        return time.perf_counter()

    def _finish(self, report: TableReport) -> None:
        self.reports[report.name] = report
        self.listener.finished(report)

    # Tables ------------------------------------------------------------------------------------------

    def _make(self, table: TableProgram) -> None:
        bad = [name for name in table.inputs if self.reports[name].status is not Status.OK]
        if bad:
            problem = f"{bad[0]} {self.reports[bad[0]].status}"
            self._finish(TableReport(table.name, table.zone, False, Status.SKIPPED, problem=problem))
            return
        started = self._started(table.name)
        try:
            report = self._define(table) if table.is_view else self._keep_or_write(table, started)
        except duckdb.Error as error:
            stopping.check()
            report = _failed(table.name, table.zone, _message(error), started, is_source=False)
        self._finish(report)

    def _define(self, table: TableProgram) -> TableReport:
        self.connection.execute(f'CREATE TEMP VIEW "{table.name}" AS {table.sql}')
        return TableReport(table.name, table.zone, False, Status.OK)

    def _keep_or_write(self, table: TableProgram, started: float) -> TableReport:
        before = self.catalog.tables.get(table.name)
        program = table_digest(self.program, table, f"duckdb {duckdb.__version__}")
        inputs = {name: run for name in all_inputs(self.program, table) if (run := self._version_of(name))}
        if before and not self.full and is_current(before.current, program, inputs, self.lake.root):
            self._show(table, before.current.files)
            self.tables[table.name] = replace(before, zone=table.zone)
            return unchanged(table, before.current, time.perf_counter() - started)
        location = self.lake.new_version("tables", table.name, self.run_id)
        file = f"{location}/{DATA_FILE}"
        report = self._write(table, file, started)
        if report.status is Status.OK:
            version = Version(self.run_id, report.rows or 0, (file,), "", program or "", inputs, made(report))
            versions = with_newer(before.versions if before else (), version, table.keep_versions)
            self.tables[table.name] = Entry(table.zone, table.columns, versions)
        return report

    def _version_of(self, name: str) -> str | None:
        """The run that made what a source or table is now; None of a view."""
        entry = self.sources[name].rows if name in self.sources else self.tables.get(name)
        return entry.current.run if entry else None

    def _show(self, table: TableProgram, files: tuple[str, ...]) -> None:
        paths = file_list([str(self.lake.root / file) for file in files])
        self.connection.execute(f'CREATE TEMP VIEW "{table.name}" AS FROM read_parquet({paths})')

    def _write(self, table: TableProgram, file: str, started: float) -> TableReport:
        path = _literal(str(self.lake.root / file))
        rows = self._number(f"COPY ({table.sql}) TO {path} (FORMAT parquet, COMPRESSION zstd)")
        self._show(table, (file,))
        rows_in = sum(self._rows(name) for name in table.base)
        stages = tuple(
            StageReport(stage.kind, stage.text, stage.lost, rows if stage.count is None else self._number(stage.count))
            for stage in table.stages
        )
        checks = tuple(self._check(check) for check in table.checks)
        problem = broken(checks)
        return TableReport(
            name=table.name,
            zone=table.zone,
            is_source=False,
            status=Status.FAILED if problem else Status.OK,
            rows=rows,
            rows_in=rows_in,
            stages=stages,
            expected=table.expected,
            seconds=time.perf_counter() - started,
            checks=checks,
            problem=problem,
            help="the last published version stays current" if problem else "",
        )

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

    def publish(self) -> Catalog | None:
        """Switches the catalog to what passed; returns it, or None when there was nothing to switch."""
        catalog = self.catalog
        tables, sources, quarantine = dict(catalog.tables), dict(catalog.sources), dict(catalog.quarantine)
        for table in self.program.tables:
            if table.name in self.tables:
                tables[table.name] = self._aged(self.tables[table.name], table.keep_versions)
        for source in self.program.sources:
            made = self.sources[source.name]
            if made.rows is not None:
                sources[source.name] = self._aged(made.rows, source.keep_versions)
                quarantine.pop(source.name, None)
                if made.quarantine is not None:
                    quarantine[source.name] = made.quarantine
        after = Catalog(tables, sources, quarantine)
        if after == catalog:
            return None
        stopping.check()
        self.lake.sync_files(after.files() - catalog.files())
        self.lake.publish(self.program.lake, self.run_id, after)
        return after

    def _aged(self, entry: Entry, keep: int) -> Entry:
        """An entry, one run later: the versions before one that stays current are older now."""
        if entry.current.run == self.run_id:
            return entry
        return replace(entry, versions=(entry.current, *aged(entry.versions[1:], keep)))


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
