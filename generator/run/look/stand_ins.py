"""Stand-ins for personal data: of the same type and of a like form, the same one for the same value wherever it is.

So what is equal in two inputs stays equal, and joins meet the same rows. Which stand-in a value gets depends on the
order of the rows alone.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal

from generator.plan.row_tests import Row
from generator.plan.row_values import Value

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_FIRST = date(2000, 1, 1)


class StandIns:
    """The stand-ins of one test.

    Args:
        labels: the columns with personal data of each table.
    """

    def __init__(self, labels: Mapping[str, Collection[str]]) -> None:
        self.labels = labels
        self.texts: dict[str, tuple[str, str]] = {}
        self.counts: dict[str, int] = {}
        self.ranks: dict[tuple[str, Value], int] = {}

    def replaced(self, tables: Mapping[str, tuple[Row, ...]]) -> dict[str, tuple[Row, ...]]:
        """The same rows with stand-ins."""
        self._rank(tables)
        return {
            name: tuple(
                {
                    column: self._value(value, column) if column in self.labels[name] else value
                    for column, value in row.items()
                }
                for row in rows
            )
            for name, rows in tables.items()
        }

    def _rank(self, tables: Mapping[str, tuple[Row, ...]]) -> None:
        """Numbers and times get stand-ins in their order: what was smaller is smaller."""
        found: dict[str, set[Value]] = {}
        for name, rows in tables.items():
            for row in rows:
                for column in self.labels[name]:
                    for value in _leaves(row[column]):
                        if not isinstance(value, (str, bool, bytes)):
                            found.setdefault(_kind(value), set()).add(value)
        for kind, values in found.items():
            self.ranks |= {(kind, value): number for number, value in enumerate(sorted(values), 1)}

    def _value(self, value: Value, column: str) -> Value:
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, list):
            return [self._value(one, column) for one in value]
        if isinstance(value, dict):
            return {key: self._value(one, key if isinstance(key, str) else column) for key, one in value.items()}
        if isinstance(value, str):
            return self._text(value, column)
        if isinstance(value, bytes):
            return self._text(value.hex(), column).encode()
        rank = self.ranks[(_kind(value), value)]
        if isinstance(value, datetime):
            return datetime(2000, 1, 1) + timedelta(days=rank)
        if isinstance(value, date):
            return _FIRST + timedelta(days=rank)
        return type(value)(rank) if not isinstance(value, Decimal) else Decimal(rank)

    def _text(self, value: str, column: str) -> str:
        """A stand-in for a text; texts that differ in case or white space around get one that differs so."""
        if not value:
            return value
        plain = value.strip().lower()
        if plain not in self.texts:
            self.counts[column] = self.counts.get(column, 0) + 1
            self.texts[plain] = (value, _like(plain, column, self.counts[column]))
        first, found = self.texts[plain]
        if value == first:
            return found
        found = found if value.strip() == first.strip() else found.upper()
        return found if value == value.strip() else f" {found} "


def _like(value: str, column: str, number: int) -> str:
    if "@" in value:
        return f"{column}{number}@example.com"
    if value.isdigit():
        return str(number).zfill(len(value))
    if _DAY.fullmatch(value):
        return str(_FIRST + timedelta(days=number))
    return f"{column} {number}"


def _kind(value: Value) -> str:
    if isinstance(value, datetime):
        return "time"
    return "day" if isinstance(value, date) else "number"


def _leaves(value: Value) -> Iterator[Value]:
    if isinstance(value, list):
        for one in value:
            yield from _leaves(one)
    elif isinstance(value, dict):
        for one in value.values():
            yield from _leaves(one)
    elif value is not None:
        yield value
