"""Deliberate breakages of the rules of proof, each as one change of one function."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pytest
from sqlglot import exp

from generator.checks import consent, mixing, privacy, spelling
from generator.plan import comparisons, conditions, consents, facts, implied, nulls, people, person_keys, sources, steps
from generator.plan.expressions import branches, calls, typed
from generator.plan.relation import Column, ColumnId, Identity, Person, PersonalData, Proof, Relation
from generator.plan.sql import lower, parse, sets
from generator.plan.sql.syntax import SetOperation, Tested

Change = Callable[[pytest.MonkeyPatch], None]


@dataclass(frozen=True)
class RuleMutant:
    name: str
    apply: Change


def always(module: Any, name: str, result: object) -> Change:
    """The function gives this, whatever it is asked."""
    return lambda patch: patch.setattr(module, name, lambda *_args, **_more: result)


def first_argument(module: Any, name: str) -> Change:
    """The function does nothing: it gives back what it takes."""
    return lambda patch: patch.setattr(module, name, lambda first, *_args: first)


def after(module: Any, name: str, change: Callable[..., Any]) -> Change:
    """`change` has the last word: it takes the result and the arguments."""
    original = getattr(module, name)

    def changed(*args: Any, **more: Any) -> Any:
        return change(original(*args, **more), *args)

    return lambda patch: patch.setattr(module, name, changed)


def join_as(kind: str, other: str) -> Change:
    original = facts.join

    def join(given: str, *args: Any) -> Relation:
        return original(other if given == kind else given, *args)

    return lambda patch: patch.setattr(facts, "join", join)


def conditions_read(name: str, reader: Callable[[Callable[[Iterable[exp.Expression]], Any]], Any]) -> Change:
    """People and facts read conditions in another way."""

    def apply(patch: pytest.MonkeyPatch) -> None:
        changed = reader(getattr(conditions, name))
        for module in (people, facts, steps, implied):
            if hasattr(module, name):
                patch.setattr(module, name, changed)

    return apply


def _through_or(original: Callable[[Iterable[exp.Expression]], Any]) -> Callable[[Iterable[exp.Expression]], Any]:
    return lambda conjuncts: original([part for one in conjuncts for part in _leaves(one)])


def _leaves(one: exp.Expression) -> Iterator[exp.Expression]:
    inner = one.this if isinstance(one, exp.Paren) else one
    if isinstance(inner, (exp.Or, exp.And)):
        yield from _leaves(inner.this)
        yield from _leaves(inner.expression)
    else:
        yield inner


def _through_calls(original: Callable[[Iterable[exp.Expression]], Any]) -> Callable[[Iterable[exp.Expression]], Any]:
    def equalities(conjuncts: Iterable[exp.Expression]) -> Any:
        equal = [one for one in conjuncts if isinstance(one, exp.EQ)]
        return original([exp.EQ(this=_column(one.this), expression=_column(one.expression)) for one in equal])

    return equalities


def _column(ast: exp.Expression) -> exp.Expression:
    return next(iter(ast.find_all(exp.Column)), ast)


def _any_comparison(original: Callable[[Iterable[exp.Expression]], Any]) -> Callable[[Iterable[exp.Expression]], Any]:
    def equalities(conjuncts: Iterable[exp.Expression]) -> Any:
        compared = [one for one in conjuncts if isinstance(one, (exp.NEQ, exp.EQ, exp.GT, exp.GTE, exp.LT, exp.LTE))]
        return original([exp.EQ(this=one.this, expression=one.expression) for one in compared])

    return equalities


def without_negation(patch: pytest.MonkeyPatch) -> None:
    """`not x` and `x` are the same condition."""

    def canonical(ast: exp.Expression, known: Any) -> str | None:
        bare = ast.this if isinstance(ast, exp.Not) else ast
        return conditions.canonical(bare.this if isinstance(bare, exp.Paren) else bare, known)

    patch.setattr(implied, "canonical", canonical)


def any_value(patch: pytest.MonkeyPatch) -> None:
    """Conditions on the same column are the same condition."""

    def canonical(ast: exp.Expression, known: Any) -> str | None:
        read = {known.get(conditions.column_id(node)) for node in ast.find_all(exp.Column)}
        return None if None in read else ",".join(sorted(read))

    patch.setattr(implied, "canonical", canonical)


def same_person_of_any_key(columns: Any, conjuncts: Any, subjects: Any) -> list[tuple[int, int]]:
    return [
        (x.person, y.person)
        for a, b in conditions.equalities(conjuncts)
        if a in columns and b in columns
        for x in columns[a].identities
        for y in columns[b].identities
        if x.person != y.person
    ]


def proofs_of_any(person: Person, subject: str, members: Sequence[Person]) -> Person:
    return replace(person, proofs=frozenset[Proof]().union(*(member.proofs for member in members)))


def proofs_of_either(found: Relation, _relation: Relation, mine: int, _theirs: int, *sides: Person) -> Relation:
    proofs = sides[0].proofs | sides[1].proofs
    return replace(found, persons={**found.persons, mine: replace(found.persons[mine], proofs=proofs)})


def keys_of_either(found: Any, _relation: Relation, left: Relation, right: Relation, pairs: Any, *_: Any) -> Any:
    relation, identities = found
    either = {one: left.columns[one].identities | right.columns[other].identities for one, other in pairs}
    return relation, {one: identities.get(one) or known for one, known in either.items()}


def identities_of_any(
    found: frozenset[Identity], branches: Sequence[frozenset[Identity]], *_: Any
) -> frozenset[Identity]:
    return found.union(*branches)


def only_known(relation: Relation, *_: Any) -> Relation:
    """An aggregate forgets the people that it sums up."""
    return replace(relation, persons={n: p for n, p in relation.persons.items() if not p.aggregated})


def identities_of_all_parts(column: Column, name: str, typed: Any, relation: Relation, *_: Any) -> Column:
    """Computed columns are what they are computed from."""
    read = [conditions.column_id(node) for node in typed.ast.find_all(exp.Column)]
    known = [relation.columns[one].identities for one in read if one in relation.columns]
    return replace(column, identities=column.identities.union(*known))


def shorter(keys: frozenset[frozenset[ColumnId]], *_: Any) -> frozenset[frozenset[ColumnId]]:
    return frozenset(frozenset(sorted(key, key=str)[:-1]) if len(key) > 1 else key for key in keys)


def parts_of_keys(relation: Relation, before: Relation, columns: Any, kept: Any, distinct: bool) -> Relation:
    keys = [frozenset(kept[one] for one in key if one in kept) for key in before.keys]
    return replace(relation, keys=facts.minimal((*relation.keys, *keys)))


def keys_of_the_first(relation: Relation, branches: Sequence[Relation], alias: str, subjects: Any) -> Relation:
    keys = branches[0].keys
    return replace(relation, keys=frozenset(frozenset(ColumnId(alias, one.name) for one in key) for key in keys))


def without_consents(relation: Relation, *_: Any) -> Relation:
    """The state is kept small by leaving out people that differ in their proofs."""
    kept: dict[tuple[str, bool], int] = {}
    used = {identity.person for column in relation.columns.values() for identity in column.identities}
    for number, person in sorted(relation.persons.items(), key=lambda one: not one[1].proofs):
        kept.setdefault((person.subject, number in used), number)
    return replace(relation, persons={n: p for n, p in relation.persons.items() if n in used or n in kept.values()})


def without_source(labels: frozenset[PersonalData]) -> frozenset[PersonalData]:
    return frozenset()


def nothing_undeclared(relation: Relation, kind: str, left: Relation, *_: Any) -> Relation:
    return replace(relation, silences=frozenset())


def person_of_the_registry(found: Any, self: Any, column: str) -> frozenset[Identity]:
    """Everybody whom a registry's row mentions is the person of the row."""
    return frozenset(Identity(number, self.name, column, own=True) for number in self.persons)


def not_aggregated(found: list[Person], *_: Any) -> list[Person]:
    return [person for person in found if not person.aggregated]


def own_mentions(patch: pytest.MonkeyPatch) -> None:
    def raw_columns(columns: Any, person: int, source: str) -> dict[ColumnId, str]:
        return {
            key: one.column
            for key, column in columns.items()
            for one in column.identities
            if (one.person, one.source) == (person, source)
        }

    patch.setattr(people, "_raw_columns", raw_columns)


def moments_of_anybody(patch: pytest.MonkeyPatch) -> None:
    original = people.since_shown

    def since_shown(time: Identity, moment: Identity, subjects: Any) -> Any:
        return original(time._replace(own=False), moment._replace(own=True), subjects)

    patch.setattr(people, "since_shown", since_shown)


def never_mentioned(patch: pytest.MonkeyPatch) -> None:
    original = consent._before

    def before(lake: Any, table: Any, name: str) -> Any:
        persons = {n: replace(one, mentioned=frozenset()) for n, one in table.relation.persons.items()}
        return original(lake, replace(table, relation=replace(table.relation, persons=persons)), name)

    patch.setattr(consent, "_before", before)


def any_part(patch: pytest.MonkeyPatch) -> None:
    original = people.shown_goals

    def shown_goals(conjuncts: Any, known: Any, goals: Any) -> Any:
        return set(goals) if original(conjuncts, known, goals) else set()

    patch.setattr(people, "shown_goals", shown_goals)


def shown_of_any(person: Person, subject: str, members: Sequence[Person]) -> Person:
    return replace(person, shown=person.shown.union(*(member.shown for member in members)))


def partners_of_all(patch: pytest.MonkeyPatch) -> None:
    original = people._of_partners

    def of_partners(persons: Any) -> Any:
        everybody = frozenset(persons)
        partners = {n: replace(one, partners=everybody) if one.optional else one for n, one in persons.items()}
        return {n: replace(one, partners=persons[n].partners) for n, one in original(partners).items()}

    patch.setattr(people, "_of_partners", of_partners)


def one_truth(patch: pytest.MonkeyPatch) -> None:
    original = implied._truth

    def truth(ast: Any, name_of: Any) -> Any:
        found = original(ast, name_of)
        return (found[0], True) if found else None

    patch.setattr(implied, "_truth", truth)


def any_form(patch: pytest.MonkeyPatch) -> None:
    """Whatever is made of a key is its normal form."""
    patch.setattr(people, "canonical", lambda ast, known: "form")
    patch.setattr(person_keys, "canonical", lambda ast, known: "form")


def either_shows(patch: pytest.MonkeyPatch) -> None:
    """One of several conditions shows what any of them does."""
    original = implied.told

    def told(condition: exp.Expression) -> Any:
        parts = original(condition)
        return [side for one in parts for side in ((one.this, one) if isinstance(one, exp.Or) else (one,))]

    patch.setattr(implied, "told", told)


def hashes_tell_nothing(patch: pytest.MonkeyPatch) -> None:
    for module in (typed, branches, calls, facts):
        patch.setattr(module, "recognised", lambda labels: labels)


def one_way(value: Any, query: Any, negated: bool, start: int, end: int) -> Tested:
    return Tested(value, query, False, start, end)


def intersected(lowering: Any, body: SetOperation, branches: Any) -> Any:
    kind = "intersect" if body.kind == "except" else body.kind
    return sets.put_together(lowering, replace(body, kind=kind), branches)


def plain_equalities(patch: pytest.MonkeyPatch) -> None:
    def compared_equal(conjuncts: Any) -> Any:
        equal = [one for one in conjuncts if isinstance(one, (exp.EQ, exp.NullSafeEQ))]
        pairs = [(one.this, one.expression) for one in equal]
        return [pair for pair in pairs if all(isinstance(side, exp.Column) for side in pair)]

    patch.setattr(facts, "compared_equal", compared_equal)


RULE_MUTANTS = (
    RuleMutant("an anti join proves what a semi join does", join_as("anti", "semi")),
    RuleMutant("a left join is an inner join", join_as("left", "inner")),
    RuleMutant("no column is null where one of an OR isn't", conditions_read("null_rejected", _through_or)),
    RuleMutant("equalities inside OR count", conditions_read("equal_sides", _through_or)),
    RuleMutant("equalities of functions count", conditions_read("equal_sides", _through_calls)),
    RuleMutant("inequalities count as equalities", conditions_read("equal_sides", _any_comparison)),
    RuleMutant("any column identifies", lambda patch: patch.setattr(people, "same_person", same_person_of_any_key)),
    RuleMutant("keys are compared inexactly", always(conditions, "compared_exactly", True)),
    RuleMutant("people of a left join are there", after(people, "as_optional", lambda found, right, *_: right.persons)),
    RuleMutant("a full join is a left join", join_as("full", "left")),
    RuleMutant("people of a full join are there", first_argument(people, "perhaps_missing")),
    RuleMutant("one side of a full join proves both", after(people, "_both_sides", proofs_of_either)),
    RuleMutant("either side's key tells who it is", after(steps, "coalesced", keys_of_either)),
    RuleMutant("a negation doesn't matter", without_negation),
    RuleMutant("the values in a condition don't matter", any_value),
    RuleMutant("one branch of a union proves it", after(people, "_in_all", proofs_of_any)),
    RuleMutant("a column of a union is what it is in one branch", after(people, "in_all", identities_of_any)),
    RuleMutant("an aggregate forgets the people it sums up", after(facts, "aggregate", only_known)),
    RuleMutant("windows don't see others", first_argument(facts, "with_bystanders")),
    RuleMutant("computed columns are what they are made of", after(steps, "as_column", identities_of_all_parts)),
    RuleMutant("few people are kept", after(facts, "compact", without_consents)),
    RuleMutant("a registry's row is about everybody in it", after(sources._People, "identities",
           person_of_the_registry)),
    RuleMutant("data is never from before a consent", always(people, "_repeated", set())),
    RuleMutant("any comparison of times will do", conditions_read("lower_bounds",
           lambda original: _both_ways(original))),
    RuleMutant("sources may be undeclared", after(facts, "join", nothing_undeclared)),
    RuleMutant("people who were summed up need no proof", after(consent, "unproven", not_aggregated)),
    RuleMutant("nobody needs a proof", always(consent, "unproven", [])),
    RuleMutant("a part of a key is a key", after(facts, "minimal", shorter)),
    RuleMutant("what is left of a key is a key", after(facts, "select", parts_of_keys)),
    RuleMutant("a union keeps the keys of its first branch", after(facts, "union", keys_of_the_first)),
    RuleMutant("any column covers a key", always(facts, "covers", True)),
    RuleMutant("equal columns keep their own labels", first_argument(facts, "_share_labels")),
    RuleMutant("a hash is not personal", lambda patch: patch.setattr(calls, "pseudonymous", without_source)),
    RuleMutant("only direct identifiers are refused", after(privacy, "refuses", lambda f, policy,
           label: f and not label.pseudonymous)),
    RuleMutant("whom a row names is the row's own person", own_mentions),
    RuleMutant("any row of the registry tells when, and since when", moments_of_anybody),
    RuleMutant("data that names somebody is never from before", never_mentioned),
    RuleMutant("constants are compared exactly", always(facts, "compared_exactly", True)),
    RuleMutant("any part of a condition is all of it", any_part),
    RuleMutant("what one branch shows, all do", after(people, "_in_all", shown_of_any)),
    RuleMutant("who may be missing is whom anybody is", partners_of_all),
    RuleMutant("a list implies a shorter one", always(implied, "_implies", True)),
    RuleMutant("ranges have no ends", always(implied, "_reaches", True)),
    RuleMutant("true and false are one", one_truth),
    RuleMutant("any window keeps people apart", after(facts, "_kept_apart", lambda f, relation,
           *_: frozenset(relation.persons))),
    RuleMutant("earlier values have the row's time", first_argument(facts, "_without_times_of")),
    RuleMutant("nobody's value is taken", always(facts, "picks", False)),
    RuleMutant("a match tells nothing", after(facts, "_matched_or_not", lambda f, left, right, *_: right.columns)),
    RuleMutant("a comparison of hashes tells nothing", hashes_tell_nothing),
    RuleMutant("only equal columns share labels", plain_equalities),
    RuleMutant("a source says all of everybody", after(sources, "_silences", lambda found,
           *_: frozenset(one for one in found if not one.subject))),
    RuleMutant("a registry has several rows of somebody", always(consents, "covers", True)),
    RuleMutant("nobody in a registry is unknown", after(consents, "never_null", lambda f, relation,
           *_: set(relation.columns))),
    RuleMutant("a row number is another in every row", after(facts, "row_numbers", lambda found,
           *_: [(number, frozenset()) for number, _parts in found])),
    RuleMutant("nothing is null", after(nulls, "never_null", lambda found, relation, *_: set(relation.columns))),
    RuleMutant("not exists is exists", lambda patch: patch.setattr(parse, "Tested", one_way)),
    RuleMutant("except is intersect", lambda patch: patch.setattr(lower, "put_together", intersected)),
    RuleMutant("a right join keeps the left rows", lambda patch: patch.setattr(parse, "JOINS",
           tuple((words, "left" if kind == "right" else kind) for words, kind in parse.JOINS))),
    RuleMutant("any form of a key is its normal form", any_form),
    RuleMutant("spellings are apart", always(people.Subjects, "is_exact", True)),
    RuleMutant("a form of what is no key is a key", lambda patch: patch.setattr(steps, "normal_keys", lambda relation,
           computed, subjects: [frozenset((name,)) for name in computed])),
    RuleMutant("spellings are never compared", always(spelling, "_spelled", ())),
    RuleMutant("one of two conditions shows what it does", either_shows),
    RuleMutant("a negation leaves the end of a range out", lambda patch: patch.setattr(implied, "_TURNED",
           {**implied._TURNED, exp.LT: exp.GT, exp.GT: exp.LT})),
    RuleMutant("what is denied is said", lambda patch: patch.setattr(implied, "_denied", implied.told)),
    RuleMutant("conditions within conditions compare nothing", always(comparisons, "_chosen", ())),
    RuleMutant("what a function reads isn't compared", always(comparisons, "_together", ())),
    RuleMutant("a comparison is as strict as any", lambda patch: patch.setattr(implied, "_WEAKER",
           {**implied._WEAKER, exp.LTE: (exp.LT,), exp.GTE: (exp.GT,)})),
    RuleMutant("elements are nobody's", after(facts, "unnest", lambda found, relation, made, *_: replace(found,
           columns={**found.columns, **{key: replace(one, personal=frozenset()) for key, one in made.items()}}))),
    RuleMutant("a row has one element", after(facts, "unnest", lambda found, relation, *_: replace(found,
           keys=relation.keys))),
    RuleMutant("the first element is there once", after(facts, "unnest", lambda found, _relation, _made, counted, *_:
           replace(found, keys=frozenset((frozenset((counted,)),)) if counted else frozenset()))),
    RuleMutant("people are never mixed", always(mixing, "mixed_persons", [])),
)  # fmt: skip


def _both_ways(original: Callable[[Iterable[exp.Expression]], Any]) -> Callable[[Iterable[exp.Expression]], Any]:
    return lambda conjuncts: [pair for a, b in original(conjuncts) for pair in ((a, b), (b, a))]
