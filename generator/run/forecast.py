"""What a run would make, by what, and about how many rows it would look at: without reading or writing any of them.

How many rows a change affects is known only once it is made; so a table that would be kept by what changed may yet be
made anew, or stay as it is.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Protocol

from generator.run.lake_folder import Catalog, Entry, LakeFolder
from generator.run.landing.files import find_files
from generator.run.program import Program, SourceProgram, TableProgram
from generator.run.report import BY_FULL
from generator.run.session import engine
from generator.run.unchanged import Fingerprint, all_inputs, declared, fingerprint, is_current, source_digest, why_anew
from generator.runtime.record import changes, read_record, stamp

UNCHANGED, READ, MADE, KEPT, ANEW, FAILS = "unchanged", "read", "made", "kept by what changes", "made anew", "fails"


@dataclass(frozen=True, slots=True)
class Outlook:
    """What would become of a source or table.

    Attributes:
        what: `unchanged`, `read`, `made` (for the first time), `kept by what changes`, `made anew` or `fails`.
        by: the inputs whose changes that is due to, or why.
        rows: about how many rows are read of landing files, or of what a table starts from; None where nobody knows.
        files: of a source: its landing files, of which `files_read`, with `bytes_read`, would be read.
    """

    name: str
    zone: str | None
    is_source: bool
    what: str
    by: str = ""
    rows: int | None = 0
    files: int = 0
    files_read: int = 0
    bytes_read: int = 0

    def to_json(self) -> dict[str, Any]:
        return {key: value for key, value in asdict(self).items() if key != "name"}


class Makes(Protocol):
    """What makes sources and tables now, as it is noted in versions."""

    @property
    def reader(self) -> str:
        """What makes rows of landing data."""
        ...

    def source_program(self, source: SourceProgram) -> str: ...

    def table_program(self, table: TableProgram) -> Fingerprint: ...


@dataclass(frozen=True, slots=True)
class ByDuckdb:
    """DuckDB makes them."""

    program: Program

    @property
    def reader(self) -> str:
        return f"{engine()} {self.program.reader}"

    def source_program(self, source: SourceProgram) -> str:
        return source_digest(source)

    def table_program(self, table: TableProgram) -> Fingerprint:
        return fingerprint(self.program, table, engine())


def forecast(
    program: Program, data: Path, lake: LakeFolder, *, by: Makes | None = None, full: bool = False
) -> tuple[Outlook, ...]:
    """What a run of a program would do, in its order. Views are left out.

    Args:
        by: what would make it; DuckDB unless it is given.

    Raises:
        LakeFolderError: the catalog can't be read.
        LandingError: there are landing files that can't be.
    """
    found = _Forecast(program, by or ByDuckdb(program), data, lake, lake.catalog(), full)
    for source in program.sources:
        found.add(found.source(source))
    for table in program.tables:
        if table.is_view:
            found.views[table.name] = table
        else:
            found.add(found.table(table))
    return tuple(found.outlooks.values())


@dataclass(slots=True)
class _Forecast:
    program: Program
    by: Makes
    data: Path
    lake: LakeFolder
    catalog: Catalog
    full: bool
    outlooks: dict[str, Outlook] = field(default_factory=dict)
    views: dict[str, TableProgram] = field(default_factory=dict)

    def add(self, outlook: Outlook) -> None:
        self.outlooks[outlook.name] = outlook

    def source(self, source: SourceProgram) -> Outlook:
        files = find_files(source.name, self.data, source.paths).files
        stamps = {file.name: stamp(file.path) for file in files}
        entry = self.catalog.sources.get(source.name)
        declaration = declared(source).digest(self.by.reader)
        known = read_record(self.lake.root, entry.current.record) if entry else None
        found = changes(None if self.full else known, declaration, stamps)
        new = sum(stamps[name].size for name in found.new)
        old = sum(one.size for batch in (known.batches if known else ()) for one in batch.landing.values())
        rows = round(entry.current.rows * new / old) if entry and old else None
        what, why = READ, ""
        if not files:
            what, why, rows = FAILS, f"no files in {' or '.join(str(self.data / path) for path in source.paths)}", 0
        elif entry and found.none and is_current(entry.current, self.by.source_program(source), {}, self.lake.root):
            what = UNCHANGED
        elif self.full:
            why = BY_FULL
        elif known is not None and known.declaration != declaration:
            why = "its declaration, or what reads it, is another than before"
        return Outlook(source.name, source.zone, True, what, why, rows, len(files), len(found.new), new)

    def table(self, table: TableProgram) -> Outlook:
        inputs = [name for name in all_inputs(self.program, table) if name in self.outlooks]
        failing = [name for name in inputs if self.outlooks[name].what == FAILS]
        if failing:
            return self._outlook(table, FAILS, f"{failing[0]} fails", 0)
        entry = self.catalog.tables.get(table.name)
        if entry is None:
            return self._outlook(table, MADE, "", self._all_rows(table))
        program = self.by.table_program(table)
        why = why_anew(table, entry.current, program, self.lake.root, full=self.full)
        changed = [name for name in inputs if self._changes(name, entry)]
        if not why and not changed:
            return self._outlook(table, UNCHANGED, "", 0)
        if not why and table.delta is not None:
            return self._outlook(table, KEPT, ", ".join(changed), self._changed_rows(table))
        return self._outlook(table, ANEW, why or table.anew, self._all_rows(table))

    def _outlook(self, table: TableProgram, what: str, by: str, rows: int | None) -> Outlook:
        return Outlook(table.name, table.zone, False, what, by, rows)

    def _changes(self, name: str, table: Entry) -> bool:
        """Whether an input won't be what a table was made of."""
        entry = self.catalog.entry(name)
        was = table.current.inputs.get(name)
        return self.outlooks[name].what != UNCHANGED or entry is None or entry.current.run != was

    def _base(self, table: TableProgram) -> Iterable[str]:
        """The stored inputs whose rows a table starts from, through views."""
        for name in table.base:
            if name in self.views:
                yield from self._base(self.views[name])
            else:
                yield name

    def _own(self, table: TableProgram) -> int:
        """The rows of the spec that a table starts from, through views."""
        return table.own + sum(self._own(self.views[name]) for name in table.base if name in self.views)

    def _changed_rows(self, table: TableProgram) -> int | None:
        return _sum(self.outlooks[name].rows for name in self._base(table) if name in self.outlooks)

    def _all_rows(self, table: TableProgram) -> int | None:
        """About the rows that its inputs will have: those that they have now and those that come."""
        found: list[int | None] = [self._own(table)]
        for name in self._base(table):
            entry, outlook = self.catalog.entry(name), self.outlooks.get(name)
            coming = outlook.rows if outlook is not None else 0
            there = entry.current.rows if entry is not None else 0
            again = outlook is not None and (outlook.what in (MADE, ANEW) or outlook.files_read == outlook.files > 0)
            found.append(coming if again or coming is None else there + coming)
        return _sum(found)


def _sum(numbers: Iterable[int | None]) -> int | None:
    found = list(numbers)
    known = [one for one in found if one is not None]
    return sum(known) if len(known) == len(found) else None
