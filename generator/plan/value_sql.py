"""Values of the spec and of tests in the SQL of each engine: each is of exactly its type, by itself or by a cast.

So Spark's rows of literals need no Python on its side, and no job.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal

from generator.plan.expressions.duckdb import natural_type
from generator.plan.expressions.duckdb import string as duckdb_string
from generator.plan.expressions.spark import string as spark_string
from generator.plan.row_values import Value
from generator.plan.types import BIGINT, BOOLEAN, DATE, INT, STRING, TIMESTAMP, Type, duckdb_type


def duckdb_value(value: Value, kind: Type) -> str:
    """DuckDB's expression for a value."""
    if value is not None and (kind in (STRING, BOOLEAN) or (kind == INT and natural_type(str(value)) == INT)):
        return _duckdb(value, kind)
    return f"CAST({_duckdb(value, kind)} AS {duckdb_type(kind)})"


def _duckdb(value: Value, kind: Type) -> str:
    if value is None:
        return "NULL"
    if kind.kind == "array":
        return f"[{', '.join(duckdb_value(one, kind.element) for one in value)}]"
    if kind.kind == "map":
        of_key = kind.fields[0][1]
        keys = ", ".join(duckdb_value(key, of_key) for key in value)
        return f"MAP([{keys}], [{', '.join(duckdb_value(one, kind.element) for one in value.values())}])"
    if kind.kind == "struct":
        fields = (
            f'"{name.replace(chr(34), chr(34) * 2)}" := {duckdb_value(value[name], of)}' for name, of in kind.fields
        )
        return f"struct_pack({', '.join(fields)})"
    if isinstance(value, (bytes, bytearray)):
        return "'" + "".join(f"\\x{byte:02X}" for byte in value) + "'::BLOB"
    if isinstance(value, bool):
        return "true" if value else "false"
    if kind == INT:
        return str(value)
    return duckdb_string(_text(value))


def spark_value(value: Value, kind: Type, string: Callable[[str], str] = spark_string) -> str:
    """Spark's expression for a value.

    Args:
        string: writes a text.
    """
    plain = _spark(value, kind, string)
    return plain if _is_natural(value, kind) else f"CAST({plain} AS {_type(kind)})"


def _is_natural(value: Value, kind: Type) -> bool:
    """Whether Spark reads what `_spark` writes as a value of this type."""
    if value is None:
        return False
    if kind in (INT, BIGINT):
        return abs(int(value)) < (2**31 if kind == INT else 2**63)
    return kind in (STRING, BOOLEAN, DATE, TIMESTAMP) or _is_plain_double(value, kind)


def _is_plain_double(value: Value, kind: Type) -> bool:
    return kind.kind == "double" and math.isfinite(value) and "e" not in repr(value)


def _spark(value: Value, kind: Type, string: Callable[[str], str]) -> str:
    if value is None:
        return "NULL"
    if kind.kind == "array":
        return f"array({', '.join(spark_value(one, kind.element, string) for one in value)})"
    if kind.kind == "map":
        of_key = kind.fields[0][1]
        pairs = (
            f"{spark_value(key, of_key, string)}, {spark_value(one, kind.element, string)}"
            for key, one in value.items()
        )
        return f"map({', '.join(pairs)})"
    if kind.kind == "struct":
        fields = (f"{string(name)}, {spark_value(value[name], of, string)}" for name, of in kind.fields)
        return f"named_struct({', '.join(fields)})"
    if isinstance(value, (bytes, bytearray)):
        return f"X'{value.hex()}'"
    if isinstance(value, bool):
        return "true" if value else "false"
    if kind in (DATE, TIMESTAMP):
        return f"{kind.kind.upper()}'{_text(value)}'"
    if kind in (INT, BIGINT) and _is_natural(value, kind):
        return f"{value}{'L' if kind == BIGINT else ''}"
    return f"{value!r}D" if _is_plain_double(value, kind) else string(_text(value))


def _text(value: Value) -> str:
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, datetime):
        return value.isoformat(" ")
    return value.isoformat() if isinstance(value, date) else repr(value) if isinstance(value, float) else str(value)


def _type(kind: Type) -> str:
    """A type, with the names of fields as they are."""
    if kind.kind == "struct":
        fields = ", ".join(f"`{name.replace('`', '``')}`: {_type(of)}" for name, of in kind.fields)
        return f"struct<{fields}>"
    if kind.kind == "array":
        return f"array<{_type(kind.element)}>"
    if kind.kind == "map":
        return f"map<{_type(kind.fields[0][1])}, {_type(kind.element)}>"
    return str(kind)
