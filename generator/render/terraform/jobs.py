"""The jobs: what each reads and publishes, and what it runs on. Their rights follow from it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from generator.jobs.plan import Job, Step, quarantine_table
from generator.plan.lake import CompiledLake, JobSettings
from generator.render.terraform.catalog import MAX_DESCRIPTION, landing_prefix, shortened
from generator.render.terraform.policies import things_per_policy

Values = dict[str, Any]


def job_values(lake: CompiledLake, jobs: Mapping[str, Job]) -> Values:
    """The jobs by name.

    `settings` are those that the spec says, if any. `landing` are the prefixes of raw data that a job reads, below
    landing/; `reads` those of what other jobs publish, and `publishes` its own. `per_policy` is how many of them a
    policy of IAM holds.
    """
    return {job.name: _job(lake, job) for job in jobs.values()}


def _job(lake: CompiledLake, job: Job) -> Values:
    landing = [landing_prefix(path) for step in job.steps if step.is_source for path in lake.sources[step.name].paths]
    reads = [f"{'sources' if name in lake.sources else 'tables'}/{name}/" for name in job.reads]
    publishes = [prefix for step in job.steps for prefix in _published(step)]
    things = (*(f"landing/{prefix}" for prefix in landing), *reads, *publishes)
    return {
        "description": shortened(_description(lake, job), MAX_DESCRIPTION),
        "settings": _settings(job.settings),
        "landing": list(dict.fromkeys(landing)),
        "reads": reads,
        "publishes": publishes,
        "per_policy": things_per_policy(lake.name, things),
    }


def _description(lake: CompiledLake, job: Job) -> str | None:
    if job.description is not None:
        return job.description
    if job.is_group:
        return f"Makes {', '.join(job.makes)}."
    made = lake.sources.get(job.only.name) or lake.tables[job.only.name]
    return made.description


def _published(step: Step) -> Iterator[str]:
    """The prefixes below which a step writes, each called like a table of the catalog."""
    if step.is_source:
        yield f"sources/{step.name}/"
        yield f"quarantine/{step.name}/"
    else:
        yield f"tables/{step.name}/"


def published_name(prefix: str) -> str:
    """What the catalog calls what lies below a prefix."""
    kind, name, _ = prefix.split("/")
    return quarantine_table(name) if kind == "quarantine" else name


def _settings(said: JobSettings) -> Values:
    """As Glue calls them."""
    workers = {"workers": dict(said.workers)} if said.workers else {}
    timeout = {"timeout": said.timeout} if said.timeout is not None else {}
    kind = {"execution_class": said.execution_class.upper()} if said.execution_class else {}
    return {**workers, **timeout, **kind}
