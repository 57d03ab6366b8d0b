"""What a table takes from another one: the arrows of the graph."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from generator.jobs.plan import Step
from generator.plan.lake import WIDE_JOINS, CompiledLake, Input, Join, Query, Scan, Union


class EdgeKind(StrEnum):
    """The strongest of what a table takes: its rows, matches by a join, or answers for its checks."""

    ROWS = "rows"
    MATCHED = "matched"
    CHECKED = "checked"


@dataclass(frozen=True, slots=True)
class Edge:
    """An arrow.

    Attributes:
        source: the table or source that is read; `table`: the one that reads.
        joins: the kinds of the joins by which it is matched.
    """

    source: str
    table: str
    kind: EdgeKind
    joins: tuple[str, ...] = ()


def edges(lake: CompiledLake, steps: Mapping[str, Step]) -> Iterator[Edge]:
    """Every arrow once, table by table in the order of the lake."""
    for table in lake.tables.values():
        scanned = set(_scanned(table.query))
        joined = _joined(table.query)
        for name in table.inputs:
            kind = EdgeKind.ROWS if name in scanned else EdgeKind.MATCHED
            yield Edge(name, table.name, kind, tuple(joined.get(name, {})))
        step = steps.get(table.name)
        for name in step.asked if step is not None else ():
            if name not in table.inputs:
                yield Edge(name, table.name, EdgeKind.CHECKED)


def _scanned(query: Query) -> Iterator[str]:
    """The tables whose rows a query takes."""
    for step in query.steps:
        if isinstance(step, (Scan, Union)):
            yield from _named(step.inputs if isinstance(step, Union) else (step.input,))
        elif isinstance(step, Join) and step.kind == "full":
            yield from _named((step.input,))
        elif isinstance(step, Join) and isinstance(step.input, Query) and step.kind in WIDE_JOINS:
            yield from _scanned(step.input)


def _named(inputs: tuple[Input, ...]) -> Iterator[str]:
    for one in inputs:
        if isinstance(one, str):
            yield one
        else:
            yield from _scanned(one)


def _joined(query: Query) -> dict[str, dict[str, None]]:
    """The kinds of joins, by the table that is joined; of a nested query, by those whose rows it takes."""
    found: dict[str, dict[str, None]] = {}
    for site in query.joins():
        for name in _named((site.join.input,)):
            found.setdefault(name, {})[site.join.kind] = None
    return found
