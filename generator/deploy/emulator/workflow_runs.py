"""Runs of a deployed workflow: its triggers fire as Glue's do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, wait
from datetime import UTC, datetime
from typing import Any

from generator.deploy.emulator.job_runs import JobRun, JobService


class WorkflowRun:
    """One run of a workflow.

    Attributes:
        record: moto's record of the run, kept up to date.
        job_runs: the runs of each job so far, retries included.
    """

    def __init__(self, backend: Any, record: Any, triggers: list[Any], jobs: JobService) -> None:
        self.record = record
        self.triggers = triggers
        self.job_runs: dict[str, list[JobRun]] = {}
        self.stopping = False
        self._backend = backend
        self._jobs = jobs

    def walk(self) -> None:
        """Runs the workflow to its end."""
        states: dict[str, str] = {}
        fired: set[str] = set()
        running: dict[Future[JobRun], str] = {}
        while True:
            for trigger in [] if self.stopping else due(self.triggers, fired, states):
                fired.add(trigger.name)
                running |= {self._start(action): action.job_name for action in trigger.actions}
            if not running:
                break
            done, _ = wait(running, return_when=FIRST_COMPLETED)
            states |= {running.pop(future): future.result().state for future in done}
        self.record.completed_on = datetime.now(UTC)
        self.record.status = "STOPPED" if self.stopping else "COMPLETED"

    def stop(self) -> None:
        """Starts no more jobs; the running one comes to its end."""
        self.stopping = True
        self.record.status = "STOPPING"

    def statistics(self) -> dict[str, int]:
        """How many of the workflow's jobs are in which state."""
        last = [runs[-1].state for runs in self.job_runs.values()]
        jobs = {action.job_name for trigger in self.triggers for action in trigger.actions}
        return {
            "TotalActions": len(jobs),
            "SucceededActions": last.count("SUCCEEDED"),
            "FailedActions": last.count("FAILED"),
            "RunningActions": last.count("RUNNING") + last.count("STARTING"),
        }

    def _start(self, action: Any) -> Future[JobRun]:
        job = self._backend.get_job(action.job_name)
        properties = {"--WORKFLOW_NAME": self.record.workflow_name, "--WORKFLOW_RUN_ID": self.record.run_id}
        overrides = {**(action.arguments or {}), **properties}
        return self._jobs.start(job, overrides, self.job_runs.setdefault(job.name, []).append)


def due(triggers: Iterable[Any], fired: set[str], states: Mapping[str, str]) -> list[Any]:
    """The triggers that fire now: at first those without a condition, then each whose condition has come true, once.

    Args:
        states: the final states of the jobs that have ended.
    """
    return [trigger for trigger in triggers if trigger.name not in fired and _holds(trigger, states)]


def _holds(trigger: Any, states: Mapping[str, str]) -> bool:
    if trigger.trigger_type != "CONDITIONAL":
        return True
    if trigger.state != "ACTIVATED":
        return False
    met = [states.get(one.job_name) == one.state.value for one in trigger.predicate.conditions]
    return any(met) if trigger.predicate.logical.value == "ANY" else all(met)
