"""The runtime twins of the proofs: what they assume is looked at on every run, and so is what they claim.

A violation fails the source or table before anything is published.
"""

from __future__ import annotations

from collections.abc import Iterator

from generator.checks.mixing import mixed_persons
from generator.jobs.check import Check
from generator.jobs.check_sql import EXAMPLES, quick_unique, repeated, repeated_examples, sql_name
from generator.plan.emit import DUCKDB, emit_columns
from generator.plan.expressions import to_duckdb
from generator.plan.lake import CompiledConsent, CompiledLake, CompiledSource, CompiledTable, Join, Step
from generator.plan.relation import Column, ColumnId, Identity, Relation


def source_checks(lake: CompiledLake, source: CompiledSource) -> tuple[Check, ...]:
    """A registry's keys are there and each is one person's; what is declared unique is."""
    return (*_registry_checks(lake, source), *(_unique(source.name, list(columns)) for columns in source.unique))


def _registry_checks(lake: CompiledLake, source: CompiledSource) -> Iterator[Check]:
    table = sql_name(source.name)
    for name, subject in lake.subjects.items():
        for key in subject.keys if subject.registry == source.name else ():
            where = f"FROM {table} WHERE {sql_name(key)} IS NULL"
            check = f"every {name} has a key {key}"
            yield Check(check, "proof", True, f"SELECT count(*) {where}", f"SELECT * {where} LIMIT {EXAMPLES}")
            yield _unique(source.name, [key], f"each {key} is one {name}")


def _unique(relation: str, columns: list[str], name: str = "") -> Check:
    table = sql_name(relation)
    return Check(
        name or f"unique: {', '.join(columns)}",
        "proof",
        True,
        repeated(table, columns),
        repeated_examples(table, columns),
        quick_unique(table, columns),
    )


def proof_checks(lake: CompiledLake, table: CompiledTable) -> tuple[Check, ...]:
    """What is proven or declared of a table, as its rows show it."""
    if table.is_view:
        return ()
    return (*_consent_checks(lake, table), *_join_checks(lake, table))


def registries(lake: CompiledLake, table: CompiledTable) -> list[str]:
    """The sources that a table's checks ask."""
    consent = lake.consents.get(lake.required(table) or "")
    mixing = any(_mixed_keys(lake, before, join) for _, before, join in table.query.joins())
    asked = [lake.subjects[consent.subject].registry] if consent is not None else []
    return asked + [one.registry for one in lake.subjects.values() if mixing]


def _consent_checks(lake: CompiledLake, table: CompiledTable) -> Iterator[Check]:
    """Nobody is in the table whose row of the registry doesn't fulfil the consent."""
    name = lake.required(table)
    if name is None:
        return
    consent = lake.consents[name]
    asked: set[int] = set()
    for column in table.columns:
        for identity, key in _keys(lake, column, consent.subject):
            person = table.relation.persons[identity.person]
            if identity.person not in asked and not person.aggregated:
                asked.add(identity.person)
                yield _consented(lake, table, column, key, name)
                if consent.since is not None:
                    yield from _since_check(lake, table, column, key, consent, identity.person)


def _keys(lake: CompiledLake, column: Column, subject: str) -> Iterator[tuple[Identity, str]]:
    for identity in sorted(column.identities):
        found = lake.key_of(identity)
        if found is not None and found[0] == subject:
            yield identity, found[1]


def _consented(lake: CompiledLake, table: CompiledTable, column: Column, key: str, name: str) -> Check:
    consent = lake.consents[name]
    agreed = f"SELECT {sql_name(key)} AS k FROM {sql_name(consent.registry)} WHERE {to_duckdb(consent.condition)}"
    value = f"t.{sql_name(column.name)}"
    where = f"FROM {sql_name(table.name)} AS t ANTI JOIN ({agreed}) AS r ON {value} = r.k WHERE {value} IS NOT NULL"
    check = f"every {column.name} is of a {consent.subject} with consent {name}"
    return Check(check, "proof", True, f"SELECT count(*) {where}", f"SELECT t.* {where} LIMIT {EXAMPLES}")


def _since_check(
    lake: CompiledLake, table: CompiledTable, column: Column, key: str, consent: CompiledConsent, person: int
) -> Iterator[Check]:
    times = [
        (known, identity)
        for known in table.columns
        for identity in known.identities
        if identity.person == person
        and identity.source in lake.sources
        and lake.sources[identity.source].event_time == identity.column
    ]
    for known, _ in times:
        value, time = f"t.{sql_name(column.name)}", f"t.{sql_name(known.name)}"
        registry = f"{sql_name(consent.registry)} AS r ON {value} = r.{sql_name(key)}"
        where = f"FROM {sql_name(table.name)} AS t JOIN {registry} WHERE {time} < r.{sql_name(consent.since or '')}"
        check = f"every {known.name} is since {consent.since}"
        yield Check(check, "proof", True, f"SELECT count(*) {where}", f"SELECT t.* {where} LIMIT {EXAMPLES}")


def _join_checks(lake: CompiledLake, table: CompiledTable) -> Iterator[Check]:
    for steps, before, join in table.query.joins():
        if join.assumes_right and isinstance(join.input, str):
            columns = [pair.right.name for pair in join.pairs]
            yield _unique(join.input, columns, f"at most one match in {join.input} ({join.cardinality})")
        if join.assumes_left:
            rows = f"({emit_columns(steps[:-1], [pair.left for pair in join.pairs], DUCKDB)})"
            names = [f"_{number}" for number in range(len(join.pairs))]
            check = f"each row of {join.alias} matches at most one ({join.cardinality})"
            yield Check(check, "proof", True, repeated(rows, names), repeated_examples(rows, names))
        if join.mixes_subjects is None:
            yield from _mixing(lake, steps, before, join)


def _mixing(lake: CompiledLake, steps: tuple[Step, ...], before: Relation, join: Join) -> Iterator[Check]:
    """How many rows hold two people's data; a warning, with the figure."""
    for left, left_key, right, right_key, subject in _mixed_keys(lake, before, join):
        rows = emit_columns(steps, [left, right], DUCKDB)
        registry = sql_name(lake.subjects[subject].registry)
        same = f"JOIN {registry} AS r ON r.{sql_name(left_key)} = x._0 WHERE r.{sql_name(right_key)} <> x._1"
        where = "WHERE x._0 <> x._1" if left_key == right_key else same
        check = f"two people in a row ({left.name} and {right.name})"
        yield Check(check, "mixing", False, f"SELECT count(*) FROM ({rows}) AS x {where}")


def _mixed_keys(lake: CompiledLake, before: Relation, join: Join) -> list[tuple[ColumnId, str, ColumnId, str, str]]:
    """A key column of each side's person, where a join can put two of a kind into a row."""
    if join.mixes_subjects is not None:
        return []
    found = []
    for person in mixed_persons(before, join):
        sides = _key_columns(lake, join.after, person.subject)
        left = next(((column, key) for column, key, number in sides if number in before.persons), None)
        right = next(((column, key) for column, key, number in sides if number not in before.persons), None)
        if left and right:
            found.append((*left, *right, person.subject))
    return found


def _key_columns(lake: CompiledLake, relation: Relation, subject: str) -> list[tuple[ColumnId, str, int]]:
    return [
        (column_id, key, identity.person)
        for column_id, column in relation.columns.items()
        for identity, key in _keys(lake, column, subject)
    ]
