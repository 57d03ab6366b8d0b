"""Consents: each is a condition on the columns of its subject's registry."""

from __future__ import annotations

from collections.abc import Mapping

from generator.plan.context import Context, one_line
from generator.plan.expressions import Problem, Scope, check
from generator.plan.lake import CompiledConsent, CompiledSource
from generator.plan.types import BOOLEAN


def compile_consents(context: Context, sources: Mapping[str, CompiledSource]) -> dict[str, CompiledConsent]:
    """The consents by name; what is wrong with them is reported."""
    compiled = {}
    for name, consent in context.spec.consent.items():
        subject = context.spec.subjects.get(consent.subject)
        registry = sources.get(subject.registry) if subject else None
        if registry is None:
            continue
        path = ("consent", name, "when")
        columns = {column.name: column for column in registry.relation.columns.values()}
        typed, problems = check(consent.when, Scope({registry.name: columns}))
        if typed is not None and not problems and typed.type != BOOLEAN:
            message = f"`when` must be a condition, found {typed.type}"
            problems = [Problem("T002", message, 0, len(consent.when))]
        context.report_problems(path, problems)
        compiled[name] = CompiledConsent(consent.subject, registry.name, one_line(consent.when, 1000))
    return compiled
