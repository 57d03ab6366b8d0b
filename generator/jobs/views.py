"""The views behind a table."""

from __future__ import annotations

from collections.abc import Iterator

from generator.plan.lake import CompiledLake, CompiledTable


def views_of(lake: CompiledLake, table: CompiledTable) -> Iterator[str]:
    """The views that a table's query and the check of its consent need, each after those that it needs itself."""
    needed: set[str] = set()
    consent = lake.consents.get(lake.required(table) or "")
    waiting = [*table.inputs, *((consent.registry,) if consent is not None else ())]
    while waiting:
        name = waiting.pop()
        if name in lake.tables and lake.tables[name].is_view and name not in needed:
            needed.add(name)
            waiting.extend(lake.tables[name].inputs)
    return (name for name in lake.tables if name in needed)
