"""Rows that stand in the spec: what is known of them, and what is wrong with those that YAML gives.

They belong to nobody, and a column, or a few together, whose values tell the rows apart is a key: that needs no check.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any

from generator.diagnostics import Span, suggestion
from generator.plan.context import Context
from generator.plan.facts import minimal
from generator.plan.lake import Place
from generator.plan.relation import Column, ColumnId, Keys, Relation
from generator.plan.row_values import Path, Reader, Value
from generator.plan.types import UNKNOWN, Type, TypeSyntaxError, parse_type
from generator.runtime.words import plural
from generator.spec.model import Values

MOST_ROWS = 1_000
TOO_MANY = f"land them: a CSV or JSON file is a source like any other; a spec holds {MOST_ROWS:,} rows at most"
MOST_COLUMNS_OF_A_KEY = 3
MOST_CANDIDATES = 12
"""Of more columns than these only single ones are looked at."""
Row = tuple[Value, ...]


def inline_relation(columns: Mapping[str, Type], rows: Sequence[Row], alias: str) -> Relation:
    """What is known of rows that stand in the spec."""
    ids = {ColumnId(alias, name): Column(name, kind, raw=True) for name, kind in columns.items()}
    return Relation(ids, _keys(ids, rows))


def _keys(columns: Mapping[ColumnId, Column], rows: Sequence[Row]) -> Keys:
    """The smallest sets of columns that tell the rows apart; a null is a value like any other."""
    if len(rows) < 2:
        return frozenset((frozenset[ColumnId](),))
    exact = [(place, key) for place, (key, column) in enumerate(columns.items()) if _is_exact(column.type)]
    most = MOST_COLUMNS_OF_A_KEY if len(exact) <= MOST_CANDIDATES else 1
    found: list[frozenset[ColumnId]] = []
    for size in range(1, most + 1):
        for some in combinations(exact, size):
            key = frozenset(one for _, one in some)
            if not any(other <= key for other in found) and _tell_apart([place for place, _ in some], rows):
                found.append(key)
    return minimal(found)


def _is_exact(kind: Type) -> bool:
    """Whether values that Python takes for one are one to engines, and the other way round."""
    return not kind.is_nested and kind.kind not in ("float", "double", "binary")


def _tell_apart(places: Sequence[int], rows: Sequence[Row]) -> bool:
    return len({tuple(row[place] for place in places) for row in rows}) == len(rows)


def read_inline(context: Context, path: Path, given: Values) -> tuple[dict[str, Type], tuple[Row, ...]] | None:
    """The columns and rows of a table's `values`; None where something is wrong, which is reported."""
    reading = _Reading(context, path, given)
    columns = {name: reading.type_of(name) for name in given.columns}
    if UNKNOWN in columns.values():
        return None
    if len(given.rows) > MOST_ROWS:
        message = f"{len(given.rows):,} rows are too many to stand in a spec"
        reading.report("V005", message, context.document.key_span((*path, "rows")), TOO_MANY)
        return None
    rows = tuple(reading.rows(columns))
    for wrong in reading.reader.wrong:
        place: Callable[[Path], Span] = context.document.key_span if wrong.at_key else context.document.span
        reading.report(wrong.code, wrong.message, place(wrong.path), *wrong.help)
    return (columns, rows) if reading.sound else None


class _Reading:
    """Reads the rows of one table."""

    def __init__(self, context: Context, path: Path, given: Values) -> None:
        self.context = context
        self.path = path
        self.given = given
        self.reader = Reader(context.document)
        self.sound = True

    def report(self, code: str, message: str, span: Span, *help: str) -> None:
        self.context.report(code, message, span, help=help)
        self.context.broken.add(str(self.path[1]))
        self.sound = False

    def type_of(self, column: str) -> Type:
        path = (*self.path, "columns", column)
        try:
            return parse_type(self.given.columns[column])
        except TypeSyntaxError as error:
            self.context.report("T010", str(error), Place(path, error.start, error.end), help=error.help)
            self.sound = False
            return UNKNOWN

    def rows(self, columns: Mapping[str, Type]) -> Iterator[Row]:
        for number, row in enumerate(self.given.rows):
            path = (*self.path, "rows", number)
            cells = self.by_name(row, columns, path) if isinstance(row, dict) else self.in_order(row, columns, path)
            yield tuple(
                self.reader.value(data, kind, (*path, key), name)
                for (name, kind), (key, data) in zip(columns.items(), cells, strict=True)
            )

    def in_order(self, row: Sequence[Any], columns: Mapping[str, Type], path: Path) -> list[tuple[str | int, Any]]:
        """Where each column's value stands in a row, and the value."""
        if len(row) != len(columns):
            message = f"this row has {plural(row, 'value')}, and `columns` are {len(columns)}"
            help = "write `null` for what isn't known; in [ ], text with a comma stands in quotes"
            self.report("V005", message, self.context.document.span(path), help)
        cells = [*row[: len(columns)], *[None] * (len(columns) - len(row))]
        return list(enumerate(cells))

    def by_name(self, row: Mapping[str, Any], columns: Mapping[str, Type], path: Path) -> list[tuple[str | int, Any]]:
        for name in row:
            if name not in columns:
                span = self.context.document.key_span((*path, name))
                self.report("C001", f"unknown column `{name}`", span, *suggestion(name, columns))
        return [(name, row.get(name)) for name in columns]
