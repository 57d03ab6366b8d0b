"""The columns that a join compares, and the raw ones that they are computed from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from generator.plan.lake import CompiledLake, Join, Query
from generator.plan.relation import Column, ColumnId, Origin, Relation


@dataclass(frozen=True, slots=True)
class Side:
    """A column that a join equates with another one.

    Attributes:
        origins: the columns that it is, or is computed from.
        listed: it is of rows that stand in the spec, inside of the join.
    """

    column: Column
    origins: frozenset[Origin]
    listed: bool = False


def compared(lake: CompiledLake, before: Relation, join: Join) -> Iterator[tuple[Side, Side]]:
    """The sides of each equality of a join, in both orders."""
    other = join.input
    right = lake.relation(other) if isinstance(other, str) else other.relation
    for pair in join.pairs:
        left, column = before.columns[pair.left], right.columns[ColumnId(None, pair.right.name)]
        origins = frozenset((Origin(other, column.name),)) if isinstance(other, str) else column.origins
        listed = not origins and isinstance(other, Query) and any(other.rows_of_the_spec())
        one, two = Side(left, left.origins), Side(column, origins, listed)
        yield one, two
        yield two, one


def raw_columns(lake: CompiledLake, origins: Iterable[Origin]) -> set[Origin]:
    """The raw columns behind some columns, through all tables; and columns of tables that come from none."""
    waiting, seen, found = list(origins), set(origins), set[Origin]()
    while waiting:
        origin = waiting.pop()
        known = lake.relation(origin.table).columns.get(ColumnId(None, origin.column))
        before = known.origins if known is not None and origin.table not in lake.sources else frozenset()
        if not before:
            found.add(origin)
        waiting += before - seen
        seen |= before
    return found


def stands_in_the_spec(lake: CompiledLake, side: Side, raw: Iterable[Origin]) -> bool:
    """Whether a column, with these raw ones behind it, has values of rows that stand in the spec."""
    return side.listed or any(
        one.table in lake.tables and any(lake.tables[one.table].query.rows_of_the_spec()) for one in raw
    )
