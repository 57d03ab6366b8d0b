"""Versions whose rows don't say whose they are, sums and those that left a key out: by what they were made of."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from generator.erasure.finding import Untold
from generator.erasure.known import key_columns
from generator.plan.lake import CompiledLake


@dataclass(frozen=True, slots=True)
class Kept:
    """A kept version of a table.

    Attributes:
        inputs: of what it was made: the run of each input's version.
        runs: runs after which it is gone.
        lacking: whether it lacks a column with a key that the table has now.
    """

    run: str
    inputs: Mapping[str, str]
    runs: int
    lacking: bool = False


@dataclass(slots=True)
class MadeOf:
    """Follows rows of a person to what was made of them.

    Attributes:
        runs: of each source and table, the runs of the versions that are kept.
        since: the run from which on landing data was without the person, if that is known.
        theirs: versions that have rows of theirs, or are made of such: name and run. It grows.
        untold: versions of which nobody can tell, by name and run.
    """

    lake: CompiledLake
    subject: str
    runs: Mapping[str, Collection[str]]
    since: str
    theirs: set[tuple[str, str]]
    untold: dict[tuple[str, str], Untold] = field(default_factory=dict)

    def find(self, name: str, versions: Iterable[Kept]) -> Iterator[tuple[int, tuple[str, ...]]]:
        """The versions of a table that were made of rows of theirs, by their place, and of which inputs.

        Ask for tables in the lake's order: what is found of one counts for those behind it.
        """
        tells, inputs = self.tells(name), list(self.inputs(name))
        for number, version in enumerate(versions):
            if (name, version.run) in self.theirs or (tells and not version.lacking):
                continue
            of = tuple(one for one in inputs if (one, version.inputs.get(one, "")) in self.theirs)
            gone = next((one for one in inputs if not self._is_known(one, version.inputs.get(one, ""))), None)
            if of:
                self.theirs.add((name, version.run))
                yield number, of
            elif gone is not None and self.has_people(name):
                self.untold[name, version.run] = Untold(name, version.run, gone, version.runs)

    def _is_known(self, name: str, run: str) -> bool:
        """Whether a version is kept, and it is known whether it was made of rows of theirs."""
        told = bool(self.since) and run >= self.since
        return told or (run in self.runs.get(name, ()) and (name, run) not in self.untold)

    def inputs(self, name: str) -> Iterable[str]:
        """What a table takes rows from, or matches with, that is stored."""
        for one in self.lake.tables[name].inputs:
            if one in self.lake.tables and self.lake.tables[one].is_view:
                yield from self.inputs(one)
            else:
                yield one

    def tells(self, name: str) -> bool:
        """Whether each person of the kind that a row is about stands in it by a key."""
        relation = self.lake.relation(name)
        told = {column.person for column in key_columns(self.lake, self.subject, relation)}
        people = {number: one for number, one in relation.persons.items() if one.subject == self.subject}
        return bool(people) and all(
            not one.aggregated and bool(told & {number, *one.partners}) for number, one in people.items()
        )

    def has_people(self, name: str) -> bool:
        """Whether its rows are about people of this kind."""
        persons = self.lake.relation(name).persons.values()
        return any(one.subject == self.subject for one in persons)
