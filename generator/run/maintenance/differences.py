"""What left and what came in an input between two versions of it, from the files that only one of them has.

Of a source even fewer rows are looked at: those of landing files that are others now.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb

from generator.jobs.check_sql import sql_literal, sql_name
from generator.run.lake_folder import Version
from generator.run.landing.sql import file_list
from generator.run.maintenance.program import Exactly
from generator.runtime.record import Record, Stamp, read_record
from generator.runtime.rules import file_column


@dataclass(frozen=True, slots=True)
class Difference:
    """Where the rows that differ are.

    Attributes:
        then, now: files that only the older, or only the newer version has.
        landing: of a source: the landing files whose rows differ; None where all rows of the files may.
        rows: how many there are to be compared.
        known: of a table that this run kept: the rows are known, as `#removed NAME` and `#added NAME`.
    """

    then: tuple[str, ...] = ()
    now: tuple[str, ...] = ()
    landing: tuple[str, ...] | None = None
    rows: int = 0
    known: bool = False


@dataclass(frozen=True, slots=True)
class Comparing:
    """Compares versions of inputs.

    Attributes:
        root: the lake folder.
    """

    connection: duckdb.DuckDBPyConnection
    root: Path

    def difference(self, then: Version, now: Version, columns: tuple[str, ...]) -> Difference:
        """Where two versions of an input with such columns differ.

        Raises:
            duckdb.Error: a file can't be read.
        """
        if then.run == now.run:
            return Difference()
        landing = self._landing(then, now)
        old = tuple(file for file in then.files if file not in now.files)
        new = tuple(file for file in now.files if file not in then.files)
        if landing is not None:
            landing = tuple(sorted(landing))
            if not landing:
                return Difference()
        file = file_column(columns)
        rows = max(self._count(old, landing, file), self._count(new, landing, file))
        return Difference(old, new, landing, rows)

    def _landing(self, then: Version, now: Version) -> tuple[str, ...] | None:
        """The landing files that are others now; None where the rows don't tell."""
        records = [read_record(self.root, one.record) if one.record else None for one in (then, now)]
        old, new = records
        if old is None or new is None or old.declaration != new.declaration:
            return None
        before, after = _stamps(old), _stamps(new)
        return tuple(name for name in {**before, **after} if before.get(name) != after.get(name))

    def _count(self, files: tuple[str, ...], landing: tuple[str, ...] | None, file: str) -> int:
        if not files:
            return 0
        row = self.connection.execute(f"SELECT count(*) {self._rows(files, landing, file)}").fetchone()
        return int(row[0]) if row else 0

    def _rows(self, files: tuple[str, ...], landing: tuple[str, ...] | None, file: str) -> str:
        rows = f"FROM read_parquet({self.paths(files)})"
        if landing is None:
            return rows
        return f"{rows} WHERE {sql_name(file)} IN ({', '.join(map(sql_literal, landing))})"

    def paths(self, files: tuple[str, ...]) -> str:
        return file_list([str(self.root / file) for file in files])

    def show(self, name: str, found: Difference, read: Exactly, columns: tuple[str, ...]) -> int:
        """Makes `#gone NAME`, `#came NAME` and `#changed NAME`; returns how many rows left or came.

        Args:
            columns: all that the input has.
        """
        gone, came, file = f"#gone {name}", f"#came {name}", file_column(columns)
        if found.known:
            old, new = (f"FROM {sql_name(f'#{word} {name}')}" for word in ("removed", "added"))
        else:
            old, new = (self._side(name, files, found.landing, file) for files in (found.then, found.now))
        if found.known or (found.then and found.now):
            compare(self.connection, read, (old, gone), (new, came))
        else:
            make(self.connection, gone, f"SELECT {_listed(read)} {old}")
            make(self.connection, came, f"SELECT {_listed(read)} {new}")
        both = f"FROM {sql_name(gone)} UNION ALL FROM {sql_name(came)}"
        self.connection.execute(f"CREATE OR REPLACE TEMP VIEW {sql_name(f'#changed {name}')} AS {both}")
        return count(self.connection, gone) + count(self.connection, came)

    def _side(self, name: str, files: tuple[str, ...], landing: tuple[str, ...] | None, file: str) -> str:
        return self._rows(files, landing, file) if files else f"FROM {sql_name(name)} WHERE false"


def compare(connection: duckdb.DuckDBPyConnection, rows: Exactly, old: tuple[str, str], new: tuple[str, str]) -> None:
    """Makes two tables: the rows that the older of two relations has more often, and those that the newer one has.

    Args:
        old, new: FROM the relation, and the name of the table to make.
    """
    sides = (f'SELECT {_compared(rows)}, {sign} AS "#n" {one[0]}' for sign, one in ((-1, old), (1, new)))
    columns = [*map(sql_name, rows.columns), *(sql_name(f"#{number}") for number in range(len(rows.marks)))]
    make(
        connection,
        "#sides",
        f'SELECT {", ".join(columns)}, CAST(sum("#n") AS BIGINT) AS "#n" FROM ({" UNION ALL ".join(sides)})'
        ' GROUP BY ALL HAVING sum("#n") <> 0',
    )
    for times, (_, name) in (('-"#n"', old), ('"#n"', new)):
        often = f'SELECT *, unnest(range({times})) FROM "#sides"'
        make(connection, name, f"SELECT {_listed(rows)} FROM ({often})")


def make(connection: duckdb.DuckDBPyConnection, name: str, sql: str) -> None:
    """Makes a temporary table of a query."""
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {sql_name(name)} AS {sql}")


def count(connection: duckdb.DuckDBPyConnection, name: str) -> int:
    row = connection.execute(f"SELECT count(*) FROM {sql_name(name)}").fetchone()
    return int(row[0]) if row else 0


def _listed(rows: Exactly) -> str:
    return ", ".join(map(sql_name, rows.columns))


def _compared(rows: Exactly) -> str:
    """The columns that rows are compared by, to the last bit."""
    marks = (f"{mark} AS {sql_name(f'#{number}')}" for number, mark in enumerate(rows.marks))
    return ", ".join((*map(sql_name, rows.columns), *marks))


def _stamps(record: Record) -> Mapping[str, Stamp]:
    return {name: found for batch in record.batches for name, found in batch.landing.items()}
