"""The views behind a table."""

from __future__ import annotations

from collections.abc import Iterator

from generator.plan.lake import CompiledLake, CompiledTable


def views_of(lake: CompiledLake, table: CompiledTable) -> Iterator[str]:
    """The views that a table's query and the check of its consent need, each after those that it needs itself."""
    needed: set[str] = set()
    asked = asked_registry(lake, table)
    waiting = [*table.inputs, *((asked,) if asked is not None else ())]
    while waiting:
        name = waiting.pop()
        if name in lake.tables and lake.tables[name].is_view and name not in needed:
            needed.add(name)
            waiting.extend(lake.tables[name].inputs)
    return (name for name in lake.tables if name in needed)


def asked_registry(lake: CompiledLake, table: CompiledTable) -> str | None:
    """The registry of the consent that a table requires; one that is a table only where it has a key of the rows."""
    consent = lake.consents.get(lake.required(table) or "")
    if consent is None or consent.registry in lake.sources:
        return consent.registry if consent is not None else None
    keys = {lake.key_of(identity) for column in table.columns for identity in column.identities}
    return consent.registry if any((consent.subject, key) in keys for key in consent.keys) else None
