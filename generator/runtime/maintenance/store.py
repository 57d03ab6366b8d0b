"""What the method needs to know of the lake: which versions are kept, and which files have their rows."""

from __future__ import annotations

from typing import Protocol

from ..folder_catalog import Version
from .engine import Columns


class Store(Protocol):
    """The sources and tables of a lake."""

    def version(self, name: str, run: str) -> Version | None:
        """The version that a run made; None if it isn't kept, or not all of it is there."""
        ...

    def columns(self, name: str) -> Columns:
        """All columns of a source or table."""
        ...

    def files(self, name: str, version: Version) -> tuple[str, ...]:
        """The files with the rows of a version."""
        ...

    def changes(self, name: str, then: Version, now: Version) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
        """The files with the rows that left between two versions of a source or table, and with those that came.

        A row may be in both. None where nobody kept them: then it is to be seen from the files of the versions.
        """
        ...

    def row_file(self, columns: Columns) -> str:
        """The column with the landing file of each row of a source that has these columns."""
        ...

    def landing(self, name: str, then: Version, now: Version) -> tuple[str, ...] | None:
        """The landing files of a source that two versions have others of; None where nobody can tell."""
        ...
