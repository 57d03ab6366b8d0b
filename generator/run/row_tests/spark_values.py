"""Values of tests in Spark SQL. Rows of literals need no Python on Spark's side, and no job."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from generator.jobs.spark_text import spark_string
from generator.plan.row_tests import Row
from generator.plan.row_values import Value
from generator.plan.types import Type


def spark_rows(columns: Mapping[str, Type], rows: Sequence[Row]) -> str:
    """A query for these rows."""
    names = ", ".join(f"`{name}`" for name in columns)
    if not rows:
        nulls = ", ".join(f"CAST(NULL AS {_type(kind)}) AS `{name}`" for name, kind in columns.items())
        return f"SELECT {nulls} WHERE false"
    values = (f"({', '.join(spark_value(row[name], kind) for name, kind in columns.items())})" for row in rows)
    return f"SELECT * FROM VALUES {', '.join(values)} AS t({names})"


def spark_value(value: Value, kind: Type) -> str:
    """An expression that is this value, of this type."""
    return f"CAST({_plain(value, kind)} AS {_type(kind)})"


def _plain(value: Value, kind: Type) -> str:
    if value is None:
        return "NULL"
    if kind.kind == "array":
        return f"array({', '.join(spark_value(one, kind.element) for one in value)})"
    if kind.kind == "map":
        of_key = kind.fields[0][1]
        pairs = (f"{spark_value(key, of_key)}, {spark_value(one, kind.element)}" for key, one in value.items())
        return f"map({', '.join(pairs)})"
    if kind.kind == "struct":
        fields = (f"{spark_string(name)}, {spark_value(value[name], of)}" for name, of in kind.fields)
        return f"named_struct({', '.join(fields)})"
    if isinstance(value, bytes):
        return f"X'{value.hex()}'"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"'{value!r}'"
    return spark_string(format(value, "f") if isinstance(value, Decimal) else str(value))


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
