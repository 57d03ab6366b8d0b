"""Why every row of a table is consented, in plain words."""

from __future__ import annotations

from generator.cli.formats.page import Page, listed
from generator.render.explanation import TableExplanation
from generator.render.explanation.assumptions import Assumed, Assumption
from generator.render.explanation.consent import ConsentProof
from generator.render.explanation.evidence import ProofStep, Rule


def consent_section(page: Page, table: TableExplanation) -> None:
    proof = table.consent
    if proof is None:
        where = f"Zone {table.zone} requires no consent." if table.zone else "It is in no zone that requires one."
        page.say(where)
        return
    page.say(
        f"Zone {table.zone} requires that every {proof.subject} in it gave the consent `{proof.consent}`: "
        f"{proof.when}, in {proof.registry}."
    )
    if not proof.proven:
        page.say("That is not proven for the rows of this view; the tables that are made from it must prove it.")
        return
    if not proof.about:
        page.say(f"No row holds data of a {proof.subject}, so there is nobody to ask.")
        return
    page.say("That is proven for every row:")
    _proof(page, proof)
    if proof.since is not None:
        page.say(f"Data from before the consent ({proof.since}) is not there either.")
    page.say("The proof takes for granted that")
    for one in proof.assumes:
        page.say(f"- {_assumption(one)}", hang=2)


def _proof(page: Page, proof: ConsentProof) -> None:
    table = ""
    for step in proof.by:
        if step.table != table:
            table = step.table
            page.say(table, level=2)
        page.say(f"- {_shown(step, proof.registry)}", level=2, hang=2)


def _shown(step: ProofStep, registry: str) -> str:
    who = f"the {step.subject} behind rows of {listed(step.sources)}"
    proven = "of which consent is proven (see below)" if step.relies_on else "of which consent is proven"
    if step.rule is Rule.ASKS:
        return f"{who}: {step.step}, which asks the {step.subject}'s own record in {registry}."
    if step.rule is Rule.MATCHES:
        return f"{who}: {step.step}, which matches a key of the {step.subject} with rows {proven}."
    return f"{who}: {step.step}, {proven}."


def _assumption(one: Assumption) -> str:
    column = f"{one.source}.{', '.join(one.columns)}"
    subject = (one.person_key or "").split(".")[0]
    if one.assumed is Assumed.REGISTRY_KEY:
        column = f"{one.form} of {one.source}" if one.form else column
        return f"each {column} is one {subject}'s, and none is missing. Every run checks it."
    names = f"{column} names the {subject} whom the row is about ({one.person_key})"
    return f"{names}. The spec says so; no check can."
