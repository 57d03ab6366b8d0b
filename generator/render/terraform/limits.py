"""What AWS doesn't allow, told at the build and not halfway through an apply."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from generator.diagnostics import GeneratorError
from generator.jobs.plan import Job, plan_jobs, quarantine_table, raw_tables
from generator.plan.lake import CompiledLake
from generator.render.terraform.jobs import job_values
from generator.render.terraform.policies import MAX_POLICIES
from generator.render.terraform.workflow import trigger_values

MAX_LAKE = 30
"""A bucket is called LAKE-ENVIRONMENT-assets-ACCOUNT, with 63 characters at most, 12 of them for the environment."""
MAX_TABLE = 120
"""A named query is called preview_TABLE, with 128 characters at most; other names allow more."""
MAX_SOURCE = 255 - len("_quarantine")
MAX_CONDITIONS = 500
MAX_JOB = MAX_TABLE
"""The policy of a job's role has its name seven times."""
MAX_IN_WORKFLOW = 100
"""Jobs and triggers of a workflow: of more, AWS says that they can fail to be resumed or stopped."""
THINGS = ("landing", "reads", "publishes")
MAX_RULESET = 65_536
_RESERVED_BUCKET = re.compile(r"xn--|sthree-|amzn-s3-demo-")


class LimitError(GeneratorError):
    """The lake has what AWS can't hold.

    Attributes:
        problems: a line each, with the way out.
    """

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("AWS can't hold this lake:\n" + "\n".join(f"  {problem}" for problem in self.problems))


def check_limits(lake: CompiledLake, jobs: Mapping[str, Job], rulesets: Mapping[str, str]) -> None:
    """Refuses what would fail on AWS.

    Raises:
        LimitError: with all problems.
    """
    problems = [*_names(lake), *_collisions(lake), *_jobs(lake, jobs)]
    for table, text in rulesets.items():
        if len(text.encode()) > MAX_RULESET:
            problems.append(
                f"{table}: its `expect` makes a Data Quality ruleset of {len(text):,} characters, {MAX_RULESET:,} fit"
            )
    if problems:
        raise LimitError(problems)


def advice(lake: CompiledLake) -> Iterator[str]:
    """What AWS takes and advises against, with the way out."""
    jobs = plan_jobs(lake)
    found = len(jobs) + len(trigger_values(jobs)) + bool(jobs)
    if found > MAX_IN_WORKFLOW:
        yield (
            f"the workflow has {found} jobs and triggers; of more than {MAX_IN_WORKFLOW}, AWS says that resuming and "
            "stopping a run may fail, and each job is paid for a minute at least: `jobs:` puts several tables into one"
        )


def _names(lake: CompiledLake) -> Iterator[str]:
    if len(lake.name) > MAX_LAKE:
        yield f"lake: `{lake.name}` has {len(lake.name)} characters, and the buckets named after it leave {MAX_LAKE}"
    if _RESERVED_BUCKET.match(lake.name.replace("_", "-")):
        yield f"lake: buckets are named after it, and no bucket may be called `{lake.name}…`"
    for source in lake.sources:
        if len(source) > MAX_SOURCE:
            yield f"sources.{source[:20]}…: has {len(source)} characters; with `_quarantine` a table's name has 255"
    for table in lake.tables.values():
        if len(table.name) > MAX_TABLE and not table.is_view:
            yield f"tables.{table.name[:20]}…: has {len(table.name)} characters; names made of it leave {MAX_TABLE}"


def _collisions(lake: CompiledLake) -> Iterator[str]:
    for source, compiled in lake.sources.items():
        for name, what in [
            (quarantine_table(source), "quarantine"),
            *((raw, "raw text") for raw in raw_tables(compiled)),
        ]:
            if name in lake.tables or name in lake.sources:
                yield f"{name}: the catalog has the {what} of `{source}` under this name: choose another"


def _jobs(lake: CompiledLake, jobs: Mapping[str, Job]) -> Iterator[str]:
    for name, values in job_values(lake, jobs).items():
        job, place = jobs[name], _place(lake, jobs[name])
        if len(name) > MAX_JOB and job.is_group:
            yield f"{place[:25]}…: has {len(name)} characters; names made of it leave {MAX_JOB}"
        things, most = sum(len(values[key]) for key in THINGS), values["per_policy"] * (MAX_POLICIES + 1)
        if things > most:
            yield f"{place}: its job reads and publishes {things} folders, and its role can be allowed {most}: " + (
                "make several jobs of it" if job.is_group else "make tables of some of them first"
            )
        if len(job.after) > MAX_CONDITIONS:
            yield f"{place}: waits for {len(job.after)} jobs, and a trigger for {MAX_CONDITIONS} at most"


def _place(lake: CompiledLake, job: Job) -> str:
    if job.is_group:
        return f"jobs.{job.name}"
    return f"{'sources' if job.only.is_source else 'tables'}.{job.only.name}"
