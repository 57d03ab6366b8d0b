"""Glue Data Quality rulesets, which moto doesn't have."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from moto.core.responses import ActionResult, EmptyResult
from moto.glue.exceptions import AlreadyExistsException, EntityNotFoundException
from moto.glue.responses import GlueResponse

from generator.deploy.emulator.patches.replace import add


def apply() -> None:
    add(
        GlueResponse,
        create_data_quality_ruleset,
        get_data_quality_ruleset,
        update_data_quality_ruleset,
        delete_data_quality_ruleset,
        list_data_quality_rulesets,
    )


def create_data_quality_ruleset(self: Any) -> ActionResult:
    given, now = self.parameters, datetime.now(UTC)
    name = given["Name"]
    if name in _rulesets(self):
        raise AlreadyExistsException(f"Data Quality Ruleset {name} already exists")
    kept = {key: given[key] for key in ("Name", "Description", "Ruleset", "TargetTable") if key in given}
    _rulesets(self)[name] = {**kept, "CreatedOn": now, "LastModifiedOn": now}
    arn = f"arn:aws:glue:{self.region}:{self.current_account}:dataQualityRuleset/{name}"
    self.glue_backend.tag_resource(arn, given.get("Tags"))
    return ActionResult({"Name": name})


def get_data_quality_ruleset(self: Any) -> ActionResult:
    return ActionResult(_ruleset(self))


def update_data_quality_ruleset(self: Any) -> ActionResult:
    ruleset = _ruleset(self)
    changes = {key: self.parameters[key] for key in ("Description", "Ruleset") if key in self.parameters}
    ruleset.update(changes, LastModifiedOn=datetime.now(UTC))
    return ActionResult({key: ruleset[key] for key in ("Name", "Description", "Ruleset") if key in ruleset})


def delete_data_quality_ruleset(self: Any) -> EmptyResult:
    del _rulesets(self)[_ruleset(self)["Name"]]
    return EmptyResult()


def list_data_quality_rulesets(self: Any) -> ActionResult:
    found = [{key: one[key] for key in one if key != "Ruleset"} for one in _rulesets(self).values()]
    return ActionResult({"Rulesets": found})


def _rulesets(self: Any) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = self.glue_backend.__dict__.setdefault("data_quality_rulesets", {})
    return found


def _ruleset(self: Any) -> dict[str, Any]:
    name = self.parameters["Name"]
    if name not in _rulesets(self):
        raise EntityNotFoundException(f"Data Quality Ruleset {name} not found")
    return _rulesets(self)[name]
