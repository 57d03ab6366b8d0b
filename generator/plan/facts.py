"""How each relational step changes the facts: unique keys, people, personal data, lineage.

Pure functions from relations to relations. What they claim must hold for every possible data: where a fact can't be
kept with certainty, it is dropped.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from sqlglot import exp

from generator.plan import people
from generator.plan.conditions import column_id, reads_only
from generator.plan.people import Subjects, renumbered, with_persons
from generator.plan.relation import Column, ColumnId, Keys, Origin, Person, PersonalData, Proof, Relation

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
    return Relation(columns, keys, persons, relation.undeclared)


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
    pairs: Sequence[tuple[ColumnId, ColumnId]],
    unique: tuple[bool, bool],
    subjects: Subjects,
    reason: str,
    via: str | None,
) -> Relation:
    """The relation after a join.

    Args:
        conjuncts: of the condition; `pairs` are the equalities among them, left column first.
        unique: whether at most one row of the left, and of the right side, has given values in the pairs' columns.
        reason: how a proof names the join, and `via` the joined table.
    """
    if kind == "anti":
        return left
    if kind == "semi":
        shown = people.after_semi(left, right, conjuncts, subjects, reason, via)
        return replace(shown, columns=_share_labels(shown.columns, right.columns, conjuncts))
    keys: set[frozenset[ColumnId]] = {a | b for a in left.keys for b in right.keys}
    left_unique, right_unique = unique
    if right_unique:
        keys |= left.keys
    if kind == "inner" and left_unique:
        keys |= right.keys
    right_persons = right.persons
    if kind == "left":
        right = people.after_condition(right, [c for c in conjuncts if reads_only(c, right)], subjects, reason)
        right_persons = people.as_optional(right, left, pairs, subjects)
    both = {**left.columns, **right.columns}
    joined = Relation(
        _share_labels(both, both, conjuncts),
        minimal(keys),
        {**left.persons, **right_persons},
        left.undeclared | right.undeclared,
    )
    return joined if kind == "left" else people.after_condition(joined, conjuncts, subjects, reason)


def _share_labels(
    columns: Mapping[ColumnId, Column], others: Mapping[ColumnId, Column], conjuncts: Sequence[exp.Expression]
) -> Mapping[ColumnId, Column]:
    """Equal values are equally personal, whatever their types: columns that are compared take each other's labels."""
    pairs = [
        (column_id(one.this), column_id(one.expression))
        for one in conjuncts
        if isinstance(one, (exp.EQ, exp.NullSafeEQ))
        and isinstance(one.this, exp.Column)
        and isinstance(one.expression, exp.Column)
    ]
    labels = {side: (columns.get(side) or others[side]).personal for pair in pairs for side in pair}
    for _ in range(len(pairs)):  # labels go along a chain of equalities, one pair a round
        for a, b in pairs:
            labels[a] = labels[b] = labels[a] | labels[b]
    changed = {
        side: replace(columns[side], personal=personal)
        for side, personal in labels.items()
        if side in columns and columns[side].personal != personal
    }
    return {**columns, **changed} if changed else columns


def filter_rows(relation: Relation, conjuncts: Sequence[exp.Expression], subjects: Subjects, reason: str) -> Relation:
    """The relation after a filter: a column that equals a constant no longer tells rows apart."""
    constant = frozenset(
        column_id(one.this)
        for one in conjuncts
        if type(one) is exp.EQ and isinstance(one.this, exp.Column) and isinstance(one.expression, exp.Literal)
    )
    keys = minimal(key - constant for key in relation.keys) if constant else relation.keys
    columns = _share_labels(relation.columns, relation.columns, conjuncts)
    return people.after_condition(replace(relation, keys=keys, columns=columns), conjuncts, subjects, reason)


def extend(relation: Relation, columns: Mapping[ColumnId, Column], windowed: bool) -> Relation:
    """The relation with computed columns; one computed by a window may hold data of other rows' people."""
    extended = replace(relation, columns={**relation.columns, **columns})
    return with_bystanders(extended) if windowed else extended


def with_bystanders(relation: Relation) -> Relation:
    """Adds, for each kind of person, an aggregated one: data of others is in the row too."""
    persons = dict(relation.persons)
    for person in list(relation.persons.values()):
        if not person.aggregated:
            number = min(min(persons), 0) - 1
            persons[number] = replace(person, aggregated=True, optional=False, partners=frozenset())
    return replace(relation, persons=persons)


def dedupe(relation: Relation, by: Iterable[ColumnId]) -> Relation:
    return replace(relation, keys=minimal((*relation.keys, frozenset(by))))


def aggregate(
    relation: Relation, by: Sequence[ColumnId], aggregates: Mapping[ColumnId, Column], subjects: Subjects
) -> Relation:
    """The relation after grouping. A person whose key isn't among the group's columns is summed up with others."""
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
        else replace(person, aggregated=True, optional=False, partners=frozenset())
        for number, person in relation.persons.items()
    }
    columns = {
        key: column if key in aggregates else _only_persons(column, known)
        for key, column in {**grouped, **aggregates}.items()
    }
    return Relation(columns, frozenset((frozenset(grouped),)), persons, relation.undeclared)


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
    return compact(Relation(columns, minimal(keys), relation.persons, relation.undeclared))


def compact(relation: Relation) -> Relation:
    """Keeps the state O(columns): of the persons that no column identifies, one of each sort stays."""
    used = {identity.person for column in relation.columns.values() for identity in column.identities}
    used |= {partner for number in used for partner in relation.persons[number].partners}
    persons: dict[int, Person] = {}
    sorts: dict[tuple[object, ...], int] = {}
    for number, person in relation.persons.items():
        sort = (person.subject, person.sources, person.aggregated, person.consents, person.since)
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
        )
    undeclared = frozenset[str]().union(*(branch.undeclared for branch in branches))
    keys = branches[0].keys if len(branches) == 1 else frozenset()
    keys = frozenset(frozenset(ColumnId(alias, column.name) for column in key) for key in keys)
    return Relation(columns, keys, persons, undeclared)
