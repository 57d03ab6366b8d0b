"""Makes one table of a run: it stays as it is, is kept by what changed in its inputs, or is made anew.

Which of these, and what is checked then, is the same on every engine; how a table is made anew, and how a check is
evaluated, is up to each.
"""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

from generator import stopping
from generator.jobs.check import Check
from generator.run.lake_folder import Entry, LakeFolder, Version
from generator.run.program import Program, TableProgram
from generator.run.report import CheckReport, StageReport, Status, TableReport, broken
from generator.run.unchanged import Fingerprint, is_current, made, same_rows, unchanged, why_anew
from generator.runtime.folder_catalog import with_newer
from generator.runtime.maintenance.asking import by_what_changed
from generator.runtime.maintenance.files import Files
from generator.runtime.maintenance.keeper import Anew, Change, Keeper
from generator.runtime.maintenance.program import InputProgram


@dataclass(frozen=True, slots=True)
class MadeTable:
    """What became of a table, and its entry in the catalog; None if it can't be published, or is already."""

    report: TableReport
    entry: Entry | None = None


@dataclass(slots=True)
class Making(ABC):
    """One table.

    Attributes:
        run: the run that makes it.
        full: whether it is made anew by all means.
        before: what is published of it.
        now: the current version of each input.
        files: writes those of the table's new version.
    """

    program: Program
    lake: LakeFolder
    run: str
    full: bool
    keeper: Keeper
    table: TableProgram
    before: Entry | None
    now: Mapping[str, Version]
    started: float
    files: Files = field(init=False)

    # Up to the engine --------------------------------------------------------------------------------

    @abstractmethod
    def fingerprint(self) -> Fingerprint:
        """What would make the table now."""

    @abstractmethod
    def new_files(self) -> Files:
        """What writes the files of the table's new version."""

    @abstractmethod
    def kept(self) -> TableProgram:
        """The table, with the SQL that keeps it on this engine."""

    @abstractmethod
    def show(self, files: tuple[str, ...]) -> None:
        """Makes these files the rows of the table, for its checks and for tables that read it."""

    @abstractmethod
    def anew(self, program: Fingerprint, inputs: Mapping[str, str], reason: str) -> MadeTable:
        """Makes all of the table."""

    @abstractmethod
    def rows_in(self) -> int | None:
        """The rows that the table starts from."""

    @abstractmethod
    def evaluated(self, numbers: Collection[int]) -> Mapping[int, CheckReport]:
        """How some checks go, by their place among the table's."""

    @abstractmethod
    def broken_by_what_came(self, numbers: Collection[int]) -> Collection[int]:
        """Which of some checks rows that came may break."""

    @abstractmethod
    def asked(self) -> tuple[InputProgram, ...]:
        """What checks ask of single rows, with the columns that decide."""

    @abstractmethod
    def broken_by_what_was_asked(self, numbers: Collection[int]) -> Collection[int]:
        """Which of some checks may be broken since what they ask has changed."""

    # -------------------------------------------------------------------------------------------------

    def make(self) -> MadeTable:
        """Makes the table; its rows are a view of its name then.

        Raises:
            Exception: of the engine; its query, or a check, can't be evaluated.
        """
        self.files = self.new_files()
        program = self.fingerprint()
        inputs = {name: version.run for name, version in self.now.items()}
        before = self.before.current if self.before else None
        if self.before and before and not self.full and is_current(before, program, inputs, self.lake.root):
            self.show(before.files)
            report = unchanged(self.table, before, time.perf_counter() - self.started)
            return MadeTable(report, replace(self.before, zone=self.table.zone))
        try:
            if before is None:
                raise Anew("")
            self.check_comparable(before, program)
            if same_rows(self.program, self.table, before, inputs):
                return self._asked_again(before, program, inputs)
            return self._by_what_changed(before, program, inputs)
        except Anew as error:
            return self.anew(program, inputs, error.reason)

    def check_comparable(self, before: Version, program: Fingerprint) -> None:
        """Raises Anew where the rows that are there say nothing of those that should be."""
        reason = why_anew(self.table, before, program, self.lake.root, full=self.full)
        if reason:
            raise Anew(reason)

    def _asked_again(self, before: Version, program: Fingerprint, inputs: Mapping[str, str]) -> MadeTable:
        """The same rows, of which something else is asked, or of which something else may be true."""
        self.show(before.files)
        checks = self.checks(before, program, inputs, came=False)
        report = replace(self.report(before.rows, self._stages(before), checks), unchanged=True)
        if report.status is not Status.OK:
            return MadeTable(replace(report, unchanged=False))
        version = replace(before, program=program.again(before), inputs=inputs, made=made(report))
        return MadeTable(report, self.entry(report, version))

    def _stages(self, before: Version) -> tuple[StageReport, ...]:
        """What was counted when these rows were made, in the words of now; nothing where other steps were."""
        known, stages = before.made.get("stages", ()), self.table.stages
        if [one["kind"] for one in known] != [stage.kind for stage in stages]:
            return ()
        told = zip(stages, known, strict=True)
        return tuple(StageReport(stage.kind, stage.text, stage.lost, one["rows"]) for stage, one in told)

    def _by_what_changed(self, before: Version, program: Fingerprint, inputs: Mapping[str, str]) -> MadeTable:
        engine = self.keeper.engine
        try:
            change = self._keep(before)
        except engine.errors() as error:
            stopping.check()
            raise Anew(f"what changed can't be told: {str(error).strip().splitlines()[0]}") from error
        finally:
            engine.forget()
        self.show(change.files)
        checks = self.checks(before, program, inputs, came=change.added > 0)
        report = replace(
            self.report(before.rows + change.added - change.removed, (), checks),
            added=change.added,
            removed=change.removed,
            rows_read=change.read,
        )
        report = replace(report, unchanged=change.files == before.files and report.status is Status.OK)
        entry = self.entry(report, self._version(before, change, program, inputs, report))
        if entry is not None and change.files != before.files:
            self.keeper.kept[self.table.name] = before.run
        return MadeTable(report, entry)

    def _keep(self, before: Version) -> Change:
        table = self.kept()
        if table.delta is None:
            raise Anew(table.anew)
        return self.keeper.keep(table.name, table.delta, before, self.now, self.files)

    def _version(
        self, before: Version, change: Change, program: Fingerprint, inputs: Mapping[str, str], report: TableReport
    ) -> Version:
        """The version that is current now: the same one where no row is another, of newer inputs."""
        if change.files == before.files:
            return replace(before, program=program.kept(), inputs=inputs, made=made(report))
        return Version(self.run, report.rows or 0, change.files, "", program.kept(), inputs, made(report))

    def checks(
        self, before: Version, program: Fingerprint, inputs: Mapping[str, str], *, came: bool
    ) -> tuple[CheckReport, ...]:
        """All checks: of one that no row broke before, only those rows are looked at that can break it now."""
        known = before.made.get("checks", ()) if program.is_of(before) else ()
        same = {name for name, run in inputs.items() if before.inputs.get(name) == run}
        told, asked = by_what_changed(
            self.table.checks,
            [one["violations"] for one in known],
            lambda name: self.is_same(name, same),
            lambda number: self._can_ask(self.table.checks[number], before),
        )
        broken = set(self.broken_by_what_came(told)) if came and told else set()
        broken |= set(self.broken_by_what_was_asked(asked)) if asked else set()
        whole = self.evaluated(
            [number for number in range(len(self.table.checks)) if number in broken or number not in told]
        )
        return tuple(
            whole[number] if number in whole else CheckReport(one.name, one.kind, one.blocking, 0, of=one.of)
            for number, one in enumerate(self.table.checks)
        )

    def _can_ask(self, check: Check, before: Version) -> bool:
        """Makes what changed in all that a check asks; whether that is there."""
        inputs = {one.name: one for one in self.asked() if one.name in self.now}
        return all(
            name in inputs and self.keeper.show_asked(inputs[name], before, self.now[name]) for name in check.asks
        )

    def is_same(self, name: str, same: set[str]) -> bool:
        """Whether a table, source or view has the rows that it had."""
        view = next((one for one in self.program.tables if one.name == name and one.is_view), None)
        return name in same if view is None else all(self.is_same(one, same) for one in view.inputs)

    def report(self, rows: int, stages: tuple[StageReport, ...], checks: tuple[CheckReport, ...]) -> TableReport:
        """What became of a table that is there; it has failed if checks say so."""
        table, problem = self.table, broken(checks)
        return TableReport(
            name=table.name,
            zone=table.zone,
            is_source=False,
            status=Status.FAILED if problem else Status.OK,
            rows=rows,
            rows_in=self.rows_in(),
            stages=stages,
            expected=table.expected,
            seconds=time.perf_counter() - self.started,
            checks=checks,
            problem=problem,
            help="the last published version stays current" if problem else "",
        )

    def entry(self, report: TableReport, version: Version) -> Entry | None:
        """What the catalog is to say of the table; None if it has failed."""
        if report.status is not Status.OK:
            return None
        before = self.before.versions if self.before else ()
        if self.before and version.run == self.before.current.run:
            versions = (version, *before[1:])
        else:
            versions = with_newer(before, version, self.table.keep_versions)
        return Entry(self.table.zone, self.table.columns, versions)
