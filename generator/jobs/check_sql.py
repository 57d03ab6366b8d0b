"""The SQL that checks are made of."""

from __future__ import annotations

from collections.abc import Sequence

EXAMPLES = 3
TIMES = "#times"
"""How often a group of values occurs; a name with a `#` is none that a spec can have."""


def sql_name(name: str) -> str:
    return f'"{name}"'


def repeated(relation: str, columns: Sequence[str]) -> str:
    """Counts the rows beyond the first of each group that shares some columns; nulls count as equal."""
    return f'SELECT coalesce(sum("{TIMES}" - 1), 0) FROM ({_groups(relation, columns)})'


def repeated_examples(relation: str, columns: Sequence[str]) -> str:
    return f"{_groups(relation, columns)} ORDER BY ALL LIMIT {EXAMPLES}"


def _groups(relation: str, columns: Sequence[str]) -> str:
    names = ", ".join(sql_name(column) for column in columns)
    return f"SELECT {names}, count(*) AS {sql_name(TIMES)} FROM {relation} GROUP BY {names} HAVING count(*) > 1"


def quick_unique(relation: str, columns: Sequence[str]) -> str:
    """0 when no two rows share the columns: different hashes are of different values."""
    return (
        f"SELECT count(*) - count(DISTINCT hash({', '.join(sql_name(column) for column in columns)})) FROM {relation}"
    )
