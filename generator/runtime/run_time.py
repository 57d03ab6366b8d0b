"""The time of a run, which is the same in all its jobs: what `current_timestamp()` is, and the day `current_date()`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from .error import LakeError

VARIABLE = "#run_time"
"""A variable of DuckDB that has it; names with a `#` are none that a lake can have."""


def run_time(given: str | None, workflow: str | None, workflow_run: str | None, glue: Any) -> datetime:
    """The moment that a run counts as.

    Args:
        given: the job's argument `run_time`, in ISO 8601; in UTC where it names no zone.
        workflow, workflow_run: as Glue tells the jobs of a workflow; the run counts as when it was started.
        glue: gives a Glue client.

    Returns:
        That moment, or else this one: a job that is run alone is a run of its own.

    Raises:
        LakeError: `given` is no time.
    """
    if given:
        try:
            moment = datetime.fromisoformat(given)
        except ValueError:
            example = "2026-01-31T05:00:00"
            raise LakeError(f"`--run_time {given}` is no time: write it as {example}") from None
        return moment.astimezone(UTC) if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
    if workflow and workflow_run:
        started: datetime = glue().get_workflow_run(Name=workflow, RunId=workflow_run)["Run"]["StartedOn"]
        return started.astimezone(UTC)
    return datetime.now(UTC)
