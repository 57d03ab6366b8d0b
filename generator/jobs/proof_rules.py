"""The runtime twins of the proofs: what they assume is looked at on every run, and so is what they claim.

A violation fails the source or table before anything is published.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from sqlglot import exp

from generator.jobs.rules import (
    ROW_NUMBER,
    Broken,
    ConsentRule,
    Missing,
    MixingRule,
    RowRule,
    Rule,
    SinceRule,
    UniqueBeforeRule,
    UniqueRule,
    Untrue,
)
from generator.jobs.views import asked_registry, views_of
from generator.plan.expressions.columns import column_id, column_node, column_nodes
from generator.plan.expressions.nodes import type_of, typed
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
from generator.plan.mixing import mixed_persons
from generator.plan.normal_form import NormalForm
from generator.plan.relation import Column, ColumnId, Identity, Relation
from generator.plan.types import BOOLEAN, STRING


def source_rules(lake: CompiledLake, source: CompiledSource) -> tuple[Rule, ...]:
    """A registry's keys are there and each is one person's; what is declared unique is."""
    return (*_registry_rules(lake, source), *(_unique(source.name, columns) for columns in source.unique))


def _registry_rules(lake: CompiledLake, source: CompiledSource) -> Iterator[Rule]:
    for name, subject in lake.subjects.items():
        for key in subject.keys if subject.registry == source.name else ():
            form = subject.normal.get(key)
            missing: tuple[Broken, ...] = () if form is None else _unformed(form)
            yield RowRule(f"every {name} has a key {key}", "proof", True, source.name, (Missing(key), *missing))
            if form is None:
                yield _unique(source.name, (key,), f"each {key} is one {name}")
            else:
                yield _unique_form(source, form, f"each {form.text} is one {name}")


def _unformed(form: NormalForm) -> tuple[Untrue, ...]:
    """A key's normal form is there, and stays as it is when it is made again."""
    made = form.of_column(None, form.column.name)
    return (Untrue(typed(exp.EQ(this=form.of(made), expression=made), BOOLEAN)),)


def _unique_form(source: CompiledSource, form: NormalForm, name: str) -> Rule:
    """No two rows share a key's normal form."""
    scanned = Relation({ColumnId(source.name, column.name): column for column in source.relation.columns.values()})
    column = Column("#normal", type_of(form.ast))
    after = replace(scanned, columns={**scanned.columns, ColumnId(None, column.name): column})
    computed = Computed(column, form.of_column(source.name, form.column.name))
    place = Place(())
    steps = (Scan(scanned, place, source.name, source.name, source.name), Extend(after, place, name, (computed,)))
    return UniqueBeforeRule(name, "proof", True, source.name, steps, (ColumnId(None, column.name),))


def _unique(source: str, columns: tuple[str, ...], name: str = "") -> Rule:
    return UniqueRule(name or f"unique: {', '.join(columns)}", "proof", True, source, tuple(columns))


def proof_rules(lake: CompiledLake, table: CompiledTable) -> tuple[Rule, ...]:
    """What is proven or declared of a table, as its rows show it."""
    if table.is_view:
        return ()
    return lake.once("proof rules", table.name, lambda: (*_consent_rules(lake, table), *_join_rules(lake, table)))


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
                form = lake.subjects[consent.subject].normal.get(key)
                where = (column.name, consent.registry, consent.keys[key], consent.condition)
                yield ConsentRule(*head, *where, form)
                if consent.since is not None:
                    yield from _since_rules(lake, table, column, key, consent, identity.person)


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
                form = lake.subjects[consent.subject].normal.get(key)
                yield SinceRule(*head, column.name, known.name, consent.registry, consent.keys[key], since, form)


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
        {column for node in column_nodes(join.condition) if (column := column_id(node)) in side.columns}, key=str
    )


ROW = ColumnId(None, ROW_NUMBER)
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
        known = lake.subjects[subject]
        forms = (known.normal.get(left_key), known.normal.get(right_key))
        where = (site.steps, left, right, known.registry, left_key, right_key)
        yield MixingRule(name, "mixing", False, table.name, *where, *forms)


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
