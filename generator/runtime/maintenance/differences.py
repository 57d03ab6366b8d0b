"""What left and what came in an input between two versions of it, from the files that only one of them has.

Of a source even fewer rows are looked at: those of landing files that are others now.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..folder_catalog import Version
from .engine import Columns, Engine
from .names import ADDED, REMOVED
from .program import InputProgram
from .store import Store


@dataclass(frozen=True, slots=True)
class Difference:
    """Where the rows that differ are.

    Attributes:
        then, now: files that only the older, or only the newer version has; or with rows that left, or that came.
        landing: of a source: the landing files whose rows differ; None where all rows of the files may.
        rows: how many there are to be compared.
        sure: whether both versions are known to have the same columns.
        known: of a table that this run kept: the rows are known, as `#removed NAME` and `#added NAME`.
    """

    then: tuple[str, ...] = ()
    now: tuple[str, ...] = ()
    landing: tuple[str, ...] | None = None
    rows: int = 0
    sure: bool = True
    known: bool = False


@dataclass(frozen=True, slots=True)
class Comparing:
    """Compares versions of inputs."""

    engine: Engine
    store: Store

    def difference(self, name: str, then: Version, now: Version) -> Difference:
        """Where two versions of an input differ.

        Raises:
            Exception: of the engine; a file can't be read.
        """
        if then.run == now.run:
            return Difference()
        landing = self.store.landing(name, then, now)
        if landing is not None and not landing:
            return Difference()
        columns, sure = self.store.columns(name), landing is not None or same_columns(then, now)
        if (told := self.store.changes(name, then, now)) is not None:
            landing = None  # such a row may be of a file that neither version has
        old, new = told or self._files(name, then, now)
        rows = max(self._count(old, landing, columns), self._count(new, landing, columns))
        return Difference(old, new, landing, rows, sure)

    def _files(self, name: str, then: Version, now: Version) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The files that only the one, or only the other version has."""
        before, after = (self.store.files(name, version) for version in (then, now))
        both = set(before).intersection(after)
        old, new = (tuple(file for file in files if file not in both) for files in (before, after))
        return old, new

    def _count(self, files: tuple[str, ...], landing: tuple[str, ...] | None, columns: Columns) -> int:
        if not files:
            return 0
        if landing is None:
            return sum(self.engine.sizes(files, columns).values())
        return self.engine.number(f"SELECT count(*) {self._of(landing, files, columns)}")

    def _of(self, landing: tuple[str, ...], files: tuple[str, ...], columns: Columns) -> str:
        """The rows of a source that are of some landing files."""
        file = self.store.row_file(columns)
        rows = self.engine.read(files, (*columns, (file, "string")))
        return f"FROM {rows} WHERE {self.engine.name(file)} IN ({', '.join(map(self.engine.literal, landing))})"

    def show(self, one: InputProgram, found: Difference) -> int:
        """Makes `#gone NAME`, `#came NAME` and `#changed NAME` of an input; returns how many rows left or came."""
        engine, read, columns = self.engine, one.read, self.store.columns(one.name)
        (old, gone), (new, came) = sides = self._sides(one, found, columns)
        if old and new:
            engine.compare(read, (old, gone), (new, came))
        else:
            for rows, name in sides:
                make = engine.make if rows else engine.make_empty
                make(name, f"SELECT {engine.names(read.columns)} {rows or f'FROM {engine.name(one.name)}'}")
        both = " UNION ALL ".join(f"SELECT * FROM {engine.name(name)}" for name in (gone, came))
        count = engine.count(gone) + engine.count(came)
        engine.define(f"#changed {one.name}", both, count)
        return count

    def _sides(self, one: InputProgram, found: Difference, columns: Columns) -> tuple[tuple[str, str], tuple[str, str]]:
        """FROM the rows that may have left, and those that may have come, if any; and what to call those that did."""
        if found.known:
            names = (REMOVED + one.name, ADDED + one.name)
            old, new = (f"FROM {self.engine.name(name)}" if self.engine.count(name) else "" for name in names)
        else:
            both = (found.then, found.now)
            old, new = (self._side(one, files, found, columns) if files else "" for files in both)
        return (old, f"#gone {one.name}"), (new, f"#came {one.name}")

    def _side(self, one: InputProgram, files: tuple[str, ...], found: Difference, columns: Columns) -> str:
        if found.landing is None:
            return f"FROM {self.engine.read(files, one.columns, sure=found.sure)}"
        return self._of(found.landing, files, columns)


def same_columns(then: Version, now: Version) -> bool:
    """Whether two versions of a table are known to have the same columns: they were made by the same program."""
    before, after = (version.program.partition(".")[0] for version in (then, now))
    return bool(before) and before == after
