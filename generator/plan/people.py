"""Whose data a row holds, and what is known of their consent: the rules of the proof.

A relation's persons stand for somebody in each row. A consent is proven of a person when

- a filter's conjuncts imply the consent's condition over that person's own row of the registry;
- an inner or semi join by plain `=` on the same kind of subject key, as it is spelled or in its normal form, matches
  them with a person of whom it is proven;
- each branch of a union proves it.

Everything else proves nothing. What is claimed must hold for all possible data, as long as the registry's keys are
unique and not null, which every run checks.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import count

from sqlglot import exp

from generator.plan.conditions import canonical, equal_sides, lower_bounds, null_rejected, reads_only
from generator.plan.expressions.columns import column_id, column_nodes
from generator.plan.implied import shown_goals, told
from generator.plan.normal_form import NormalForm
from generator.plan.relation import Column, ColumnId, Goal, Identity, Person, Proof, Relation, Since


@dataclass(frozen=True, slots=True)
class ConsentRule:
    """A consent as the proofs need it.

    Attributes:
        goals: the conjuncts of its condition over columns of the registry, by their canonical text.
        since: the registry's column with the moment of consent, if only data from then on may be used.
    """

    subject: str
    registry: str
    goals: Mapping[str, exp.Expression]
    since: str | None = None


@dataclass(frozen=True, slots=True)
class Subjects:
    """What the spec says of people.

    Attributes:
        keys: the keys of the registries' own people: (registry, column) -> (subject, key).
        mentions: other raw columns that identify somebody: (source, column) -> (subject, key).
        consents: by name.
        times: the column of each source that says when its data was made.
        fresh: numbers the persons; every occurrence of a table has persons of its own.
        normal: the keys that have a normal form: by (subject, key).
    """

    keys: Mapping[tuple[str, str], tuple[str, str]]
    mentions: Mapping[tuple[str, str], tuple[str, str]]
    consents: Mapping[str, ConsentRule] = field(default_factory=dict)
    times: Mapping[str, str] = field(default_factory=dict)
    fresh: count[int] = field(default_factory=count)
    normal: Mapping[tuple[str, str], NormalForm] = field(default_factory=dict)

    def kind(self, identity: Identity) -> tuple[str, str] | None:
        """The kind of person and the key that a column is, if it is one."""
        if not identity.source:
            subject, key = identity.column.split(".")
            return subject, key
        known = self.keys if identity.own else self.mentions
        return known.get((identity.source, identity.column))

    def is_exact(self, identity: Identity) -> bool:
        """Whether no two values of a key are one person: of spellings, only the registry's own are known to be so."""
        return identity.normal or (identity.own and bool(identity.source)) or self.kind(identity) not in self.normal


def identities_of(ast: exp.Expr, columns: Mapping[ColumnId, Column], subjects: Subjects) -> frozenset[Identity]:
    """Whom a value identifies: a column as it does, and the normal form of a key its person.

    Two spellings of a key can be the same text only of the same person, and so can a spelling and a normal form: the
    registry is looked at for normal forms that stay as they are when made again.
    """
    inner = ast.unnest()
    if isinstance(inner, exp.Column):
        known = columns.get(column_id(inner))
        return known.identities if known is not None else frozenset()
    read = {column_id(node) for node in column_nodes(inner)} if subjects.normal else set[ColumnId]()
    known = columns.get(next(iter(read))) if len(read) == 1 else None
    if known is None or not known.identities:
        return frozenset()
    text = canonical(inner, dict.fromkeys(read, ""))
    return frozenset(
        Identity(one.person, "", ".".join(kind), one.own, normal=True)
        for one in known.identities
        if (kind := subjects.kind(one)) in subjects.normal and kind and subjects.normal[kind].canonical == text
    )


def normal_keys(
    relation: Relation, computed: Mapping[ColumnId, exp.Expression], subjects: Subjects
) -> list[frozenset[ColumnId]]:
    """Computed columns of which no two rows share a value: the normal forms of what is a key, and a registry's own."""
    return [
        frozenset((name,))
        for name, ast in computed.items()
        if not isinstance(ast.unnest(), exp.Column)
        for column, told in _formed(ast, relation, subjects)
        if frozenset((column,)) in relation.keys and told
    ]


def compared_columns(
    conjuncts: Iterable[exp.Expression], relation: Relation, subjects: Subjects
) -> frozenset[ColumnId]:
    """The columns of a join's side of which a match has known values: compared with `=`, alone or in a normal form.

    The normal form tells apart what is in it already, and a registry's own keys.
    """
    found = set()
    for sides in equal_sides(conjuncts):
        for one, other in (sides, sides[::-1]):
            if _reads_none(other, relation):
                found |= {column for column, told in _formed(one, relation, subjects) if told}
    return frozenset(found)


def _formed(ast: exp.Expression, relation: Relation, subjects: Subjects) -> Iterator[tuple[ColumnId, bool]]:
    """The column that a value is, alone or in its normal form, and whether different columns make different values."""
    inner = ast.unnest()
    read = {column_id(node) for node in column_nodes(inner)}
    if len(read) == 1 and read <= relation.columns.keys():
        (column,) = read
        exact = {one.person for one in relation.columns[column].identities if subjects.is_exact(one)}
        of_form = {one.person for one in identities_of(inner, relation.columns, subjects)}
        yield column, isinstance(inner, exp.Column) or bool(exact & of_form)


def _reads_none(ast: exp.Expression, relation: Relation) -> bool:
    return not any(column_id(node) in relation.columns for node in column_nodes(ast))


def with_persons(identities: frozenset[Identity], ids: Mapping[int, int]) -> frozenset[Identity]:
    """Identities under other numbers; those of persons that have none are dropped."""
    if not identities:
        return identities
    return frozenset(one._replace(person=ids[one.person]) for one in identities if one.person in ids)


def renumbered(person: Person, ids: Mapping[int, int]) -> Person:
    if not person.partners:
        return person
    return replace(person, partners=frozenset(ids[one] for one in person.partners if one in ids))


# What a condition shows -----------------------------------------------------------------------------


def after_condition(
    relation: Relation, conjuncts: Sequence[exp.Expression], subjects: Subjects, reason: str
) -> Relation:
    """What is known of the persons of rows for which all conjuncts are true."""
    if not relation.persons:
        return relation
    conjuncts = [part for one in conjuncts for part in told(one)]
    shown = _present(relation, conjuncts, subjects)
    same = same_person(shown.columns, conjuncts, subjects)
    shown = unite(_since(shown, conjuncts, same, subjects), same, subjects)
    return _consented(shown, conjuncts, subjects, reason)


def _present(relation: Relation, conjuncts: Sequence[exp.Expression], subjects: Subjects) -> Relation:
    """Persons of a left join are there where one of their columns can't be null."""
    optional = {number for number, person in relation.persons.items() if person.optional}
    if not optional:
        return relation
    found = {
        identity.person
        for column in null_rejected(conjuncts)
        if column in relation.columns
        for identity in relation.columns[column].identities
    }
    persons = dict(relation.persons)
    pairs: list[tuple[int, int]] = []
    for number in optional & found:
        pairs += [(partner, number) for partner in persons[number].partners if partner in persons]
        persons[number] = replace(persons[number], optional=False, partners=frozenset())
    return unite(replace(relation, persons=persons), pairs, subjects)


def same_person(
    columns: Mapping[ColumnId, Column], conjuncts: Iterable[exp.Expression], subjects: Subjects
) -> list[tuple[int, int]]:
    """Persons that equal subject keys of the same kind show to be one."""
    found = []
    for a, b in equal_sides(conjuncts):
        others = identities_of(b, columns, subjects)
        for x in identities_of(a, columns, subjects) if others else ():
            kind = subjects.kind(x)
            for y in others:
                if kind is not None and x.person != y.person and subjects.kind(y) == kind:
                    found.append((x.person, y.person))
    return found


def unite(relation: Relation, pairs: Iterable[tuple[int, int]], subjects: Subjects) -> Relation:
    """Makes one person of each pair; what is known of one is known of both."""
    ids = _united(relation.persons, pairs)
    members: dict[int, list[Person]] = {}
    for old, new in ids.items():
        members.setdefault(new, []).append(relation.persons[old])
    if len(members) == len(relation.persons):
        return relation
    twice = {(number, source) for number, group in members.items() for source in _repeated(group, subjects)}
    columns = {
        key: replace(column, identities=_without_times(with_persons(column.identities, ids), twice, subjects))
        if column.identities
        else column
        for key, column in relation.columns.items()
    }
    persons = {number: renumbered(_one_of(group), ids) for number, group in members.items()}
    return replace(relation, columns=columns, persons=persons)


def _united(persons: Mapping[int, Person], pairs: Iterable[tuple[int, int]]) -> dict[int, int]:
    """The number that each person has once the pairs are united: the lowest of theirs, so that the left side's stay."""
    ids = {person: person for person in persons}
    for a, b in pairs:
        first, second = sorted((ids[a], ids[b]))
        if first != second and _can_unite(persons[first], persons[second]):
            ids = {person: first if now == second else now for person, now in ids.items()}
    return ids


def _one_of(group: Sequence[Person]) -> Person:
    one, *others = group
    for other in others:
        one = replace(
            one,
            sources=one.sources | other.sources,
            partners=one.partners | other.partners,
            proofs=_joined(one.proofs, other.proofs),
            mentioned=one.mentioned | other.mentioned,
            shown=one.shown | other.shown,
        )
    return replace(one, since=_since_in_all(group))


def _repeated(group: Sequence[Person], subjects: Subjects) -> set[str]:
    """The sources of which a person has more than one row in a row; of their own registry it is the same row."""
    seen = Counter(source for person in group for source in person.sources)
    registries = {rule.registry for rule in subjects.consents.values() if rule.subject == group[0].subject}
    return {source for source, times in seen.items() if times > 1} - registries


def _without_times(
    identities: frozenset[Identity], twice: set[tuple[int, str]], subjects: Subjects
) -> frozenset[Identity]:
    """Identities without the time of a source of which there are two rows: it would pass for the other's as well."""
    if not twice:
        return identities
    return frozenset(
        one
        for one in identities
        if one.own or (one.person, one.source) not in twice or subjects.times.get(one.source) != one.column
    )


def _can_unite(a: Person, b: Person) -> bool:
    return a.subject == b.subject and not (a.aggregated or b.aggregated or a.optional or b.optional)


def _joined(proofs: frozenset[Proof], others: Iterable[Proof]) -> frozenset[Proof]:
    """Proofs with those of further consents; one proof a consent is enough."""
    known = {proof.consent for proof in proofs}
    added: dict[str, Proof] = {}
    for proof in sorted(others, key=lambda proof: (proof.consent, proof.reason, proof.via or "")):
        if proof.consent not in known:
            added.setdefault(proof.consent, proof)
    return proofs | frozenset(added.values()) if added else proofs


def _consented(relation: Relation, conjuncts: Sequence[exp.Expression], subjects: Subjects, reason: str) -> Relation:
    """Proofs by conjuncts that imply a consent's condition."""
    persons = dict(relation.persons)
    for name, rule in subjects.consents.items():
        for number, person in relation.persons.items():
            if person.aggregated or person.optional or name in person.consents or person.subject != rule.subject:
                continue
            known = _raw_columns(relation.columns, number, rule.registry)
            have = shown_goals(conjuncts, known, rule.goals) if known else ()
            persons[number] = _with_goals(persons[number], name, rule, have, reason)
    return replace(relation, persons=_of_partners(persons))


def _with_goals(person: Person, consent: str, rule: ConsentRule, have: Iterable[str], reason: str) -> Person:
    """A person of whom parts of a consent's condition are shown: with those shown before, it may be all of it."""
    shown = person.shown | {Goal(consent, text) for text in have}
    person = replace(person, shown=shown) if have else person
    if shown and {Goal(consent, text) for text in rule.goals} <= shown:
        person = replace(person, proofs=person.proofs | {Proof(consent, reason)})
    return person


def _of_partners(persons: Mapping[int, Person]) -> dict[int, Person]:
    """Who may be missing, and otherwise is somebody of whom a consent is proven, is proven as well."""
    return {
        number: replace(person, proofs=_joined(person.proofs, proofs))
        if person.optional
        and (proofs := [one for it in person.partners if it in persons for one in persons[it].proofs])
        else person
        for number, person in persons.items()
    }


def _raw_columns(columns: Mapping[ColumnId, Column], person: int, source: str) -> dict[ColumnId, str]:
    """The columns that are, untouched, columns of a person's own row in a registry."""
    return {
        key: identity.column
        for key, column in columns.items()
        for identity in column.identities
        if identity.own and identity.person == person and identity.source == source
    }


def _since(
    relation: Relation, conjuncts: Sequence[exp.Expression], same: Sequence[tuple[int, int]], subjects: Subjects
) -> Relation:
    """Sources whose time a conjunct bounds by the moment of the same person's consent; `same` are to be united."""
    bounds = list(lower_bounds(conjuncts))
    if not bounds:
        return relation
    ids = _united(relation.persons, same)
    persons = dict(relation.persons)
    for later, earlier in bounds:
        if later not in relation.columns or earlier not in relation.columns:
            continue
        for one in relation.columns[later].identities:
            for other in relation.columns[earlier].identities:
                if ids[one.person] == ids[other.person]:
                    found = since_shown(one, other, subjects)
                    known = persons[one.person]
                    persons[one.person] = replace(known, since=known.since | found)
    return replace(relation, persons=persons)


def since_shown(time: Identity, moment: Identity, subjects: Subjects) -> frozenset[Since]:
    """What it shows that a source's time is not before a registry's moment of consent.

    Only the moment in a person's own row is theirs, and the time of that row tells nothing of other data.
    """
    if time.own or not moment.own:
        return frozenset()
    return frozenset(
        Since(name, time.source)
        for name, rule in subjects.consents.items()
        if rule.since is not None
        and (moment.source, moment.column) == (rule.registry, rule.since)
        and subjects.times.get(time.source) == time.column
    )


# Joins ----------------------------------------------------------------------------------------------


def as_optional(
    right: Relation, left: Relation, conjuncts: Sequence[exp.Expression], subjects: Subjects
) -> Mapping[int, Person]:
    """The right side's persons after a left join: missing where there is no match."""
    together = {**left.columns, **right.columns}
    conjuncts = [part for one in conjuncts for part in told(one)]
    partners: dict[int, set[int]] = {}
    for a, b in same_person(together, conjuncts, subjects):
        mine, theirs = (a, b) if a in left.persons else (b, a)
        if mine in left.persons and theirs in right.persons and not left.persons[mine].aggregated:
            partners.setdefault(theirs, set()).add(mine)
    optional = {
        number: replace(person, optional=True, partners=person.partners | frozenset(partners.get(number, ())))
        if not person.aggregated
        else person
        for number, person in right.persons.items()
    }
    together_with = _of_partners({**left.persons, **optional})
    return {number: together_with[number] for number in optional}


def perhaps_missing(persons: Mapping[int, Person]) -> dict[int, Person]:
    """Persons of rows that may have no match: each is there or isn't."""
    return {number: one if one.aggregated else replace(one, optional=True) for number, one in persons.items()}


Pairs = Sequence[tuple[ColumnId, ColumnId]]


def coalesced(
    relation: Relation, left: Relation, right: Relation, pairs: Pairs, subjects: Subjects
) -> tuple[Relation, Mapping[ColumnId, frozenset[Identity]]]:
    """A full join's people once equal columns are one column each, and whom those identify, by the left ones.

    Where both columns are a key of one kind of person, whoever is in a row is known by the new one: somebody of one
    side, or of both. What is known of them is what is known of either. No other column tells who they are: it may be
    null while they are there.
    """
    same: dict[int, int] = {}
    found: dict[ColumnId, set[Identity]] = {}
    for one, other in pairs:
        for mine in left.columns[one].identities:
            for theirs in right.columns[other].identities:
                kind, a, b = subjects.kind(mine), left.persons[mine.person], right.persons[theirs.person]
                if kind is None or subjects.kind(theirs) != kind or not _can_unite(a, b):
                    continue
                if theirs.person not in same and mine.person not in same.values():
                    same[theirs.person] = mine.person
                if same.get(theirs.person) == mine.person:
                    is_normal = mine.normal and theirs.normal
                    found.setdefault(one, set()).add(Identity(mine.person, "", ".".join(kind), normal=is_normal))
    for second, first in same.items():
        relation = _both_sides(relation, first, second, left.persons[first], right.persons[second])
    return relation, {column: frozenset(identities) for column, identities in found.items()}


def _both_sides(relation: Relation, mine: int, theirs: int, one: Person, other: Person) -> Relation:
    """The relation with one person instead of two who are either the same, or not both there."""
    ids = {number: number for number in relation.persons if number not in (mine, theirs)}
    columns = {
        key: replace(column, identities=frozenset(it for it in column.identities if it.person in ids))
        for key, column in relation.columns.items()
    }
    persons = {number: renumbered(person, ids) for number, person in relation.persons.items() if number in ids}
    return replace(relation, columns=columns, persons={mine: _in_all(one.subject, (one, other)), **persons})


def after_semi(
    left: Relation,
    right: Relation,
    conjuncts: Sequence[exp.Expression],
    subjects: Subjects,
    reason: str,
    via: str | None,
) -> Relation:
    """The left side's persons after a semi join: matched with consented people, they are consented."""
    conjuncts = [part for one in conjuncts for part in told(one)]
    shown = after_condition(left, [one for one in conjuncts if reads_only(one, left)], subjects, reason)
    shown = _present(shown, conjuncts, subjects)
    matched = after_condition(right, conjuncts, subjects, reason)
    matched = _present(matched, conjuncts, subjects)
    together = {**shown.columns, **matched.columns}
    persons = dict(shown.persons)
    for a, b in same_person(together, conjuncts, subjects):
        mine, theirs = (a, b) if a in persons else (b, a)
        if mine not in persons or theirs not in matched.persons:
            continue
        if not _can_unite(persons[mine], matched.persons[theirs]):
            continue
        passed = [Proof(proof.consent, reason, via or proof.via) for proof in matched.persons[theirs].proofs]
        since = _since_matched(together, conjuncts, mine, theirs, subjects)
        known = persons[mine]
        proofs = _joined(known.proofs, passed)
        goals = known.shown | matched.persons[theirs].shown
        persons[mine] = replace(known, proofs=proofs, since=known.since | since, shown=goals)
    return _consented(replace(shown, persons=persons), (), subjects, reason)


def _since_matched(
    columns: Mapping[ColumnId, Column], conjuncts: Sequence[exp.Expression], mine: int, theirs: int, subjects: Subjects
) -> frozenset[Since]:
    found: frozenset[Since] = frozenset()
    for later, earlier in lower_bounds(conjuncts):
        for one in columns[later].identities if later in columns else ():
            for other in columns[earlier].identities if earlier in columns else ():
                if (one.person, other.person) == (mine, theirs):
                    found |= since_shown(one, other, subjects)
    return found


def in_all(branches: Sequence[frozenset[Identity]], subjects: Subjects) -> frozenset[Identity]:
    """What a column of a union identifies: the same raw column in every branch, or else the same kind of key."""
    same = frozenset.intersection(*branches)
    keys = [frozenset((one.person, kind) for one in branch if (kind := subjects.kind(one))) for branch in branches]
    known = {(one.person, subjects.kind(one)) for one in same}
    normal = [{(one.person, subjects.kind(one)) for one in branch if one.normal} for branch in branches]
    of_kind = (
        Identity(person, "", ".".join(kind), normal=all((person, kind) in found for found in normal))
        for person, kind in frozenset.intersection(*keys)
        if (person, kind) not in known
    )
    return same | frozenset(of_kind)


# Unions ---------------------------------------------------------------------------------------------


def union_persons(branches: Sequence[Relation], subjects: Subjects) -> tuple[dict[int, Person], list[dict[int, int]]]:
    """Persons of a union. The only person of a kind in every branch stays one person; the others are kept apart.

    Those kept apart belong to rows of one branch only, so that no column identifies them any more.
    """
    persons: dict[int, Person] = {}
    ids: list[dict[int, int]] = [{} for _ in branches]
    single = [_single_persons(branch) for branch in branches]
    for subject in sorted(set.intersection(*(set(found) for found in single))):
        number = next(subjects.fresh)
        members = [branch.persons[found[subject]] for branch, found in zip(branches, single, strict=True)]
        persons[number] = _in_all(subject, members)
        for index, found in enumerate(single):
            ids[index][found[subject]] = number
    for index, branch in enumerate(branches):
        for old, person in branch.persons.items():
            if old not in ids[index]:
                persons[next(subjects.fresh)] = replace(person, partners=frozenset())
    return persons, ids


def _in_all(subject: str, members: Sequence[Person]) -> Person:
    """What holds of a person whichever branch they came by."""
    consents = frozenset.intersection(*(member.consents for member in members))
    proofs = {consent: next(proof for proof in members[0].proofs if proof.consent == consent) for consent in consents}
    reasons = {
        consent: sorted({proof.reason for member in members for proof in member.proofs if proof.consent == consent})
        for consent in consents
    }
    return Person(
        subject,
        frozenset.union(*(member.sources for member in members)),
        proofs=frozenset(
            Proof(consent, " and ".join(reasons[consent]), proofs[consent].via) for consent in sorted(consents)
        ),
        since=_since_in_all(members),
        mentioned=frozenset.union(*(member.mentioned for member in members)),
        shown=frozenset.intersection(*(member.shown for member in members)),
    )


def _since_in_all(members: Sequence[Person]) -> frozenset[Since]:
    """Of each source, what every member that has rows of it shows."""
    found = frozenset[Since]().union(*(member.since for member in members))
    return frozenset(one for one in found if all(one in m.since for m in members if one.source in m.sources))


def _single_persons(relation: Relation) -> dict[str, int]:
    found: dict[str, list[int]] = {}
    for number, person in relation.persons.items():
        found.setdefault(person.subject, []).append(number)
    return {
        subject: numbers[0]
        for subject, numbers in found.items()
        if len(numbers) == 1
        and not relation.persons[numbers[0]].aggregated
        and not relation.persons[numbers[0]].optional
    }
