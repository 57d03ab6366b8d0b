"""Where a value comes from: the way of a column, or of a label, back through the tables to the raw data."""

from __future__ import annotations

from collections import deque
from typing import NamedTuple

from generator.plan.lake import CompiledLake
from generator.plan.relation import Column, ColumnId, PersonalData


class Stop(NamedTuple):
    """A column of a table on the way."""

    table: str
    column: str


def column_of(lake: CompiledLake, stop: Stop) -> Column | None:
    return lake.relation(stop.table).columns.get(ColumnId(None, stop.column))


def label_path(lake: CompiledLake, table: str, column: str, label: PersonalData) -> list[Stop]:
    """The shortest way of a label from the raw column to a table's column, raw column first."""
    start = Stop(table, column)
    before: dict[Stop, Stop | None] = {start: None}
    waiting = deque([start])
    while waiting:
        stop = waiting.popleft()
        if (stop.table, stop.column) == (label.source, label.column):
            return _walked(before, stop)
        for origin in _upstream(lake, stop, label):
            if origin not in before:
                before[origin] = stop
                waiting.append(origin)
    return [Stop(label.source, label.column), start]


def _upstream(lake: CompiledLake, stop: Stop, label: PersonalData) -> list[Stop]:
    """The columns that a column has a label from: those it is computed from, else those that a join equates it with."""
    column = column_of(lake, stop)
    table = lake.tables.get(stop.table)
    if column is None or table is None:
        return []
    computed = [Stop(*origin) for origin in sorted(column.origins)]
    labelled = [one for one in computed if _has(lake, one, label)]
    if labelled:
        return labelled
    every = (Stop(name, known.name) for name in table.inputs for known in lake.relation(name).columns.values())
    return [one for one in every if _has(lake, one, label)]


def _has(lake: CompiledLake, stop: Stop, label: PersonalData) -> bool:
    column = column_of(lake, stop)
    return column is not None and any((one.source, one.column) == label[:2] for one in column.personal)


def _walked(before: dict[Stop, Stop | None], end: Stop) -> list[Stop]:
    path = [end]
    while (following := before[path[-1]]) is not None:
        path.append(following)
    return path
