"""Where a column comes from: hop by hop, back to the raw data."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlglot import exp

from generator.plan.expressions.columns import column_id, column_nodes
from generator.plan.lake import Aggregate, CompiledLake, Computed, Extend, Inline, Query, Select, Step, Unnest
from generator.plan.lineage import Stop, column_of
from generator.plan.relation import ColumnId, Origin
from generator.render.explanation.readable import expression_text, nested_queries

OF_THE_SPEC = "a value that stands in the spec"


@dataclass(frozen=True, slots=True)
class Definition:
    """How a table computes a value on the way to one of its columns."""

    name: str
    expression: str


@dataclass(frozen=True, slots=True)
class Hop:
    """A column on the way back to the raw data.

    Attributes:
        key: of a column of a source: how the raw data spells it; None for a table's column.
        definitions: how its table computes it, first things first; empty where it is only passed on.
        origins: the columns that it is computed from.
    """

    table: str
    column: str
    key: str | None
    definitions: tuple[Definition, ...]
    origins: tuple[Origin, ...]


def lineage(lake: CompiledLake, table: str, column: str) -> tuple[Hop, ...]:
    """Every column that a column is computed from, itself first, the raw ones last; each once."""
    found: dict[Stop, Hop] = {}
    waiting = [Stop(table, column)]
    for stop in waiting:
        if stop not in found:
            found[stop] = _hop(lake, stop)
            waiting += [Stop(*origin) for origin in found[stop].origins]
    hops = list(found.values())
    return tuple([one for one in hops if one.key is None] + [one for one in hops if one.key is not None])


def _hop(lake: CompiledLake, stop: Stop) -> Hop:
    known = column_of(lake, stop)
    origins = tuple(sorted(known.origins)) if known is not None else ()
    if stop.table in lake.sources:
        raw = next(one for one in lake.sources[stop.table].columns if one.name == stop.column)
        return Hop(*stop, raw.key, (), ())
    return Hop(*stop, None, tuple(definitions(lake.tables[stop.table].query, stop.column)), origins)


def definitions(query: Query, column: str) -> Iterator[Definition]:
    """The computed values that an output column goes through, in the order in which they are made."""
    found: dict[tuple[int, int, str], Definition] = {}
    waiting = [(query, len(query.steps), ColumnId(None, column), column, 0)]
    seen: set[tuple[int, int, ColumnId]] = set()
    while waiting:
        inside, end, wanted, shown, depth = waiting.pop()
        index, made = _made(inside, end, wanted)
        if (id(inside), index, wanted) in seen:
            continue
        seen.add((id(inside), index, wanted))
        if isinstance(made, Computed):
            is_plain = isinstance(made.ast, exp.Column)
            if not is_plain:
                found[-depth, index, shown] = Definition(shown, expression_text(made.ast))
            for node in column_nodes(made.ast):
                name = shown if is_plain and node.name.startswith("#") else node.name
                waiting.append((inside, index, column_id(node), name, depth))
        elif isinstance(made, ColumnId):
            waiting.append((inside, index, made, shown, depth))
        elif isinstance(inside.steps[index], Inline):
            found[-depth, index, shown] = Definition(shown, OF_THE_SPEC)
        else:
            inner = ColumnId(None, wanted.name)
            for _, nested in nested_queries(inside.steps[index]):
                waiting.append((nested, len(nested.steps), inner, shown, depth + 1))
    yield from (found[place] for place in sorted(found))


def _made(query: Query, end: int, wanted: ColumnId) -> tuple[int, Computed | ColumnId | None]:
    """The last step before `end` that makes a column, and how: computed, grouped by, or (None) read."""
    for index in range(end - 1, -1, -1):
        step = query.steps[index]
        if isinstance(step, Unnest) and wanted in step.new:
            made = exp.Anonymous(this=step.function, expressions=[step.value])
            return index, Computed(step.after.columns[wanted], made)
        if wanted.alias is None:
            for one in _computed(step):
                if one.column.name == wanted.name:
                    return index, one
            if isinstance(step, Aggregate):
                return index, next(one for one in step.by if one.name == wanted.name)
        elif getattr(step, "alias", None) == wanted.alias:
            return index, None
    raise AssertionError(f"no step makes {wanted}")


def _computed(step: Step) -> tuple[Computed, ...]:
    if isinstance(step, (Extend, Select)):
        return step.columns
    return step.aggregates if isinstance(step, Aggregate) else ()
