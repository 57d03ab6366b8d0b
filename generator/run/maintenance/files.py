"""The files of a table's versions.

A new version has those of the one before, but for files that rows leave: these are written again without them. New rows
get files of their own. So that these don't become many, the small ones are put together now and then. A large table is
written as several files in the order in which rows came, so that few are to be written again where few rows leave.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePath

import duckdb

from generator.jobs.check_sql import sql_literal
from generator.run.landing.sql import file_list

GROUPS_PER_FILE = 2
"""Row groups, of 122,880 rows each."""
SMALL = 122_880
"""A file of fewer rows is a small one."""
MOST_SMALL = 16
"""A version of more small files gets them put together."""


@dataclass(slots=True)
class Files:
    """Writes the files of one version.

    Attributes:
        root: the lake folder.
        new_folder: makes the version's folder; returns its place in the lake.
    """

    connection: duckdb.DuckDBPyConnection
    root: Path
    new_folder: Callable[[], str]
    folder: str = ""
    times: int = 0

    def read(self, *files: str) -> str:
        """SQL of the rows of files of the lake."""
        return f"read_parquet({self._paths(*files)})"

    def _paths(self, *files: str) -> str:
        return file_list([str(self.root / file) for file in files])

    def write(self, rows: str) -> tuple[tuple[str, ...], int]:
        """Writes rows to files of their own, an empty one where there are none; returns them and the number of rows."""
        self.folder = self.folder or self.new_folder()
        names = f"part-{self.times}-{{i}}" if self.times else "part-{i}"
        self.times += 1
        found = self.connection.execute(
            f"COPY ({rows}) TO {sql_literal(str(self.root / self.folder))} (FORMAT parquet, COMPRESSION zstd,"
            f" ROW_GROUPS_PER_FILE {GROUPS_PER_FILE}, FILENAME_PATTERN {sql_literal(names)},"
            " RETURN_FILES true, OVERWRITE_OR_IGNORE true)"
        ).fetchone()
        count, paths = found if found is not None else (0, [])
        return tuple(f"{self.folder}/{PurePath(path).name}" for path in paths), count

    def _write_any(self, rows: str) -> tuple[str, ...]:
        """Writes rows to files of their own; none where there are no rows."""
        files, count = self.write(rows)
        if count:
            return files
        for file in files:
            (self.root / file).unlink()
        return ()

    def next_version(self, before: tuple[str, ...], hit: str, others: str, added: str | None) -> tuple[str, ...]:
        """The files of a version.

        Args:
            before: those of the version before.
            hit: what follows the rows of files `AS "#t"` to keep those that leave.
            others: likewise to keep the others; empty where no row leaves.
            added: the rows that come.
        """
        files = list(before)
        for file in self._with_rows(before, hit) if others else ():
            at = files.index(file)
            files[at : at + 1] = self._write_any(f'FROM {self.read(file)} AS "#t" {others}')
        if added is not None:
            files.extend(self._write_any(added))
        files = files or list(self.write(f"FROM {self.read(before[0])} LIMIT 0")[0])
        return self._together(files) if len(files) > MOST_SMALL else tuple(files)

    def _with_rows(self, files: tuple[str, ...], hit: str) -> list[str]:
        """The files of which some row leaves."""
        known = {str(self.root / file): file for file in files}
        rows = f"""FROM read_parquet({self._paths(*files)}, filename = '#file') AS "#t" {hit}"""
        return [known[path] for (path,) in self.connection.execute(f'SELECT DISTINCT "#t"."#file" {rows}').fetchall()]

    def _together(self, files: list[str]) -> tuple[str, ...]:
        rows = self._rows(files)
        small = [file for file in files if rows[file] < SMALL]
        if len(small) <= MOST_SMALL:
            return tuple(files)
        return (*(file for file in files if file not in small), *self.write(f"FROM {self.read(*small)}")[0])

    def _rows(self, files: list[str]) -> Mapping[str, int]:
        known = {str(self.root / file): file for file in files}
        sql = f"SELECT file_name, num_rows FROM parquet_file_metadata({self._paths(*files)})"
        return {known[path]: rows for path, rows in self.connection.execute(sql).fetchall()}
