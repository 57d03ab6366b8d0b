"""How each relational step changes the facts: unique keys, people, personal data, lineage.

Pure functions from relations to relations. What they claim must hold for every possible data: where a fact can't be
kept with certainty, it is dropped.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import count

from sqlglot import exp

from generator.plan.relation import Column, ColumnId, Identity, Keys, Origin, Person, PersonalData, Relation

MAX_KEYS = 8


@dataclass(frozen=True, slots=True)
class Subjects:
    """What the spec says of people.

    Attributes:
        keys: raw columns that identify somebody: (source, column) -> (subject, key).
        fresh: numbers the persons; every occurrence of a table has persons of its own.
    """

    keys: Mapping[tuple[str, str], tuple[str, str]]
    fresh: count[int] = field(default_factory=count)

    def kind(self, identity: Identity) -> tuple[str, str] | None:
        return self.keys.get((identity.source, identity.column))


def occurrence(relation: Relation, table: str | None, alias: str, subjects: Subjects) -> Relation:
    """A table's relation as one step reads it: addressed by alias, with persons of its own.

    Args:
        table: its name, which becomes the origin of its columns; None for a nested query, which keeps its origins.
    """
    ids = {person: next(subjects.fresh) for person in relation.persons}
    columns = {}
    for name, column in ((column_id.name, column) for column_id, column in relation.columns.items()):
        columns[ColumnId(alias, name)] = replace(
            column,
            origins=column.origins if table is None else frozenset((Origin(table, name),)),
            identities=_with_persons(column.identities, ids),
        )
    keys = frozenset(frozenset(ColumnId(alias, column.name) for column in key) for key in relation.keys)
    return Relation(columns, keys, {ids[i]: p for i, p in relation.persons.items()}, relation.undeclared)


def _with_persons(identities: frozenset[Identity], ids: Mapping[int, int]) -> frozenset[Identity]:
    if not identities:
        return identities
    return frozenset(one._replace(person=ids[one.person]) for one in identities if one.person in ids)


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
    pairs: Sequence[tuple[ColumnId, ColumnId]],
    subjects: Subjects,
) -> Relation:
    """The relation after a join whose condition contains the equalities `pairs` as conjuncts."""
    if kind in ("semi", "anti"):
        columns = _share_labels(left.columns, right.columns, pairs) if kind == "semi" else left.columns
        return replace(left, columns=columns)
    keys: set[frozenset[ColumnId]] = {a | b for a in left.keys for b in right.keys}
    if covers(right.keys, (pair[1] for pair in pairs)):
        keys |= left.keys
    if kind == "inner" and covers(left.keys, (pair[0] for pair in pairs)):
        keys |= right.keys
    both = {**left.columns, **right.columns}
    joined = Relation(
        _share_labels(both, both, pairs),
        minimal(keys),
        {**left.persons, **right.persons},
        left.undeclared | right.undeclared,
    )
    if kind == "left":
        return joined
    return unite_persons(joined, pairs, subjects)


def _share_labels(
    columns: Mapping[ColumnId, Column], others: Mapping[ColumnId, Column], pairs: Sequence[tuple[ColumnId, ColumnId]]
) -> Mapping[ColumnId, Column]:
    """Equal values are equally personal: each column of a pair takes the labels of both."""
    changed: dict[ColumnId, Column] = {}
    for a, b in pairs:
        personal = (columns.get(a) or others[a]).personal | (columns.get(b) or others[b]).personal
        for side in (a, b):
            if side in columns and columns[side].personal != personal:
                changed[side] = replace(columns[side], personal=personal)
    return {**columns, **changed} if changed else columns


def unite_persons(
    relation: Relation, pairs: Iterable[tuple[ColumnId, ColumnId]], subjects: Subjects
) -> Relation:
    """Persons whose subject keys a row has equal are one person."""
    ids = {person: person for person in relation.persons}
    persons = dict(relation.persons)
    for a, b in _same_person(relation.columns, pairs, subjects):
        first, second = ids[a], ids[b]
        if first == second or persons[first].aggregated or persons[second].aggregated:
            continue
        united = replace(persons[first], sources=persons[first].sources | persons[second].sources)
        persons[first] = united
        del persons[second]
        ids = {person: first if now == second else now for person, now in ids.items()}
    if len(persons) == len(relation.persons):
        return relation
    columns = {
        key: replace(column, identities=_with_persons(column.identities, ids)) if column.identities else column
        for key, column in relation.columns.items()
    }
    return replace(relation, columns=columns, persons=persons)


def _same_person(
    columns: Mapping[ColumnId, Column], pairs: Iterable[tuple[ColumnId, ColumnId]], subjects: Subjects
) -> list[tuple[int, int]]:
    found = []
    for a, b in pairs:
        if a not in columns or b not in columns:
            continue
        for x in columns[a].identities:
            kind = subjects.kind(x)
            for y in columns[b].identities:
                if kind is not None and x.person != y.person and subjects.kind(y) == kind:
                    found.append((x.person, y.person))
    return found


def equalities(conjuncts: Iterable[exp.Expression]) -> list[tuple[ColumnId, ColumnId]]:
    """The conjuncts that compare two plain columns with `=`."""
    return [
        (column_id(one.this), column_id(one.expression))
        for one in conjuncts
        if type(one) is exp.EQ and isinstance(one.this, exp.Column) and isinstance(one.expression, exp.Column)
    ]


def column_id(node: exp.Column) -> ColumnId:
    """The id of a resolved column."""
    return ColumnId(node.table or None, node.name)


def filter_rows(relation: Relation, conjuncts: Sequence[exp.Expression], subjects: Subjects) -> Relation:
    """The relation after a filter: a column that equals a constant no longer tells rows apart."""
    constant = frozenset(
        column_id(one.this)
        for one in conjuncts
        if type(one) is exp.EQ and isinstance(one.this, exp.Column) and isinstance(one.expression, exp.Literal)
    )
    keys = minimal(key - constant for key in relation.keys) if constant else relation.keys
    pairs = equalities(conjuncts)
    columns = _share_labels(relation.columns, relation.columns, pairs)
    return unite_persons(replace(relation, keys=keys, columns=columns), pairs, subjects)


def extend(relation: Relation, columns: Mapping[ColumnId, Column], windowed: bool) -> Relation:
    """The relation with computed columns; one computed by a window may hold data of other rows' people."""
    extended = replace(relation, columns={**relation.columns, **columns})
    return with_bystanders(extended) if windowed else extended


def with_bystanders(relation: Relation) -> Relation:
    """Adds, for each kind of person, an aggregated one: data of others is in the row too."""
    persons = dict(relation.persons)
    for person in list(relation.persons.values()):
        if not person.aggregated:
            persons[min(persons, default=0) - 1] = replace(person, aggregated=True)
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
        number: person if number in known else replace(person, aggregated=True)
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
    persons: dict[int, Person] = {}
    sorts: dict[tuple[str, frozenset[str], bool], int] = {}
    for number, person in relation.persons.items():
        sort = (person.subject, person.sources, person.aggregated)
        if number in used or sorts.setdefault(sort, number) == number:
            persons[number] = person
    return relation if len(persons) == len(relation.persons) else replace(relation, persons=persons)


def union(branches: Sequence[Relation], alias: str, subjects: Subjects) -> Relation:
    """The rows of several relations whose columns have the same names and types, addressed by `alias`.

    A column still identifies somebody where it does so in every branch, by the same raw column.
    """
    persons, ids = _union_persons(branches, subjects)
    columns = {}
    for name in (column.name for column in branches[0].columns):
        parts = [next(c for i, c in branch.columns.items() if i.name == name) for branch in branches]
        identities = [_with_persons(part.identities, ids[index]) for index, part in enumerate(parts)]
        columns[ColumnId(alias, name)] = replace(
            parts[0],
            personal=frozenset[PersonalData]().union(*(part.personal for part in parts)),
            identities=frozenset.intersection(*identities),
            origins=frozenset[Origin]().union(*(part.origins for part in parts)),
        )
    undeclared = frozenset[str]().union(*(branch.undeclared for branch in branches))
    keys = branches[0].keys if len(branches) == 1 else frozenset()
    keys = frozenset(frozenset(ColumnId(alias, column.name) for column in key) for key in keys)
    return Relation(columns, keys, persons, undeclared)


def _union_persons(
    branches: Sequence[Relation], subjects: Subjects
) -> tuple[dict[int, Person], list[dict[int, int]]]:
    """Persons of a union. The only person of a kind in every branch stays one person; the others are kept apart."""
    persons: dict[int, Person] = {}
    ids: list[dict[int, int]] = [{} for _ in branches]
    single = [_single_persons(branch) for branch in branches]
    for subject in set.intersection(*(set(found) for found in single)):
        number = next(subjects.fresh)
        members = [branch.persons[found[subject]] for branch, found in zip(branches, single, strict=True)]
        persons[number] = Person(subject, frozenset.intersection(*(member.sources for member in members)))
        for index, found in enumerate(single):
            ids[index][found[subject]] = number
    for index, branch in enumerate(branches):
        for old, person in branch.persons.items():
            if old not in ids[index]:
                persons[next(subjects.fresh)] = person
    return persons, ids


def _single_persons(relation: Relation) -> dict[str, int]:
    found: dict[str, list[int]] = {}
    for number, person in relation.persons.items():
        found.setdefault(person.subject, []).append(number)
    return {
        subject: numbers[0]
        for subject, numbers in found.items()
        if len(numbers) == 1 and not relation.persons[numbers[0]].aggregated
    }
