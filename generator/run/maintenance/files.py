"""The files of a table's versions.

A new version has those of the one before, but for files that rows leave: these are written again without them. New rows
get files of their own. So that these don't become many, the small ones are put together now and then. A large table is
written as several files in the order in which rows came, so that few are to be written again where few rows leave.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from pathlib import Path

from generator.run.maintenance.engine import Columns, Engine

SMALL = 61_440
"""A file of fewer rows is a small one."""
MOST_SMALL = 16
"""A version of more small files gets them put together."""


class Files(ABC):
    """Writes the files of one version.

    Attributes:
        root: the lake folder.
        columns: of the table.
        new_folder: makes the version's folder; returns its place in the lake.
        folder: that place, once it is made.
        times: how often rows were written to it.
    """

    def __init__(self, engine: Engine, root: Path, columns: Columns, new_folder: Callable[[], str]) -> None:
        self.engine = engine
        self.root = root
        self.columns = columns
        self.new_folder = new_folder
        self.folder = ""
        self.times = 0

    @abstractmethod
    def write(self, rows: str, most: int | None = None) -> tuple[tuple[str, ...], int]:
        """Writes rows to files of their own, an empty one where there are none; returns them and the number of rows.

        Args:
            most: what that number isn't above, where this is known.
        """

    @abstractmethod
    def rewritten(self, files: Sequence[str], others: str) -> dict[str, tuple[str, ...]]:
        """Writes files again, without the rows that leave; returns what takes the place of each.

        Args:
            others: what joins rows `T` so that the others stay.
        """

    def read(self, *files: str) -> str:
        """What stands behind FROM for the rows of files."""
        return self.engine.read(files, self.columns)

    def write_any(self, rows: str, most: int | None = None) -> tuple[str, ...]:
        """Writes rows to files of their own; none where there are no rows."""
        files, found = self.write(rows, most)
        if found:
            return files
        for file in files:
            (self.root / file).unlink()
        return ()

    def next_version(
        self, before: tuple[str, ...], hit: Sequence[str], others: str, added: str, most: int | None = None
    ) -> tuple[str, ...]:
        """The files of a version.

        Args:
            before: those of the version before.
            hit: the files that rows leave.
            others: what joins rows `T` of files so that the others stay.
            added: the rows that come, which are `most` at most; none if it is empty.
        """
        again = self.rewritten(hit, others) if hit else {}
        files = [new for file in before for new in again.get(file, (file,))]
        if added:
            files.extend(self.write_any(added, most))
        files = files or list(self.write(f"SELECT * FROM {self.read(before[0])} LIMIT 0", 0)[0])
        return self._together(files) if len(files) > MOST_SMALL else tuple(files)

    def _together(self, files: list[str]) -> tuple[str, ...]:
        rows = self.engine.sizes(files, self.columns)
        small = [file for file in files if rows[file] < SMALL]
        if len(small) <= MOST_SMALL:
            return tuple(files)
        together = self.write(f"SELECT * FROM {self.read(*small)}", sum(rows[file] for file in small))[0]
        return (*(file for file in files if file not in small), *together)
