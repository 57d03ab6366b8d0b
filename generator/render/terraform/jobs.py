"""The jobs: what each reads and publishes. Their rights follow from it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from generator.jobs.plan import Job
from generator.plan.lake import CompiledLake
from generator.render.terraform.catalog import MAX_DESCRIPTION, landing_prefix, shortened

Values = dict[str, Any]


def job_values(lake: CompiledLake, jobs: Mapping[str, Job]) -> Values:
    """The jobs by name.

    `workers` are those that the spec says, if any.
    `kind` is the prefix that a job publishes below; `landing` the prefixes of raw data that it reads, below landing/,
    and `reads` those of published tables and sources.
    """
    return {job.name: _source(lake, job) if job.is_source else _table(lake, job) for job in jobs.values()}


def _source(lake: CompiledLake, job: Job) -> Values:
    source = lake.sources[job.name]
    return {
        "description": shortened(source.description, MAX_DESCRIPTION),
        "workers": dict(source.metadata.workers),
        "kind": "sources",
        "landing": [landing_prefix(path) for path in source.paths],
        "reads": [],
    }


def _table(lake: CompiledLake, job: Job) -> Values:
    table = lake.tables[job.name]
    return {
        "description": shortened(table.description, MAX_DESCRIPTION),
        "workers": dict(table.metadata.workers),
        "kind": "tables",
        "landing": [],
        "reads": [f"{'sources' if name in lake.sources else 'tables'}/{name}/" for name in job.after],
    }
