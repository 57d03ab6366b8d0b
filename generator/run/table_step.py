"""Makes a table on DuckDB: it stays as it is, is kept by what changed in its inputs, or is made anew."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import duckdb

from generator import stopping
from generator.jobs.check import Check
from generator.jobs.check_sql import sql_name
from generator.run.lake_folder import Catalog, Entry, LakeFolder, Version
from generator.run.landing.sql import file_list
from generator.run.maintenance.files import Files
from generator.run.maintenance.keeper import Anew, Change, Keeper
from generator.run.program import Program, TableProgram
from generator.run.report import CheckReport, StageReport, Status, TableReport, broken
from generator.run.unchanged import (
    Fingerprint,
    all_inputs,
    fingerprint,
    is_current,
    made,
    same_rows,
    unchanged,
    why_anew,
)
from generator.runtime.folder_catalog import with_newer


@dataclass(frozen=True, slots=True)
class MadeTable:
    """What became of a table, and its entry in the catalog; None if it can't be published."""

    report: TableReport
    entry: Entry | None = None


@dataclass(frozen=True, slots=True)
class TableStep:
    """Makes the tables of one run.

    Attributes:
        catalog: what was published before.
        full: whether all is made anew.
        check: evaluates a check.
        entry: what a source or table is by now; None of a view.
        keeper: keeps tables by what changed.
    """

    connection: duckdb.DuckDBPyConnection
    program: Program
    lake: LakeFolder
    run: str
    catalog: Catalog
    full: bool
    check: Callable[[Check], CheckReport]
    entry: Callable[[str], Entry | None]
    keeper: Keeper

    def make(self, table: TableProgram, started: float) -> MadeTable:
        """Makes a table; its rows are a view of its name then.

        Raises:
            duckdb.Error: its query, or a check, can't be evaluated.
        """
        names = all_inputs(self.program, table)
        now = {name: entry.current for name in names if (entry := self.entry(name))}
        files = Files(self.connection, self.lake.root, lambda: self.lake.new_version("tables", table.name, self.run))
        return _Making(self, table, self.catalog.tables.get(table.name), now, files, started).make()

    def forget(self) -> None:
        """Drops what was only there to make a table."""
        found = self.connection.execute(
            "SELECT table_name FROM duckdb_tables() WHERE starts_with(table_name, '#')"
            " AND NOT starts_with(table_name, '#added ') AND NOT starts_with(table_name, '#removed ')"
        )
        for (name,) in found.fetchall():
            self.connection.execute(f"DROP TABLE {sql_name(name)}")


@dataclass(slots=True)
class _Making:
    """One table.

    Attributes:
        now: the current version of each input.
        files: writes those of the table's new version.
    """

    step: TableStep
    table: TableProgram
    before: Entry | None
    now: Mapping[str, Version]
    files: Files
    started: float

    def make(self) -> MadeTable:
        step, table = self.step, self.table
        program = fingerprint(step.program, table, f"duckdb {duckdb.__version__}")
        inputs = {name: version.run for name, version in self.now.items()}
        before = self.before.current if self.before else None
        if self.before and before and not step.full and is_current(before, program, inputs, step.lake.root):
            self._show(before.files)
            report = unchanged(table, before, time.perf_counter() - self.started)
            return MadeTable(report, replace(self.before, zone=table.zone))
        try:
            if before is None:
                raise Anew("")
            self._check_comparable(before, program)
            if same_rows(step.program, table, before, inputs):
                return self._asked_again(before, program, inputs)
            return self._kept(before, program, inputs)
        except Anew as error:
            return self._anew(program, inputs, error.reason)

    def _check_comparable(self, before: Version, program: Fingerprint) -> None:
        """Raises Anew where the rows that are there say nothing of those that should be."""
        reason = why_anew(self.table, before, program, self.step.lake.root, full=self.step.full)
        if reason:
            raise Anew(reason)

    def _asked_again(self, before: Version, program: Fingerprint, inputs: Mapping[str, str]) -> MadeTable:
        """The same rows, of which something else is asked, or of which something else may be true."""
        self._show(before.files)
        checks = self._checks(before, program, inputs, came=False)
        report = replace(self._report(before.rows, self._stages(before), checks), unchanged=True)
        if report.status is not Status.OK:
            return MadeTable(replace(report, unchanged=False))
        version = replace(before, program=program.again(before), inputs=inputs, made=made(report))
        return MadeTable(report, self._entry(report, version))

    def _stages(self, before: Version) -> tuple[StageReport, ...]:
        """What was counted when these rows were made, in the words of now; nothing where other steps were."""
        known, stages = before.made.get("stages", ()), self.table.stages
        if [one["kind"] for one in known] != [stage.kind for stage in stages]:
            return ()
        told = zip(stages, known, strict=True)
        return tuple(StageReport(stage.kind, stage.text, stage.lost, one["rows"]) for stage, one in told)

    # By what changed ---------------------------------------------------------------------------------

    def _kept(self, before: Version, program: Fingerprint, inputs: Mapping[str, str]) -> MadeTable:
        step, table = self.step, self.table
        try:
            change = step.keeper.keep(table, before, self.now, self.files)
        except duckdb.Error as error:
            stopping.check()
            raise Anew(f"what changed can't be told: {str(error).strip().splitlines()[0]}") from error
        finally:
            step.forget()
        self._show(change.files)
        checks = self._checks(before, program, inputs, came=change.added > 0)
        report = replace(
            self._report(before.rows + change.added - change.removed, (), checks),
            added=change.added,
            removed=change.removed,
            rows_read=change.read,
        )
        report = replace(report, unchanged=change.files == before.files and report.status is Status.OK)
        entry = self._entry(report, self._version(before, change, program, inputs, report))
        if entry is not None and change.files != before.files:
            step.keeper.kept[table.name] = before.run
        return MadeTable(report, entry)

    def _version(
        self, before: Version, change: Change, program: Fingerprint, inputs: Mapping[str, str], report: TableReport
    ) -> Version:
        """The version that is current now: the same one where no row is another, of newer inputs."""
        if change.files == before.files:
            return replace(before, program=program.kept(), inputs=inputs, made=made(report))
        return Version(self.step.run, report.rows or 0, change.files, "", program.kept(), inputs, made(report))

    def _checks(
        self, before: Version, program: Fingerprint, inputs: Mapping[str, str], *, came: bool
    ) -> tuple[CheckReport, ...]:
        """All checks: by the rows that came, if any, where the others can't break one that didn't before."""
        known = before.made.get("checks", ()) if program.is_of(before) else ()
        clean = [not one["violations"] for one in known] if len(known) == len(self.table.checks) else []
        same = {name for name, run in inputs.items() if before.inputs.get(name) == run}
        found = []
        for number, check in enumerate(self.table.checks):
            is_told = bool(clean) and clean[number] and all(self._is_same(one, same) for one in check.asks)
            if is_told and check.came is not None and not (came and self._number(check.came)):
                found.append(CheckReport(check.name, check.kind, check.blocking, 0))
            else:
                found.append(self.step.check(check))
        return tuple(found)

    def _is_same(self, name: str, same: set[str]) -> bool:
        """Whether a table, source or view has the rows that it had."""
        view = next((one for one in self.step.program.tables if one.name == name and one.is_view), None)
        return name in same if view is None else all(self._is_same(one, same) for one in view.inputs)

    # Anew --------------------------------------------------------------------------------------------

    def _anew(self, program: Fingerprint, inputs: Mapping[str, str], reason: str) -> MadeTable:
        step, table = self.step, self.table
        files, rows = self.files.write(table.sql)
        self._show(files)
        stages = tuple(
            StageReport(stage.kind, stage.text, stage.lost, rows if stage.count is None else self._number(stage.count))
            for stage in table.stages
        )
        report = self._report(rows, stages, tuple(step.check(check) for check in table.checks))
        report = replace(report, anew=reason)
        version = Version(step.run, rows, files, "", program.made(), inputs, made(report))
        return MadeTable(report, self._entry(report, version))

    # Both --------------------------------------------------------------------------------------------

    def _report(self, rows: int, stages: tuple[StageReport, ...], checks: tuple[CheckReport, ...]) -> TableReport:
        table, problem = self.table, broken(checks)
        return TableReport(
            name=table.name,
            zone=table.zone,
            is_source=False,
            status=Status.FAILED if problem else Status.OK,
            rows=rows,
            rows_in=sum(self._rows_of(name) for name in table.base),
            stages=stages,
            expected=table.expected,
            seconds=time.perf_counter() - self.started,
            checks=checks,
            problem=problem,
            help="the last published version stays current" if problem else "",
        )

    def _entry(self, report: TableReport, version: Version) -> Entry | None:
        if report.status is not Status.OK:
            return None
        before = self.before.versions if self.before else ()
        if self.before and version.run == self.before.current.run:
            versions = (version, *before[1:])
        else:
            versions = with_newer(before, version, self.table.keep_versions)
        return Entry(self.table.zone, self.table.columns, versions)

    def _show(self, files: tuple[str, ...]) -> None:
        paths = file_list([str(self.step.lake.root / file) for file in files])
        view = sql_name(self.table.name)
        self.step.connection.execute(f"CREATE OR REPLACE TEMP VIEW {view} AS FROM read_parquet({paths})")

    def _rows_of(self, name: str) -> int:
        version = self.now.get(name)
        return version.rows if version is not None else self._number(f"SELECT count(*) FROM {sql_name(name)}")

    def _number(self, sql: str) -> int:
        row = self.step.connection.execute(sql).fetchone()
        return int(row[0]) if row else 0
