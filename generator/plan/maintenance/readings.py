"""A table's query over what is stored: views are put in, columns that nobody reads are left out, and each place that
takes an input's rows has a name of its own, so that each can be given other rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from sqlglot import exp

from generator.plan.expressions.columns import column_id, column_nodes
from generator.plan.lake import (
    Aggregate,
    CompiledLake,
    Dedupe,
    Extend,
    Filter,
    Inline,
    Input,
    Join,
    Query,
    Scan,
    Select,
    Step,
    Union,
    Unnest,
)
from generator.plan.relation import ColumnId

MOST_READINGS = 64
"""A table that takes rows, through views, in more places than this is made anew."""


class TooManyReadings(Exception):
    """Views of views read their inputs in more places than anybody wants to look at."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A place where a query takes the rows of a table or source that is stored.

    Attributes:
        name: of the place; it stands in the query instead of the input's.
        columns: those that the query uses there.
    """

    name: str
    input: str
    columns: tuple[str, ...]


def with_readings(lake: CompiledLake, query: Query) -> tuple[Query, tuple[Reading, ...]]:
    """The query with a name for each place that takes an input's rows, and those places.

    Raises:
        TooManyReadings: there are more than `MOST_READINGS`.
    """
    namer = _Namer(lake)
    return namer.query(query, None), tuple(namer.found)


def renamed(query: Query, names: Mapping[str, str]) -> Query:
    """The query with other names for some of its inputs."""
    return Query(tuple(_renamed(step, lambda name: names.get(name, name)) for step in query.steps))


def _renamed(step: Step, change: Callable[[str], str]) -> Step:
    def changed(one: Input) -> Input:
        if isinstance(one, str):
            return change(one)
        return Query(tuple(_renamed(inner, change) for inner in one.steps))

    return _with_inputs(step, changed)


def _with_inputs(step: Step, change: Callable[[Input], Input]) -> Step:
    if isinstance(step, Union):
        return replace(step, inputs=tuple(change(one) for one in step.inputs))
    return replace(step, input=change(step.input)) if isinstance(step, (Scan, Join)) else step


def without_rows_of_the_spec(query: Query) -> Query:
    """The query as it would be if no rows stood in the spec: these never change."""

    def emptied(step: Step) -> Step:
        return replace(step, rows=()) if isinstance(step, Inline) else step

    return Query(tuple(emptied(with_queries(step, without_rows_of_the_spec)) for step in query.steps))


def with_queries(step: Step, change: Callable[[Query], Query]) -> Step:
    """The step over other queries in the place of those that it takes rows from."""
    return _with_inputs(step, lambda one: change(one) if isinstance(one, Query) else one)


def inputs_of(step: Step) -> tuple[Input, ...]:
    """What a step takes rows from."""
    if isinstance(step, Union):
        return step.inputs
    return (step.input,) if isinstance(step, (Scan, Join)) else ()


def names_in(*steps: Step) -> Iterator[str]:
    """The names of all inputs of some steps, and of the queries in them."""
    for one in (one for step in steps for one in inputs_of(step)):
        yield from (one,) if isinstance(one, str) else names_in(*one.steps)


def expressions_of(step: Step) -> Iterator[exp.Expression]:
    """The expressions of a step, over the columns before it (of a join: of both sides)."""
    if isinstance(step, (Join, Filter)):
        yield step.condition
    elif isinstance(step, Unnest):
        yield step.value
    elif isinstance(step, (Extend, Select)):
        yield from (one.ast for one in step.columns)
    elif isinstance(step, Aggregate):
        yield from (one.ast for one in step.aggregates)


def columns_of(*asts: exp.Expression) -> Iterator[ColumnId]:
    """The columns that expressions read."""
    return (column_id(node) for ast in asts for node in column_nodes(ast))


def read_by(steps: Iterable[Step]) -> dict[ColumnId, None]:
    """The columns that steps read, each once."""
    found: dict[ColumnId, None] = {}
    for step in steps:
        found.update(dict.fromkeys(columns_of(*expressions_of(step))))
        if isinstance(step, (Dedupe, Aggregate)):
            found.update(dict.fromkeys(step.by))
        if isinstance(step, Dedupe):
            found.update(dict.fromkeys(term.column for term in (*step.order, *step.ties)))
    return found


class _Namer:
    def __init__(self, lake: CompiledLake) -> None:
        self.lake = lake
        self.found: list[Reading] = []

    def query(self, query: Query, wanted: frozenset[str] | None) -> Query:
        """A query with no more columns than it needs for those that are wanted; for all of its own if None."""
        *steps, last = query.steps
        assert isinstance(last, Select)
        if wanted is not None and not last.distinct:
            kept = tuple(one for one in last.columns if one.column.name in wanted) or last.columns[:1]
            names = {one.column.name for one in kept}
            after = {key: column for key, column in last.after.columns.items() if key.name in names}
            last = replace(last, columns=kept, after=replace(last.after, columns=after))
        whole = (*steps, last)
        read = read_by(whole)
        return Query((*(self.step(step, read) for step in steps), last))

    def step(self, step: Step, read: Mapping[ColumnId, None]) -> Step:
        if isinstance(step, Inline):
            return step
        alias = getattr(step, "alias", None)
        names = tuple(column.name for column in read if alias is not None and column.alias == alias)
        if isinstance(step, (Scan, Union)) and not names:
            names = (next(iter(step.after.columns)).name,)
        columns = {
            key: column
            for key, column in step.after.columns.items()
            if key in read or (isinstance(step, (Scan, Union)) and key.name in names)
        }
        step = replace(step, after=replace(step.after, columns=columns))
        if isinstance(step, Union):
            return replace(step, inputs=tuple(self.input(one, names) for one in step.inputs))
        if isinstance(step, (Scan, Join)):
            return replace(step, input=self.input(step.input, names))
        return step

    def input(self, one: Input, names: tuple[str, ...]) -> Input:
        if isinstance(one, Query):
            return self.query(one, frozenset(names))
        if one in self.lake.tables and self.lake.tables[one].is_view:
            return self.query(self.lake.tables[one].query, frozenset(names))
        if len(self.found) == MOST_READINGS:
            raise TooManyReadings
        if not names:
            names = (next(iter(self.lake.relation(one).columns)).name,)
        self.found.append(Reading(f"#{len(self.found)} {one}", one, names))
        return self.found[-1].name
