"""Glue: changes of jobs and triggers, what a trigger can't be, and the graph of a workflow."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from moto.core.responses import ActionResult
from moto.core.utils import camelcase_to_underscores
from moto.glue.exceptions import EntityNotFoundException, InvalidInputException, ResourceNumberLimitExceededException
from moto.glue.models import FakeJob, FakeTrigger
from moto.glue.responses import GlueResponse
from moto.glue.utils import Action, Predicate

from generator.deploy.emulator.patches.replace import add, replace

_OPTIONAL = (
    "description", "log_uri", "non_overridable_arguments", "connections", "max_retries", "allocated_capacity",
    "timeout", "max_capacity", "security_configuration", "notification_property", "glue_version", "number_of_workers",
    "worker_type", "code_gen_configuration_nodes", "source_control_details",
)  # fmt: skip
MAX_JOBS = 50
"""Jobs that a trigger starts, unless the quota of an account was raised."""


def apply() -> None:
    add(GlueResponse, update_job, update_trigger, get_workflow)
    replace(GlueResponse, "create_job", _visual_and_queued_too)
    replace(FakeJob, "as_dict", _with_mode_and_queue)
    replace(GlueResponse, "create_trigger", _within_what_glue_takes)
    replace(FakeTrigger, "start_trigger", _unless_on_demand)


def update_job(self: Any) -> ActionResult:
    """Replaces a job's definition: what an update doesn't name is as in a job that never had it."""
    job = self.glue_backend.get_job(self.parameters["JobName"])
    for name in _OPTIONAL:
        setattr(job, name, None)
    job.execution_property, job.default_arguments, job.execution_class = {}, {}, "STANDARD"
    job.job_run_queuing_enabled = False
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


def _visual_and_queued_too(create_job: Any) -> Any:
    """Keeps a job's mode and whether its runs are queued, which moto forgets; a graph says its mode and script."""

    def create(self: Any) -> ActionResult:
        given = self.parameters
        mode = given.get("JobMode", "SCRIPT")
        if "CodeGenConfigurationNodes" in given and (mode != "VISUAL" or "ScriptLocation" not in given["Command"]):
            raise InvalidInputException("CreateJob", "a visual job needs JobMode VISUAL and a ScriptLocation")
        done: ActionResult = create_job(self)
        job = self.glue_backend.get_job(given["Name"])
        job.job_mode, job.job_run_queuing_enabled = mode, given.get("JobRunQueuingEnabled", False)
        return done

    return create


def _with_mode_and_queue(as_dict: Any) -> Any:
    return lambda self: {
        **as_dict(self),
        "JobMode": self.job_mode,
        "JobRunQueuingEnabled": self.job_run_queuing_enabled,
    }


def _within_what_glue_takes(create_trigger: Any) -> Any:
    def create(self: Any) -> ActionResult:
        given = self.parameters
        if given["Type"] == "ON_DEMAND" and given.get("StartOnCreation"):
            raise InvalidInputException("CreateTrigger", "StartOnCreation is not supported for ON_DEMAND triggers")
        if len(given.get("Actions", [])) > MAX_JOBS:
            raise ResourceNumberLimitExceededException(f"a trigger starts {MAX_JOBS} jobs at most")
        done: ActionResult = create_trigger(self)
        return done

    return create


def _unless_on_demand(start_trigger: Any) -> Any:
    """A trigger of type ON_DEMAND stays CREATED; Terraform would find any other state changed."""

    def start(self: Any) -> None:
        if self.trigger_type != "ON_DEMAND":
            start_trigger(self)

    return start
