"""How each relational step changes the facts: unique keys, people, personal data, lineage.

Pure functions from relations to relations. What they claim must hold for every possible data: where a fact can't be
kept with certainty, it is dropped.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from sqlglot import exp

from generator.plan import people
from generator.plan.comparisons import compared_equal
from generator.plan.conditions import compared_exactly
from generator.plan.expressions.columns import column_id, column_nodes
from generator.plan.expressions.functions import find
from generator.plan.expressions.functions.model import Personal
from generator.plan.expressions.nodes import type_of
from generator.plan.expressions.typed import pseudonymous, recognised
from generator.plan.people import Subjects, renumbered, with_persons
from generator.plan.relation import (
    Column,
    ColumnId,
    Identity,
    Keys,
    Origin,
    Person,
    PersonalData,
    Proof,
    Relation,
    Silence,
)

MAX_KEYS = 8


def occurrence(relation: Relation, table: str | None, alias: str, subjects: Subjects) -> Relation:
    """A table's relation as one step reads it: addressed by alias, with persons of its own.

    Args:
        table: its name, which becomes the origin of its columns; None for a nested query, which keeps its origins.
    """
    ids = {person: next(subjects.fresh) for person in relation.persons}
    persons = {ids[number]: _passed_on(renumbered(person, ids), table) for number, person in relation.persons.items()}
    columns = {}
    for (_, name), column in relation.columns.items():
        columns[ColumnId(alias, name)] = replace(
            column,
            origins=column.origins if table is None else frozenset((Origin(table, name),)),
            identities=with_persons(column.identities, ids),
        )
    keys = frozenset(frozenset(ColumnId(alias, column.name) for column in key) for key in relation.keys)
    return Relation(columns, keys, persons, relation.silences, relation.filtered)


def _passed_on(person: Person, table: str | None) -> Person:
    """A person as another table meets it: the proofs are that table's."""
    if table is None or not person.proofs:
        return person
    reason = f"every row of {table} is proven"
    return replace(person, proofs=frozenset(Proof(proof.consent, reason, table) for proof in person.proofs))


def covers(keys: Keys, columns: Iterable[ColumnId]) -> bool:
    """Whether at most one row has given values in these columns."""
    given = frozenset(columns)
    return any(key <= given for key in keys)


def minimal(keys: Iterable[frozenset[ColumnId]]) -> Keys:
    """Keys without those that contain another, the smallest first, as many as are worth carrying."""
    kept: list[frozenset[ColumnId]] = []
    for key in sorted(set(keys), key=lambda key: (len(key), sorted((a or "", n) for a, n in key))):
        if not any(other <= key for other in kept):
            kept.append(key)
    return frozenset(kept[:MAX_KEYS])


def join(
    kind: str,
    left: Relation,
    right: Relation,
    conjuncts: Sequence[exp.Expression],
    unique: tuple[bool, bool],
    subjects: Subjects,
    reason: str,
    via: str | None,
) -> Relation:
    """The relation after a join.

    Args:
        conjuncts: of the condition.
        unique: whether each row of the right side matches at most one of the left, and the other way round.
        reason: how a proof names the join, and `via` the joined table.
    """
    filtered = left.filtered | right.filtered | decisive(conjuncts, {**left.columns, **right.columns})
    if kind == "anti":
        return replace(left, filtered=filtered)
    if kind == "semi":
        shown = people.after_semi(left, right, conjuncts, subjects, reason, via)
        return replace(shown, columns=_share_labels(shown.columns, right.columns, conjuncts), filtered=filtered)
    if kind == "full":
        return _full_join(left, right, conjuncts)
    keys: set[frozenset[ColumnId]] = {a | b for a in left.keys for b in right.keys}
    left_unique, right_unique = unique
    if right_unique:
        keys |= left.keys
    if kind == "inner" and left_unique:
        keys |= right.keys
    right_persons = right.persons
    if kind == "left":
        right = people.after_condition(right, conjuncts, subjects, reason)
        right_persons = people.as_optional(right, left, conjuncts, subjects)
        right = replace(right, columns=_matched_or_not(left, right, conjuncts))
    both = {**left.columns, **right.columns}
    joined = Relation(
        _share_labels(both, both, conjuncts),
        minimal(keys),
        {**left.persons, **right_persons},
        left.silences | right.silences,
        left.filtered if kind == "left" else filtered,
    )
    return joined if kind == "left" else people.after_condition(joined, conjuncts, subjects, reason)


def _full_join(left: Relation, right: Relation, conjuncts: Sequence[exp.Expression]) -> Relation:
    """Rows of both sides, each with a match or without: anybody may be missing, and no condition shows anything.

    A row without a match has nulls for the other side's key, as one of that side may have: no key is left.
    """
    both = {**_matched_or_not(right, left, conjuncts), **_matched_or_not(left, right, conjuncts)}
    return Relation(
        _share_labels(both, both, conjuncts),
        frozenset(),
        people.perhaps_missing({**left.persons, **right.persons}),
        left.silences | right.silences,
        left.filtered | right.filtered,
    )


def _matched_or_not(left: Relation, right: Relation, conjuncts: Sequence[exp.Expression]) -> Mapping[ColumnId, Column]:
    """The right side's columns where they may be missing: whether they are null tells who is matched.

    What decides that besides equal columns, such as a birthday that is compared with a constant, is told by every
    value; who is equal to whom by being null alone.
    """
    both = {**left.columns, **right.columns}
    told = decisive(conjuncts, both) | right.filtered
    equal = told.union(*(labels_of(one, both) for one in conjuncts))
    if not equal:
        return right.columns
    return {
        key: replace(column, personal=column.personal | told, told=column.told | equal)
        for key, column in right.columns.items()
    }


def decisive(conjuncts: Sequence[exp.Expression], columns: Mapping[ColumnId, Column]) -> frozenset[PersonalData]:
    """The personal data that decides which rows fulfil conditions, besides equal columns and raw data being null."""
    found = [_deciding(one, columns) for one in conjuncts]
    return recognised(frozenset[PersonalData]().union(*found))


def _deciding(one: exp.Expression, columns: Mapping[ColumnId, Column]) -> frozenset[PersonalData]:
    sides = (one.this, one.args.get("expression"))
    if isinstance(one, (exp.EQ, exp.NullSafeEQ)) and all(isinstance(side, exp.Column) for side in sides):
        return frozenset()
    inner = one.this.unnest() if isinstance(one, exp.Not) else one
    if isinstance(inner, exp.Is) and isinstance(inner.this, exp.Column):
        known = columns.get(column_id(inner.this))
        if known is not None and known.raw:
            return known.told
    return labels_of(one, columns)


def labels_of(ast: exp.Expression, columns: Mapping[ColumnId, Column]) -> frozenset[PersonalData]:
    """The labels of all columns that an expression reads, through hashes."""
    return _told(ast, {column: columns[column].personal for column in _read(ast, columns)})


def _told(ast: exp.Expr, labels: Mapping[ColumnId, frozenset[PersonalData]]) -> frozenset[PersonalData]:
    if isinstance(ast, exp.Column):
        return labels.get(column_id(ast), frozenset())
    found = frozenset[PersonalData]().union(*(_told(part, labels) for part in ast.iter_expressions()))
    function = find(str(ast.this)) if isinstance(ast, (exp.Anonymous, exp.AnonymousAggFunc)) else None
    return pseudonymous(found) if function is not None and function.personal is Personal.HASH else found


def _read(ast: exp.Expression, columns: Mapping[ColumnId, Column]) -> set[ColumnId]:
    return {column for node in column_nodes(ast) if (column := column_id(node)) in columns}


def _share_labels(
    columns: Mapping[ColumnId, Column], others: Mapping[ColumnId, Column], conjuncts: Sequence[exp.Expression]
) -> Mapping[ColumnId, Column]:
    """Equal values are equally personal, whatever their types: columns that are compared take each other's labels.

    So do columns that are compared through an expression: `lower(city) = lower(email)` tells an email.
    """
    both = {**others, **columns}
    equal = list(compared_equal(conjuncts))
    read = {id(node): _read(node, both) for pair in equal for node in pair}
    labels = {column: both[column].personal for found in read.values() for column in found}
    before = None
    while before != labels:  # labels go along a chain of equalities, one pair a round
        before = dict(labels)
        for one, other in equal:
            for node, opposite in ((one, other), (other, one)):
                given = _given(node, opposite, labels) if read[id(node)] else frozenset()
                labels |= {column: labels[column] | given for column in read[id(node)]}
    changed = {
        side: replace(columns[side], personal=personal)
        for side, personal in labels.items()
        if side in columns and columns[side].personal != personal
    }
    return {**columns, **changed} if changed else columns


def _given(
    node: exp.Expression, other: exp.Expression, labels: Mapping[ColumnId, frozenset[PersonalData]]
) -> frozenset[PersonalData]:
    """What the other side of a comparison tells of the columns of this one.

    A column alone is what the other side is, such as a hash. In an expression it is known by what goes into the other.
    """
    if isinstance(node.unnest(), exp.Column):
        return _told(other, labels)
    read = (column_id(column) for column in column_nodes(other))
    return recognised(frozenset[PersonalData]().union(*(labels.get(column, frozenset()) for column in read)))


def filter_rows(relation: Relation, conjuncts: Sequence[exp.Expression], subjects: Subjects, reason: str) -> Relation:
    """The relation after a filter: a column that equals a constant no longer tells rows apart."""
    constant = frozenset(
        column_id(one.this)
        for one in conjuncts
        if type(one) is exp.EQ
        and isinstance(one.this, exp.Column)
        and isinstance(one.expression, exp.Literal)
        and compared_exactly(type_of(one.this), type_of(one.expression))
    )
    keys = minimal(key - constant for key in relation.keys) if constant else relation.keys
    columns = _share_labels(relation.columns, relation.columns, conjuncts)
    filtered = relation.filtered | decisive(conjuncts, relation.columns)
    kept = replace(relation, keys=keys, columns=columns, filtered=filtered)
    return people.after_condition(kept, conjuncts, subjects, reason)


def extend(
    relation: Relation, columns: Mapping[ColumnId, Column], asts: Sequence[exp.Expression], subjects: Subjects
) -> Relation:
    """The relation with computed columns; those computed by a window may hold data of other rows' people."""
    extended = replace(relation, columns={**relation.columns, **columns})
    return after_windows(extended, asts, subjects)


def after_windows(relation: Relation, asts: Sequence[exp.Expression], subjects: Subjects) -> Relation:
    """The relation once expressions with windows over it are computed."""
    windows = [window for ast in asts for window in ast.find_all(exp.Window)]
    if not windows:
        return relation
    apart = frozenset.intersection(*(_kept_apart(relation, window, subjects) for window in windows))
    picked = any(picks(window.this) for window in windows)
    return with_bystanders(_without_times_of(relation, apart, subjects), apart, picked)


def _kept_apart(relation: Relation, window: exp.Window, subjects: Subjects) -> frozenset[int]:
    """The persons by whose key a window is partitioned: all its rows are about the same one."""
    found = {
        one.person
        for part in window.args.get("partition_by") or ()
        for one in people.identities_of(part, relation.columns, subjects)
        if subjects.kind(one) is not None
    }
    found |= {number for number, person in relation.persons.items() if person.partners & found}
    return frozenset(found)


def picks(ast: exp.Expression) -> bool:
    """Whether an aggregate or a window takes values of single rows into its result."""
    calls = ast.find_all(exp.Anonymous, exp.AnonymousAggFunc)
    return any(str(call.this) in _PICKING and call.find(exp.Column) is not None for call in calls)


_PICKING = frozenset(
    "min max min_by max_by first first_value last last_value any_value nth_value lag lead mode"
    " collect_list collect_set array_agg percentile_approx approx_percentile".split()
)


def _without_times_of(relation: Relation, persons: frozenset[int], subjects: Subjects) -> Relation:
    """Rows that hold values of others of the same person's: the time in the row isn't the time of all of them."""
    columns = {
        key: replace(
            column, identities=frozenset(one for one in column.identities if not _is_time(one, persons, subjects))
        )
        for key, column in relation.columns.items()
        if any(_is_time(one, persons, subjects) for one in column.identities)
    }
    return replace(relation, columns={**relation.columns, **columns}) if columns else relation


def _is_time(one: Identity, persons: frozenset[int], subjects: Subjects) -> bool:
    return one.person in persons and not one.own and subjects.times.get(one.source) == one.column


def with_bystanders(relation: Relation, apart: frozenset[int] = frozenset(), picked: bool = False) -> Relation:
    """Adds, for each kind of person, an aggregated one: data of others is in the row too.

    Args:
        apart: persons of whom only rows about themselves were looked at.
    """
    persons = dict(relation.persons)
    for number, person in relation.persons.items():
        if not person.aggregated and number not in apart:
            fresh = min(min(persons), 0) - 1
            persons[fresh] = replace(person, aggregated=True, picked=picked, optional=False, partners=frozenset())
    return replace(relation, persons=persons)


def unnest(
    relation: Relation,
    made: Mapping[ColumnId, Column],
    counted: ColumnId | None,
    labels: frozenset[PersonalData],
) -> Relation:
    """The relation once a row is made of each element of an array or map.

    Who a row is about stays as it was: the elements are of the same row. How many there are tells of the array. The
    keys of a map don't tell its entries apart: Parquet that others wrote may have one twice.

    Args:
        counted: the column that tells the elements of one row apart, if there is one.
        labels: of the array or map.
    """
    keys = minimal(key | {counted} for key in relation.keys) if counted is not None else frozenset()
    columns = {**relation.columns, **made}
    return replace(relation, columns=columns, keys=keys, filtered=relation.filtered | recognised(labels))


def row_numbers(computed: Mapping[ColumnId, exp.Expression]) -> Iterable[tuple[ColumnId, frozenset[ColumnId]]]:
    """Columns that `row_number` makes over partitions by plain columns: another number in each row of a partition."""
    for column, ast in computed.items():
        inner = ast.unnest()
        if not isinstance(inner, exp.Window) or str(inner.this.this) != "row_number":
            continue
        parts = [part.unnest() for part in inner.args.get("partition_by") or ()]
        if all(isinstance(part, exp.Column) for part in parts):
            yield column, frozenset(column_id(part) for part in parts if isinstance(part, exp.Column))


def with_keys(relation: Relation, keys: Sequence[frozenset[ColumnId]]) -> Relation:
    return replace(relation, keys=minimal((*relation.keys, *keys))) if keys else relation


def dedupe(relation: Relation, by: Iterable[ColumnId]) -> Relation:
    return replace(relation, keys=minimal((*relation.keys, frozenset(by))))


def aggregate(
    relation: Relation,
    by: Sequence[ColumnId],
    aggregates: Mapping[ColumnId, Column],
    subjects: Subjects,
    picked: bool = False,
) -> Relation:
    """The relation after grouping. A person whose key isn't among the group's columns is summed up with others.

    Args:
        picked: an aggregate takes values of single rows.
    """
    grouped = {ColumnId(None, column.name): relation.columns[column] for column in by}
    known = {
        identity.person
        for column in grouped.values()
        for identity in column.identities
        if subjects.kind(identity) is not None
    }
    persons = {
        number: replace(person, partners=person.partners & known)
        if number in known
        else replace(person, aggregated=True, picked=person.picked or picked, optional=False, partners=frozenset())
        for number, person in relation.persons.items()
    }
    columns = {
        key: column if key in aggregates else _only_persons(column, known)
        for key, column in {**grouped, **aggregates}.items()
    }
    keys = frozenset((frozenset(grouped),))
    return Relation(columns, keys, persons, relation.silences, relation.filtered)


def _only_persons(column: Column, known: set[int]) -> Column:
    return replace(column, identities=frozenset(one for one in column.identities if one.person in known))


def select(
    relation: Relation, columns: Mapping[ColumnId, Column], kept: Mapping[ColumnId, ColumnId], distinct: bool
) -> Relation:
    """The relation of the columns that come out.

    Args:
        columns: what comes out.
        kept: for those that are plain columns: old id -> new id.
    """
    keys = [frozenset(kept[column] for column in key) for key in relation.keys if all(column in kept for column in key)]
    if distinct:
        keys.append(frozenset(columns))
    return compact(Relation(columns, minimal(keys), relation.persons, relation.silences, relation.filtered))


def compact(relation: Relation) -> Relation:
    """Keeps the state O(columns): of the persons that no column identifies, one of each sort stays."""
    used = {identity.person for column in relation.columns.values() for identity in column.identities}
    used |= {partner for number in used for partner in relation.persons[number].partners}
    persons: dict[int, Person] = {}
    sorts: dict[tuple[object, ...], int] = {}
    for number, person in relation.persons.items():
        known = (person.consents, person.since, person.mentioned, person.shown)
        sort = (person.subject, person.sources, person.aggregated, person.picked, *known)
        if number in used or sorts.setdefault(sort, number) == number:
            persons[number] = person
    return relation if len(persons) == len(relation.persons) else replace(relation, persons=persons)


def union(branches: Sequence[Relation], alias: str, subjects: Subjects) -> Relation:
    """The rows of several relations whose columns have the same names and types, addressed by `alias`.

    A column still identifies somebody where it does so in every branch, by the same raw column or kind of key.
    """
    persons, ids = people.union_persons(branches, subjects)
    columns = {}
    for name in (column.name for column in branches[0].columns):
        parts = [next(c for i, c in branch.columns.items() if i.name == name) for branch in branches]
        identities = [with_persons(part.identities, ids[index]) for index, part in enumerate(parts)]
        columns[ColumnId(alias, name)] = replace(
            parts[0],
            personal=frozenset[PersonalData]().union(*(part.personal for part in parts)),
            identities=people.in_all(identities, subjects),
            origins=frozenset[Origin]().union(*(part.origins for part in parts)),
            raw=all(part.raw for part in parts),
            told=frozenset[PersonalData]().union(*(part.told for part in parts)),
        )
    silences = frozenset[Silence]().union(*(branch.silences for branch in branches))
    filtered = frozenset[PersonalData]().union(*(branch.filtered for branch in branches))
    keys = branches[0].keys if len(branches) == 1 else frozenset()
    keys = frozenset(frozenset(ColumnId(alias, column.name) for column in key) for key in keys)
    return Relation(columns, keys, persons, silences, filtered)
