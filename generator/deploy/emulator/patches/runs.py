"""Glue: starting a job or a workflow starts it. In moto, all jobs succeed at once and no workflow begins."""

from __future__ import annotations

from threading import Thread
from typing import Any

from moto.core.responses import ActionResult, EmptyResult
from moto.glue.exceptions import ConcurrentRunsExceededException
from moto.glue.models import FakeJob, FakeWorkflow
from moto.glue.responses import GlueResponse

from generator.deploy.emulator.job_runs import JobService, is_running
from generator.deploy.emulator.patches.glue import workflow_graph, workflow_triggers
from generator.deploy.emulator.patches.replace import add, replace
from generator.deploy.emulator.workflow_runs import WorkflowRun


def apply(jobs: JobService) -> None:
    runs: dict[str, WorkflowRun] = {}
    replace(FakeJob, "start_job_run", lambda old: _start_job_run(jobs))
    replace(FakeJob, "get_job_runs", lambda old: lambda self: self.job_runs[::-1])  # Glue tells the newest first
    replace(FakeWorkflow, "start_run", lambda old: _one_at_a_time(old))
    add(GlueResponse, _start_workflow_run(jobs, runs), _get_workflow_run(runs), _stop_workflow_run(runs))


def _start_job_run(jobs: JobService) -> Any:
    def start_job_run(self: Any, arguments: dict[str, str] | None = None, **options: Any) -> str:
        if is_running(self):
            raise ConcurrentRunsExceededException(f"Job with name {self.name} already running")
        started: list[Any] = []
        jobs.start(self, arguments or {}, started.append)
        return str(started[0].job_run_id)

    return start_job_run


def _one_at_a_time(start_run: Any) -> Any:
    def start(self: Any, properties: Any) -> str:
        running = [run for run in self.runs.values() if run.status in ("RUNNING", "STOPPING")]
        if self.max_concurrent_runs and len(running) >= self.max_concurrent_runs:
            raise ConcurrentRunsExceededException(f"Workflow {self.name} already has {len(running)} runs")
        return str(start_run(self, properties))

    return start


def _start_workflow_run(jobs: JobService, runs: dict[str, WorkflowRun]) -> Any:
    def start_workflow_run(self: Any) -> ActionResult:
        name = self.parameters["Name"]
        triggers = workflow_triggers(self.glue_backend, name)
        identity = self.glue_backend.start_workflow_run(name, self.parameters.get("RunProperties"))
        record = self.glue_backend.workflows[name].get_run(identity)
        run = runs[identity] = WorkflowRun(self.glue_backend, record, triggers, jobs)
        Thread(target=run.walk, name=f"workflow-{name}", daemon=True).start()
        return ActionResult({"RunId": identity})

    return start_workflow_run


def _get_workflow_run(runs: dict[str, WorkflowRun]) -> Any:
    def get_workflow_run(self: Any) -> ActionResult:
        name, identity = self.parameters["Name"], self.parameters["RunId"]
        data = self.glue_backend.get_workflow_run(name, identity)
        run = runs.get(identity)
        if run is not None:
            data["Statistics"] = run.statistics()
            if self.parameters.get("IncludeGraph"):
                happened = {job: [one.as_dict() for one in all_runs] for job, all_runs in run.job_runs.items()}
                data["Graph"] = workflow_graph(run.triggers, happened)
        return ActionResult({"Run": data})

    return get_workflow_run


def _stop_workflow_run(runs: dict[str, WorkflowRun]) -> Any:
    def stop_workflow_run(self: Any) -> EmptyResult:
        self.glue_backend.stop_workflow_run(self.parameters["Name"], self.parameters["RunId"])
        runs[self.parameters["RunId"]].stop()
        return EmptyResult()

    return stop_workflow_run
