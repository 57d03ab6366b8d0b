"""Whose data a table's rows hold, through which joins, and whether two people can meet in one row."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from generator.plan.lake import CompiledLake, CompiledTable, Join, Query
from generator.plan.mixing import mixed_persons
from generator.plan.relation import Proof, Relation, Since
from generator.render.explanation.readable import input_name, nested_queries, on_text


@dataclass(frozen=True, slots=True)
class RowPerson:
    """Somebody whom a row is about.

    Attributes:
        sources: the sources of the person's own rows in it.
        identified_by: the table's columns that are a key of the person.
        aggregated: several people are summed up; they can't be told apart any more.
        optional: the person may be missing, after a left or full join.
        consents: the proofs, one a consent.
        since: the sources of which only data since a consent is there.
    """

    subject: str
    sources: tuple[str, ...]
    identified_by: tuple[str, ...]
    aggregated: bool
    optional: bool
    consents: tuple[Proof, ...]
    since: tuple[Since, ...]


def row_people(lake: CompiledLake, relation: Relation) -> tuple[RowPerson, ...]:
    """The people of a relation, in an order that is always the same."""
    found = [
        RowPerson(
            subject=person.subject,
            sources=tuple(sorted(person.sources)),
            identified_by=_key_columns(lake, relation, number),
            aggregated=person.aggregated,
            optional=person.optional,
            consents=tuple(sorted(person.proofs, key=lambda proof: proof.consent)),
            since=tuple(sorted(person.since)),
        )
        for number, person in relation.persons.items()
    ]
    return tuple(sorted(found, key=lambda one: (one.subject, one.aggregated, one.sources, repr(one))))


def _key_columns(lake: CompiledLake, relation: Relation, number: int) -> tuple[str, ...]:
    return tuple(
        column.name
        for column in relation.columns.values()
        if any(one.person == number and lake.identifies(one) is not None for one in column.identities)
    )


@dataclass(frozen=True, slots=True)
class JoinFacts:
    """A join of a table's query.

    Attributes:
        other: the joined table, or the alias of a nested query.
        on: the condition.
        left_unique, right_unique: whether at most one row of that side has given values in the columns.
        is_assumed: whether one of them is only so because `cardinality` says it; every run checks it.
        cardinality: as declared, or else as the two say.
        mixes: whether it can put the data of two different people of one kind into a row.
        reason: why that is meant, as declared.
    """

    kind: str
    other: str
    on: str
    left_unique: bool
    right_unique: bool
    is_assumed: bool
    cardinality: str
    is_declared: bool
    mixes: bool
    reason: str | None


def join_facts(step: Join, before: Relation) -> JoinFacts:
    derived = f"{'one' if step.left_unique else 'many'}_to_{'one' if step.right_unique else 'many'}"
    return JoinFacts(
        kind=step.kind,
        other=input_name(step.input, step.alias),
        on=on_text(step),
        left_unique=step.left_unique,
        right_unique=step.right_unique,
        is_assumed=step.assumes_left or step.assumes_right,
        cardinality=step.cardinality or derived,
        is_declared=step.cardinality is not None,
        mixes=bool(mixed_persons(before, step)),
        reason=step.mixes_subjects,
    )


def joins_of(query: Query) -> Iterator[JoinFacts]:
    """The joins of a query in order, those of a nested query before the step that reads it."""
    before = Relation({})
    for step in query.steps:
        for _, nested in nested_queries(step):
            yield from joins_of(nested)
        if isinstance(step, Join):
            yield join_facts(step, before)
        before = step.after


@dataclass(frozen=True, slots=True)
class Mixing:
    """Where two people's data comes into one row: by a join of a table, or in a source, as it lands."""

    table: str
    join: str | None
    reason: str | None


def mixing(lake: CompiledLake, table: CompiledTable) -> tuple[Mixing, ...]:
    """Every place, in the table or before it, that puts the data of two people of one kind into a row."""
    found: dict[Mixing, None] = {}
    waiting, seen = [table.name], set[str]()
    for name in waiting:
        if name in seen:
            continue
        seen.add(name)
        if name in lake.sources:
            if _holds_two(lake.sources[name].relation):
                found[Mixing(name, None, None)] = None
            continue
        for one in joins_of(lake.tables[name].query):
            if one.mixes:
                found[Mixing(name, f"{one.kind} join {one.other} on {one.on}", one.reason)] = None
        waiting += _rows_from(lake.tables[name].query)
    return tuple(found)


def _holds_two(relation: Relation) -> bool:
    subjects = [person.subject for person in relation.persons.values()]
    return len(subjects) > len(set(subjects))


def _rows_from(query: Query) -> Iterator[str]:
    """The tables whose columns a query takes: not those that semi and anti joins only look into."""
    for step in query.steps:
        if isinstance(step, Join) and step.kind in ("semi", "anti"):
            continue
        for _, nested in nested_queries(step):
            yield from _rows_from(nested)
        inputs = getattr(step, "inputs", None) or (getattr(step, "input", None),)
        yield from (one for one in inputs if isinstance(one, str))
