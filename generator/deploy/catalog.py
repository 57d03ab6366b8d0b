"""The tables of a deployed lake: their versions, which are snapshots of Iceberg, and a switch back to an older one."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from generator.deploy.aws import Aws, clearly
from generator.deploy.iceberg import ConflictError, Metadata, has_files, make_current, read_metadata
from generator.diagnostics import GeneratorError, suggestion

KINDS = ("sources", "tables", "quarantine")
"""What jobs publish, each below a prefix of this name."""
_WORKERS = 16


class RollbackError(GeneratorError):
    """The table can't be switched back."""


@dataclass(frozen=True, slots=True)
class Version:
    """A kept version of a table.

    Attributes:
        run: begins with the moment it was made, in UTC.
        snapshot: Iceberg's number of it, by which Athena reads it: `FOR VERSION AS OF`.
        columns: names and Glue types.
        checks: how many rows broke each check.
        read: of a source: how many `files` it was made of, and how many of their lines are `quarantined`.
        inputs: of what else it was made: the run of each table's and source's version.
        row_file: of a source: the column with the landing file of each row.
        before: the run of the version of which it is known how this one differs; empty where it isn't.
    """

    run: str
    snapshot: int
    rows: int
    columns: tuple[tuple[str, str], ...] = ()
    checks: Mapping[str, int] = field(default_factory=dict)
    read: Mapping[str, int] = field(default_factory=dict)
    inputs: Mapping[str, str] = field(default_factory=dict)
    row_file: str = ""
    before: str = ""

    @property
    def made(self) -> datetime | None:
        return moment_of(self.run)

    def to_json(self) -> dict[str, Any]:
        return {"run": self.run, "snapshot": self.snapshot, "rows": self.rows}


@dataclass(frozen=True, slots=True)
class Table:
    """A table that jobs publish.

    Attributes:
        kind: `sources`, `tables` or `quarantine`.
        version: the one that readers see; None as long as it was never published.
        versions: those that are kept, newest first.
        definition: the table as Glue has it.
        metadata: what Iceberg has of it; None for a table from before the lake's tables were Iceberg's.
    """

    name: str
    kind: str
    version: Version | None
    versions: tuple[Version, ...]
    definition: Mapping[str, Any]
    metadata: Metadata | None = None

    @property
    def current(self) -> str | None:
        """The run whose version readers see."""
        return self.version.run if self.version else None

    @property
    def rows(self) -> int | None:
        return self.version.rows if self.version else None

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
    definitions = [one for page in pages for one in page["TableList"] if _kind(one) is not None]
    _ = aws.s3  # made once, before threads ask for it
    with ThreadPoolExecutor(_WORKERS) as pool:
        read = pool.map(lambda definition: read_metadata(aws, definition), definitions)
        found = [_table(definition, metadata) for definition, metadata in zip(definitions, read, strict=True)]
    return sorted(found, key=lambda table: (KINDS.index(table.kind), table.name))


@clearly
def raw_tables(aws: Aws, database: str) -> list[Mapping[str, Any]]:
    """The tables of the catalog that no job publishes, as Glue has them: the raw text of sources."""
    pages = aws.glue.get_paginator("get_tables").paginate(DatabaseName=database)
    return [one for page in pages for one in page["TableList"] if _kind(one) is None]


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
def roll_back(aws: Aws, database: str, table: Table, version: Version) -> None:
    """Makes a kept version the current one. Nothing is deleted.

    Raises:
        RollbackError: the version's data is gone, or a job changed the table in the meantime.
    """
    assert table.metadata is not None
    if not has_files(aws, table.metadata, version.snapshot):
        raise RollbackError(f"the data of {table.name} of run {version.run} is no longer in the bucket")
    try:
        make_current(aws, database, table.definition, table.metadata, version.snapshot, version.columns)
    except ConflictError as error:
        raise RollbackError(str(error)) from None


def moment_of(run: str) -> datetime | None:
    """When a run was, as its id tells."""
    try:
        return datetime.strptime(run.split("-")[0], "%Y%m%dT%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return None


def _choose(table: Table, run: str | None) -> Version:
    if table.metadata is None:
        raise RollbackError(
            f"{table.name} was made before the lake's tables were Iceberg's: `python -m generator deploy apply`, then "
            "start the workflow"
        )
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


def _kind(definition: Mapping[str, Any]) -> str | None:
    """None for raw data, which no job publishes."""
    location = definition.get("StorageDescriptor", {}).get("Location", "")
    return next((kind for kind in KINDS if f"/{kind}/" in location), None)


def _table(definition: Mapping[str, Any], metadata: Metadata | None) -> Table:
    kind = _kind(definition)
    assert kind is not None
    seen, noted = metadata.versions if metadata else (None, [])
    newest_first = tuple(sorted(map(_version, noted), key=lambda one: one.run, reverse=True))
    return Table(definition["Name"], kind, None if seen is None else _version(seen), newest_first, definition, metadata)


def _version(noted: Mapping[str, Any]) -> Version:
    columns = tuple((name, kind) for name, kind in noted["columns"])
    given = {name: noted[name] for name in ("read", "inputs", "row_file", "before") if noted.get(name)}
    return Version(noted["run"], noted["snapshot"], noted["rows"], columns, noted["checks"], **given)
