"""Makes the tables of a run on DuckDB."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace

from generator.jobs.check import Check
from generator.run.lake_folder import Catalog, Entry, LakeFolder, Version
from generator.run.maintenance.duckdb_engine import DuckdbEngine, DuckdbFiles
from generator.run.making import MadeTable, Making
from generator.run.program import Program, TableProgram
from generator.run.report import CheckReport, StageReport
from generator.run.session import engine
from generator.run.unchanged import Fingerprint, all_inputs, fingerprint, made
from generator.runtime.maintenance.keeper import Keeper
from generator.runtime.maintenance.program import InputProgram


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

    engine: DuckdbEngine
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
        before = self.catalog.tables.get(table.name)
        making = _Making(
            self.program,
            self.lake,
            self.run,
            self.full,
            self.keeper,
            table,
            before,
            now,
            started,
            self.engine,
            self.check,
        )
        return making.make()


@dataclass(slots=True)
class _Making(Making):
    engine: DuckdbEngine
    check: Callable[[Check], CheckReport]

    def fingerprint(self) -> Fingerprint:
        return fingerprint(self.program, self.table, engine())

    def new_files(self) -> DuckdbFiles:
        new_folder = lambda: self.lake.new_version("tables", self.table.name, self.run)  # noqa: E731
        inputs = (version.rows for name, version in self.now.items() if name in self.table.base)
        about = self.before.current.rows if self.before else max(inputs, default=0)
        return DuckdbFiles(self.engine, self.lake.root, self.table.columns, new_folder, about)

    def kept(self) -> TableProgram:
        return self.table

    def show(self, files: tuple[str, ...]) -> None:
        self.engine.define(self.table.name, f"SELECT * FROM {self.engine.read(files, self.table.columns)}")

    def anew(self, program: Fingerprint, inputs: Mapping[str, str], reason: str) -> MadeTable:
        table = self.table
        files, rows = self.files.write(table.sql)
        self.show(files)
        stages = tuple(
            StageReport(one.kind, one.text, one.lost, rows if one.count is None else self.engine.number(one.count))
            for one in table.stages
        )
        report = self.report(rows, stages, tuple(self.check(check) for check in table.checks))
        report = replace(report, anew=reason)
        version = Version(self.run, rows, files, "", program.made(), inputs, made(report))
        return MadeTable(report, self.entry(report, version))

    def rows_in(self) -> int:
        return self.table.own + sum(self._rows_of(name) for name in self.table.base)

    def _rows_of(self, name: str) -> int:
        version = self.now.get(name)
        return version.rows if version is not None else self.engine.count(name)

    def evaluated(self, numbers: Collection[int]) -> Mapping[int, CheckReport]:
        return {number: self.check(self.table.checks[number]) for number in numbers}

    def broken_by_what_came(self, numbers: Collection[int]) -> Collection[int]:
        return self._broken({number: self.table.checks[number].came for number in numbers})

    def asked(self) -> tuple[InputProgram, ...]:
        return self.program.asked

    def broken_by_what_was_asked(self, numbers: Collection[int]) -> Collection[int]:
        return self._broken({number: self.table.checks[number].reached for number in numbers})

    def _broken(self, violations: Mapping[int, str | None]) -> list[int]:
        return [number for number, sql in violations.items() if sql is not None and self.engine.number(sql)]
