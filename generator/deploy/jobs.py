"""The jobs of a deployed lake and their last runs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from generator.deploy.aws import Aws, clearly

FAILED = ("FAILED", "ERROR", "TIMEOUT", "STOPPED", "EXPIRED")
_WORKERS = 8


@dataclass(frozen=True, slots=True)
class LastRun:
    """The last run of a job, `run` by Glue's id; `state` is None when it never ran."""

    job: str
    state: str | None = None
    started: datetime | None = None
    seconds: float = 0.0
    message: str = ""
    run: str = ""

    @property
    def failed(self) -> bool:
        return self.state in FAILED

    def to_json(self) -> dict[str, Any]:
        return {
            "job": self.job,
            "state": self.state,
            "started": self.started.isoformat() if self.started else None,
            "seconds": self.seconds,
            "message": self.message,
            "run": self.run,
        }


def plain_message(message: str) -> str:
    """What a script's exception said, without what Glue puts before it."""
    return re.sub(r"^Error Category: [A-Z_]+; (?:Failed Line Number: \d+; )?", "", message)


@clearly
def last_runs(aws: Aws, workflow: str) -> dict[str, LastRun]:
    """The last run of each job of a workflow, by the job's name."""
    graph = aws.glue.get_workflow(Name=workflow, IncludeGraph=True)["Workflow"].get("Graph", {})
    names = [node["Name"] for node in graph.get("Nodes", []) if node["Type"] == "JOB"]
    with ThreadPoolExecutor(_WORKERS) as pool:
        return {run.job: run for run in pool.map(lambda name: _last_run(aws, name), names)}


def _last_run(aws: Aws, job: str) -> LastRun:
    runs: list[Mapping[str, Any]] = list(aws.glue.get_job_runs(JobName=job, MaxResults=1)["JobRuns"])
    if not runs:
        return LastRun(job)
    run = runs[0]
    seconds = float(run.get("ExecutionTime", 0))
    return LastRun(
        job, run["JobRunState"], run["StartedOn"], seconds, plain_message(run.get("ErrorMessage", "")), run["Id"]
    )
