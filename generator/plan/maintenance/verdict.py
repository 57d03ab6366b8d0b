"""Whether a run makes of a table what changed, or all of it, and why: what `explain`, the manifest and `diff` tell."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from generator.plan.expressions.functions import asks_the_clock
from generator.plan.lake import CompiledExpectation, CompiledLake, CompiledTable, Place, Query, Step
from generator.plan.maintenance.addresses import trace
from generator.plan.maintenance.delta import Delta, Touch, delta
from generator.plan.maintenance.readings import MOST_READINGS, TooManyReadings, expressions_of, inputs_of, names_in


@dataclass(frozen=True, slots=True)
class Reach:
    """How the changes of an input reach rows.

    Attributes:
        how: `rows` where each row of the input makes rows of its own, `groups` where several are put together,
            `matches` where they are matched by a join.
        on: the join, as the spec has it.
    """

    input: str
    how: str
    on: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a table is kept up to date.

    Attributes:
        address: the columns by which rows are found again; none where the table is made anew.
        reaches: how changes reach rows, in the order in which the table takes its inputs.
        reason: why it is made anew; empty where it isn't.
        place: where the spec says what that is due to.
    """

    address: tuple[str, ...] = ()
    grouped: bool = False
    reaches: tuple[Reach, ...] = ()
    reason: str = ""
    place: Place | None = None

    @property
    def incremental(self) -> bool:
        return not self.reason


def verdict(lake: CompiledLake, table: CompiledTable) -> Verdict:
    """What a run makes of a table whose inputs changed."""
    return judged(lake, table)[0]


def judged(lake: CompiledLake, table: CompiledTable) -> tuple[Verdict, Delta | None]:
    """The verdict, and how the table is kept where it isn't made anew."""
    return lake.once("judged", table.name, lambda: _judged(lake, table))


def _judged(lake: CompiledLake, table: CompiledTable) -> tuple[Verdict, Delta | None]:
    if table.refresh == "full":
        place = Place(("tables", table.name, "refresh"))
        return Verdict(reason="`refresh: full` asks for it", place=place), None
    clock = _clock(lake, table)
    if clock is not None:
        return clock, None
    try:
        found = delta(lake, table)
    except TooManyReadings:
        reason = f"it reads its inputs, through views, in more than {MOST_READINGS} places"
        return Verdict(reason=reason, place=Place(("tables", table.name))), None
    kept = found.table
    if kept.address:
        return Verdict(kept.address, kept.grouped, tuple(dict.fromkeys(_reaches(found)))), found
    lost = trace(kept.query).lost
    if lost is not None:
        return Verdict(reason=lost.reason, place=lost.place), None
    reason = "no column that comes out tells of which rows a row was made and compares exactly"
    return Verdict(reason=reason, place=kept.query.steps[-1].place), None


def _reaches(found: Delta) -> Iterator[Reach]:
    inputs = {one.name: one.input for one in found.readings}
    inner = {one.name: one.query for one in found.inner}
    for touch in found.table.touches:
        for name in touch.changed:
            names = names_in(*inner[name].steps) if name in inner else (name,)
            yield from (_reach(inputs[one], touch, found.table.grouped) for one in names)


def _reach(name: str, touch: Touch, grouped: bool) -> Reach:
    if touch.join is not None:
        return Reach(name, "matches", touch.join.text)
    return Reach(name, "groups" if grouped else "rows")


def _clock(lake: CompiledLake, table: CompiledTable) -> Verdict | None:
    """The verdict on a table that asks for the time: its rows change although no input does."""
    for step in _steps(lake, table):
        if any(asks_the_clock(ast) for ast in expressions_of(step)):
            return Verdict(reason=f"`{step.text}` asks for the time", place=step.place)
    for one in (*table.expectations, *_of_views(lake, table)):
        if one.condition is not None and asks_the_clock(one.condition):
            return Verdict(reason=f"`{one.name}` asks for the time", place=one.place)
    return None


def _steps(lake: CompiledLake, table: CompiledTable) -> Iterator[Step]:
    """The steps of a table, and of the queries and views that it reads."""
    waiting = [table.query, *(view.query for view in _views(lake, table))]
    while waiting:
        for step in waiting.pop().steps:
            yield step
            waiting.extend(one for one in inputs_of(step) if isinstance(one, Query))


def _of_views(lake: CompiledLake, table: CompiledTable) -> Iterator[CompiledExpectation]:
    return (one for view in _views(lake, table) for one in view.expectations)


def _views(lake: CompiledLake, table: CompiledTable) -> Iterator[CompiledTable]:
    """The views that a table reads, through others."""
    waiting, seen = [table], set()
    while waiting:
        for name in waiting.pop().inputs:
            if name in lake.tables and lake.tables[name].is_view and name not in seen:
                seen.add(name)
                yield lake.tables[name]
                waiting.append(lake.tables[name])
