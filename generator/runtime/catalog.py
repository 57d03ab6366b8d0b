"""The catalog of a lake on AWS: the tables of a Glue database, as a job sees and switches them."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from .error import LakeError
from .folder_catalog import FolderCatalog, Version

TRIES = 6


def open_catalog(lake_root: str, database: str) -> GlueCatalog | FolderCatalog:
    """The catalog that belongs to a lake's root: Glue's for S3, that of the folder elsewhere."""
    if lake_root.startswith(("s3://", "s3a://")):
        return GlueCatalog(glue_client(), database, lake_root)
    return FolderCatalog(lake_root.removeprefix("file://"), database)


def glue_client() -> Any:
    """AWS Glue, as the job's role may use it."""
    import boto3

    return boto3.client("glue")


class GlueCatalog:
    """The tables of a Glue database. Terraform makes them; a job changes where their data is, and nothing else.

    Attributes:
        removes_versions: whether a job removes the versions that it replaced.
    """

    removes_versions = True

    def __init__(self, client: Any, database: str, lake_root: str) -> None:
        self.client = client
        self.database = database
        self.lake_root = lake_root

    def current(self, table: str) -> Version | None:
        """The published version that readers see.

        Raises:
            LakeError: there is no such table.
        """
        return _current(self._table(table))

    def versions(self, table: str) -> tuple[Version, ...]:
        """All published versions that are kept, newest first."""
        return _versions(self._table(table))

    def columns(self, table: str) -> None:
        """Its files know them: the catalog has those of the last deployment, the version may be older."""

    def paths(self, version: Version) -> list[str]:
        """Where Spark finds the rows of a version: its folder."""
        return list(version.files)

    def check_columns(self, table: str, columns: Sequence[tuple[str, str]]) -> None:
        """Compares what a job makes with what the catalog promises to readers.

        Raises:
            LakeError: they differ; the script and the catalog come from different builds.
        """
        declared = [(one["Name"], one["Type"]) for one in self._table(table)["StorageDescriptor"]["Columns"]]
        if [_plain(*one) for one in declared] != [_plain(*one) for one in columns]:
            raise LakeError(
                f"{table}: the job makes the columns {_listed(columns)}, but the catalog has {_listed(declared)}: "
                "deploy the scripts and the catalog of the same build"
            )

    def publish(
        self,
        table: str,
        run: str,
        rows: int,
        columns: Sequence[tuple[str, str]],
        keep: int,
        checks: Mapping[str, int] | None = None,
    ) -> tuple[Version, ...]:
        """Makes a version of a table the current one; returns those that stay.

        Args:
            checks: rows that break each check of the version, by the check's name; noted beside it.

        Raises:
            LakeError: others kept changing the table.
        """
        return self._switch(table, Version(run, rows, (f"{self.lake_root}/tables/{table}/{run}/",)), keep, checks or {})

    def publish_source(
        self, source: str, run: str, rows: int, keep: int, checks: Mapping[str, int], read: Mapping[str, Any]
    ) -> tuple[Version, ...]:
        """Makes a version of a source's rows the current one; returns those that stay.

        Args:
            read: what the run read of the source; noted beside the rows.
        """
        version = Version(run, rows, (f"{self.lake_root}/sources/{source}/{run}/",))
        return self._switch(source, version, keep, checks, lake_source=json.dumps(read))

    def has_quarantine(self, source: str) -> bool:
        """Whether the published quarantine has rows, or was never published: then it has to be."""
        current = _current(self._table(f"{source}_quarantine"))
        return current is None or current.rows > 0

    def publish_quarantine(self, source: str, run: str, rows: int) -> tuple[Version, ...]:
        """Makes a version of a source's quarantine the only one."""
        version = Version(run, rows, (f"{self.lake_root}/quarantine/{source}/{run}/",))
        return self._switch(f"{source}_quarantine", version, 1)

    def _switch(
        self, table: str, version: Version, keep: int, checks: Mapping[str, int] | None = None, **more: str
    ) -> tuple[Version, ...]:
        versions: tuple[Version, ...] = ()

        def switched(found: dict[str, Any]) -> dict[str, Any]:
            nonlocal versions
            older = (one for one in _versions(found) if one.run != version.run)
            versions = (version, *older)[:keep]
            location = {**found["StorageDescriptor"], "Location": version.files[0]}
            noted = {"lake_run": version.run, "lake_rows": str(version.rows), **more}
            noted["lake_versions"] = json.dumps([_kept(one) for one in versions])
            if checks is not None:
                before = json.loads(found.get("Parameters", {}).get("lake_checks") or "{}")
                kept = {one.run: before[one.run] for one in versions if one.run in before}
                noted["lake_checks"] = json.dumps({**kept, version.run: checks})
            return {"StorageDescriptor": location, **_with_parameters(found, **noted)}

        self._update(table, switched)
        return versions

    def _update(self, table: str, change: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
        """Changes a table in the catalog, from what it is at that moment."""
        writable = self.client.meta.service_model.shape_for("TableInput").members
        for attempt in range(TRIES):
            time.sleep(random.uniform(0, 0.3 * attempt))
            found = self._table(table)
            unchanged = {key: value for key, value in found.items() if key in writable}
            try:
                self.client.update_table(
                    DatabaseName=self.database,
                    TableInput={**unchanged, **change(found)},
                    SkipArchive=True,
                    VersionId=found["VersionId"],
                )
            except self.client.exceptions.ConcurrentModificationException:
                continue
            return
        raise LakeError(f"{table}: somebody else changed it in the catalog {TRIES} times in a row: run the job again")

    def _table(self, name: str) -> dict[str, Any]:
        try:
            table: dict[str, Any] = self.client.get_table(DatabaseName=self.database, Name=name)["Table"]
        except self.client.exceptions.EntityNotFoundException:
            raise LakeError(f"there is no table {name} in the Glue database {self.database}: deploy it first") from None
        return table


def is_of_source(version: Version) -> bool:
    """Whether the rows are a source's: they have the name of their file with them."""
    return all("/sources/" in file for file in version.files)


def _with_parameters(table: dict[str, Any], **noted: str) -> dict[str, Any]:
    return {"Parameters": {**table.get("Parameters", {}), **noted}}


def _current(table: dict[str, Any]) -> Version | None:
    parameters = table.get("Parameters", {})
    if "lake_run" not in parameters:
        return None
    rows = int(parameters.get("lake_rows") or 0)
    return Version(parameters["lake_run"], rows, (table["StorageDescriptor"]["Location"],))


def _versions(table: dict[str, Any]) -> tuple[Version, ...]:
    found = json.loads(table.get("Parameters", {}).get("lake_versions") or "[]")
    return tuple(Version(one["run"], one["rows"], (one["location"],)) for one in found)


def _kept(version: Version) -> dict[str, Any]:
    return {"run": version.run, "location": version.files[0], "rows": version.rows}


def _plain(name: str, kind: str) -> tuple[str, str]:
    return name.lower(), kind.lower().replace(" ", "")


def _listed(columns: Sequence[tuple[str, str]]) -> str:
    return ", ".join(f"{name} {kind}" for name, kind in columns)
