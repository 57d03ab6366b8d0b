"""Values of tests in DuckDB's SQL."""

from __future__ import annotations

import math
from decimal import Decimal

from generator.jobs.check_sql import sql_literal, sql_name
from generator.plan.row_values import Value
from generator.plan.types import Type, duckdb_type


def duckdb_value(value: Value, kind: Type) -> str:
    """An expression that is this value, of this type."""
    return f"CAST({_plain(value, kind)} AS {duckdb_type(kind)})"


def _plain(value: Value, kind: Type) -> str:
    if value is None:
        return "NULL"
    if kind.kind == "array":
        return f"[{', '.join(duckdb_value(one, kind.element) for one in value)}]"
    if kind.kind == "map":
        of_key = kind.fields[0][1]
        keys = ", ".join(duckdb_value(key, of_key) for key in value)
        return f"MAP([{keys}], [{', '.join(duckdb_value(one, kind.element) for one in value.values())}])"
    if kind.kind == "struct":
        fields = (f"{sql_name(name)} := {duckdb_value(value[name], of)}" for name, of in kind.fields)
        return f"struct_pack({', '.join(fields)})"
    if isinstance(value, bytes):
        return "'" + "".join(f"\\x{byte:02X}" for byte in value) + "'::BLOB"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and math.isfinite(value):
        return f"'{value!r}'"
    return sql_literal(format(value, "f") if isinstance(value, Decimal) else str(value))
