"""G013: keys that are spelled in several ways, compared as they are spelled.

Such a join misses people. Where it makes what says who consented, an objection can be among what it misses: an error.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sqlglot import exp

from generator.checks.finding import Finding
from generator.diagnostics import Severity
from generator.plan.conditions import canonical
from generator.plan.expressions.columns import column_id, column_nodes
from generator.plan.lake import CompiledLake, CompiledTable, Join, JoinSite
from generator.plan.normal_form import NormalForm
from generator.plan.relation import Column, ColumnId, Identity


def check(lake: CompiledLake) -> Iterator[Finding]:
    if not any(subject.normal for subject in lake.subjects.values()):
        return
    registries = _behind_registries(lake)
    for table in lake.tables.values():
        for site in table.query.joins():
            for form in _spelled(lake, site):
                yield _finding(table, site.join, form, table.name in registries)


def _behind_registries(lake: CompiledLake) -> set[str]:
    """The tables that say who consented, and those that they are made of."""
    found = {consent.registry for consent in lake.consents.values()}
    for name in reversed(tuple(lake.tables)):
        if name in found:
            found.update(lake.tables[name].inputs)
    return found


def _spelled(lake: CompiledLake, site: JoinSite) -> Iterator[NormalForm]:
    """The normal forms of the keys that a join compares without them."""
    for one in site.join.condition.find_all(exp.EQ, exp.NullSafeEQ):
        left, right = (_keys(lake, site, side) for side in (one.this, one.expression))
        for kind in left.keys() & right.keys():
            exact = {left[kind].normal, right[kind].normal} == {True} or _same_registry(left[kind], right[kind])
            if not exact:
                yield lake.subjects[kind[0]].normal[kind[1]]


def _keys(lake: CompiledLake, site: JoinSite, value: exp.Expression) -> dict[tuple[str, str], Identity]:
    """Whose keys with a normal form a value is, and how."""
    inner = value.unnest()
    read = {column_id(node) for node in column_nodes(inner)}
    if len(read) != 1:
        return {}
    (column,) = read
    known = site.left.columns.get(column) or _right(lake, site.join).get(column)
    text = canonical(inner, {column: ""})
    found = {}
    for one in sorted(known.identities) if known is not None else ():
        kind = lake.key_of(one)
        form = lake.subjects[kind[0]].normal.get(kind[1]) if kind is not None else None
        if kind is None or form is None:
            continue
        if form.canonical == text:
            found[kind] = one._replace(normal=True)
        elif isinstance(inner, exp.Column):
            found[kind] = one
    return found


def _right(lake: CompiledLake, join: Join) -> Mapping[ColumnId, Column]:
    relation = lake.relation(join.input) if isinstance(join.input, str) else join.input.relation
    return {ColumnId(join.alias, column.name): column for column in relation.columns.values()}


def _same_registry(one: Identity, other: Identity) -> bool:
    return one.own and other.own and one[1:3] == other[1:3]


def _finding(table: CompiledTable, join: Join, form: NormalForm, of_registry: bool) -> Finding:
    what = ", which says who consented," if of_registry else ""
    return Finding(
        "G013",
        f"`{table.name}`{what} compares people as they are spelled",
        join.place,
        f"`{form.text}` makes one of several spellings",
        notes=("people who are spelled in another way are missed",),
        help=(f"compare `{form.text}` of both sides",),
        severity=Severity.ERROR if of_registry else Severity.WARNING,
    )
