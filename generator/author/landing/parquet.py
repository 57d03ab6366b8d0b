"""Parquet files: the types are theirs, the rows come from DuckDB."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from generator.author.landing.lines import Reading
from generator.author.landing.records import Record
from generator.author.landing.types import FIELD
from generator.diagnostics import GeneratorError
from generator.plan.types import PRIMITIVES, Type, array, decimal, map_of, struct

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection
    from duckdb.sqltypes import DuckDBPyType

_KINDS = {
    "varchar": "string", "bigint": "bigint", "integer": "int", "smallint": "smallint", "tinyint": "tinyint",
    "utinyint": "smallint", "usmallint": "int", "uinteger": "bigint", "double": "double", "float": "float",
    "boolean": "boolean", "date": "date", "timestamp": "timestamp", "timestamp_s": "timestamp",
    "timestamp_ms": "timestamp", "timestamp_ns": "timestamp", "timestamptz_ns": "timestamp",
    "timestamp with time zone": "timestamp", "blob": "binary", "json": "string",
}  # fmt: skip
_BYTES_PER_ROW = 64


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
    return {column: _type(kind) for column, kind in zip(relation.columns, relation.types, strict=True)}


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
    return "[" + ", ".join("'" + str(file).replace("'", "''") + "'" for file in files) + "]"


def _type(kind: DuckDBPyType) -> Type | None:
    if kind.id in ("list", "array", "struct", "map"):
        parts = [
            (name, part) for name, child in kind.children if isinstance(child, type(kind)) for part in [_type(child)]
        ]
        known = [(name, part) for name, part in parts if part is not None]
        if len(known) != len(parts):
            return None
        return _nested(kind.id, known)
    if kind.id == "decimal":
        sizes = dict(kind.children)
        return decimal(int(str(sizes["precision"])), int(str(sizes["scale"])))
    if kind.id == "ubigint":
        return decimal(20, 0)
    name = _KINDS.get(str(kind).lower())
    return PRIMITIVES[name] if name else None


def _nested(kind: str, parts: list[tuple[str, Type]]) -> Type | None:
    if kind in ("list", "array"):
        return array(parts[0][1])
    if kind == "map":
        return map_of(parts[0][1], parts[1][1])
    names = [name for name, _ in parts]
    plain = all(FIELD.fullmatch(name) for name in names) and len({name.lower() for name in names}) == len(names)
    return struct(*parts) if plain else None
