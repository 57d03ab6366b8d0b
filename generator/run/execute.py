"""Runs a program on DuckDB, in this process: read, make, audit, and publish everything at once.

What is current stays as it is: a table whose program and inputs are those that its version was made of, a landing file
that was read before. Whatever else is made goes to files of its own and is checked there. Only when all tables are done
does the catalog switch, for all that passed, in one step; so readers never see tables of two different runs that don't
belong together because a run died halfway. A table that fails keeps its last version, and so do those that read it.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from generator import stopping
from generator.jobs.check import Check
from generator.jobs.check_sql import sql_literal
from generator.run.lake_folder import SPILL, Catalog, Entry, LakeFolder
from generator.run.landing import LandingError
from generator.run.leaving import without_gone
from generator.run.maintenance.duckdb_engine import DuckdbEngine
from generator.run.maintenance.folder_store import FolderStore
from generator.run.making import MadeTable
from generator.run.masking import masked
from generator.run.program import Program, TableProgram
from generator.run.report import CheckReport, Listener, RunReport, Status, TableReport
from generator.run.session import Session, engine, errors
from generator.run.source_step import MadeSource, SourceStep
from generator.run.table_step import TableStep
from generator.runtime.folder_catalog import aged
from generator.runtime.maintenance.keeper import Keeper
from generator.runtime.run_time import VARIABLE

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def execute(
    program: Program,
    data: Path,
    lake: LakeFolder,
    listener: Listener,
    edits: Mapping[str, tuple[str, ...]] | None = None,
    *,
    full: bool = False,
    reveal: bool = False,
    time_of_run: datetime | None = None,
    inspect: Callable[[DuckDBPyConnection], None] | None = None,
) -> RunReport:
    """Runs a program over landing data and publishes what passed its checks.

    Args:
        edits: SQL statements that change the rows of a source that is current, to see what would follow; by source.
        full: whether everything is made anew, as if nothing had been published before.
        reveal: whether the report shows personal data, in rows that broke a check and in an engine's messages.
        time_of_run: what the time is in all tables; now unless it is given.
        inspect: looks at what is there when all tables are made: of a table that was kept by what changed, the rows
            that left are `#removed NAME`.

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
            with _session(program, lake, moment) as session, stopping.interrupting(session.interrupt):
                execution = _Execution(program, data, lake, listener, run, session, catalog, edits or {}, full)
                execution.run()
                if inspect is not None:
                    inspect(session.connection)
            after = execution.publish()
        finally:
            lake.end(catalog)
    seconds = time.perf_counter() - started
    reports = tuple(execution.reports.values())
    report = RunReport(program.lake, run, reports, seconds, after is not None, execution.removed)
    return report if reveal else masked(report, program)


def _session(program: Program, lake: LakeFolder, moment: datetime) -> Session:
    settings: dict[str, str | bool | int | float | list[str]] = {
        "preserve_insertion_order": "false",
        "autoinstall_known_extensions": "false",
        "temp_directory": str(lake.root / SPILL),
    }
    text = moment.astimezone(UTC).replace(tzinfo=None).isoformat(" ")
    now = f'SET VARIABLE "{VARIABLE}" = {sql_literal(text)}::TIMESTAMP'
    return Session(settings, [*program.settings, now])


class _Execution:
    """One run: the session, and what became of each source and table so far."""

    def __init__(
        self,
        program: Program,
        data: Path,
        lake: LakeFolder,
        listener: Listener,
        run: str,
        session: Session,
        catalog: Catalog,
        edits: Mapping[str, tuple[str, ...]],
        full: bool,
    ) -> None:
        self.program = program
        self.lake = lake
        self.listener = listener
        self.run_id = run
        self.session = session
        self.catalog = catalog
        self.reports: dict[str, TableReport] = {}
        self.sources: dict[str, MadeSource] = {}
        self.tables: dict[str, Entry] = {}
        self.removed: tuple[str, ...] = ()
        self.asked_of_others: dict[str, CheckReport] = {}
        reader = f"{engine()} {program.reader}"
        self.source_step = SourceStep(session, data, lake, run, catalog, reader, edits, full, self._check)
        duckdb = DuckdbEngine(session, lake.root)
        keeper = Keeper(duckdb, FolderStore(lake, catalog))
        self.table_step = TableStep(duckdb, program, lake, run, catalog, full, self._check, self._entry, keeper)

    def run(self) -> None:
        for source in self.program.sources:
            started, before = self._started(source.name), self.catalog.sources.get(source.name)
            try:
                made = self.source_step.make(source, started)
            except (LandingError, errors(), OSError) as error:
                stopping.check()
                made = MadeSource(_failed(source.name, source.zone, _message(error), started, is_source=True))
            if source.name in self.source_step.edits and before and made.rows:
                self.table_step.keeper.kept[source.name] = before.current.run
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
            made = self._define(table) if table.is_view else self.table_step.make(table, started)
        except errors() as error:
            stopping.check()
            made = MadeTable(_failed(table.name, table.zone, _message(error), started, is_source=False))
        if made.entry is not None:
            self.tables[table.name] = made.entry
        self._finish(made.report)

    def _define(self, table: TableProgram) -> MadeTable:
        self.session.define(f'CREATE TEMP VIEW "{table.name}" AS {table.sql}')
        return MadeTable(TableReport(table.name, table.zone, False, Status.OK))

    def _entry(self, name: str) -> Entry | None:
        """What a source or table is by now; None of a view."""
        return self.sources[name].rows if name in self.sources else self.tables.get(name)

    def _number(self, sql: str) -> int:
        row = self.session.execute(sql).fetchone()
        return int(row[0]) if row else 0

    def _check(self, check: Check) -> CheckReport:
        """How a check goes; what several tables ask of a view is looked at once."""
        if not check.of:
            return self._evaluated(check)
        known = self.asked_of_others.get(check.violations)
        if known is None:
            known = self.asked_of_others[check.violations] = self._evaluated(check)
        return replace(known, name=check.name, kind=check.kind, blocking=check.blocking)

    def _evaluated(self, check: Check) -> CheckReport:
        clean = check.quick is not None and self._number(check.quick) == 0
        violations = 0 if clean else self._number(check.violations)
        examples: tuple[Mapping[str, Any], ...] = ()
        if violations and check.examples:
            cursor = self.session.execute(check.examples)
            names = [column[0] for column in cursor.description or ()]
            examples = tuple(dict(zip(names, map(_plain, row), strict=True)) for row in cursor.fetchall())
        return CheckReport(check.name, check.kind, check.blocking, violations, examples, check.of)

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
        if all(one.status is Status.OK for one in self.reports.values()):
            after, self.removed = without_gone(self.lake, after, self.program)
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


def _plain(value: Any) -> Any:
    return value if isinstance(value, (str, int, float, bool, type(None))) else str(value)
