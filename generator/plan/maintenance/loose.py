"""First steps of a query that are only asked for addresses: what doesn't decide on these may be left out.

More addresses than are affected cost work; they don't change a row.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import takewhile

from sqlglot import exp

from generator.plan.conditions import has_window
from generator.plan.expressions.columns import column_node
from generator.plan.expressions.nodes import type_of
from generator.plan.lake import (
    Aggregate,
    Computed,
    Dedupe,
    Extend,
    Filter,
    Inline,
    Join,
    Query,
    Scan,
    Select,
    Step,
    Union,
    Unnest,
)
from generator.plan.maintenance.readings import columns_of, expressions_of, inputs_of
from generator.plan.relation import Column, ColumnId


def is_linear(query: Query) -> bool:
    """Whether the rows that change in a query are those that it makes of its inputs' changed rows."""
    inputs = (one for step in query.steps for one in inputs_of(step))
    return not any(map(_puts_together, query.steps[1:])) and all(
        isinstance(one, str) or is_linear(one) for one in inputs
    )


def _puts_together(step: Step) -> bool:
    """Whether a step makes rows of several."""
    if isinstance(step, (Join, Dedupe, Aggregate)) or (isinstance(step, Select) and step.distinct):
        return True
    return _has_windows(step)


def _has_windows(step: Step) -> bool:
    return any(map(has_window, expressions_of(step)))


def carried(
    steps: Sequence[Step], asts: Sequence[exp.Expression]
) -> tuple[tuple[Step, ...], tuple[exp.Expression, ...]]:
    """The steps, with expressions over the first one's columns computed at once and kept to the end.

    Returns:
        the steps, and the columns that the expressions are after the last.
    """
    added = {ColumnId(None, f"#{i}"): Column(f"#{i}", type_of(ast)) for i, ast in enumerate(asts)}
    first, *rest = steps
    computed = tuple(Computed(column, ast) for column, ast in zip(added.values(), asts, strict=True))
    extend = Extend(_with(first, added).after, first.place, "", computed)
    nodes = tuple(column_node(column, known.type) for column, known in added.items())
    return (first, extend, *(_passing(step, added) for step in rest)), nodes


def _passing(step: Step, added: Mapping[ColumnId, Column]) -> Step:
    step = _with(step, added)
    if isinstance(step, Aggregate):
        return replace(step, by=(*step.by, *added))
    if isinstance(step, Select):
        more = (Computed(column, column_node(key, column.type)) for key, column in added.items())
        return replace(step, columns=(*step.columns, *more))
    return step


def _with(step: Step, added: Mapping[ColumnId, Column]) -> Step:
    return replace(step, after=replace(step.after, columns={**step.after.columns, **added}))


def row_by_row(steps: Sequence[Step]) -> Iterator[Step]:
    """The steps up to the first one that puts rows together."""
    return takewhile(lambda step: not _fixed(step), steps)


def loosened(steps: Sequence[Step], needed: set[ColumnId]) -> tuple[Step, ...]:
    """The steps without joins and columns that nothing needed reads, and without the filters that read those.

    What comes before rows are put together stays: it decides on what they are.
    """
    together = [i for i, step in enumerate(steps) if _fixed(step)]
    start = together[-1] + 1 if together else 1
    wanted = _wanted(steps[start:], set(needed))
    kept = list(steps[:start])
    there = set(kept[-1].after.columns)
    for step, stays in zip(steps[start:], wanted, strict=True):
        if not stays or (isinstance(step, Filter) and not there.issuperset(columns_of(step.condition))):
            continue
        there = {column for column in step.after.columns if column in there or _adds(step, column)}
        columns = {key: column for key, column in step.after.columns.items() if key in there}
        kept.append(replace(step, after=replace(step.after, columns=columns)))
    return tuple(kept)


def _fixed(step: Step) -> bool:
    return isinstance(step, (Scan, Union, Inline, Dedupe, Aggregate, Select)) or (
        isinstance(step, Extend) and _has_windows(step)
    )


def _wanted(steps: Sequence[Step], needed: set[ColumnId]) -> list[bool]:
    """Which steps have to stay, seen from the end; of filters that is seen later."""
    found = []
    for step in reversed(steps):
        stays = isinstance(step, Filter) or any(_adds(step, column) for column in needed)
        if stays and not isinstance(step, Filter):
            needed |= set(columns_of(*expressions_of(step)))
        found.append(stays)
    return found[::-1]


def _adds(step: Step, column: ColumnId) -> bool:
    if isinstance(step, Join):
        return column.alias == step.alias
    if isinstance(step, Unnest):
        return column in step.new
    names = {one.column.name for one in step.columns} if isinstance(step, Extend) else set()
    return column.alias is None and column.name in names
