"""The runtime twins of the proofs: what they assume is looked at on every run, and so is what they claim.

A violation fails the source or table before anything is published.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from sqlglot import exp

from generator.checks.mixing import mixed_persons
from generator.jobs.rules import (
    ConsentRule,
    Missing,
    MixingRule,
    RowRule,
    Rule,
    SinceRule,
    UniqueBeforeRule,
    UniqueRule,
)
from generator.jobs.views import asked_registry, views_of
from generator.plan.conditions import column_id
from generator.plan.expressions.check import column_node
from generator.plan.expressions.nodes import typed
from generator.plan.lake import (
    CompiledConsent,
    CompiledLake,
    CompiledSource,
    CompiledTable,
    Computed,
    Extend,
    Join,
    JoinSite,
    Place,
    Query,
    Scan,
    Select,
)
from generator.plan.relation import Column, ColumnId, Identity, Relation
from generator.plan.types import STRING


def source_rules(lake: CompiledLake, source: CompiledSource) -> tuple[Rule, ...]:
    """A registry's keys are there and each is one person's; what is declared unique is."""
    return (*_registry_rules(lake, source), *(_unique(source.name, columns) for columns in source.unique))


def _registry_rules(lake: CompiledLake, source: CompiledSource) -> Iterator[Rule]:
    for name, subject in lake.subjects.items():
        for key in subject.keys if subject.registry == source.name else ():
            yield RowRule(f"every {name} has a key {key}", "proof", True, source.name, (Missing(key),))
            yield _unique(source.name, (key,), f"each {key} is one {name}")


def _unique(source: str, columns: tuple[str, ...], name: str = "") -> Rule:
    return UniqueRule(name or f"unique: {', '.join(columns)}", "proof", True, source, tuple(columns))


def proof_rules(lake: CompiledLake, table: CompiledTable) -> tuple[Rule, ...]:
    """What is proven or declared of a table, as its rows show it."""
    if table.is_view:
        return ()
    return (*_consent_rules(lake, table), *_join_rules(lake, table))


def registries(lake: CompiledLake, table: CompiledTable) -> list[str]:
    """The sources and tables that a table's proof rules ask."""
    mixing = any(_mixed_keys(lake, site) for site in _joins(lake, table))
    asked = asked_registry(lake, table)
    return ([asked] if asked is not None else []) + [one.registry for one in lake.subjects.values() if mixing]


def _consent_rules(lake: CompiledLake, table: CompiledTable) -> Iterator[Rule]:
    """Nobody is in the table whose row of the registry doesn't fulfil the consent."""
    name = lake.required(table)
    if name is None:
        return
    consent = lake.consents[name]
    asked: set[int] = set()
    for column in table.columns:
        for identity, key in _keys(lake, column, consent.subject):
            person = table.relation.persons[identity.person]
            if key in consent.keys and identity.person not in asked and not person.aggregated:
                asked.add(identity.person)
                shown = f"every {column.name} is of a {consent.subject} with consent {name}"
                head = (shown, "proof", True, table.name)
                yield ConsentRule(*head, column.name, consent.registry, consent.keys[key], consent.condition)
                if consent.since is not None:
                    yield from _since_rules(lake, table, column, consent.keys[key], consent, identity.person)


def _keys(lake: CompiledLake, column: Column, subject: str) -> Iterator[tuple[Identity, str]]:
    for identity in sorted(column.identities):
        found = lake.key_of(identity)
        if found is not None and found[0] == subject:
            yield identity, found[1]


def _since_rules(
    lake: CompiledLake, table: CompiledTable, column: Column, key: str, consent: CompiledConsent, person: int
) -> Iterator[Rule]:
    for known in table.columns:
        for identity in known.identities:
            source = lake.sources.get(identity.source)
            if identity.person == person and source is not None and source.event_time == identity.column:
                since = consent.since or ""
                head = (f"every {known.name} is since {since}", "proof", True, table.name)
                yield SinceRule(*head, column.name, known.name, consent.registry, key, since)


def _joins(lake: CompiledLake, table: CompiledTable) -> Iterator[JoinSite]:
    """The joins of a table, and those of the views behind it, which nothing else would look at."""
    for name in (*views_of(lake, table), table.name):
        yield from lake.tables[name].query.joins()


def _join_rules(lake: CompiledLake, table: CompiledTable) -> Iterator[Rule]:
    for site in _joins(lake, table):
        join = site.join
        if not join.exact:
            yield from _counted_matches(table, site)
        elif join.assumes_right and isinstance(join.input, str):
            name = f"at most one match in {join.input} ({join.cardinality})"
            columns = tuple(pair.right.name for pair in join.pairs)
            yield UniqueRule(name, "proof", True, table.name, columns, of=join.input)
        if join.exact and join.assumes_left:
            name = f"each row of {join.alias} matches at most one ({join.cardinality})"
            left = tuple(pair.left for pair in join.pairs)
            yield UniqueBeforeRule(name, "proof", True, table.name, site.steps[:-1], left)
        if join.mixes_subjects is None:
            yield from _mixing(lake, table, site)


def _counted_matches(table: CompiledTable, site: JoinSite) -> Iterator[Rule]:
    """Declared cardinality under any condition: rows of a side are numbered, joined, and no number comes out twice."""
    join = site.join
    if join.assumes_right:
        name = f"at most one match in {join.alias} ({join.cardinality})"
        steps = (*site.steps[:-1], _numbered(site.left), _inner(join, site.left))
        yield UniqueBeforeRule(name, "proof", True, table.name, steps, (*_read(join, site.left), ROW))
    if join.assumes_left and isinstance(join.input, str):
        name = f"each row of {join.alias} matches at most one ({join.cardinality})"
        right = {column: known for column, known in join.after.columns.items() if column.alias == join.alias}
        numbered = _numbered_input(join, right)
        row = ColumnId(join.alias, ROW.name)
        after = replace(join.after, columns={**join.after.columns, row: _ROW_COLUMN})
        steps = (*site.steps[:-1], replace(join, kind="inner", input=numbered, after=after))
        yield UniqueBeforeRule(name, "proof", True, table.name, steps, (*_read(join, Relation(right)), row))


def _read(join: Join, side: Relation) -> list[ColumnId]:
    """The columns of a side that a join's condition reads: they are what a report shows."""
    return sorted(
        {column for node in join.condition.find_all(exp.Column) if (column := column_id(node)) in side.columns}, key=str
    )


ROW = ColumnId(None, "#row_number")
_ROW_COLUMN = Column(ROW.name, STRING)


def _number() -> Computed:
    return Computed(_ROW_COLUMN, typed(exp.Uuid(), STRING))


def _numbered(before: Relation) -> Extend:
    after = replace(before, columns={**before.columns, ROW: _ROW_COLUMN})
    return Extend(after, Place(()), "rows numbered", (_number(),))


def _inner(join: Join, left: Relation) -> Join:
    after = replace(join.after, columns={**left.columns, ROW: _ROW_COLUMN, **join.after.columns})
    return replace(join, kind="inner", after=after)


def _numbered_input(join: Join, right: Mapping[ColumnId, Column]) -> Query:
    """The joined table's rows, each with a number."""
    assert isinstance(join.input, str)
    scanned = Relation(right)
    computed = [Computed(known, column_node(column, known.type)) for column, known in right.items()]
    out = {ColumnId(None, one.column.name): one.column for one in (*computed, _number())}
    return Query(
        (
            Scan(scanned, Place(()), join.input, join.input, join.alias),
            Select(Relation(out), Place(()), "rows numbered", (*computed, _number())),
        )
    )


def _mixing(lake: CompiledLake, table: CompiledTable, site: JoinSite) -> Iterator[Rule]:
    """How many rows hold two people's data; a warning, with the figure."""
    for left, left_key, right, right_key, subject in _mixed_keys(lake, site):
        name = f"two people in a row ({left.name} and {right.name})"
        registry = lake.subjects[subject].registry
        yield MixingRule(
            name, "mixing", False, table.name, site.steps, left, right, registry, left_key, right_key
        )  # fmt: skip


def _mixed_keys(lake: CompiledLake, site: JoinSite) -> list[tuple[ColumnId, str, ColumnId, str, str]]:
    """A key column of each side's person, where a join can put two of a kind into a row."""
    if site.join.mixes_subjects is not None:
        return []
    found = []
    for person in mixed_persons(site.left, site.join):
        sides = _key_columns(lake, site.join, person.subject)
        left = next(((column, key) for column, key, number in sides if number in site.left.persons), None)
        right = next(((column, key) for column, key, number in sides if number not in site.left.persons), None)
        if left and right:
            found.append((*left, *right, person.subject))
    return found


def _key_columns(lake: CompiledLake, join: Join, subject: str) -> list[tuple[ColumnId, str, int]]:
    relation: Relation = join.after
    return [
        (name, key, identity.person)
        for name, column in relation.columns.items()
        for identity, key in _keys(lake, column, subject)
    ]
