"""The consent that a table's zone requires, and what shows it."""

from __future__ import annotations

from dataclasses import dataclass

from generator.checks.consent import unproven
from generator.plan.lake import CompiledLake, CompiledTable
from generator.render.explanation.assumptions import Assumption, assumed_of
from generator.render.explanation.evidence import ProofStep, proof_steps


@dataclass(frozen=True, slots=True)
class ConsentProof:
    """A consent, and why every row of a table is known to have it.

    Attributes:
        consent, subject, registry, when: which, whose, and the condition on their record in the registry.
        since: the registry's column with the moment of consent, if only data from then on may be there.
        proven: every person of the kind in every row is known to have given it.
        about: whether the rows hold data of such people at all.
        by: the steps that show it, down to the registry.
        assumes: what they take for granted.
    """

    consent: str
    subject: str
    registry: str
    when: str
    since: str | None
    proven: bool
    about: bool
    by: tuple[ProofStep, ...]
    assumes: tuple[Assumption, ...]


def consent_proof(lake: CompiledLake, table: CompiledTable) -> ConsentProof | None:
    """The consent that a table's zone requires; None where it requires none."""
    return lake.once("consent proof", table.name, lambda: _consent_proof(lake, table))


def _consent_proof(lake: CompiledLake, table: CompiledTable) -> ConsentProof | None:
    name = lake.required(table)
    if name is None:
        return None
    consent = lake.consents[name]
    steps = proof_steps(lake, table.name, name)
    sources = {source for step in steps for source in step.sources}
    return ConsentProof(
        consent=name,
        subject=consent.subject,
        registry=consent.registry,
        when=consent.when,
        since=consent.since,
        proven=not unproven(lake, table.relation, name) and not table.relation.silent_of(lake.consents[name].subject),
        about=any(person.subject == consent.subject for person in table.relation.persons.values()),
        by=steps,
        assumes=assumed_of(lake, consent.subject, sources) if steps else (),
    )
