"""The steps of a lake, one for each source and each table that is kept, and the jobs that make them.

A step has a job of its own, called like it, unless the spec puts it into another one.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from generator.jobs.proof_rules import registries
from generator.jobs.views import defined_views, referenced
from generator.plan.jobs import own_jobs
from generator.plan.lake import CompiledLake, CompiledSource, CompiledTable, JobSettings


@dataclass(frozen=True, slots=True)
class Step:
    """What makes the rows of one source, or one table, and is called like it.

    Attributes:
        is_source: whether it makes a source: it reads raw data then, and nothing else.
        inputs: published tables and sources that its rows come from, or are matched with; directly or through views.
        asked: published tables and sources that only its checks ask.
        views: what it has to define first, in order.
    """

    name: str
    is_source: bool
    inputs: tuple[str, ...] = ()
    asked: tuple[str, ...] = ()
    views: tuple[str, ...] = ()

    @property
    def after(self) -> tuple[str, ...]:
        """The steps that must have succeeded before, as it reads what they publish."""
        return (*self.inputs, *self.asked)


@dataclass(frozen=True, slots=True)
class Job:
    """A Glue job: one script, which makes its steps one after the other.

    Attributes:
        steps: each after those of the same job that it waits for.
        after: the jobs that must have succeeded before.
    """

    name: str
    steps: tuple[Step, ...]
    after: tuple[str, ...] = ()
    description: str | None = None
    settings: JobSettings = field(default_factory=JobSettings)

    @property
    def is_group(self) -> bool:
        """Whether it makes several steps."""
        return len(self.steps) > 1

    @property
    def is_own(self) -> bool:
        """Whether it is the job that a source or table has to itself."""
        return self.makes == (self.name,)

    @property
    def makes(self) -> tuple[str, ...]:
        """The names of its steps."""
        return tuple(step.name for step in self.steps)

    @property
    def reads(self) -> tuple[str, ...]:
        """The published sources and tables that it needs of other jobs."""
        made = set(self.makes)
        return tuple(dict.fromkeys(name for step in self.steps for name in step.after if name not in made))

    @property
    def only(self) -> Step:
        """The step of a job that has one."""
        (step,) = self.steps
        return step


def plan_steps(lake: CompiledLake) -> Mapping[str, Step]:
    """The steps by name: those of sources, then those of tables, each after those that it waits for."""
    sources = {name: Step(name, True) for name in lake.sources}
    tables = {name: _step(lake, table) for name, table in lake.tables.items() if not table.is_view}
    return {**sources, **tables}


def plan_jobs(lake: CompiledLake) -> Mapping[str, Job]:
    """The jobs by name, each after those that it waits for.

    Raises:
        ValueError: jobs wait for each other, which `generator.checks` refuses.
    """
    steps = plan_steps(lake)
    makers = dict(own_jobs(steps, lake.jobs))
    made: dict[str, list[Step]] = {}
    for step in steps.values():
        made.setdefault(makers[step.name], []).append(step)
    jobs = {name: _job(lake, name, tuple(found), makers) for name, found in made.items()}
    ordered = {name: jobs[name] for name in _in_order({name: job.after for name, job in jobs.items()})}
    if len(ordered) < len(jobs):
        raise ValueError(f"these jobs wait for each other: {', '.join(jobs.keys() - ordered.keys())}")
    return ordered


def job_of_each_step(lake: CompiledLake) -> Mapping[str, str]:
    """The name of the job that makes each source and each table that is kept."""
    kept = (name for name, table in lake.tables.items() if not table.is_view)
    return dict(own_jobs((*lake.sources, *kept), lake.jobs))


def _job(lake: CompiledLake, name: str, steps: tuple[Step, ...], makers: Mapping[str, str]) -> Job:
    after = dict.fromkeys(makers[one] for step in steps for one in step.after if makers[one] != name)
    said = lake.jobs.get(name)
    if said is None:
        return Job(name, steps, tuple(after))
    return Job(name, steps, tuple(after), said.description, said.settings)


def _in_order(after: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    """Names, each behind those that it comes after, and else as they are; those of a cycle are left out."""
    place = {name: number for number, name in enumerate(after)}
    names, waiting = list(after), {name: len(before) for name, before in after.items()}
    readers: dict[str, list[str]] = {}
    for name, before in after.items():
        for one in before:
            readers.setdefault(one, []).append(name)
    ready = [place[name] for name, number in waiting.items() if not number]
    while ready:
        name = names[heapq.heappop(ready)]
        yield name
        for reader in readers.get(name, ()):
            waiting[reader] -= 1
            if not waiting[reader]:
                heapq.heappush(ready, place[reader])


def raw_tables(source: CompiledSource) -> list[str]:
    """The catalog tables with the raw text of a source: one for each of its paths."""
    return [raw_table(source.name) + (f"_{number}" if number > 1 else "") for number in range(1, len(source.paths) + 1)]


def raw_table(source: str) -> str:
    """What the catalog calls the raw text of a source."""
    return f"{source}_raw"


def quarantine_table(source: str) -> str:
    """What the catalog calls the lines of a source that are no rows."""
    return f"{source}_quarantine"


def hidden_keys(source: CompiledSource) -> tuple[str, ...]:
    """The columns of a source that hold personal data, as the raw data spells them."""
    personal = {column.name for column in source.relation.columns.values() if column.personal}
    return tuple(column.key for column in source.columns if column.name in personal)


def _step(lake: CompiledLake, table: CompiledTable) -> Step:
    views = tuple(defined_views(lake, table))
    read = dict.fromkeys(name for one in (*(lake.tables[view] for view in views), table) for name in one.inputs)
    asked = dict.fromkeys((*referenced(lake, table), *registries(lake, table)))
    return Step(
        table.name,
        False,
        inputs=tuple(name for name in read if name not in lake.tables or not lake.tables[name].is_view),
        asked=tuple(name for name in asked if name not in (*read, *views, table.name)),
        views=views,
    )
