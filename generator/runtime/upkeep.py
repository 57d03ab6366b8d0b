"""A table of a job: it stays as it is, is kept by what changed in its inputs, or is made anew by its script.

What the build knows of that ships with the jobs, as data.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from pyspark.sql import DataFrame

from .columns import quoted
from .digests import digest
from .error import first_line
from .expectations import Audit, Expectation, Outcome, audit
from .iceberg import IcebergTables
from .iceberg_engine import IcebergEngine, IcebergFiles, IcebergStore, as_version
from .iceberg_versions import Made, Snapshot
from .layout import Layout
from .maintenance.asking import by_what_changed
from .maintenance.checking import Checker
from .maintenance.keeper import Anew, Keeper
from .maintenance.program import DeltaProgram, Exactly, InputProgram, KeptCheck, delta_from_json, input_from_json
from .source import reader


@dataclass(frozen=True, slots=True)
class TableProgram:
    """What the build knows of a table.

    Attributes:
        rows: a digest of what makes its rows; empty if the clock is a part of that.
        asked: likewise, of what is asked of the rows.
        method: a digest of what keeps it by what changed.
        reads: the stored inputs that its rows come from or are matched with; `inputs` are those, and what checks ask.
        views: the queries of the views that it, or a check, reads; each after those that it reads.
        delta: how it is kept; None where it is made anew, for the reason `anew`.
        asks: what checks ask of single rows.
        is_read: whether other tables, or their checks, read it.
    """

    rows: str
    asked: str
    method: str
    reads: tuple[str, ...]
    inputs: tuple[str, ...]
    views: Mapping[str, str]
    delta: DeltaProgram | None
    anew: str
    asks: tuple[InputProgram, ...]
    checks: tuple[KeptCheck, ...]
    is_read: bool

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> TableProgram:
        """Reads what the build wrote."""
        return cls(
            **{
                **data,
                "reads": tuple(data["reads"]),
                "inputs": tuple(data["inputs"]),
                "delta": delta_from_json(data["delta"]) if data["delta"] is not None else None,
                "asks": tuple(map(input_from_json, data["asks"])),
                "checks": tuple(map(KeptCheck.from_json, data["checks"])),
            }
        )


STAYS: Mapping[str, Any] = {"unchanged": True, "rows_read": 0, "rows_written": 0}
"""How a table was made that stays as it is."""


@dataclass(frozen=True, slots=True)
class MadeTable:
    """What became of a table, before anybody sees it.

    Attributes:
        found: how many rows it has, and how its checks went.
        staged: whether there is a new version to be published.
        made: what the version is of; None where there is nothing to note.
        facts: how it was made, for the log: `unchanged`, or rows `added` and `removed`, or why it was made `anew`; and
            `rows_read`, and `rows_written`, of which the table may have had many before.
    """

    found: Audit
    staged: bool
    made: Made | None
    facts: Mapping[str, Any]


@dataclass(slots=True)
class Upkeep:
    """Makes the tables of a job.

    Attributes:
        programs: what the build knows of the lake's tables, and of the sources that they read, by name.
        full: whether all is made anew.
    """

    tables: IcebergTables
    programs: Mapping[str, Mapping[str, Any]]
    full: bool
    engine: IcebergEngine = field(init=False)
    keeper: Keeper = field(init=False)
    store: IcebergStore = field(init=False)

    def __post_init__(self) -> None:
        self.engine = IcebergEngine(self.tables)
        self.store = IcebergStore(self.engine)
        self.keeper = Keeper(self.engine, self.store)

    def compared(self, source: str) -> Exactly | None:
        """What tells a source's rows apart; None where no table is kept by comparing them."""
        data = self.programs.get(source)
        return input_from_json(data).read if data is not None else None

    def make(
        self,
        name: str,
        rows: DataFrame,
        checks: Sequence[Expectation],
        layout: Layout,
        describe: Callable[[str], None],
    ) -> MadeTable:
        """Makes a table; what is staged then has to be published or discarded.

        Args:
            rows: what its script makes, which nobody has looked at.
            describe: tells what is being done.
        """
        data, read = self.programs.get(name), self.tables.read
        known = TableProgram.from_json(data) if data is not None else None
        if known is not None and not (read.keys() >= set(known.inputs) and len(known.checks) == len(checks)):
            known = None
        table = _Table(self, name, rows, checks, layout, known, read, describe)
        return table.make()


@dataclass(slots=True)
class _Table:
    """One table."""

    upkeep: Upkeep
    name: str
    script: DataFrame
    checks: Sequence[Expectation]
    layout: Layout
    known: TableProgram | None
    read: Mapping[str, Snapshot]
    describe: Callable[[str], None]

    def make(self) -> MadeTable:
        known = self.known
        if known is None:
            return self._anew("")
        before = self.upkeep.tables.current(self.name)
        if before is not None and self._is_current(before):
            violations = [before.checks[one.name] for one in self.checks]
            return MadeTable(self._audit(before.rows, violations), False, None, STAYS)
        try:
            if before is None:
                raise Anew("")
            if reason := self._why_anew(known, before):
                raise Anew(reason)
            self._show()
            if all(before.inputs.get(name) == self.read[name].run for name in known.reads):
                return self._asked_again(before)
            return self._by_what_changed(known, before)
        except Anew as error:
            return self._anew(error.reason)

    # What it is made by ------------------------------------------------------------------------------

    @property
    def _rows(self) -> str:
        """A digest of all that makes its rows; empty if the clock is a part of that."""
        layout = self.layout
        return digest(self._known.rows, reader(), layout.partition_by, layout.sort_by, layout.file_size)

    @property
    def _known(self) -> TableProgram:
        assert self.known is not None
        return self.known

    def _made(self, *, kept: bool) -> Made:
        known = self._known
        parts = [self._rows if known.rows else "", known.asked, *([known.method] if kept else [])]
        return Made(".".join(parts), {name: self.read[name] for name in known.inputs})

    def _again(self, before: Snapshot) -> Made:
        """What a version of the same rows is made by."""
        return self._made(kept=before.program.count(".") == 2)

    def _is_current(self, before: Snapshot) -> bool:
        """Whether a version is what making it again would give, and what was said of it can be told."""
        known, same = self._known, [self._made(kept=kept) for kept in (False, True)]
        if self.upkeep.full or not (known.rows and known.asked):
            return False
        told = all(one.name in before.checks for one in self.checks) and len(before.checks) == len(self.checks)
        return told and before.program in [one.program for one in same] and dict(before.inputs) == same[0].runs

    def _why_anew(self, known: TableProgram, before: Snapshot) -> str:
        """Why the rows that are there say nothing of those that should be; empty where they do."""
        rows, _, rest = before.program.partition(".")
        if self.upkeep.full:
            return "`--full` asks for it"
        if not known.rows:
            return known.anew or "it asks for the time"
        if rows != self._rows or rest.partition(".")[2] not in ("", known.method):
            return "it, or what makes it, is another than before"
        return ""

    # Making it ---------------------------------------------------------------------------------------

    def _anew(self, reason: str) -> MadeTable:
        known, tables = self.known, self.upkeep.tables
        made = self._made(kept=False) if known is not None and known.rows else None
        self.describe("write")
        staged = tables.stage(self.name, self.script, self.layout, *([made] if made else []))
        staged.createOrReplaceTempView(quoted(self.name))
        self.describe("check")
        found = audit(tables.spark, staged.alias(self.name), self.checks)
        looked = sum(self.read[name].rows for name in known.reads) if known is not None else None
        facts: dict[str, Any] = {"anew": reason} if reason else {}
        facts |= {} if looked is None else {"rows_read": looked}
        return MadeTable(found, True, made, {**facts, "rows_written": found.rows})

    def _asked_again(self, before: Snapshot) -> MadeTable:
        """The same rows, of which something else is asked, or may be true."""
        self._show_rows(self.upkeep.tables.rows_at(self.name, before.snapshot, before.schema))
        found = self._audit(before.rows, self._violations(before, came=False))
        self.upkeep.engine.forget()
        return MadeTable(found, False, self._again(before), STAYS)

    def _by_what_changed(self, known: TableProgram, before: Snapshot) -> MadeTable:
        upkeep = self.upkeep
        if known.delta is None:
            raise Anew(known.anew)
        there = replace(as_version(before), files=upkeep.store.files(self.name, as_version(before)))
        now = {name: as_version(one) for name, one in self.read.items()}
        files = IcebergFiles(upkeep.engine, self.name, before, there.files, self.layout)
        self.describe("what changed")
        try:
            change = upkeep.keeper.keep(self.name, known.delta, there, now, files)
            staged = None if change.files == there.files else files.commit(change.files, self._made(kept=True))
            if staged is not None and known.is_read:
                files.tell_changes(before, change)
        except Exception as error:
            files.abandon()
            if isinstance(error, upkeep.engine.errors()):
                raise Anew(f"what changed can't be told: {first_line(error)}") from error
            raise
        finally:
            upkeep.engine.forget()
        same = upkeep.tables.rows_at(self.name, before.snapshot, before.schema)
        self._show_rows(same if staged is None else staged)
        self.describe("check")
        rows = before.rows + change.added - change.removed
        found = self._audit(rows, self._violations(before, came=change.added > 0))
        facts = {"added": change.added, "removed": change.removed, "rows_read": change.read}
        facts |= {"rows_written": files.rows_written}
        if staged is None:
            return MadeTable(found, False, self._made(kept=True), {"unchanged": True, **facts})
        upkeep.keeper.kept[self.name] = before.run
        return MadeTable(found, True, self._made(kept=True), facts)

    def _show(self) -> None:
        """Makes the rows of all inputs known by their names, as the script has read them, and the views."""
        tables = self.upkeep.tables
        for name in self._known.inputs:
            rows = tables.rows_at(name, self.read[name].snapshot, self.read[name].schema)
            rows.createOrReplaceTempView(quoted(name))
        for name, sql in self._known.views.items():
            tables.spark.sql(sql).createOrReplaceTempView(quoted(name))

    def _show_rows(self, rows: DataFrame) -> None:
        rows.createOrReplaceTempView(quoted(self.name))

    # Checks ------------------------------------------------------------------------------------------

    def _violations(self, before: Snapshot, *, came: bool) -> list[int]:
        """Of all checks; of one that no row broke before, only those rows are looked at that can break it now."""
        known = self._known
        checker = Checker(self.upkeep.engine, self.name, self.checks, known.checks)
        said = [before.checks.get(one.name, -1) for one in self.checks]
        is_of = known.asked and before.program in [self._made(kept=kept).program for kept in (False, True)]
        same = {name for name in known.inputs if before.inputs.get(name) == self.read[name].run}
        told, asked = by_what_changed(
            known.checks,
            said if is_of else [],
            same.__contains__,
            lambda number: self._can_ask(known.checks[number], before),
        )
        broken = checker.broken_by_what_came(told) if came and told else set()
        broken |= checker.broken_by_what_was_asked(asked) if asked else set()
        whole = [number for number in range(len(self.checks)) if number in broken or number not in told]
        found = dict(zip(whole, checker.violations(whole), strict=True))
        return [found.get(number, 0) for number in range(len(self.checks))]

    def _can_ask(self, check: KeptCheck, before: Snapshot) -> bool:
        """Makes what changed in all that a check asks; whether that is there."""
        asks = {one.name: one for one in self._known.asks}
        keeper, version = self.upkeep.keeper, as_version(before)
        return all(
            name in asks and name in self.read and keeper.show_asked(asks[name], version, as_version(self.read[name]))
            for name in check.asks
        )

    def _audit(self, rows: int, violations: Sequence[int]) -> Audit:
        outcomes = (Outcome(one, number) for one, number in zip(self.checks, violations, strict=True))
        return Audit(rows, tuple(outcomes))
