"""The claims that the build makes of a table, checked on its rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from random import Random

from generator.checks import consent
from generator.plan.lake import CompiledLake, CompiledTable, Join
from generator.plan.relation import Column, ColumnId, Identity, Person, Relation
from tests.proofs.algebra import Bound, Core, JoinTrace, Row, Tables, bag, evaluate
from tests.proofs.lakes import Lake
from tests.proofs.people_data import Asked, Ground, consented
from tests.proofs.values import Expr, Value, value

Somebody = tuple[str, str, Value]
"""A person: the subject, the registry's key that all are known by, and its value; for others the key they came by."""


@dataclass
class World:
    """A lake, what was claimed of it, and what its rows are.

    Attributes:
        rows: of all sources and tables.
        counts: how many claims of each sort were made, and of how many tables.
    """

    lake: Lake
    compiled: CompiledLake
    rows: Tables
    counts: Counter[str] = field(default_factory=Counter)

    @property
    def ground(self) -> Ground:
        return self.lake.ground

    def somebody(self, subject: str, key: str, known: Value) -> Somebody:
        """The person of a key's value; of a null, somebody unknown."""
        one = self.ground.registry_of(subject)
        wanted = self.ground.normal(subject, key, known)
        found = [
            row[one.keys[0]]
            for row in self.ground.raw[one.registry]
            if self.ground.normal(subject, key, row[key]) == wanted is not None
        ]
        return (subject, one.keys[0], found[0]) if found else (subject, f"?{key}", wanted)

    def people(self, row: Row, subject: str, sources: frozenset[str] | None = None) -> set[Somebody]:
        """The people of a kind whose raw rows of some sources made a row."""
        return {
            self.somebody(kind, key, self.ground.raw[source][index][column])
            for source, index in row.made_of
            if sources is None or source in sources
            for column, kind, key in self.ground.mentions[source]
            if kind == subject
        }

    def agreed(self, asked: Asked, one: Somebody) -> bool:
        subject = asked.subject
        if asked.registry:
            own = [row[asked.key] for row in self.ground.raw[subject.registry] if row[subject.keys[0]] == one[2]]
            value = own[0] if one[1] == subject.keys[0] and own else one[2] if one[1] == f"?{asked.key}" else None
            rows = [row.values for row in self.rows[asked.registry] if row.values[asked.column] == value is not None]
            return any(consented(asked, row) for row in rows)
        return any(
            consented(asked, row)
            for row in self.ground.raw[subject.registry]
            if row[subject.keys[0]] == one[2] and one[1] == subject.keys[0]
        )


Claim = Callable[[World, str], Iterator[str]]
"""Yields what is wrong with a table; counts what it looked at."""


def unconsented_people(world: World, name: str) -> Iterator[str]:
    """A table that its zone's check lets pass holds consented people only, and only their data since then."""
    table = world.compiled.tables[name]
    for asked in world.ground.consents:
        world.counts["checks of a zone"] += 1
        if any(True for _ in consent.check(only(world.compiled, table, f"zone_{asked.name}"))):
            continue
        subject = asked.subject
        world.counts["checks of a zone passed"] += 1
        about = any(world.people(row, subject.name) for row in world.rows[name])
        world.counts["checks of a zone passed, with people"] += about
        for row in world.rows[name]:
            for one in world.people(row, subject.name):
                if not world.agreed(asked, one):
                    yield f"the zone of {asked.name} lets {one} pass: {row}"
            yield from _early(world, asked, row, world.ground.columns.keys() - {subject.registry})
            yield from _mentioned(world, asked, row)


def _mentioned(world: World, asked: Asked, row: Row) -> Iterator[str]:
    """Rows of the registry that name somebody besides their owner: nothing tells that they are since a consent."""
    subject = asked.subject
    for source, index in row.made_of if asked.since else ():
        raw = world.ground.raw[source][index]
        others = [c for c, kind, _ in world.ground.mentions[source] if kind == subject.name and c not in subject.keys]
        if source == subject.registry and any(raw[column] is not None for column in others):
            yield f"{source} {index} names somebody from before their consent: {row}"


def only(lake: CompiledLake, table: CompiledTable, zone: str) -> CompiledLake:
    """The lake as if this table alone were in a zone that asks for a consent."""
    tables = {name: replace(one, zone=zone if one is table else "free") for name, one in lake.tables.items()}
    return replace(lake, tables=tables)


def wrongly_proven(world: World, name: str) -> Iterator[str]:
    """Each person with a proof has consented, whoever else is in the row."""
    relation = world.compiled.tables[name].relation
    for asked in world.ground.consents:
        subject = asked.subject
        mine = [person for person in relation.persons.values() if person.subject == subject.name]
        proven = [person for person in mine if asked.name in person.consents]
        world.counts["persons"] += len(mine)
        world.counts["persons proven"] += len(proven)
        world.counts["persons proven by a table of consents"] += len(proven) if asked.registry else 0
        doubtful = frozenset[str]().union(*(person.sources for person in mine if person not in proven))
        certain = frozenset[str]().union(*(person.sources for person in proven)) - doubtful
        for row in world.rows[name]:
            for one in world.people(row, subject.name, certain):
                if not world.agreed(asked, one):
                    yield f"{one} did not consent, from {sorted(certain)}: {row}"
        since = certain & _since_of_all(proven, asked.name)
        for row in world.rows[name]:
            yield from _early(world, asked, row, since)


def _since_of_all(persons: Sequence[Person], consent_name: str) -> frozenset[str]:
    """The sources of which all persons that have rows of it show that they aren't from before the consent."""
    every = frozenset[str]().union(*(person.sources for person in persons))
    return frozenset(
        source
        for source in every
        if all((consent_name, source) in person.since for person in persons if source in person.sources)
    )


def _early(world: World, asked: Asked, row: Row, sources: frozenset[str] | set[str]) -> Iterator[str]:
    """Raw rows of these sources that are from before their person's consent."""
    subject = asked.subject
    if asked.since is None:
        return
    for source, index in row.made_of:
        time = world.ground.declared[source].get("event_time")
        for one in world.people(Row({}, frozenset({(source, index)})), subject.name, frozenset(sources)):
            moment = next(
                (r[asked.since] for r in world.ground.raw[subject.registry] if r[subject.keys[0]] == one[2]), None
            )
            known = world.ground.raw[source][index][time] if time else None
            if not (isinstance(known, int | float) and isinstance(moment, int) and known >= moment):
                yield f"{source} {index} of {one} is from before {moment}: {row}"


def identities_that_fail(world: World, name: str) -> Iterator[str]:
    """A value is the raw column that it is said to be; where all people are known by a key, nobody else is there."""
    relation = world.compiled.tables[name].relation
    for column in relation.columns.values():
        for identity in column.identities:
            world.counts["identities"] += 1
            for row in world.rows[name]:
                if not _is_raw(world, row, row.values[column.name], identity):
                    yield f"{column.name} is no {identity} of {row}"
    for subject in world.ground.subjects:
        keys = _all_known(world, relation, subject.name)
        if keys is None:
            continue
        world.counts["tables whose people are all known"] += 1
        for row in world.rows[name]:
            if any(row.values[column] is None and must for column, _, must in keys):
                continue
            known = {world.somebody(subject.name, key, row.values[column]) for column, key, _ in keys}
            if not world.people(row, subject.name) <= known:
                yield f"somebody besides {known}: {row}"


def _is_raw(world: World, row: Row, known: Value, identity: Identity) -> bool:
    if known is None or not identity.source:
        return True
    if identity.source not in world.ground.raw:
        made = (one for one in world.rows[identity.source] if one.made_of <= row.made_of)
        return any(one.values[identity.column] == known for one in made)
    rows = (world.ground.raw[source][index] for source, index in row.made_of if source == identity.source)
    return any(raw[identity.column] == known for raw in rows)


def _all_known(world: World, relation: Relation, subject: str) -> list[tuple[str, str, bool]] | None:
    """For each person of a kind, the columns with a key: (column, key, never missing); None where one has none."""
    found: list[tuple[str, str, bool]] = []
    for number, person in relation.persons.items():
        if person.subject != subject:
            continue
        keys = [
            (column.name, kind[1], not person.optional)
            for column in relation.columns.values()
            for identity in column.identities
            if identity.person == number and (kind := _kind(world, identity)) is not None and kind[0] == subject
        ]
        if person.aggregated or not keys:
            return None
        found += keys
    return found or None


def _kind(world: World, identity: Identity) -> tuple[str, str] | None:
    if not identity.source:
        subject, key = identity.column.split(".")
        return subject, key
    if identity.own:
        owners = (one for one in world.ground.subjects if one.registry == identity.source)
        return next(((one.name, identity.column) for one in owners if identity.column in one.keys), None)
    return next(((s, k) for c, s, k in world.ground.mentions[identity.source] if c == identity.column), None)


def repeated_keys(world: World, name: str) -> Iterator[str]:
    """No two rows share the values of a unique key."""
    rows = world.rows[name]
    for key in world.compiled.tables[name].relation.keys:
        columns = sorted(column.name for column in key)
        world.counts["keys"] += 1
        world.counts["keys with two rows or more"] += len(rows) > 1
        if any(times > 1 for times in bag(rows, columns).values()):
            yield f"{columns} is not unique"


def joins_that_multiply(world: World, name: str) -> Iterator[str]:
    """A side of a join that is said to be unique has at most one row for given values."""
    query = world.lake.queries[name]
    if not isinstance(query, Core):
        return
    trace: JoinTrace = []
    evaluate(query, world.rows, trace)
    steps = {step.alias: step for step in world.compiled.tables[name].query.steps if isinstance(step, Join)}
    for join, (left, right) in zip(query.joins, trace, strict=True):
        if join.worded in ("exists", "in"):  # they are asked after all joins
            continue
        step = steps[query.alias if join.kind == "right" else join.alias]
        for unique, rows, others, columns in (
            (step.left_unique and not step.assumes_left, left, right, [pair.left for pair in step.pairs]),
            (step.right_unique and not step.assumes_right, right, left, [pair.right for pair in step.pairs]),
        ):
            world.counts["sides of joins"] += 1
            world.counts["sides of joins unique"] += unique
            if unique and (_repeats(rows, columns) if step.exact else _matches_several(join.on, others, rows)):
                yield f"{columns} is not unique on a side of {step.text}"


def _matches_several(on: Expr, rows: Sequence[Bound], others: Sequence[Bound]) -> bool:
    return any(sum(value(on, {**row.scope, **other.scope}) is True for other in others) > 1 for row in rows)


def _repeats(rows: Sequence[Bound], columns: Sequence[ColumnId]) -> bool:
    found = Counter(tuple(row.scope[column.alias, column.name] for column in columns) for row in rows)
    return any(times > 1 and None not in values for values, times in found.items())


def unlabelled_personal_data(world: World, name: str) -> Iterator[str]:
    """Columns without a label stay the same when people go by other names."""
    if name in world.lake.unclear:
        return
    columns = [one.name for one in _unlabelled(world.compiled.tables[name].columns)]
    world.counts["columns said to be impersonal"] += len(columns)
    renamed: dict[str, list[Row]] = world.ground.rows(world.ground.renaming(Random(len(name) + len(columns))))
    for table, query in world.lake.queries.items():
        renamed[table] = evaluate(query, renamed)
    if bag(world.rows[name], columns) != bag(renamed[name], columns):
        yield f"some of {columns} depend on personal data"


def _unlabelled(columns: Sequence[Column]) -> list[Column]:
    return [column for column in columns if not column.personal]


CLAIMS: tuple[Claim, ...] = (
    unconsented_people,
    wrongly_proven,
    identities_that_fail,
    repeated_keys,
    joins_that_multiply,
    unlabelled_personal_data,
)
