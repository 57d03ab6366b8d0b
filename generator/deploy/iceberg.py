"""What the metadata of an Iceberg table tells, and a commit that makes another snapshot the current one."""

from __future__ import annotations

import gzip
import json
import re
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from generator.deploy.aws import Aws
from generator.diagnostics import GeneratorError

LOCATION, PREVIOUS = "metadata_location", "previous_metadata_location"
"""Parameters of a table in Glue's catalog: where its metadata lies."""
VERSIONS = "lake.versions"
"""The property of a table in which runs note what they published."""
MAIN = "main"
_SMALL = re.compile(r"(?<![\w`])(?:tinyint|smallint)(?![\w:])")
"""Types that Iceberg hasn't, in the text of a type; fields may be called anything."""


class ConflictError(GeneratorError):
    """Somebody else has changed the table meanwhile."""


@dataclass(frozen=True, slots=True)
class Metadata:
    """The newest metadata of a table; `data` is its JSON."""

    data: Mapping[str, Any]

    @property
    def current(self) -> int | None:
        """The snapshot whose rows readers see; None where there is none.

        One that only lays the same rows out in other files, as compaction does, counts as the one before.
        """
        snapshots, found = self.snapshots, self.data.get("current-snapshot-id")
        while found in snapshots and snapshots[found]["summary"]["operation"] == "replace":
            found = snapshots[found].get("parent-snapshot-id")
        return found if found in snapshots else None

    @property
    def snapshots(self) -> dict[int, Mapping[str, Any]]:
        return {one["snapshot-id"]: one for one in self.data.get("snapshots") or ()}

    @property
    def noted(self) -> list[dict[str, Any]]:
        """What runs noted of the versions that are still there."""
        noted = json.loads(self.data.get("properties", {}).get(VERSIONS) or "[]")
        return [one for one in noted if one["snapshot"] in self.snapshots]

    def schema_of(self, version: Mapping[str, Any]) -> int:
        """The schema with the columns of a version, of the fields that its snapshot has.

        The snapshot's own schema may have more: those that went when the version was published.
        """
        schemas = {one["schema-id"]: one["fields"] for one in self.data["schemas"]}
        own: int = self.snapshots[version["snapshot"]].get("schema-id", self.data["current-schema-id"])
        known = {field["id"] for field in schemas[own]}
        wanted = [name.lower() for name, _ in version["columns"]]
        for number, fields in sorted(schemas.items(), reverse=True):
            if [one["name"].lower() for one in fields] == wanted and known.issuperset(one["id"] for one in fields):
                return int(number)
        return own


def read_metadata(aws: Aws, definition: Mapping[str, Any]) -> Metadata | None:
    """The metadata that a table of Glue's catalog has; None for a table of another format."""
    location = definition.get("Parameters", {}).get(LOCATION)
    if location is None:
        return None
    bucket, key = _place(location)
    try:
        content = aws.s3.get_object(Bucket=bucket, Key=key)["Body"].read()
    except aws.s3.exceptions.NoSuchKey:
        raise GeneratorError(
            f"the catalog says that the metadata of {definition['Name']} is {location}, and nothing is there: "
            "restore that object (the bucket keeps what was deleted for a while)"
        ) from None
    return Metadata(json.loads(gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content))


def has_files(aws: Aws, metadata: Metadata, snapshot: int) -> bool:
    """Whether the list of a snapshot's files is still in the bucket."""
    bucket, key = _place(metadata.snapshots[snapshot]["manifest-list"])
    found = aws.s3.list_objects_v2(Bucket=bucket, Prefix=key, MaxKeys=1).get("Contents", ())
    return any(one.get("Key") == key for one in found)


def make_current(aws: Aws, database: str, definition: Mapping[str, Any], metadata: Metadata, version: Any) -> None:
    """Has readers see a snapshot, with its columns, by a commit like any other.

    Args:
        definition: the table as Glue had it when `metadata` was read.
        version: as it was noted.

    Raises:
        ConflictError: the table was changed since then.
    """
    location = definition["Parameters"][LOCATION]
    written, schema = _next(location), metadata.schema_of(version)
    bucket, key = _place(written)
    aws.s3.put_object(Bucket=bucket, Key=key, Body=_with_current(metadata, location, version, schema).encode())
    writable: Any = aws.glue.meta.service_model.shape_for("TableInput")
    changed = {name: value for name, value in definition.items() if name in writable.members}
    changed["Parameters"] = {**definition["Parameters"], LOCATION: written, PREVIOUS: location}
    changed["StorageDescriptor"] = {**definition["StorageDescriptor"], "Columns": _columns(metadata, version, schema)}
    change: Any = {"DatabaseName": database, "TableInput": changed, "SkipArchive": True}
    if "VersionId" in definition:
        change["VersionId"] = definition["VersionId"]
    try:
        aws.glue.update_table(**change)
    except aws.glue.exceptions.ConcurrentModificationException:
        now: Any = aws.glue.get_table(DatabaseName=database, Name=definition["Name"])["Table"]
        if now["Parameters"].get(LOCATION) == written:
            return  # the first of two attempts got through, and its answer was lost
        aws.s3.delete_object(Bucket=bucket, Key=key)
        raise ConflictError(
            f"{definition['Name']} was changed in the meantime, maybe by a job: look at it with `status`"
        ) from None


def _columns(metadata: Metadata, version: Mapping[str, Any], schema: int) -> list[dict[str, Any]]:
    """The columns of a version as Glue's catalog tells them, with what clients of Iceberg leave there."""
    fields = next(one["fields"] for one in metadata.data["schemas"] if one["schema-id"] == schema)
    kinds = {name.lower(): _SMALL.sub("int", kind) for name, kind in version["columns"]}
    return [
        {
            "Name": field["name"],
            "Type": kinds[field["name"].lower()],
            "Comment": field.get("doc", ""),
            "Parameters": {
                "iceberg.field.id": str(field["id"]),
                "iceberg.field.optional": str(not field["required"]).lower(),
                "iceberg.field.current": "true",
            },
        }
        for field in fields
        if field["name"].lower() in kinds
    ]


def _with_current(metadata: Metadata, location: str, version: Mapping[str, Any], schema: int) -> str:
    """The JSON of the metadata that follows."""
    try:
        from pyiceberg.table.metadata import TableMetadataUtil
        from pyiceberg.table.update import SetCurrentSchemaUpdate, SetSnapshotRefUpdate, update_table_metadata
    except ImportError:
        raise GeneratorError("a rollback needs pyiceberg: install it with `pip install 'lakegen[aws]'`") from None
    before = TableMetadataUtil.parse_obj(dict(metadata.data))
    updates = (
        SetSnapshotRefUpdate.model_validate({"ref-name": MAIN, "type": "branch", "snapshot-id": version["snapshot"]}),
        SetCurrentSchemaUpdate.model_validate({"schema-id": schema}),
    )
    after = update_table_metadata(before, updates, metadata_location=location)
    moved: str = after.model_copy(update={"last_updated_ms": int(time.time() * 1000)}).model_dump_json()
    return moved


def _next(location: str) -> str:
    """Where the metadata after some other belongs: the next number, and a name that nobody else takes."""
    folder, _, name = location.rpartition("/")
    number = name.split("-")[0]
    following = f"{int(number) + 1:05d}" if number.isdigit() else "00000"
    return f"{folder}/{following}-{uuid.uuid4()}.metadata.json"


def _place(uri: str) -> tuple[str, str]:
    """Bucket and key."""
    bucket, _, key = uri.split("://", 1)[1].partition("/")
    return bucket, key
