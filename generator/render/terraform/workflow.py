"""The workflow's triggers, from what each job waits for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from generator.jobs.plan import Job

JOBS_PER_TRIGGER = 50
"""AWS's quota, unless it is raised for an account."""
SUCCEEDED = "SUCCEEDED"
ENDED = (SUCCEEDED, "FAILED", "TIMEOUT", "STOPPED")
Values = dict[str, Any]


def start_jobs(jobs: Mapping[str, Job]) -> list[str]:
    """The jobs that the start trigger begins with, those of sources; empty for a lake without any."""
    return next(iter(_batches([job.name for job in jobs.values() if not job.after])), [])


def trigger_values(jobs: Mapping[str, Job]) -> Values:
    """The other triggers, by the first job that each starts.

    Jobs that wait for the same jobs share a trigger. A workflow has one start trigger only: what is too much for it
    begins as soon as its first job has ended, whatever became of that.
    """
    order = {name: number for number, name in enumerate(jobs)}
    waiting: dict[tuple[str, ...], list[str]] = {}
    for job in jobs.values():
        waiting.setdefault(tuple(sorted(job.after, key=order.__getitem__)), []).append(job.name)
    triggers: Values = {}
    for after, names in waiting.items():
        batches = list(_batches(names))
        if not after:
            triggers |= {batch[0]: _next_batch(last[0], batch) for last, batch in pairwise(batches)}
        else:
            triggers |= {batch[0]: _all_succeeded(after, batch) for batch in batches}
    return triggers


def _next_batch(first: str, jobs: list[str]) -> Values:
    return {
        "description": f"Once {first} has ended.",
        "logical": "ANY",
        "conditions": [{"job": first, "state": state} for state in ENDED],
        "jobs": jobs,
    }


def _all_succeeded(after: Sequence[str], jobs: list[str]) -> Values:
    names = ", ".join(after)
    return {
        "description": f"Once all of these succeeded: {names}."
        if len(names) < 1000
        else f"Once {len(after)} jobs succeeded.",
        "logical": "AND",
        "conditions": [{"job": name, "state": SUCCEEDED} for name in after],
        "jobs": jobs,
    }


def _batches(jobs: Sequence[str]) -> Iterator[list[str]]:
    for start in range(0, len(jobs), JOBS_PER_TRIGGER):
        yield list(jobs[start : start + JOBS_PER_TRIGGER])
