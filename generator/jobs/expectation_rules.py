"""Expectations of the spec as rules."""

from __future__ import annotations

from collections.abc import Iterator

from generator.jobs.rules import (
    Broken,
    CountRule,
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
from generator.plan.lake import CompiledExpectation, CompiledTable


def expectation_rules(table: CompiledTable) -> tuple[Rule, ...]:
    """What is expected of a table, in the spec's order."""
    return tuple(_rule(table, one) for one in table.expectations)


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
