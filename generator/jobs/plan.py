"""The jobs of a lake: one for each source and each table that is kept, with what it reads and what runs before it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from generator.jobs.proof_rules import registries
from generator.jobs.views import defined_views, referenced
from generator.plan.lake import CompiledLake, CompiledSource, CompiledTable


@dataclass(frozen=True, slots=True)
class Job:
    """One job: it makes the rows of one source, or one table, and is called like it.

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
        """The jobs that must have succeeded before."""
        return (*self.inputs, *self.asked)


def plan_jobs(lake: CompiledLake) -> Mapping[str, Job]:
    """The jobs by name: those of sources, then those of tables, each after those that it waits for."""
    sources = {name: Job(name, True) for name in lake.sources}
    tables = {name: _job(lake, table) for name, table in lake.tables.items() if not table.is_view}
    return {**sources, **tables}


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


def _job(lake: CompiledLake, table: CompiledTable) -> Job:
    views = tuple(defined_views(lake, table))
    read = dict.fromkeys(name for one in (*(lake.tables[view] for view in views), table) for name in one.inputs)
    asked = dict.fromkeys((*referenced(lake, table), *registries(lake, table)))
    return Job(
        table.name,
        False,
        inputs=tuple(name for name in read if name not in lake.tables or not lake.tables[name].is_view),
        asked=tuple(name for name in asked if name not in (*read, *views, table.name)),
        views=views,
    )
