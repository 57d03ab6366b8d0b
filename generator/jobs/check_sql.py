"""DuckDB's spelling of names and constants."""

from __future__ import annotations

from decimal import Decimal
from typing import Any


def sql_name(name: str) -> str:
    return f'"{name}"'


def sql_literal(value: Any) -> str:
    """A constant of the spec in SQL."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, Decimal)):
        return format(value, "f") if isinstance(value, Decimal) else str(value)
    return "'" + str(value).replace("'", "''") + "'"
