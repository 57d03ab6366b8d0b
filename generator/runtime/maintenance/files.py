"""The files of a table's versions.

A new version has those of the one before, but for files that rows leave: these are written again without them. New rows
get files of their own. So that these don't become many, the small ones are put together now and then. A large table is
written as several files in the order in which rows came, so that few are to be written again where few rows leave.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

from .engine import Columns, Engine

SMALL = 61_440
"""A file of fewer rows is a small one."""
MOST_SMALL = 16
"""A version of more small files gets them put together."""


class Files(ABC):
    """Writes the files of one version.

    Attributes:
        columns: of the table.
        together: whether small files are put together.
    """

    engine: Engine
    columns: Columns
    together: bool = True

    @abstractmethod
    def write(self, rows: str, most: int | None = None) -> tuple[tuple[str, ...], int]:
        """Writes rows to files of their own; returns them and the number of rows.

        Args:
            most: what that number isn't above, where this is known.
        """

    @abstractmethod
    def rewritten(self, files: Sequence[str], others: str) -> dict[str, tuple[str, ...]]:
        """Writes files again, without the rows that leave; returns what takes the place of each.

        Args:
            others: what joins rows `T` so that the others stay.
        """

    @abstractmethod
    def remove(self, files: Sequence[str]) -> None:
        """Removes files without rows that were just written."""

    @abstractmethod
    def write_none(self, before: Sequence[str]) -> tuple[str, ...]:
        """The files of a version without rows.

        Args:
            before: those of the version before.
        """

    def read(self, *files: str) -> str:
        """What stands behind FROM for the rows of files."""
        return self.engine.read(files, self.columns)

    def sizes(self, files: Sequence[str]) -> dict[str, int]:
        """How many rows those of some files have that can be put together."""
        return self.engine.sizes(files, self.columns)

    def write_any(self, rows: str, most: int | None = None) -> tuple[str, ...]:
        """Writes rows to files of their own; none where there are no rows."""
        files, found = self.write(rows, most)
        if found:
            return files
        self.remove(files)
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
        files = files or list(self.write_none(before))
        return self._together(files) if self.together and len(files) > MOST_SMALL else tuple(files)

    def _together(self, files: list[str]) -> tuple[str, ...]:
        rows = self.sizes(files)
        small = [file for file in files if rows.get(file, SMALL) < SMALL]
        if len(small) <= MOST_SMALL:
            return tuple(files)
        together = self.write(f"SELECT * FROM {self.read(*small)}", sum(rows[file] for file in small))[0]
        return (*(file for file in files if file not in small), *together)
