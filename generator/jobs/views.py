"""The views behind a table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from generator.plan.lake import CompiledLake, CompiledTable


def views_of(lake: CompiledLake, table: CompiledTable) -> Iterator[str]:
    """The views that a table's query and the check of its consent need, each after those that it needs itself."""
    asked = asked_registry(lake, table)
    return _with_their_own(lake, (*table.inputs, *((asked,) if asked is not None else ())))


def defined_views(lake: CompiledLake, table: CompiledTable) -> Iterator[str]:
    """The same, with those that only its checks of expectations ask."""
    return _with_their_own(lake, (*views_of(lake, table), *referenced(lake, table)))


def referenced(lake: CompiledLake, table: CompiledTable) -> Iterator[str]:
    """The tables, views and sources that the expectations look into which are checked when a table is made."""
    for name in (*views_of(lake, table), table.name):
        for _, reference, by in _references(lake.tables[name]):
            if not by:
                yield reference
    for name in table.checks_for:
        found = [reference for _, reference, by in _references(lake.tables[name]) if by == table.name]
        yield from (name, *found) if found else ()


def _references(table: CompiledTable) -> Iterator[tuple[str, str, str]]:
    """The columns of a table's `references`, where their values are to be found, and which table checks it later."""
    for one in table.expectations:
        if one.kind == "references":
            for column, reference in one.argument.items():
                yield column, reference.split(".")[0], one.later.get(column, "")


def _with_their_own(lake: CompiledLake, names: Iterable[str]) -> Iterator[str]:
    """The views among some names, and those that they need, in order."""
    needed: set[str] = set()
    waiting = list(names)
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
