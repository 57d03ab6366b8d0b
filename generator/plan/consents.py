"""Consents: each is a condition on the columns of its registry: the subject's own, another source, or a table.

Such a table has one row for each person, whose key it holds. What that row says is what the person agreed to, however
it was made: the latest of many events, or a list of those who object.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from sqlglot import exp

from generator.diagnostics import suggestion
from generator.plan.conditions import not_null
from generator.plan.context import Context, one_line
from generator.plan.expressions import Problem, Scope, Typed, check
from generator.plan.expressions.columns import column_node
from generator.plan.facts import covers
from generator.plan.implied import goals_of
from generator.plan.lake import CompiledConsent, CompiledSource, Place
from generator.plan.nulls import never_null
from generator.plan.people import ConsentRule
from generator.plan.person_keys import known_keys
from generator.plan.relation import ColumnId, Identity, Relation
from generator.plan.types import BOOLEAN
from generator.spec.model import Consent


def compile_consents(context: Context, sources: Mapping[str, CompiledSource]) -> dict[str, CompiledConsent]:
    """The consents of subjects' own registries by name; what is wrong with them is reported."""
    compiled: dict[str, CompiledConsent] = {}
    for name, consent in context.spec.consent.items():
        subject = context.spec.subjects.get(consent.subject)
        if subject is None or subject.registry not in sources or consent.registry not in (None, subject.registry):
            continue
        keys = {key: key for key in known_keys(context, consent.subject)}
        found = _compiled(context, name, subject.registry, sources[subject.registry].relation, keys, ())
        compiled.update({name: found} if found is not None else {})
    return compiled


def compile_registry(context: Context, table: str, relation: Relation) -> tuple[Relation, dict[str, CompiledConsent]]:
    """A relation as the registry of the consents that name it: its columns are those of each person's own row.

    Returns:
        the relation as other tables read it, and the consents by name.
    """
    compiled: dict[str, CompiledConsent] = {}
    for name, consent in context.spec.consent.items():
        subject = context.spec.subjects.get(consent.subject)
        if consent.registry != table or subject is None or subject.registry == table:
            continue
        owner = _owner(context, relation, consent.subject)
        if owner is None:
            _refuse(context, name, consent, table)
            continue
        person, key, column = owner
        relation = _with_owner(relation, person, table)
        sure = column in never_null(relation, (), context.subjects)
        found = _compiled(context, name, table, relation, {key: column.name}, () if sure else (column,))
        compiled.update({name: found} if found is not None else {})
    return relation, compiled


def _compiled(
    context: Context, name: str, registry: str, relation: Relation, keys: Mapping[str, str], there: tuple[ColumnId, ...]
) -> CompiledConsent | None:
    """A consent, whose rule is added to those that later tables are proven by.

    Args:
        there: columns that have to be shown not to be null, besides what the consent asks for.
    """
    consent = context.spec.consent[name]
    typed = _condition(context, name, consent, registry, relation)
    if typed is None:
        return None
    goals = goals_of(typed.ast)
    for column in there:
        node = column_node(ColumnId(registry, column.name), relation.columns[column].type)
        goals[not_null(column.name)] = exp.Not(this=exp.Is(this=node, expression=exp.Null()))
    rule = ConsentRule(consent.subject, registry, goals, consent.since)
    context.subjects = replace(context.subjects, consents={**context.subjects.consents, name: rule})
    present = tuple(column.name for column in there)
    when = one_line(consent.when, 1000)
    return CompiledConsent(consent.subject, registry, when, typed.ast, consent.since, dict(keys), present)


def _owner(context: Context, relation: Relation, subject: str) -> tuple[int, str, ColumnId] | None:
    """The only person of a kind of whom a row is the only one: who it is, by which key, and its column."""
    found = {
        one.person: (one.person, kind[1], column)
        for column, known in reversed(tuple(relation.columns.items()))
        for one in sorted(known.identities)
        if (kind := context.subjects.kind(one)) is not None
        and kind[0] == subject
        and context.subjects.is_exact(one)
        and covers(relation.keys, (column,))
        and not relation.persons[one.person].optional
        and not relation.persons[one.person].aggregated
    }
    return next(iter(found.values())) if len(found) == 1 else None


def _with_owner(relation: Relation, person: int, table: str) -> Relation:
    columns = {
        key: replace(known, identities=known.identities | {Identity(person, table, key.name, own=True)})
        for key, known in relation.columns.items()
    }
    return replace(relation, columns=columns)


def _refuse(context: Context, name: str, consent: Consent, table: str) -> None:
    keys = " or ".join(f"`{key}`" for key in context.spec.subjects[consent.subject].keys)
    message = f"`{table}` can't be the registry of consent `{name}`: it may have several rows of a {consent.subject}"
    label = f"no column that is unique here is a key of a {consent.subject}"
    form = "`dedupe: {by: …, order_by: … desc}`, `group_by`, or `unique` on a source"
    help = [f"keep one row for each, by a column that identifies them by {keys}: {form}"]
    forms = [one.text for (subject, _), one in context.subjects.normal.items() if subject == consent.subject]
    help += [f"one person may be spelled in several ways: make `{text}` a column of its own first" for text in forms]
    context.report("G012", message, Place(("consent", name, "registry")), label, help=help)


def _condition(context: Context, name: str, consent: Consent, registry: str, relation: Relation) -> Typed | None:
    columns = {column.name: column for column in relation.columns.values()}
    typed, problems = check(consent.when, Scope({registry: columns}))
    if typed is not None and not problems and typed.type != BOOLEAN:
        message = f"`when` must be a condition, found {typed.type}"
        problems = [Problem("T002", message, 0, len(consent.when))]
    context.report_problems(("consent", name, "when"), problems)
    if consent.since is not None and consent.since not in columns:
        message = f"unknown column `{consent.since}` in `{registry}`"
        place = Place(("consent", name, "since"))
        context.report("C001", message, place, "not found", help=suggestion(consent.since, columns))
    return typed if not problems else None
