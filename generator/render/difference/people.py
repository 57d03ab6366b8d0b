"""Whose data rows hold, whether two people can meet in one, and which columns tell rows apart."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from generator.plan.lake import CompiledTable
from generator.plan.relation import Relation
from generator.render.difference.model import Aspect, Change, Kind, On, Risk, code, codes
from generator.render.difference.pairs import Lakes
from generator.render.explanation.people import Mixing, RowPerson, mixing, row_people
from generator.render.explanation.personal import key_names


def people_changes(lakes: Lakes, on: On, name: str, old: Relation, new: Relation) -> Iterator[Change]:
    mine = [_words(person, lakes.names.texts(person.sources)) for person in row_people(lakes.old, old)]
    theirs = [_words(person, person.sources) for person in row_people(lakes.new, new)]
    if mine != theirs:
        lost = {*_subjects(old)} - {*_subjects(new)}
        text = f"a row no longer counts as data of a {codes(sorted(lost))}" if lost else "whose data a row holds"
        risk = Risk.CONSENT if lost else None
        yield Change(on, name, Aspect.PEOPLE, Kind.CHANGED, text, "", tuple(mine), tuple(theirs), risk)
    undeclared = set(lakes.names.texts(old.undeclared)), new.undeclared
    if undeclared[0] != undeclared[1]:
        text = "sources in its rows of which the spec doesn't say whose data they are"
        before, after = (tuple(sorted(one)) for one in undeclared)
        yield Change(on, name, Aspect.PEOPLE, Kind.CHANGED, text, "undeclared", before, after)


def _subjects(relation: Relation) -> Iterable[str]:
    return (person.subject for person in relation.persons.values())


def _words(person: RowPerson, sources: Iterable[str]) -> str:
    rows = f"rows of {', '.join(sorted(sources))}"
    if person.aggregated:
        return f"several of {person.subject} summed up, from {rows}"
    known = f", known by {', '.join(person.identified_by)}" if person.identified_by else ""
    since = "".join(f", {one.source} since consent {one.consent}" for one in person.since)
    return f"a {person.subject}, from {rows}{known}{since}{', may be missing' if person.optional else ''}"


Mixed = tuple[str, str, str | None]
"""A table or source in which two people meet, the join that does it, and the reason given."""


def mixing_changes(lakes: Lakes, old: CompiledTable | None, new: CompiledTable) -> Iterator[Change]:
    """Where two people's data comes into one row; in another table, if that isn't told of that table already."""
    mine, theirs = _old_mixing(lakes, old), _new_mixing(lakes, new)
    for place in sorted(theirs - mine, key=repr):
        upstream = lakes.new.tables.get(place[0]) if place[0] != new.name else None
        if upstream is None or place in _old_mixing(lakes, lakes.old_table(upstream.name)):
            text = f"two people's data can meet in a row: {_mixed(*place)}"
            yield Change(On.TABLE, new.name, Aspect.PEOPLE, Kind.ADDED, text, "mixing", risk=Risk.PERSONAL)
    for place in sorted(mine - theirs, key=repr):
        if place[0] == new.name:
            text = f"two people's data no longer meets in a row: {_mixed(*place)}"
            yield Change(On.TABLE, new.name, Aspect.PEOPLE, Kind.REMOVED, text, "mixing")


def _old_mixing(lakes: Lakes, table: CompiledTable | None) -> set[Mixed]:
    found = mixing(lakes.old, table) if table is not None else ()
    return {(lakes.names.new(one.table), lakes.names.text(_join(one)), one.reason) for one in found}


def _new_mixing(lakes: Lakes, table: CompiledTable) -> set[Mixed]:
    return {(one.table, _join(one), one.reason) for one in mixing(lakes.new, table)}


def _join(one: Mixing) -> str:
    """The join without its condition, which may change without changing this."""
    return (one.join or "").split(" on ")[0]


def _mixed(table: str, join: str, reason: str | None) -> str:
    where = f"{code(join)} of {code(table)}" if join else f"{code(table)}, as it lands"
    return f"{where}; the reason given: {code(reason)}" if reason else where


def key_changes(on: On, name: str, old: Relation, new: Relation) -> Iterator[Change]:
    """Which columns no two rows share."""
    mine, theirs = key_names(old), key_names(new)
    for key in theirs:
        if key not in mine:
            yield Change(
                on, name, Aspect.KEYS, Kind.ADDED, f"no two rows have the same {_columns(key)}", ", ".join(key)
            )
    for key in mine:
        if key not in theirs:
            text = f"two rows may have the same {_columns(key)}"
            yield Change(on, name, Aspect.KEYS, Kind.REMOVED, text, ", ".join(key))


def _columns(key: tuple[str, ...]) -> str:
    return codes(key) if key else "columns at all: there was at most one"
