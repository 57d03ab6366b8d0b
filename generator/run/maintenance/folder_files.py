"""The files of a table's version in a lake folder."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from generator.runtime.maintenance.engine import Columns, Engine
from generator.runtime.maintenance.files import Files


class FolderFiles(Files):
    """Writes Parquet files to a folder of the version's own.

    Attributes:
        root: the lake folder.
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

    def remove(self, files: Sequence[str]) -> None:
        for file in files:
            (self.root / file).unlink()

    def write_none(self, before: Sequence[str]) -> tuple[str, ...]:
        """One file, which tells of the columns."""
        return self.write(f"SELECT * FROM {self.read(before[0])} LIMIT 0", 0)[0]
