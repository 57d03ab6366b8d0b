"""G003: a join or window that puts two people's data into one row, and doesn't say that it means to."""

from __future__ import annotations

from collections.abc import Iterator

from generator.checks.finding import Finding
from generator.plan.lake import CompiledLake, CompiledTable, Extend, Join, Query, Select, Step, Union
from generator.plan.mixing import mixed_persons
from generator.plan.relation import Person, Relation


def check(lake: CompiledLake) -> Iterator[Finding]:
    for table in lake.tables.values():
        for _, left, join in table.query.joins():
            mixed = mixed_persons(left, join)
            if mixed and join.mixes_subjects is None:
                yield _finding(lake, table.name, join, mixed[0])
        yield from _windows(table)


def _windows(table: CompiledTable) -> Iterator[Finding]:
    """Windows that take a value of somebody else's row into a row."""
    for before, step in _steps(table.query):
        present = {person.subject for person in before.persons.values() if not person.aggregated}
        taken = [
            person.subject
            for number, person in step.after.persons.items()
            if number not in before.persons and person.picked and person.subject in present
        ]
        if taken and isinstance(step, (Extend, Select)):
            yield Finding(
                "G003",
                f"a row of `{table.name}` can hold the data of two different people",
                step.place,
                "this takes values of other rows",
                notes=(f"the window isn't partitioned by a key of {taken[0]}",),
                help=(
                    "partition by a key of the person, or compute it in a table of its own, and join that with "
                    "`mixes_subjects:` and the reason why it is meant",
                ),
            )


def _steps(query: Query) -> Iterator[tuple[Relation, Step]]:
    """All steps with the relation before them, those of nested queries first."""
    before = Relation({})
    for step in query.steps:
        inputs = step.inputs if isinstance(step, Union) else (getattr(step, "input", None),)
        for one in inputs:
            if isinstance(one, Query):
                yield from _steps(one)
        yield before, step
        before = step.after


def _finding(lake: CompiledLake, table: str, join: Join, person: Person) -> Finding:
    keys = ", ".join(f"`{key}`" for key in lake.subjects[person.subject].written)
    return Finding(
        "G003",
        f"a row of `{table}` can hold the data of two different people",
        join.place,
        f"no key of {person.subject} is compared here",
        notes=(f"both sides have data of a {person.subject}; a {person.subject} is known by {keys}",),
        help=("join on a key of the person as well, or write `mixes_subjects:` and the reason why it is meant",),
    )
