"""The tables of a deployed lake as its Glue catalog has them: their versions, and a switch back to an older one."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from generator.deploy.aws import Aws, clearly
from generator.diagnostics import GeneratorError, suggestion

KINDS = ("sources", "tables", "quarantine")
"""What jobs publish, each below a prefix of this name."""


class RollbackError(GeneratorError):
    """The table can't be switched back."""


@dataclass(frozen=True, slots=True)
class Version:
    """A kept version of a table; `run` begins with the moment it was made, in UTC."""

    run: str
    location: str
    rows: int

    @property
    def made(self) -> datetime | None:
        return moment_of(self.run)

    def to_json(self) -> dict[str, Any]:
        return {"run": self.run, "location": self.location, "rows": self.rows}


@dataclass(frozen=True, slots=True)
class Table:
    """A table that jobs publish.

    Attributes:
        kind: `sources`, `tables` or `quarantine`.
        current: the run whose version readers see; None as long as it was never published.
        versions: those that are kept, newest first.
        definition: the table as Glue has it.
    """

    name: str
    kind: str
    current: str | None
    rows: int | None
    versions: tuple[Version, ...]
    definition: Mapping[str, Any]

    @property
    def rolled_back(self) -> bool:
        """Whether a newer version than the current one is kept."""
        return bool(self.versions) and self.current != self.versions[0].run

    def to_json(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "current": self.current,
            "rows": self.rows,
            "rolled_back": self.rolled_back,
            "versions": [version.to_json() for version in self.versions],
        }


@clearly
def tables(aws: Aws, database: str) -> list[Table]:
    """The sources, tables and quarantines of a deployed lake, in this order."""
    pages = aws.glue.get_paginator("get_tables").paginate(DatabaseName=database)
    found = (_table(definition) for page in pages for definition in page["TableList"])
    return sorted(
        (table for table in found if table is not None), key=lambda table: (KINDS.index(table.kind), table.name)
    )


@clearly
def rollback_target(aws: Aws, database: str, name: str, run: str | None) -> tuple[Table, Version]:
    """The table, and the version that a rollback goes to: the one before the current, or that of a run.

    Raises:
        RollbackError: there is no such table or version.
    """
    known = {table.name: table for table in tables(aws, database) if table.kind != "quarantine"}
    if name not in known:
        raise RollbackError(f"there is no table `{name}` in {database}; {'; '.join(suggestion(name, known))}")
    table = known[name]
    return table, _choose(table, run)


@clearly
def roll_back(aws: Aws, bucket: str, database: str, table: Table, version: Version) -> None:
    """Makes a kept version the current one. Nothing is deleted.

    Raises:
        RollbackError: the version's data is gone, or a job changed the table in the meantime.
    """
    prefix = version.location.removeprefix(f"s3://{bucket}/")
    if not aws.s3.list_objects_v2(Bucket=bucket, Prefix=prefix, MaxKeys=1).get("Contents"):
        raise RollbackError(f"the data of {table.name} of run {version.run} is no longer in {version.location}")
    writable: Any = aws.glue.meta.service_model.shape_for("TableInput")
    definition = {key: value for key, value in table.definition.items() if key in writable.members}
    definition["StorageDescriptor"] = {**definition["StorageDescriptor"], "Location": version.location}
    definition["Parameters"] = {**definition["Parameters"], "lake_run": version.run, "lake_rows": str(version.rows)}
    change: Any = {"DatabaseName": database, "TableInput": definition, "SkipArchive": True}
    if "VersionId" in table.definition:
        change["VersionId"] = table.definition["VersionId"]
    try:
        aws.glue.update_table(**change)
    except aws.glue.exceptions.ConcurrentModificationException:
        raise RollbackError(
            f"{table.name} was changed in the meantime, maybe by a job: look at it with `status`"
        ) from None


def moment_of(run: str) -> datetime | None:
    """When a run was, as its id tells."""
    try:
        return datetime.strptime(run.split("-")[0], "%Y%m%dT%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return None


def _choose(table: Table, run: str | None) -> Version:
    runs = [version.run for version in table.versions]
    if table.current is None or not runs:
        raise RollbackError(f"{table.name} was never published: start the workflow with `python -m generator start`")
    if run is None:
        older = table.versions[runs.index(table.current) + 1 :] if table.current in runs else ()
        if not older:
            raise RollbackError(f"{table.name} has no version before {table.current}: kept are {', '.join(runs)}")
        return older[0]
    if run == table.current:
        raise RollbackError(f"run {run} is the current version of {table.name}: kept are {', '.join(runs)}")
    if run not in runs:
        raise RollbackError(f"there is no version of run {run} of {table.name}: kept are {', '.join(runs)}")
    return table.versions[runs.index(run)]


def _table(definition: Mapping[str, Any]) -> Table | None:
    """None for raw data, which no job publishes."""
    location = definition.get("StorageDescriptor", {}).get("Location", "")
    kind = next((kind for kind in KINDS if f"/{kind}/" in location), None)
    if kind is None:
        return None
    parameters = definition.get("Parameters", {})
    run = parameters.get("lake_run")
    return Table(
        definition["Name"],
        kind,
        run,
        int(parameters.get("lake_rows", 0)) if run else None,
        tuple(_versions(parameters)),
        definition,
    )


def _versions(parameters: Mapping[str, str]) -> Iterator[Version]:
    for one in json.loads(parameters.get("lake_versions") or "[]"):
        yield Version(one["run"], one["location"], one["rows"])
