"""Parquet files: the types are theirs, the rows come from DuckDB."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from generator.author.landing.lines import Reading
from generator.author.landing.records import Record
from generator.author.landing.types import FIELD
from generator.diagnostics import GeneratorError
from generator.plan.duckdb_types import lake_type
from generator.plan.types import Type

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_BYTES_PER_ROW = 64
_WILDCARDS = str.maketrans({mark: f"[{mark}]" for mark in "*?["})


def parquet_columns(connection: DuckDBPyConnection, files: Sequence[Path]) -> dict[str, Type | None]:
    """The columns of Parquet files with their types; None for a type that Glue has not.

    Raises:
        GeneratorError: a file isn't Parquet, or the files don't go together.
    """
    import duckdb

    try:
        relation = connection.sql(f"{_rows(connection, files)} LIMIT 0")
    except duckdb.Error as error:
        raise GeneratorError(f"{files[0].parent}: not readable as Parquet: {str(error).splitlines()[0]}") from None
    return {column: _storable(lake_type(kind)) for column, kind in zip(relation.columns, relation.types, strict=True)}


def parquet_records(
    connection: DuckDBPyConnection, files: Sequence[Path], columns: Mapping[str, Type | None], reading: Reading
) -> Iterator[Record]:
    """The rows of Parquet files, or the first of them.

    Of other values than texts and integers: whether they are there.
    """
    limit = max(reading.limit // _BYTES_PER_ROW, 1)
    values = ", ".join(_seen(column, kind) for column, kind in columns.items())
    cursor = connection.execute(f"SELECT {values} FROM ({_rows(connection, files)}) LIMIT {limit + 1}")
    while batch := cursor.fetchmany(2_000):
        for row in batch:
            if reading.lines == limit:
                reading.complete = False
                return
            reading.lines += 1
            yield Record(list(zip(columns, row, strict=True)), 0)


def _seen(column: str, kind: Type | None) -> str:
    whole = kind is not None and (kind.kind == "string" or kind.is_integer)
    return _name(column) if whole else f"CASE WHEN {_name(column)} IS NOT NULL THEN 0.5::DOUBLE END"


def _rows(connection: DuckDBPyConnection, files: Sequence[Path]) -> str:
    """A query of the rows of files, by their columns' names.

    Of a column that has values in some files, those without any say nothing of its type.
    """
    counted = connection.execute(
        "SELECT file_name, path_in_schema, sum(num_values) > coalesce(sum(stats_null_count), 0)"
        f" FROM parquet_metadata({_list(files)}) GROUP BY ALL"
    ).fetchall()
    filled = {column for _, column, has_values in counted if has_values}
    of_no_type: dict[Path, list[str]] = {file: [] for file in files}
    for file, column, has_values in counted:
        if column in filled and not has_values:
            of_no_type[Path(file)].append(column)
    alike: dict[tuple[str, ...], list[Path]] = {}
    for file, columns in of_no_type.items():
        alike.setdefault(tuple(sorted(columns)), []).append(file)
    by_name = "hive_partitioning = false, union_by_name = true"
    return " UNION ALL BY NAME ".join(
        f"SELECT * {_without(columns)} FROM read_parquet({_list(some)}, {by_name})" for columns, some in alike.items()
    )


def _without(columns: Sequence[str]) -> str:
    """These columns as NULL, which is of any type."""
    return f"REPLACE ({', '.join(f'NULL AS {_name(column)}' for column in columns)})" if columns else ""


def _name(column: str) -> str:
    return '"' + column.replace('"', '""') + '"'


def _list(files: Sequence[Path]) -> str:
    """Paths for a reader, which would take `*`, `?` and `[` in them for wildcards."""
    escaped = (str(file).translate(_WILDCARDS).replace("'", "''") for file in files)
    return "[" + ", ".join(f"'{path}'" for path in escaped) + "]"


def _storable(kind: Type | None) -> Type | None:
    """A type, or None where a struct in it has fields that Glue can't name, or something in it has no type."""
    if kind is None or kind.kind == "null" or not all(_storable(part) for _, part in kind.fields):
        return None
    names = [name for name, _ in kind.fields] if kind.kind == "struct" else []
    plain = all(FIELD.fullmatch(name) for name in names) and len({name.lower() for name in names}) == len(names)
    return kind if plain else None
