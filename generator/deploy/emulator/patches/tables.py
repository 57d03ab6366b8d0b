"""Glue's catalog: it tells more of a table than an update takes, and lets nobody update one that has changed since.

It writes the first metadata of Iceberg tables, and archives the versions of tables unless it is told not to.
"""

from __future__ import annotations

from typing import Any

import botocore.session
from moto.core.responses import ActionResult
from moto.glue.exceptions import GlueClientError, InvalidInputException
from moto.glue.models import FakeTable, GlueBackend
from moto.glue.responses import GlueResponse

from generator.deploy.emulator.iceberg import IcebergTables, Refused
from generator.deploy.emulator.patches.replace import replace

_VALUES: dict[str, Any] = {"boolean": False, "string": ""}


class ConcurrentModificationException(GlueClientError):
    """A table has changed since it was read."""

    def __init__(self, message: str) -> None:
        super().__init__("ConcurrentModificationException", message)


def apply(iceberg: IcebergTables) -> None:
    model: Any = botocore.session.get_session().get_service_model("glue")
    taken = set(model.shape_for("TableInput").members)
    told = {
        name: _VALUES[shape.type_name]
        for name, shape in model.shape_for("Table").members.items()
        if name not in taken and shape.type_name in _VALUES
    }
    replace(FakeTable, "as_dict", lambda old: _with_all_that_is_told(old, told))
    replace(GlueBackend, "create_table", lambda old: _with_metadata(old, iceberg))
    replace(GlueResponse, "update_table", lambda old: _taking(old, taken))


def _with_all_that_is_told(as_dict: Any, told: dict[str, Any]) -> Any:
    """Whatever GetTable may tell and UpdateTable doesn't take is there."""
    return lambda self, version=None: {**told, **as_dict(self, version)}


def _with_metadata(create_table: Any, iceberg: IcebergTables) -> Any:
    """A table of Iceberg's gets its first metadata, which moto doesn't write."""

    def create(self: Any, database: str, name: str, given: Any, format: Any = None) -> FakeTable:
        asked = (format or {}).get("IcebergInput")
        if asked and asked.get("MetadataOperation") == "CREATE" and name not in self.get_database(database).tables:
            try:
                given = iceberg.create(given)
            except Refused as problem:
                raise InvalidInputException("CreateTable", str(problem)) from None
        done: FakeTable = create_table(self, database, name, given, format)
        return done

    return create


def _taking(update_table: Any, taken: set[str]) -> Any:
    def update(self: Any) -> ActionResult:
        given, version = self.parameters["TableInput"], self.parameters.get("VersionId")
        unknown = sorted(set(given) - taken)
        if unknown:
            raise InvalidInputException("UpdateTable", f"Unknown parameter in TableInput: {', '.join(unknown)}")
        table = self.glue_backend.get_table(self.parameters["DatabaseName"], given["Name"])
        if version is not None and version != table.as_dict()["VersionId"]:
            raise ConcurrentModificationException(f"{given['Name']} has another version than {version} by now")
        done: ActionResult = update_table(self)
        if self.parameters.get("SkipArchive"):
            del table.versions[str(max(map(int, table.versions)) - 1)]
        return done

    return update
