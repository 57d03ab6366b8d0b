"""The jobs: what each reads and publishes. Their rights follow from it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from generator.jobs.plan import Job
from generator.plan.lake import CompiledLake
from generator.render.terraform.catalog import MAX_DESCRIPTION, landing_prefix, shortened

Values = dict[str, Any]


def job_values(lake: CompiledLake, jobs: Mapping[str, Job]) -> Values:
    """The jobs by table.

    `landing` are prefixes below landing/, of the sources it reads rows of and those that only its checks ask; `tables`
    the published tables, likewise; `quarantines` the sources whose bad lines it publishes.
    """
    return {
        job.table: {
            "description": shortened(lake.tables[job.table].description, MAX_DESCRIPTION),
            "landing": [landing_prefix(lake.sources[name].path) for name in (*job.sources, *job.registries)],
            "tables": [*job.tables, *job.references],
            "quarantines": list(job.quarantines),
        }
        for job in jobs.values()
    }
