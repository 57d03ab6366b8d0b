"""Glue: changes of jobs and triggers, and the graph of a workflow."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from moto.core.responses import ActionResult
from moto.core.utils import camelcase_to_underscores
from moto.glue.exceptions import EntityNotFoundException
from moto.glue.models import FakeJob, FakeTrigger
from moto.glue.responses import GlueResponse
from moto.glue.utils import Action, Predicate

from generator.deploy.emulator.patches.replace import add, replace


def apply() -> None:
    add(GlueResponse, update_job, update_trigger, get_workflow)
    replace(FakeTrigger, "start_trigger", _unless_on_demand)
    replace(GlueResponse, "create_job", _queuing)
    replace(FakeJob, "as_dict", _told_to_queue)


def _queuing(create_job: Any) -> Any:
    """Keeps whether a job's runs are queued, which moto forgets."""

    def create(self: Any) -> Any:
        answer = create_job(self)
        job = self.glue_backend.get_job(self.parameters["Name"])
        job.job_run_queuing_enabled = self.parameters.get("JobRunQueuingEnabled", False)
        return answer

    return create


def _told_to_queue(as_dict: Any) -> Any:
    return lambda self: {**as_dict(self), "JobRunQueuingEnabled": getattr(self, "job_run_queuing_enabled", False)}


def update_job(self: Any) -> ActionResult:
    job = self.glue_backend.get_job(self.parameters["JobName"])
    for key, value in self.parameters["JobUpdate"].items():
        setattr(job, camelcase_to_underscores(key), value)
    job.last_modified_on = datetime.now(UTC)
    return ActionResult({"JobName": job.name})


def update_trigger(self: Any) -> ActionResult:
    trigger = self.glue_backend.get_trigger(self.parameters["Name"])
    update = self.parameters["TriggerUpdate"]
    if "Actions" in update:
        trigger.actions = [Action(action) for action in update["Actions"]]
    if update.get("Predicate"):
        trigger.predicate = Predicate(update["Predicate"])
    trigger.schedule = update.get("Schedule", trigger.schedule)
    trigger.description = update.get("Description", trigger.description)
    return ActionResult({"Trigger": trigger.as_dict()})


def get_workflow(self: Any) -> ActionResult:
    workflow = self.glue_backend.get_workflow(self.parameters["Name"])
    if self.parameters.get("IncludeGraph"):
        workflow = {**workflow, "Graph": workflow_graph(workflow_triggers(self.glue_backend, workflow["Name"]), {})}
    return ActionResult({"Workflow": workflow})


def workflow_triggers(backend: Any, workflow: str) -> list[Any]:
    """The triggers of a workflow."""
    if workflow not in backend.workflows:
        raise EntityNotFoundException("Entity not found")
    return [trigger for trigger in backend.triggers.values() if trigger.workflow_name == workflow]


def workflow_graph(triggers: Iterable[Any], runs: Mapping[str, list[dict[str, Any]]]) -> dict[str, Any]:
    """A workflow's triggers and jobs as nodes, with the given runs of each job."""
    nodes: dict[tuple[str, str], dict[str, Any]] = {}
    edges = []

    def node(kind: str, name: str, details: dict[str, Any]) -> str:
        identity = f"wnode_{kind.lower()}_{name}"
        nodes.setdefault((kind, name), {"Type": kind, "Name": name, "UniqueId": identity, **details})
        return identity

    def job(name: str) -> str:
        return node("JOB", name, {"JobDetails": {"JobRuns": runs.get(name, [])}})

    for trigger in triggers:
        there = node("TRIGGER", trigger.name, {"TriggerDetails": {"Trigger": trigger.as_dict()}})
        conditions = trigger.predicate.conditions if trigger.predicate else []
        edges += [{"SourceId": job(one.job_name), "DestinationId": there} for one in conditions]
        edges += [{"SourceId": there, "DestinationId": job(action.job_name)} for action in trigger.actions]
    return {"Nodes": list(nodes.values()), "Edges": edges}


def _unless_on_demand(start_trigger: Any) -> Any:
    """A trigger of type ON_DEMAND stays CREATED; Terraform would find any other state changed."""

    def start(self: Any) -> None:
        if self.trigger_type != "ON_DEMAND":
            start_trigger(self)

    return start
