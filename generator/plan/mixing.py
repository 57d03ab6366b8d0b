"""Joins that put the data of several people of a kind into one row."""

from __future__ import annotations

from generator.plan.lake import WIDE_JOINS, Join
from generator.plan.relation import Person, Relation


def mixed_persons(before: Relation, join: Join) -> list[Person]:
    """People of the joined table of whom a row's other people of the same kind may differ."""
    if join.kind not in WIDE_JOINS:
        return []
    present = {person.subject for person in before.persons.values() if _stands_out(person)}
    return [
        person
        for number, person in join.after.persons.items()
        if number not in before.persons
        and number not in join.same
        and _stands_out(person)
        and not person.partners
        and person.subject in present
    ]


def _stands_out(person: Person) -> bool:
    """Whether values of a single person are there: `max(email)` of a group is somebody's, a sum is nobody's."""
    return not person.aggregated or person.picked
