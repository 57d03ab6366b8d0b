"""Two lakes, and what in one is what in the other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

from generator.jobs.plan import Job, job_of_each_step, plan_jobs
from generator.plan.lake import CompiledLake, CompiledSource, CompiledTable
from generator.render.difference.names import Names

T = TypeVar("T")


@dataclass(frozen=True)
class Lakes:
    """Both lakes; `names` says how tables and sources of the old one are called in the new one."""

    old: CompiledLake
    new: CompiledLake
    names: Names

    def tables(self) -> Iterator[tuple[CompiledTable | None, CompiledTable | None]]:
        """Tables side by side, in the order of the new lake; those that are gone come last."""
        yield from self._side_by_side(self.old.tables, self.new.tables)

    def sources(self) -> Iterator[tuple[CompiledSource | None, CompiledSource | None]]:
        yield from self._side_by_side(self.old.sources, self.new.sources)

    def _side_by_side(self, old: Mapping[str, T], new: Mapping[str, T]) -> Iterator[tuple[T | None, T | None]]:
        mine = {self.names.new(name): value for name, value in old.items()}
        yield from ((mine.get(name), value) for name, value in new.items())
        yield from ((value, None) for name, value in mine.items() if name not in new)

    def old_table(self, new_name: str) -> CompiledTable | None:
        """What a table was."""
        return next((table for name, table in self.old.tables.items() if self.names.new(name) == new_name), None)

    @cached_property
    def old_jobs(self) -> Mapping[str, Job]:
        return plan_jobs(self.old)

    @cached_property
    def new_jobs(self) -> Mapping[str, Job]:
        return plan_jobs(self.new)

    def old_maker(self, name: str) -> Job | None:
        """The job that makes a source or table of the old lake."""
        return self.old_jobs.get(self._makers[0].get(name, ""))

    def new_maker(self, name: str) -> Job | None:
        """The same of the new lake."""
        return self.new_jobs.get(self._makers[1].get(name, ""))

    @cached_property
    def _makers(self) -> tuple[Mapping[str, str], Mapping[str, str]]:
        return job_of_each_step(self.old), job_of_each_step(self.new)


def in_both(old: Mapping[str, T], new: Mapping[str, T]) -> Iterator[tuple[str, T, T]]:
    """The values of keys that both have, in the order of `new`."""
    return ((key, old[key], value) for key, value in new.items() if key in old)
