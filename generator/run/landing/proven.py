"""Rows of the lines that SQL can prove: one scan puts them into the source's table, or straight into a file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from generator.run.landing.files import LandingFile
from generator.run.landing.formats import Group
from generator.run.landing.scan import FileColumn, Folders
from generator.run.landing.sql import literal, name, parquet_file

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

MOST_NOTED = 100_000
"""Lines that aren't proven whose files are noted; where there are more, all files are looked at again."""
_NOTED = "landing.unproven"
_COUNTER = f"temp.main.{name(_NOTED)}"


class ReadDifferentlyError(Exception):
    """DuckDB can't read some files, or finds other lines in them than Python does."""

    def __init__(self, files: list[LandingFile]) -> None:
        self.files = files


@dataclass(frozen=True, slots=True)
class Proven:
    """What one scan found.

    Attributes:
        rows: number of lines that are proven, each a row now.
        groups: the files, each with the scan that found it.
        others: paths of the files that have, or may have, lines that aren't.
    """

    rows: int
    groups: Sequence[Group]
    others: set[str]


def scan_proven(
    connection: DuckDBPyConnection,
    groups: Sequence[Group],
    file: FileColumn,
    folders: Folders,
    *,
    table: str,
    into: Path | None,
) -> Proven:
    """Adds the rows of the proven lines to the table, or writes them to a new Parquet file.

    Args:
        file: the column of a row's file.
        folders: the columns of folders.
        table: SQL name of a table of the rows' columns.
        into: the file; its folder exists.

    Raises:
        ReadDifferentlyError: DuckDB can't read some of the files.
    """
    if not groups:
        return Proven(0, groups, set())
    sooner = [Group(group.scan.sooner or group.scan, group.files) for group in groups]
    if any(group.scan.sooner for group in groups):
        with suppress(ReadDifferentlyError):
            return _scan(connection, sooner, file, folders, table, into, looks=False)
    return _scan(connection, groups, file, folders, table, into)


def _scan(
    connection: DuckDBPyConnection,
    groups: Sequence[Group],
    file: FileColumn,
    folders: Folders,
    table: str,
    into: Path | None,
    *,
    looks: bool = True,
) -> Proven:
    """One scan; `looks` for the files that it can't read, if there are any."""
    names = [{file.path: file.name for file in group.files} for group in groups]
    proven = " UNION ALL ".join(
        group.scan.table(found, file, folders, _is_proven()) for group, found in zip(groups, names, strict=True)
    )
    try:
        with _noting(connection), _planned_soon(connection):
            if into is None:
                ((rows,),) = connection.execute(f"INSERT INTO {table} {proven}").fetchall()
            else:
                landed = sum(file.path.stat().st_size for group in groups for file in group.files)
                ((rows,),) = connection.execute(f"COPY ({proven}) TO {parquet_file(into, landed)}").fetchall()
            others = _noted(connection, groups)
    except _reader_errors() as error:
        if into is not None and str(into) in str(error):  # it is the writing that failed
            raise
        raise ReadDifferentlyError(_unreadable(connection, groups) if looks else []) from None
    return Proven(rows, groups, others)


def _is_proven() -> str:
    """The condition; of a line that isn't proven it notes the path. CASE, as OR may try its parts in any order."""
    return (
        f"CASE WHEN record IS NOT NULL THEN true WHEN nextval({literal(_COUNTER)}) > {MOST_NOTED} THEN false"
        f" ELSE write_log(filename, log_type := {literal(_NOTED)}, level := 'info', return_value := false) END"
    )


@contextmanager
def _noting(connection: DuckDBPyConnection) -> Iterator[None]:
    """Lets a query note paths in DuckDB's log, in memory."""
    connection.execute(f"CREATE OR REPLACE TEMP SEQUENCE {name(_NOTED)}")
    connection.execute("CALL enable_logging(level = 'info', storage = 'memory')")
    try:
        yield
    finally:
        connection.execute("CALL disable_logging()")
        connection.execute("CALL truncate_duckdb_logs()")


@contextmanager
def _planned_soon(connection: DuckDBPyConnection) -> Iterator[None]:
    """Spares a query what takes long with many columns, or makes tests of lines that an earlier test has refused."""
    connection.execute("SET disabled_optimizers = 'statistics_propagation,common_subexpressions'")
    try:
        yield
    finally:
        connection.execute("RESET disabled_optimizers")


def _noted(connection: DuckDBPyConnection, groups: Sequence[Group]) -> set[str]:
    """The paths noted; those of all files where there were too many."""
    ((next_one,),) = connection.execute(f"SELECT nextval({literal(_COUNTER)})").fetchall()
    if next_one > MOST_NOTED + 1:
        return {str(file.path) for group in groups for file in group.files}
    query = f"SELECT DISTINCT message FROM duckdb_logs WHERE type = {literal(_NOTED)}"
    return {path for (path,) in connection.execute(query).fetchall()} if next_one > 1 else set()


def _reader_errors() -> tuple[type[Exception], ...]:
    import duckdb

    return duckdb.InvalidInputException, duckdb.IOException, duckdb.NotImplementedException


def _unreadable(connection: DuckDBPyConnection, groups: Sequence[Group]) -> list[LandingFile]:
    """The files that DuckDB can't read; all of them if it can read each on its own."""
    failing: list[LandingFile] = []
    for group in groups:
        for file in group.files:
            try:
                connection.execute(group.scan.probe(file.path))
            except _reader_errors():
                failing.append(file)
    return failing or [file for group in groups for file in group.files]
