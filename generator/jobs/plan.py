"""The jobs of a lake: one for each table that is kept, with all that it reads and what has to run before it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from generator.jobs.proof_rules import registries
from generator.jobs.views import views_of
from generator.plan.lake import CompiledExpectation, CompiledLake, CompiledTable


@dataclass(frozen=True, slots=True)
class Job:
    """One job: it makes one table.

    Attributes:
        table: the table, and the name of the job.
        sources: landing data that its rows come from, or are matched with; directly or through views.
        registries: sources that only its checks ask.
        tables: published tables that its rows come from, or are matched with; directly or through views.
        references: published tables that only its checks ask.
        views: what it has to define first, in order.
        quarantines: sources whose quarantine it publishes; each source is quarantined by the first job that reads it.
        after: the jobs that must have succeeded before.
    """

    table: str
    sources: tuple[str, ...]
    registries: tuple[str, ...]
    tables: tuple[str, ...]
    references: tuple[str, ...]
    views: tuple[str, ...]
    quarantines: tuple[str, ...]
    after: tuple[str, ...]


def plan_jobs(lake: CompiledLake) -> Mapping[str, Job]:
    """The jobs by table, each after those that it waits for."""
    jobs: dict[str, Job] = {}
    quarantined: set[str] = set()
    for table in lake.tables.values():
        if not table.is_view:
            job = _job(lake, table, quarantined)
            quarantined.update(job.quarantines)
            jobs[table.name] = job
    return jobs


def unread_sources(lake: CompiledLake) -> tuple[str, ...]:
    """Sources that no job reads rows of."""
    read = {source for job in plan_jobs(lake).values() for source in job.sources}
    return tuple(source for source in lake.sources if source not in read)


def _job(lake: CompiledLake, table: CompiledTable, quarantined: set[str]) -> Job:
    views = tuple(views_of(lake, table))
    read = dict.fromkeys(name for one in (*(lake.tables[view] for view in views), table) for name in one.inputs)
    sources = tuple(name for name in read if name in lake.sources)
    tables = tuple(name for name in read if name in lake.tables and not lake.tables[name].is_view)
    asked = dict.fromkeys((*(_referenced(table.expectations)), *registries(lake, table)))
    only_asked = [name for name in asked if name not in (*read, *views, table.name)]
    asked_tables = tuple(name for name in only_asked if name in lake.tables)
    return Job(
        table=table.name,
        sources=sources,
        registries=tuple(name for name in only_asked if name in lake.sources),
        tables=tables,
        references=asked_tables,
        views=views,
        quarantines=tuple(name for name in sources if name not in quarantined),
        after=(*tables, *asked_tables),
    )


def _referenced(expectations: tuple[CompiledExpectation, ...]) -> Iterator[str]:
    for one in expectations:
        if one.kind == "references":
            yield from (reference.split(".")[0] for reference in one.argument.values())
