"""Names: every table, zone, subject and consent that the spec mentions exists, and no table needs itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from generator.diagnostics import suggestion
from generator.plan.context import Context
from generator.plan.expressions import Problem
from generator.plan.lake import Place
from generator.plan.later import Asked, checked_by, in_order, put_off
from generator.plan.person_keys import check_keys, known_keys
from generator.plan.sql.parse import mentioned_tables, tables_in_condition
from generator.spec.model import Table


def check_names(context: Context) -> None:
    """Reports names that mean nothing, or two things."""
    spec = context.spec
    for name in spec.tables:
        if name in spec.sources:
            context.report("N002", f"`{name}` is both a source and a table", Place(("tables", name)))
    for name, source in spec.sources.items():
        if source.zone in spec.zones or (
            source.zone == "landing" and not context.document.has(("sources", name, "zone"))
        ):
            continue
        _unknown(context, "N003", "zone", source.zone, spec.zones, ("sources", name, "zone"))
    for name, table in spec.tables.items():
        if table.zone is not None and table.zone not in spec.zones:
            _unknown(context, "N003", "zone", table.zone, spec.zones, ("tables", name, "zone"))
    for name, zone in spec.zones.items():
        if zone.require is not None and zone.require not in spec.consent:
            _unknown(context, "N006", "consent", zone.require, spec.consent, ("zones", name, "require"))
    for name, consent in spec.consent.items():
        if consent.subject not in spec.subjects:
            _unknown(context, "N006", "subject", consent.subject, spec.subjects, ("consent", name, "subject"))
        places = (*spec.sources, *spec.tables)
        if consent.registry is not None and consent.registry not in places:
            _unknown(context, "N001", "table", consent.registry, list(places), ("consent", name, "registry"))
    for name in spec.row_counts:
        if name not in spec.sources and name not in spec.tables:
            known = (*spec.sources, *spec.tables)
            place = context.document.key_span(("row_counts", name))
            context.report("N001", f"unknown table `{name}`", place, help=suggestion(name, known))
    _check_subjects(context)


def _check_subjects(context: Context) -> None:
    spec = context.spec
    for name, subject in spec.subjects.items():
        registry = spec.sources.get(subject.registry)
        if registry is None:
            _unknown(context, "N001", "source", subject.registry, spec.sources, ("subjects", name, "registry"))
            continue
        for key, path in check_keys(context, name):
            if key not in registry.every_column:
                _unknown(context, "C001", "column", key, registry.every_column, path)
    for name, source in spec.sources.items():
        for index, who in enumerate(source.subject if isinstance(source.subject, list) else ()):
            if who not in spec.subjects:
                item: tuple[str | int, ...] = ("sources", name, "subject", index)
                place = item if context.document.has(item) else item[:-1]
                _unknown(context, "N006", "subject", who, spec.subjects, place)
        for column, declared in source.every_column.items():
            if declared.identifies is None:
                continue
            path = ("sources", name, source.place(column), column, "identifies")
            who, key = declared.identifies.split(".")
            if who not in spec.subjects:
                _unknown(context, "N006", "subject", who, spec.subjects, path)
            elif key not in (known := known_keys(context, who)):
                _unknown(context, "N006", f"key of subject `{who}`", key, known, path)


def _unknown(
    context: Context,
    code: str,
    what: str,
    name: str,
    known: Mapping[str, object] | list[str],
    path: tuple[str | int, ...],
) -> None:
    context.report(code, f"unknown {what} `{name}`", Place(path), help=suggestion(name, known))


def order_tables(context: Context) -> list[str]:
    """Tables in an order in which each comes after those that it reads; unknown inputs and cycles are reported.

    A check against what comes after its table is put off: `context.later` says which table looks at it.
    """
    tables = context.spec.tables
    known = {**context.spec.sources, **tables}
    inputs = {name: _inputs(context, name, table, known) for name, table in tables.items()}
    rows = {name: {need for need in found if need in tables} for name, found in inputs.items()}
    needs, late = put_off(rows, [one for name in tables for one in _asked(context, name, known)])
    order = in_order(needs)
    if len(order) < len(needs):
        done = set(order)
        _report_cycle(context, {name: found for name, found in needs.items() if name not in done})
    views = {name for name, table in tables.items() if table.view}
    for one in late:
        by = checked_by(one.target, views, inputs, order)
        if by is None:
            _nobody_checks(context, one)
        else:
            context.later.setdefault((one.table, one.number), {})[one.column] = by
    return order


def _inputs(context: Context, name: str, table: Table, known: Mapping[str, object]) -> list[str]:
    """What a table takes rows from; what is wrong with how it says so is reported."""
    found: dict[str, None] = {}
    for path, mentioned in _mentions(table):
        if mentioned in known:
            found[mentioned] = None
        else:
            _unknown(context, "N001", "table", mentioned, known, ("tables", name, *path))
    for key, text, tables_of in _texts(table):
        problems, mentions = tables_of(text, known)
        context.report_problems(("tables", name, key), problems)
        found.update(dict.fromkeys(mentions))
    return list(found)


def _asked(context: Context, name: str, known: Mapping[str, object]) -> Iterator[Asked]:
    """The tables that a table's expectations look into."""
    for index, expectation in enumerate(context.spec.tables[name].expect):
        for column, reference in (expectation.references or {}).items():
            target = reference.split(".")[0]
            if target not in known:
                _unknown(context, "N001", "table", target, known, _reference_path(name, index, column))
            elif target != name and target in context.spec.tables:
                yield Asked(name, index, column, target)


def _reference_path(table: str, index: int, column: str) -> tuple[str | int, ...]:
    return ("tables", table, "expect", index, "references", column)


def _texts(table: Table) -> Iterator[tuple[str, str, Callable[..., tuple[list[Problem], list[str]]]]]:
    """The parts of a table that name tables inside of them."""
    if table.sql is not None:
        yield "sql", table.sql, mentioned_tables
    if table.filter is not None:
        yield "filter", table.filter, tables_in_condition


def inputs_of(table: Table, known: Mapping[str, object]) -> tuple[str, ...]:
    """The tables and sources that a table's rows come from; those that it only references are not among them."""
    names = [name for _, name in _mentions(table)]
    for _, text, tables_of in _texts(table):
        names += tables_of(text, known)[1]
    return tuple(dict.fromkeys(names))


def _mentions(table: Table) -> Iterator[tuple[tuple[str | int, ...], str]]:
    if table.source is not None:
        yield ("source",), table.source
    for index, name in enumerate(table.union or ()):
        yield ("union", index), name
    for index, join in enumerate(table.join):
        yield ("join", index, join.kind), join.table


def _nobody_checks(context: Context, one: Asked) -> None:
    """Reports a check against a view that is made of the table itself, and that no table reads."""
    context.report(
        "N004",
        f"`{one.table}` is checked against `{one.target}`, which is made of it",
        Place(_reference_path(one.table, one.number, one.column)),
        f"`{one.target}` isn't there yet",
        notes=(f"a table that reads the view `{one.target}` could check it afterwards, but none does",),
        help=(f"reference a table instead, or read `{one.target}` in one",),
    )


def _report_cycle(context: Context, waiting: Mapping[str, set[str]]) -> None:
    """Reports one cycle of those that are left; a cycle leaves none of its tables compiled."""
    at = next(iter(waiting))
    seen: list[str] = []
    while at not in seen:
        seen.append(at)
        at = next(need for need in sorted(waiting[at]) if need in waiting)
    cycle = [*seen[seen.index(at) :], at]
    context.report(
        "N004",
        "tables depend on each other in a cycle" if len(cycle) > 2 else f"`{at}` depends on itself",
        context.document.key_span(("tables", cycle[0])),
        notes=(" → ".join(f"`{name}`" for name in reversed(cycle)),),
        help=("break it: one of these tables must not read the next",),
    )
    context.broken.update(waiting)
