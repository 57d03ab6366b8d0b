"""Keeps a table: a new version by what changed, or the reason why all of it is made anew."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import duckdb

from generator.jobs.check_sql import sql_name
from generator.plan.maintenance.names import AFFECTED
from generator.run.lake_folder import Catalog, LakeFolder, Version
from generator.run.landing.sql import file_list
from generator.run.maintenance.affected import MADE, Remaking
from generator.run.maintenance.differences import Comparing, Difference, compare, count, make
from generator.run.maintenance.files import Files
from generator.run.maintenance.program import DeltaProgram, Exactly
from generator.run.program import TableProgram

MOST = 0.5
"""Where more than this share of the inputs' rows, or of the table's, is concerned, making it anew costs less."""
TAKEN, OUT = "#taken", "#out"
"""The table's rows at the affected addresses as they were; the addresses of those that aren't there any more."""


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
        catalog: what was published before it.
        kept: of each table that it kept already: the run that made the version it was kept from.
    """

    connection: duckdb.DuckDBPyConnection
    lake: LakeFolder
    catalog: Catalog
    kept: dict[str, str] = field(default_factory=dict)

    def keep(self, table: TableProgram, before: Version, now: Mapping[str, Version], files: Files) -> Change:
        """Makes the rows of a table that changes of its inputs affect.

        Those that are new, and those that aren't there any more, are in `#added TABLE` and `#removed TABLE` then.

        Args:
            before: the table's version that is current.
            now: the current version of each input.
            files: writes those of the new version.

        Raises:
            Anew: it is better made as a whole.
            duckdb.Error: a file can't be read or written.
        """
        if table.delta is None:
            raise Anew(table.anew)
        program = table.delta
        found = self._differences(program, before, now)
        changed = {one.name for one in program.inputs if self._show(one.name, one.read, found, now)}
        compared = sum(one.rows for one in found.values())
        if not changed:
            return Change(before.files, 0, 0, compared)
        if program.inner:
            self._show_then(program, before)
        sizes = {name: version.rows for name, version in now.items()}
        work = Remaking(self.connection, program, sizes, changed, compared)
        work.inner()
        rows = f"FROM {self._rows(before.files)}"
        affected = work.affected(program.table, rows)
        if program.table.grouped and not affected:
            return Change(before.files, 0, 0, work.read)
        taken = self._take(program.table.address, rows) if affected else self._none(rows)
        work.read += before.rows if affected else 0
        if taken > before.rows * MOST:
            raise Anew(f"{taken:,} of its {before.rows:,} rows are affected")
        work.rows()
        return self._change(table, before, work.read, files)

    # What changed ------------------------------------------------------------------------------------

    def _differences(self, program: DeltaProgram, before: Version, now: Mapping[str, Version]) -> dict[str, Difference]:
        comparing = Comparing(self.connection, self.lake.root)
        found = {}
        for one in program.inputs:
            then = self._then(one.name, before)
            if self.kept.get(one.name) == then.run != now[one.name].run:
                rows = sum(count(self.connection, f"#{word} {one.name}") for word in ("added", "removed"))
                found[one.name] = Difference(rows=rows, known=True)
            else:
                found[one.name] = comparing.difference(then, now[one.name], self._columns(one.name))
        compare, there = sum(one.rows for one in found.values()), sum(now[name].rows for name in found)
        if compare > there * MOST:
            raise Anew(f"{compare:,} of its inputs' {there:,} rows would have to be compared")
        return found

    def _then(self, name: str, before: Version) -> Version:
        """The version of an input that the table was made of."""
        entry = self.catalog.entry(name)
        versions = entry.versions if entry is not None else ()
        found = next((one for one in versions if one.run == before.inputs.get(name)), None)
        if found is None or not all((self.lake.root / file).is_file() for file in found.all_files()):
            raise Anew(f"the version of {name} that it was made of is gone")
        return found

    def _columns(self, name: str) -> tuple[str, ...]:
        entry = self.catalog.entry(name)
        return tuple(column for column, _ in entry.columns) if entry is not None else ()

    def _show(self, name: str, read: Exactly, found: Mapping[str, Difference], now: Mapping[str, Version]) -> bool:
        """Makes the rows of an input that left or came; whether there are any."""
        comparing = Comparing(self.connection, self.lake.root)
        return comparing.show(name, found[name], read, self._columns(name)) > 0

    def _show_then(self, program: DeltaProgram, before: Version) -> None:
        for one in program.inputs:
            rows = self._rows(self._then(one.name, before).files)
            self.connection.execute(f"CREATE OR REPLACE TEMP VIEW {sql_name(f'#old {one.name}')} AS FROM {rows}")

    # The table's rows --------------------------------------------------------------------------------

    def _take(self, address: Iterable[str], rows: str) -> int:
        make(self.connection, TAKEN, f'{rows} AS "#t" {_at(address, AFFECTED, "SEMI")}')
        return count(self.connection, TAKEN)

    def _none(self, rows: str) -> int:
        make(self.connection, TAKEN, f"{rows} LIMIT 0")
        return 0

    def _change(self, table: TableProgram, before: Version, read: int, files: Files) -> Change:
        """Writes the rows that are others now."""
        assert table.delta is not None
        query = table.delta.table
        came, gone = f"#added {table.name}", f"#removed {table.name}"
        compare(self.connection, query.rows, (f'FROM "{TAKEN}"', gone), (f'FROM "{MADE}"', came))
        added, removed = count(self.connection, came), count(self.connection, gone)
        if not added and not removed:
            return Change(before.files, 0, 0, read)
        if not removed:
            return Change(files.next_version(before.files, "", "", f"FROM {sql_name(came)}"), added, 0, read)
        named = (f"{sql_name(name)} AS _{number}" for number, name in enumerate(query.address))
        make(self.connection, OUT, f"SELECT DISTINCT {', '.join(named)} FROM {sql_name(gone)}")
        hit, others = (_at(query.address, OUT, word) for word in ("SEMI", "ANTI"))
        new = f'(FROM "{MADE}" AS "#t" {hit}) UNION ALL (FROM {sql_name(came)} AS "#t" {others})'
        return Change(files.next_version(before.files, hit, others, new), added, removed, read)

    def _rows(self, files: tuple[str, ...]) -> str:
        return f"read_parquet({file_list([str(self.lake.root / file) for file in files])})"


def _at(address: Iterable[str], addresses: str, word: str) -> str:
    """Joins rows `"#t"` with addresses."""
    equal = (f'"#t".{sql_name(name)} IS NOT DISTINCT FROM "#a"._{number}' for number, name in enumerate(address))
    return f'{word} JOIN "{addresses}" AS "#a" ON {" AND ".join(equal)}'
