"""Expectations of the spec as rules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from generator.jobs.rules import (
    Broken,
    CountRule,
    ForeignRule,
    Missing,
    NotAmong,
    Outside,
    Reference,
    ReferenceRule,
    RowRule,
    Rule,
    UniqueRule,
    Unmatched,
    Untrue,
)
from generator.jobs.views import views_of
from generator.plan.lake import CompiledExpectation, CompiledLake, CompiledTable


def stated_rules(table: CompiledTable) -> tuple[Rule, ...]:
    """What is expected of a table, in the spec's order, whichever job checks it."""
    return tuple(_rule(table, one) for one in table.expectations)


def expectation_rules(lake: CompiledLake, table: CompiledTable) -> tuple[Rule, ...]:
    """The expectations that are checked when a table is made: those of the views that it reads, its own, and those of
    what comes before it that refer to it.
    """
    if table.is_view:
        return ()
    views = (lake.tables[name] for name in views_of(lake, table))
    return (
        *(_foreign(rule, f"{view.name}: {rule.name}") for view in views for rule in _own(view)),
        *_own(table),
        *_late(lake, table),
    )


def checked_by(lake: CompiledLake, table: CompiledTable, one: CompiledExpectation) -> tuple[str, ...]:
    """The tables whose jobs check an expectation."""
    readers: tuple[str, ...] = (table.name,)
    if table.is_view:
        readers = tuple(name for name, other in lake.tables.items() if table.name in _views_of_table(lake, other))
    now = readers if _now(one) is not None else ()
    return tuple(dict.fromkeys((*now, *one.later.values())))


def _views_of_table(lake: CompiledLake, table: CompiledTable) -> tuple[str, ...]:
    return () if table.is_view else tuple(views_of(lake, table))


def _own(table: CompiledTable) -> Iterator[Rule]:
    """What can be checked as soon as the table, or view, is there."""
    for one in table.expectations:
        now = _now(one)
        if now is not None:
            yield _rule(table, now)


def _now(one: CompiledExpectation) -> CompiledExpectation | None:
    """An expectation without what is only checked later; None if that is all of it."""
    if not one.later:
        return one
    left = {column: reference for column, reference in one.argument.items() if column not in one.later}
    return replace(one, argument=left, later={}) if left else None


def _late(lake: CompiledLake, table: CompiledTable) -> Iterator[Rule]:
    for before in (lake.tables[name] for name in table.checks_for if name in lake.tables):
        for one in before.expectations:
            for column, by in one.later.items():
                if by == table.name:
                    reference: Mapping[str, str] = {column: one.argument[column]}
                    rule = _rule(before, replace(one, argument=reference, later={}))
                    yield _foreign(rule, _edge(before, one, column))


def _edge(table: CompiledTable, one: CompiledExpectation, column: str) -> str:
    """A reference as reports call it, with the name that the spec gives it."""
    edge = f"{table.name}.{column} → {one.argument[column]}"
    return edge if one.is_unnamed else f"{one.name}: {edge}"


def _foreign(rule: Rule, name: str) -> Rule:
    return ForeignRule(name, rule.kind, rule.blocking, rule.relation, rule)


def _rule(table: CompiledTable, one: CompiledExpectation) -> Rule:
    head = (one.name, one.kind, one.blocking, table.name)
    if one.kind == "rows":
        return CountRule(*head, one.argument.min, one.argument.max)
    if one.kind == "unique":
        return UniqueRule(*head, tuple(one.argument))
    if one.kind == "references":
        found = ((column, *reference.split(".")) for column, reference in one.argument.items())
        return ReferenceRule(*head, tuple(Reference(*parts) for parts in found))
    return RowRule(*head, tuple(_broken(table, one)))


def _broken(table: CompiledTable, one: CompiledExpectation) -> Iterator[Broken]:
    """The conditions under which a row breaks an expectation."""
    if one.kind == "sql":
        assert one.condition is not None
        yield Untrue(one.condition)
        return
    if one.kind == "not_null":
        yield from (Missing(column) for column in one.argument)
        return
    types = {column.name: column.type for column in table.columns}
    for column, wanted in one.argument.items():
        if one.kind == "values":
            yield NotAmong(column, types[column], tuple(wanted))
        elif one.kind == "matches":
            yield Unmatched(column, wanted)
        else:
            yield Outside(column, types[column], wanted.min, wanted.max)
