"""Consents: each is a condition on the columns of its subject's registry."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from generator.diagnostics import suggestion
from generator.plan.conditions import canonical
from generator.plan.context import Context, one_line
from generator.plan.expressions import Problem, Scope, Typed, check, conjuncts
from generator.plan.lake import CompiledConsent, CompiledSource, Place
from generator.plan.people import ConsentRule
from generator.plan.relation import ColumnId
from generator.plan.types import BOOLEAN
from generator.spec.model import Consent


def compile_consents(context: Context, sources: Mapping[str, CompiledSource]) -> dict[str, CompiledConsent]:
    """The consents by name, which the proofs of all later tables go by; what is wrong with them is reported."""
    compiled: dict[str, CompiledConsent] = {}
    rules: dict[str, ConsentRule] = {}
    for name, consent in context.spec.consent.items():
        subject = context.spec.subjects.get(consent.subject)
        registry = sources.get(subject.registry) if subject else None
        typed = _condition(context, name, consent, registry) if registry is not None else None
        if registry is None or typed is None:
            continue
        raw = {ColumnId(registry.name, column.name): column.name for column in registry.columns}
        goals = {text: one for one in conjuncts(typed.ast) if (text := canonical(one, raw)) is not None}
        rules[name] = ConsentRule(consent.subject, registry.name, goals, consent.since)
        compiled[name] = CompiledConsent(
            consent.subject, registry.name, one_line(consent.when, 1000), typed.ast, consent.since
        )
    context.subjects = replace(context.subjects, consents=rules)
    return compiled


def _condition(context: Context, name: str, consent: Consent, registry: CompiledSource) -> Typed | None:
    columns = {column.name: column for column in registry.relation.columns.values()}
    typed, problems = check(consent.when, Scope({registry.name: columns}))
    if typed is not None and not problems and typed.type != BOOLEAN:
        message = f"`when` must be a condition, found {typed.type}"
        problems = [Problem("T002", message, 0, len(consent.when))]
    context.report_problems(("consent", name, "when"), problems)
    if consent.since is not None and consent.since not in columns:
        message = f"unknown column `{consent.since}` in `{registry.name}`"
        place = Place(("consent", name, "since"))
        context.report("C001", message, place, "not found", help=suggestion(consent.since, columns))
    return typed if not problems else None
