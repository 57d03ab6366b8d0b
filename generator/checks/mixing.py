"""G003: a join that puts two people's data into one row, and doesn't say that it means to."""

from __future__ import annotations

from collections.abc import Iterator

from generator.checks.finding import Finding
from generator.plan.lake import CompiledLake, Join
from generator.plan.relation import Person, Relation


def check(lake: CompiledLake) -> Iterator[Finding]:
    for table in lake.tables.values():
        for _, left, join in table.query.joins():
            mixed = mixed_persons(left, join)
            if mixed and join.mixes_subjects is None:
                yield _finding(lake, table.name, join, mixed[0])


def mixed_persons(before: Relation, join: Join) -> list[Person]:
    """People of the joined table of whom a row's other people of the same kind may differ."""
    if join.kind not in ("inner", "left"):
        return []
    present = {person.subject for person in before.persons.values() if not person.aggregated}
    return [
        person
        for number, person in join.after.persons.items()
        if number not in before.persons and not person.aggregated and not person.partners and person.subject in present
    ]


def _finding(lake: CompiledLake, table: str, join: Join, person: Person) -> Finding:
    keys = ", ".join(f"`{key}`" for key in lake.subjects[person.subject].keys)
    return Finding(
        "G003",
        f"a row of `{table}` can hold the data of two different people",
        join.place,
        f"no key of {person.subject} is compared here",
        notes=(f"both sides have data of a {person.subject}; a {person.subject} is known by {keys}",),
        help=("join on a key of the person as well, or write `mixes_subjects:` and the reason why it is meant",),
    )
