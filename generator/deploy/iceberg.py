"""What the metadata of an Iceberg table tells, and a commit that makes another snapshot the current one."""

from __future__ import annotations

import gzip
import json
import re
import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from generator.deploy.aws import Aws
from generator.diagnostics import GeneratorError
from generator.runtime.versions import MAIN, VERSIONS, Link, kept_versions, schema_of_version

LOCATION, PREVIOUS = "metadata_location", "previous_metadata_location"
"""Parameters of a table in Glue's catalog: where its metadata lies."""
_SMALL = re.compile(r"(?<![\w`])(?:tinyint|smallint)(?![\w:])")
"""Types that Iceberg hasn't, in the text of a type; fields may be called anything."""


class ConflictError(GeneratorError):
    """Somebody else has changed the table meanwhile."""


@dataclass(frozen=True, slots=True)
class Metadata:
    """The newest metadata of a table; `data` is its JSON."""

    data: Mapping[str, Any]

    @property
    def versions(self) -> tuple[Mapping[str, Any] | None, list[Mapping[str, Any]]]:
        """What runs noted of the version that readers see, and of all that are kept."""
        notes = json.loads(self.data.get("properties", {}).get(VERSIONS) or "[]")
        links = {
            number: Link(one["summary"]["operation"], one.get("parent-snapshot-id"))
            for number, one in self.snapshots.items()
        }
        return kept_versions(notes, links, self.data.get("current-snapshot-id"))

    @property
    def snapshots(self) -> dict[int, Mapping[str, Any]]:
        return {one["snapshot-id"]: one for one in self.data.get("snapshots") or ()}

    def schema_of(self, snapshot: int, columns: Sequence[tuple[str, str]]) -> int:
        """The schema by which a version with these columns is read."""
        schemas = {
            one["schema-id"]: [(field["id"], field["name"]) for field in one["fields"]] for one in self.data["schemas"]
        }
        own: int = self.snapshots[snapshot].get("schema-id", self.data["current-schema-id"])
        found = schema_of_version([name for name, _ in columns], schemas, own)
        return own if found is None else found


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


def make_current(
    aws: Aws,
    database: str,
    definition: Mapping[str, Any],
    metadata: Metadata,
    snapshot: int,
    columns: Sequence[tuple[str, str]],
) -> None:
    """Has readers see a snapshot, with its columns, by a commit like any other.

    Args:
        definition: the table as Glue had it when `metadata` was read.
        columns: names and Glue types of the version.

    Raises:
        ConflictError: the table was changed since then.
    """
    location, schema = definition["Parameters"][LOCATION], metadata.schema_of(snapshot, columns)
    written = _next(location)
    bucket, key = _place(written)
    aws.s3.put_object(Bucket=bucket, Key=key, Body=_with_current(metadata, location, snapshot, schema).encode())
    writable: Any = aws.glue.meta.service_model.shape_for("TableInput")
    changed = {name: value for name, value in definition.items() if name in writable.members}
    changed["Parameters"] = {**definition["Parameters"], LOCATION: written, PREVIOUS: location}
    changed["StorageDescriptor"] = {**definition["StorageDescriptor"], "Columns": _columns(metadata, columns, schema)}
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


def _columns(metadata: Metadata, columns: Sequence[tuple[str, str]], schema: int) -> list[dict[str, Any]]:
    """The columns of a version as Glue's catalog tells them, with what clients of Iceberg leave there."""
    fields = next(one["fields"] for one in metadata.data["schemas"] if one["schema-id"] == schema)
    kinds = {name.lower(): _SMALL.sub("int", kind) for name, kind in columns}
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


def _with_current(metadata: Metadata, location: str, snapshot: int, schema: int) -> str:
    """The JSON of the metadata that follows."""
    try:
        from pyiceberg.table.metadata import TableMetadataUtil
        from pyiceberg.table.update import SetCurrentSchemaUpdate, SetSnapshotRefUpdate, update_table_metadata
    except ImportError:
        raise GeneratorError("a rollback needs pyiceberg: install it with `pip install 'lakegen[aws]'`") from None
    before = TableMetadataUtil.parse_obj(dict(metadata.data))
    updates = (
        SetSnapshotRefUpdate.model_validate({"ref-name": MAIN, "type": "branch", "snapshot-id": snapshot}),
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
