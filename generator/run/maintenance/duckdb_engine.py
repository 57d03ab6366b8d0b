"""DuckDB as what keeps tables: temporary tables and views of one session."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePath

from generator import stopping
from generator.jobs.check_sql import sql_literal
from generator.run.landing.sql import GROUP, SMALL_GROUP, file_list
from generator.run.maintenance.folder_files import FolderFiles
from generator.run.session import Session, errors
from generator.runtime.maintenance.engine import FILE, LASTING, Columns, Engine
from generator.runtime.maintenance.program import Exactly

ROWS_PER_FILE = GROUP
"""Few, as a row that leaves costs its file; in two row groups, which two threads write."""
_SIDES = "#sides"


@dataclass(frozen=True, slots=True)
class DuckdbEngine(Engine):
    """DuckDB.

    Attributes:
        root: the lake folder.
        counts: how many rows each relation has that was made.
    """

    session: Session
    root: Path
    counts: dict[str, int] = field(default_factory=dict)

    quote = '"'
    semi, anti = "SEMI JOIN", "ANTI JOIN"

    def errors(self) -> tuple[type[Exception], ...]:
        return (errors(),)

    def check_stopped(self) -> None:
        stopping.check()

    def literal(self, text: str) -> str:
        return sql_literal(text)

    def make(self, name: str, sql: str) -> None:
        made = self.session.execute(f"CREATE OR REPLACE TEMP TABLE {self.name(name)} AS {sql}").fetchone()
        assert made is not None
        self.counts[name] = made[0]

    def make_empty(self, name: str, sql: str) -> None:
        self.make(name, f"{sql} LIMIT 0")

    def take_over(self, name: str, sql: str, of: str) -> None:
        self.make(name, sql)

    def part(self, name: str, sql: str) -> None:
        self.make(name, sql)

    def count(self, name: str) -> int:
        found = self.counts.get(name)
        return found if found is not None else Engine.count(self, name)

    def define(self, name: str, sql: str, most: int | None = None) -> None:
        self.counts.pop(name, None)
        self.session.define(f"CREATE OR REPLACE TEMP VIEW {self.name(name)} AS {sql}")

    def read(self, files: Sequence[str], columns: Columns, *, named: bool = False, sure: bool = True) -> str:
        more = f", filename = {sql_literal(FILE)}" if named else ""
        return f"read_parquet({self._paths(files)}{more})"

    def file(self, path: str) -> str:
        return Path(path).relative_to(self.root).as_posix()

    def number(self, sql: str) -> int:
        row = self.session.execute(sql).fetchone()
        return int(row[0]) if row else 0

    def texts(self, sql: str) -> list[str]:
        return [text for (text,) in self.session.execute(sql).fetchall()]

    def sizes(self, files: Sequence[str], columns: Columns) -> dict[str, int]:
        sql = f"SELECT file_name, num_rows FROM parquet_file_metadata({self._paths(files)})"
        return {self.file(path): rows for path, rows in self.session.execute(sql).fetchall()}

    def compare(self, rows: Exactly, old: tuple[str, str], new: tuple[str, str]) -> None:
        marks = [f"{mark} AS {self.name(f'#{number}')}" for number, mark in enumerate(rows.marks)]
        compared = ", ".join((*map(self.name, rows.columns), *marks))
        sides = (f'SELECT {compared}, {sign} AS "#n" {one[0]}' for sign, one in ((-1, old), (1, new)))
        columns = self.names((*rows.columns, *(f"#{number}" for number in range(len(marks)))))
        self.make(
            _SIDES,
            f'SELECT {columns}, CAST(sum("#n") AS BIGINT) AS "#n" FROM ({" UNION ALL ".join(sides)})'
            ' GROUP BY ALL HAVING sum("#n") <> 0',
        )
        for times, (_, name) in (('-"#n"', old), ('"#n"', new)):
            often = f'SELECT *, unnest(range({times})) FROM "{_SIDES}"'
            self.make(name, f"SELECT {self.names(rows.columns)} FROM ({often})")

    def forget(self) -> None:
        for name in [name for name in self.counts if not name.startswith(LASTING)]:
            self.session.execute(f"DROP TABLE {self.name(name)}")
            del self.counts[name]

    def _paths(self, files: Sequence[str]) -> str:
        return file_list([str(self.root / file) for file in files])


class DuckdbFiles(FolderFiles):
    """Writes files in the order in which rows come.

    Attributes:
        group: how many rows a row group has.
    """

    engine: DuckdbEngine

    def __init__(
        self, engine: DuckdbEngine, root: Path, columns: Columns, new_folder: Callable[[], str], about: int
    ) -> None:
        """Writes the files of a version that has about so many rows."""
        super().__init__(engine, root, columns, new_folder)
        self.group = SMALL_GROUP if about <= 2 * GROUP else GROUP // 2

    def write(self, rows: str, most: int | None = None) -> tuple[tuple[str, ...], int]:
        self.folder = self.folder or self.new_folder()
        names = f"part-{self.times}-{{i}}" if self.times else "part-{i}"
        self.times += 1
        written = self.engine.session.execute(
            f"COPY ({rows}) TO {sql_literal(str(self.engine.root / self.folder))} (FORMAT parquet, COMPRESSION zstd,"
            f" ROW_GROUP_SIZE {self.group}, ROW_GROUPS_PER_FILE {ROWS_PER_FILE // self.group},"
            f" FILENAME_PATTERN {sql_literal(names)},"
            " RETURN_FILES true, OVERWRITE_OR_IGNORE true)"
        ).fetchone()
        found, paths = written if written is not None else (0, [])
        return tuple(f"{self.folder}/{PurePath(path).name}" for path in paths), found

    def rewritten(self, files: Sequence[str], others: str) -> dict[str, tuple[str, ...]]:
        return {file: self.write_any(self.engine.rows(self.read(file), others)) for file in files}
