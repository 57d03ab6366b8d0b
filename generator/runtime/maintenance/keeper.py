"""Keeps a table: a new version by what changed, or the reason why all of it is made anew."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from ..folder_catalog import Version
from ..words import plural
from .affected import Remaking
from .differences import Comparing, Difference, same_columns
from .engine import FILE, Columns, Engine, T
from .files import Files
from .names import ADDED, AFFECTED, ASKED, CHANGED, REMOVED
from .program import DeltaProgram, InputProgram, KeptProgram
from .store import Store

MOST = 0.5
"""Where more than this share of the inputs' rows, or of the table's, is concerned, making it anew costs less."""
MOST_READ = 1.25
"""Likewise, where an engine takes as long to look through rows as to write them: so many times the rows that the table
and its inputs have."""
TAKEN, MADE, OUT = "#taken", "#made", "#out"
"""The table's rows at the affected addresses as they were, and as they have to be with those that only came; the
addresses of those that aren't there any more."""


class Anew(Exception):
    """The table is made anew.

    Attributes:
        reason: why.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Change:
    """What became of a table.

    Attributes:
        files: of its new version; those of the old one where no row is another.
        added, removed: rows.
        read: rows of inputs and of the table that were looked at.
    """

    files: tuple[str, ...]
    added: int
    removed: int
    read: int


@dataclass(frozen=True, slots=True)
class Keeper:
    """Keeps the tables of one run.

    Attributes:
        store: knows the versions of inputs that tables may have been made of.
        kept: of each table that it kept already: the run that made the version it was kept from.
        asked: of each source or table of which `#asked NAME` is there: the runs that made the two versions.
    """

    engine: Engine
    store: Store
    kept: dict[str, str] = field(default_factory=dict)
    asked: dict[str, tuple[str, str]] = field(default_factory=dict)

    def keep(
        self, table: str, program: DeltaProgram, before: Version, now: Mapping[str, Version], files: Files
    ) -> Change:
        """Makes the rows of a table that changes of its inputs affect.

        Those that are new, and those that aren't there any more, are in `#added TABLE` and `#removed TABLE` then.

        Args:
            before: the table's version that is current, with its files.
            now: the current version of each input.
            files: writes those of the new version.

        Raises:
            Anew: it is better made as a whole.
            Exception: of the engine; a file can't be read or written.
        """
        found = self._differences(program, before, now)
        starts = {base.input for base in program.table.bases}
        always = starts | _beside_others(program)
        shown = (one for one in program.inputs if found[one.name].rows or one.name in always)
        changed = {one.name for one in shown if self._show(one, found[one.name])}
        compared = sum(one.rows for one in found.values())
        if not changed:
            return Change(before.files, 0, 0, compared)
        if self._by_matches(program, changed & starts):
            program = replace(program, table=program.table.by_matches())
        if program.inner:
            self._show_then(program, before, now)
        sizes = {name: version.rows for name, version in now.items()}
        work = Remaking(self.engine, program, sizes, changed, compared)
        self._check_reading(work.ahead(before.rows), program, before, sizes)
        work.inner()
        rows = self.engine.read(before.files, files.columns)
        affected = work.affected(program.table, f"FROM {rows}")
        if not affected and (program.table.grouped or not changed & starts):
            return Change(before.files, 0, 0, work.read)
        if affected:
            self._check_reading(work.read + work.rest(before.rows), program, before, sizes)
        taken = self._take(program.table.address, before.files, files.columns) if affected else 0
        work.read += before.rows if affected else 0
        if taken > before.rows * MOST:
            raise Anew(f"{taken:,} of its {plural(before.rows, 'row')} are affected")
        work.rows(MADE if taken else ADDED + table)
        return self._change(table, program.table, before, taken, work.read, files)

    def _by_matches(self, program: DeltaProgram, starts: set[str]) -> bool:
        """Whether the table can be kept by what its joins compare.

        Args:
            starts: the inputs that it starts from and of which rows left or came.
        """
        if program.table.grouped:
            return not starts
        return not any(self.engine.count(f"#gone {name}") for name in starts)

    def _check_reading(self, rows: int, program: DeltaProgram, before: Version, sizes: Mapping[str, int]) -> None:
        """Raises Anew where more rows would be looked through than the whole table is made of, and that matters."""
        whole = before.rows + sum(sizes[one.name] for one in program.inputs)
        if self.engine.reading_costs and rows > whole * MOST_READ:
            raise Anew(f"{plural(rows, 'row')} would have to be looked through, where it and its inputs have {whole:,}")

    @property
    def _most_compared(self) -> float:
        return max(MOST, self.engine.compares)

    # What changed ------------------------------------------------------------------------------------

    def _differences(self, program: DeltaProgram, before: Version, now: Mapping[str, Version]) -> dict[str, Difference]:
        found = {one.name: self._difference(one.name, before, now[one.name]) for one in program.inputs}
        compare, there = sum(one.rows for one in found.values()), sum(now[name].rows for name in found)
        if compare > there * self._most_compared:
            raise Anew(f"{compare:,} of its inputs' {plural(there, 'row')} would have to be compared")
        return found

    def _difference(self, name: str, before: Version, now: Version) -> Difference:
        """Where an input differs from what a version of a table was made of."""
        then = self._then(name, before)
        if self.kept.get(name) == then.run != now.run:
            rows = sum(self.engine.count(word + name) for word in (ADDED, REMOVED))
            return Difference(rows=rows, known=True)
        return Comparing(self.engine, self.store).difference(name, then, now)

    def _then(self, name: str, before: Version) -> Version:
        """The version of an input that the table was made of."""
        run = before.inputs.get(name)
        found = self.store.version(name, run) if run is not None else None
        if found is None:
            raise Anew(f"the version of {name} that it was made of is gone")
        return found

    def _show(self, one: InputProgram, found: Difference) -> bool:
        """Makes the rows of an input that left or came; whether there are any."""
        return Comparing(self.engine, self.store).show(one, found) > 0

    def _show_then(self, program: DeltaProgram, before: Version, now: Mapping[str, Version]) -> None:
        for one in program.inputs:
            then = self._then(one.name, before)
            files = self.store.files(one.name, then)
            rows = self.engine.read(files, one.columns, sure=same_columns(then, now[one.name]))
            self.engine.define(f"#old {one.name}", f"SELECT {self.engine.names(one.read.columns)} FROM {rows}")

    def show_asked(self, one: InputProgram, before: Version, now: Version) -> bool:
        """Makes `#asked NAME`, the rows that left or came in what checks of a table ask.

        Args:
            before: the table's version that was checked.
            now: of the source or table that is asked.

        Returns:
            Whether it is there: it isn't made where comparing would take longer than checking all of the table.
        """
        engine = self.engine
        try:
            versions = (self._then(one.name, before).run, now.run)
            if self.asked.get(one.name) == versions:
                return True
            found = self._difference(one.name, before, now)
            if found.rows > before.rows * self._most_compared:
                return False
            self._show(one, found)
        except Anew:
            return False
        except engine.errors():
            engine.check_stopped()
            return False
        engine.make(ASKED + one.name, f"SELECT * FROM {engine.name(CHANGED + one.name)}")
        self.asked[one.name] = versions
        return True

    # The table's rows --------------------------------------------------------------------------------

    def _take(self, address: tuple[str, ...], files: tuple[str, ...], columns: Columns) -> int:
        engine = self.engine
        rows = engine.read(files, columns, named=True)
        engine.make(TAKEN, engine.rows(rows, engine.at(address, AFFECTED, engine.semi)))
        return engine.count(TAKEN)

    def _change(self, table: str, query: KeptProgram, before: Version, taken: int, read: int, files: Files) -> Change:
        """Writes the rows that are others now.

        Args:
            taken: how many of the rows that were there are at affected addresses.
        """
        engine = self.engine
        came, gone = ADDED + table, REMOVED + table
        self._compare(query, came, gone, taken)
        added, removed = engine.count(came), engine.count(gone)
        if not added and not removed:
            return Change(before.files, 0, 0, read)
        if not removed:
            new = f"SELECT * FROM {engine.name(came)}"
            return Change(files.next_version(before.files, (), "", new, added), added, 0, read)
        named = (f"{engine.name(name)} AS _{number}" for number, name in enumerate(query.address))
        engine.part(OUT, f"SELECT {', '.join(named)} FROM {engine.name(gone)}")
        hit, others = (engine.at(query.address, OUT, word) for word in (engine.semi, engine.anti))
        new, most = "", 0
        if made := engine.count(MADE):
            new = f"({engine.rows(engine.name(MADE), hit)}) UNION ALL ({engine.rows(engine.name(came), others)})"
            most = made + added
        left = self._files(TAKEN, hit, before)
        return Change(files.next_version(before.files, left, others, new, most), added, removed, read)

    def _compare(self, query: KeptProgram, came: str, gone: str, taken: int) -> None:
        """Makes the rows that came and those that are gone."""
        engine = self.engine
        columns = engine.names(query.rows.columns)
        if not taken:
            engine.make_empty(gone, f"SELECT * FROM {engine.name(came)}")
        elif not engine.count(MADE):
            engine.make_empty(came, f"SELECT * FROM {engine.name(MADE)}")
            engine.take_over(gone, f"SELECT {columns} FROM {engine.name(TAKEN)}", TAKEN)
        else:
            engine.compare(query.rows, (f"FROM {engine.name(TAKEN)}", gone), (f"FROM {engine.name(MADE)}", came))

    def _files(self, rows: str, join: str, before: Version) -> list[str]:
        """The files that some rows are of, in the version's order."""
        t, file = self.engine.name(T), self.engine.name(FILE)
        paths = self.engine.texts(f"SELECT DISTINCT {t}.{file} FROM {self.engine.name(rows)} AS {t} {join}")
        found = {self.engine.file(path) for path in paths}
        return [one for one in before.files if one in found]


def _beside_others(program: DeltaProgram) -> set[str]:
    """The inputs whose changes are looked at together with those of others, in one query: it reads them all."""
    touches = (touch for query in (*program.inner, program.table) for touch in query.touches)
    return {name for touch in touches if len(touch.changed) > 1 for name in touch.changed}
