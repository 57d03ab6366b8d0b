"""What a run makes of a table whose inputs changed, and why."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from generator.plan.lake import CompiledLake, CompiledTable, Place
from generator.plan.maintenance.verdict import Reach, verdict


@dataclass(frozen=True, slots=True)
class Refresh:
    """How a table is kept up to date.

    Attributes:
        asked: as the spec has it: `auto`, `incremental` or `full`.
        incremental: a run makes what changed; else all of the table.
        address: the columns that rows are found again by.
        grouped: rows are made of several.
        reaches: how changes of each input reach rows.
        reason: why all of it is made; empty where it isn't.
        at: where in the spec that is due to something, such as `tables.orders.aggregate`.
    """

    asked: str
    incremental: bool
    address: tuple[str, ...]
    grouped: bool
    reaches: tuple[Reach, ...]
    reason: str
    at: str


def explain_refresh(lake: CompiledLake, table: CompiledTable) -> Refresh | None:
    """None of a view, of which nothing is stored."""
    if table.is_view:
        return None
    found = verdict(lake, table)
    at = spelled(found.place) if found.place is not None else ""
    return Refresh(table.refresh, found.incremental, found.address, found.grouped, found.reaches, found.reason, at)


def spelled(place: Place) -> str:
    """A place of the spec as people write it."""
    return ".".join(map(str, place.path))


def sentences(refresh: Refresh) -> Iterator[str]:
    """The same in words."""
    if refresh.reason:
        yield f"A run that finds an input changed makes all of it anew: {refresh.reason} ({refresh.at})."
        return
    if not refresh.reaches:
        yield "Its rows stand in the spec: a run makes it once, and again when they change."
        return
    names = ", ".join(f"`{name}`" for name in refresh.address)
    yield f"A run makes again what changed. Rows are found again by {names}."
    yield from (_reach(one, names) for one in refresh.reaches)


def _reach(reach: Reach, names: str) -> str:
    if reach.how == "matches":
        return f"{reach.input}: a row that comes or leaves costs those that it matches in the {reach.on}."
    if reach.how == "groups":
        return f"{reach.input}: a row that comes or leaves costs all rows of the same {names}."
    return f"{reach.input}: a row that comes costs itself; one that leaves, those of the same {names}."
