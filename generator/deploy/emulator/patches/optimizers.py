"""Glue's upkeep of Iceberg tables, which moto doesn't have: it is kept and told, and nothing is done."""

from __future__ import annotations

from typing import Any

from moto.core.responses import ActionResult, EmptyResult
from moto.glue.exceptions import AlreadyExistsException, EntityNotFoundException
from moto.glue.responses import GlueResponse

from generator.deploy.emulator.patches.replace import add


def apply() -> None:
    add(
        GlueResponse, create_table_optimizer, get_table_optimizer, update_table_optimizer, delete_table_optimizer
    )  # fmt: skip


def create_table_optimizer(self: Any) -> EmptyResult:
    kind = self.parameters["Type"]
    if kind in _optimizers(self):
        raise AlreadyExistsException(f"Table optimizer {kind} already exists")
    _optimizers(self)[kind] = self.parameters["TableOptimizerConfiguration"]
    return EmptyResult()


def get_table_optimizer(self: Any) -> ActionResult:
    given = self.parameters
    found = {"type": given["Type"], "configuration": _known(self)}
    names = {name: given[name] for name in ("CatalogId", "DatabaseName", "TableName")}
    return ActionResult({**names, "TableOptimizer": found})


def update_table_optimizer(self: Any) -> EmptyResult:
    _known(self)
    _optimizers(self)[self.parameters["Type"]] = self.parameters["TableOptimizerConfiguration"]
    return EmptyResult()


def delete_table_optimizer(self: Any) -> EmptyResult:
    _known(self)
    del _optimizers(self)[self.parameters["Type"]]
    return EmptyResult()


def _known(self: Any) -> dict[str, Any]:
    found: dict[str, Any] | None = _optimizers(self).get(self.parameters["Type"])
    if found is None:
        raise EntityNotFoundException("Table optimizer not found")
    return found


def _optimizers(self: Any) -> dict[str, Any]:
    """Those of the table, by type; they go with it."""
    table = self.glue_backend.get_table(self.parameters["DatabaseName"], self.parameters["TableName"])
    if not hasattr(table, "optimizers"):
        table.optimizers = {}
    found: dict[str, Any] = table.optimizers
    return found
