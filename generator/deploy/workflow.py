"""A run of the deployed workflow: started, and followed to its end."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from generator.deploy.aws import Aws, clearly
from generator.deploy.jobs import FAILED, plain_message
from generator.diagnostics import GeneratorError

WAITING = "WAITING"
SUCCEEDED = "SUCCEEDED"
_ENDED = ("COMPLETED", "STOPPED", "ERROR")


class WorkflowError(GeneratorError):
    """The workflow can't be started or followed."""


@dataclass(frozen=True, slots=True)
class JobState:
    """What a job of a run is doing.

    Attributes:
        state: Glue's word, or WAITING.
        seconds: how long it has been running, or ran.
        message: why it failed.
        run: Glue's record of its last attempt.
    """

    job: str
    state: str
    seconds: float = 0.0
    message: str = ""
    attempt: int = 0
    run: Mapping[str, Any] | None = None

    @property
    def failed(self) -> bool:
        return self.state in FAILED

    def to_json(self) -> dict[str, Any]:
        return {"state": self.state, "seconds": self.seconds, "attempt": self.attempt, "message": self.message}


@dataclass(frozen=True, slots=True)
class RunState:
    """A run of the workflow at a moment; its jobs are in the order of the graph."""

    run: str
    status: str
    jobs: tuple[JobState, ...]

    @property
    def ended(self) -> bool:
        return self.status in _ENDED

    @property
    def succeeded(self) -> bool:
        return self.ended and all(job.state == SUCCEEDED for job in self.jobs)

    def to_json(self) -> dict[str, Any]:
        return {"run": self.run, "status": self.status, "jobs": {job.job: job.to_json() for job in self.jobs}}


@clearly
def start(aws: Aws, workflow: str) -> str:
    """Starts a run; returns its id.

    Raises:
        WorkflowError: one is going on already.
    """
    try:
        return aws.glue.start_workflow_run(Name=workflow)["RunId"]
    except aws.glue.exceptions.ConcurrentRunsExceededException:
        raise WorkflowError(
            f"a run of {workflow} is going on: follow it with `python -m generator start --follow`"
        ) from None


@clearly
def running(aws: Aws, workflow: str) -> str | None:
    """The id of the run that is going on, if one is."""
    last = aws.glue.get_workflow(Name=workflow)["Workflow"].get("LastRun", {})
    return last.get("WorkflowRunId") if last.get("Status") in ("RUNNING", "STOPPING") else None


@clearly
def look(aws: Aws, workflow: str, run: str) -> RunState:
    """The state of a run."""
    found: Mapping[str, Any] = aws.glue.get_workflow_run(Name=workflow, RunId=run, IncludeGraph=True)["Run"]
    return RunState(run, found["Status"], tuple(_jobs(found.get("Graph", {}))))


def follow(
    aws: Aws,
    workflow: str,
    run: str,
    listener: Callable[[RunState], None],
    pause: float = 5.0,
    sleep: Callable[[float], None] = time.sleep,
) -> RunState:
    """Looks at a run until it has ended; `listener` is told each time."""
    while True:
        state = look(aws, workflow, run)
        listener(state)
        if state.ended:
            return state
        sleep(pause)


def _jobs(graph: Mapping[str, Any]) -> Iterator[JobState]:
    for node in _in_order(graph):
        runs = node.get("JobDetails", {}).get("JobRuns", [])
        if not runs:
            yield JobState(node["Name"], WAITING)
            continue
        last = max(runs, key=lambda one: (one.get("Attempt", 0), one["StartedOn"]))
        yield JobState(
            node["Name"],
            last["JobRunState"],
            float(last.get("ExecutionTime", 0)),
            plain_message(last.get("ErrorMessage", "")),
            last.get("Attempt", 0),
            last,
        )


def _in_order(graph: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The job nodes, each behind those that it waits for."""
    nodes = {node["UniqueId"]: node for node in graph.get("Nodes", [])}
    before: dict[str, list[str]] = {identity: [] for identity in nodes}
    for edge in graph.get("Edges", []):
        before[edge["DestinationId"]].append(edge["SourceId"])
    ordered: dict[str, None] = {}

    def visit(identity: str, above: frozenset[str]) -> None:
        if identity in ordered or identity in above:
            return
        for one in before[identity]:
            visit(one, above | {identity})
        ordered[identity] = None

    for identity in nodes:
        visit(identity, frozenset())
    return [nodes[identity] for identity in ordered if nodes[identity]["Type"] == "JOB"]
