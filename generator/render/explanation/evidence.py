"""Why each row's people are known to have consented: the proofs of a table, followed down to the registry.

A relation says of each person which step of its own table shows the consent. Here these steps are put
together, table by table, until each ends in a condition on the person's own record. A table is visited once,
whatever the number of ways that lead to it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from generator.plan.lake import CompiledLake, Extend, Filter, Join, Query, Scan, Step, Union
from generator.plan.relation import Person, Proof, Relation
from generator.render.explanation.readable import condition_text, join_text, nested_queries


class Rule(StrEnum):
    """How a step shows a consent."""

    ASKS = "asks"
    MATCHES = "matches"
    INHERITS = "inherits"


@dataclass(frozen=True, slots=True)
class ProofStep:
    """A step that shows the consent of one of the people in a table's rows.

    Attributes:
        subject, sources: whose consent: the kind of person, and the sources of that person's own rows.
        rule: `asks`: a condition on the person's own record; `matches`: a join with consented people by a key
            of the person; `inherits`: the rows come from where it is proven.
        step: the step as text.
        relies_on: the tables whose own proofs it passes on.
    """

    table: str
    subject: str
    sources: tuple[str, ...]
    rule: Rule
    step: str
    relies_on: tuple[str, ...]


def proof_steps(lake: CompiledLake, table: str, consent: str) -> tuple[ProofStep, ...]:
    """Every step that a proof rests on: the table's own first, and each before those that it relies on."""
    found: dict[str, dict[ProofStep, None]] = {}
    waiting = [table]
    for name in waiting:
        if name not in found and name in lake.tables:
            found[name] = dict.fromkeys(_table_steps(lake, name, consent))
            waiting += [other for step in found[name] for other in step.relies_on]
    return tuple(step for name in reversed(list(lake.tables)) for step in found.get(name, ()))


def _table_steps(lake: CompiledLake, table: str, consent: str) -> Iterator[ProofStep]:
    query = lake.tables[table].query
    for person, proof in _proven(query.relation, lake.consents[consent].subject, consent):
        for rule, text, relies_on in _Search(lake, consent, person).shown(query, proof):
            yield ProofStep(table, person.subject, tuple(sorted(person.sources)), rule, text, relies_on)


def _proven(relation: Relation, subject: str, consent: str) -> list[tuple[Person, Proof]]:
    """People of a kind with their proofs of a consent, in an order that is always the same."""
    found = [
        (person, proof)
        for person in relation.persons.values()
        if person.subject == subject
        for proof in person.proofs
        if proof.consent == consent
    ]
    return sorted(found, key=_by_person)


def _by_person(pair: tuple[Person, Proof]) -> tuple[bool, list[str], str, str]:
    person, proof = pair
    return person.aggregated, sorted(person.sources), proof.reason, proof.via or ""


Shown = tuple[Rule, str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class _Search:
    """Finds the steps that show a person's consent, through nested queries."""

    lake: CompiledLake
    consent: str
    person: Person

    def shown(self, query: Query, proof: Proof) -> Iterator[Shown]:
        before = Relation({})
        full: tuple[Relation, Join] | None = None
        for step in query.steps:
            persons = [number for number, person in step.after.persons.items() if proof in person.proofs]
            if persons and isinstance(step, Extend) and full is not None:
                yield from self.both_sides(query, *full)
                return
            if persons:
                yield from self.by_step(step, any(number in before.persons for number in persons))
                return
            full = (before, step) if isinstance(step, Join) and step.kind == "full" else full
            before = step.after

    def both_sides(self, query: Query, left: Relation, step: Join) -> Iterator[Shown]:
        """What shows the consent of somebody who comes from either side of a full join, or from both."""
        for _, proof in _proven(left, self.person.subject, self.consent):
            yield from self.shown(query, proof)
        if isinstance(step.input, str):
            yield Rule.INHERITS, f"rows of {step.input}", (step.input,)
        yield from self.nested(step)

    def by_step(self, step: Step, was_there: bool) -> Iterator[Shown]:
        """The step that was found; `was_there` says that the person was in the rows before it, unproven."""
        if isinstance(step, Filter):
            yield Rule.ASKS, f"filter {condition_text(step)}", ()
        elif isinstance(step, Join):
            yield from self.by_join(step, was_there)
        elif isinstance(step, (Scan, Union)):
            inputs = step.inputs if isinstance(step, Union) else (step.input,)
            named = dict.fromkeys(one for one in inputs if isinstance(one, str))
            tables = tuple(one for one in named if self.proven_in(self.lake.relation(one)))
            if tables:
                yield Rule.INHERITS, f"rows of {' and '.join(tables)}", tables
            yield from self.nested(step)

    def by_join(self, step: Join, was_there: bool) -> Iterator[Shown]:
        if isinstance(step.input, Query):
            inner = list(self.nested(step))
            if not inner:
                yield Rule.ASKS, join_text(step), ()
            elif was_there or not self.comes_from(step.input.relation):
                yield Rule.MATCHES, join_text(step), ()
            yield from inner
            return
        relation = self.lake.relation(step.input)
        if not self.proven_in(relation):
            yield Rule.ASKS, join_text(step), ()
        elif was_there or not self.comes_from(relation):
            yield Rule.MATCHES, join_text(step), (step.input,)
        else:
            yield Rule.INHERITS, f"rows of {step.input}", (step.input,)

    def nested(self, step: Step) -> Iterator[Shown]:
        for _, query in nested_queries(step):
            for _, proof in _proven(query.relation, self.person.subject, self.consent):
                yield from self.shown(query, proof)

    def proven_in(self, relation: Relation) -> bool:
        return bool(_proven(relation, self.person.subject, self.consent))

    def comes_from(self, relation: Relation) -> bool:
        """Whether a proven person of the relation is this one, and not only matched with this one."""
        proven = _proven(relation, self.person.subject, self.consent)
        return any(self.person.sources <= other.sources for other, _ in proven)
