"""What types of DuckDB's are in a lake."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.plan.types import Type, array, decimal, map_of, struct

if TYPE_CHECKING:
    from duckdb.sqltypes import DuckDBPyType

_KINDS = {
    "varchar": "string", "bigint": "bigint", "integer": "int", "smallint": "smallint", "tinyint": "tinyint",
    "utinyint": "smallint", "usmallint": "int", "uinteger": "bigint", "double": "double", "float": "float",
    "boolean": "boolean", '"null"': "null", "date": "date", "timestamp": "timestamp", "timestamp_s": "timestamp",
    "timestamp_ms": "timestamp", "timestamp_ns": "timestamp", "timestamptz_ns": "timestamp",
    "timestamp with time zone": "timestamp", "blob": "binary", "json": "string",
}  # fmt: skip


def lake_type(kind: DuckDBPyType) -> Type | None:
    """The type that holds all values of one of DuckDB's; None for a type that Glue has not.

    What Parquet was written with no type, since nothing is in it, is of type `null`.
    """
    if kind.id in ("list", "array", "struct", "map"):
        parts = [
            (name, part)
            for name, child in kind.children
            if isinstance(child, type(kind))
            for part in [lake_type(child)]
        ]
        known = [(name, part) for name, part in parts if part is not None]
        return _nested(kind.id, known) if len(known) == len(parts) else None
    if kind.id == "decimal":
        sizes = dict(kind.children)
        return decimal(int(str(sizes["precision"])), int(str(sizes["scale"])))
    if kind.id == "ubigint":
        return decimal(20, 0)
    name = _KINDS.get(str(kind).lower())
    return Type(name) if name else None


def _nested(kind: str, parts: list[tuple[str, Type]]) -> Type:
    if kind == "map":
        return map_of(parts[0][1], parts[1][1])
    return struct(*parts) if kind == "struct" else array(parts[0][1])
