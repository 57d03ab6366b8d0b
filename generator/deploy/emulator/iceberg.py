"""Iceberg tables as Glue keeps them: metadata in S3, and in the catalog where the newest lies.

pyiceberg knows the format. What is particular to Glue is here: the metadata that CreateTable writes, and what a client
of Iceberg, which here comes by the REST protocol, leaves in the catalog with each commit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import count
from typing import Any

from pyiceberg.catalog.glue import _to_columns
from pyiceberg.io import FileIO
from pyiceberg.io.pyarrow import PyArrowFile, PyArrowFileIO
from pyiceberg.partitioning import UNPARTITIONED_PARTITION_SPEC
from pyiceberg.schema import Schema
from pyiceberg.serializers import FromInputFile, ToOutputFile
from pyiceberg.table import StaticTable
from pyiceberg.table.locations import load_location_provider
from pyiceberg.table.metadata import TableMetadata, new_table_metadata
from pyiceberg.table.sorting import UNSORTED_SORT_ORDER
from pyiceberg.table.update import AssertRefSnapshotId, TableRequirement, TableUpdate, update_table_metadata
from pyiceberg.types import (
    BinaryType,
    BooleanType,
    DateType,
    DecimalType,
    DoubleType,
    FloatType,
    IcebergType,
    IntegerType,
    ListType,
    LongType,
    MapType,
    NestedField,
    StringType,
    StructType,
    TimestampType,
)

from generator.deploy.emulator.mirror import Mirror
from generator.deploy.iceberg import LOCATION, PREVIOUS
from generator.plan.types import Type, TypeSyntaxError, parse_type

TABLE_TYPE = "table_type"
DELETE_OLD = "write.metadata.delete-after-commit.enabled"
_PRIMITIVES: dict[str, IcebergType] = {
    "string": StringType(), "boolean": BooleanType(), "binary": BinaryType(), "int": IntegerType(),
    "bigint": LongType(), "float": FloatType(), "double": DoubleType(), "date": DateType(),
    "timestamp": TimestampType(),
}  # fmt: skip


class NotIceberg(ValueError):
    """There is no such table, or it is of another format."""


class Refused(ValueError):
    """Glue doesn't take a table."""


class MirroredFiles(PyArrowFileIO):
    """Objects of the embedded S3, read and written in the folders that mirror it."""

    def __init__(self, mirror: Mirror) -> None:
        super().__init__()
        self._mirror = mirror

    def new_input(self, location: str) -> PyArrowFile:
        return super().new_input(str(self._mirror.path(location)))

    def new_output(self, location: str) -> PyArrowFile:
        return super().new_output(str(self._mirror.path(location)))


class IcebergTables:
    """The Iceberg tables of the embedded Glue.

    Args:
        glue: a client; commits go through it, so that of two at once one is refused.
    """

    def __init__(self, mirror: Mirror, glue: Any) -> None:
        self._mirror = mirror
        self._glue = glue
        self._files: FileIO = MirroredFiles(mirror)

    def load(self, database: str, name: str) -> tuple[str, TableMetadata]:
        """Where a table's newest metadata lies, and that metadata.

        Raises:
            NotIceberg: there is no such table.
        """
        return self._read(self._definition(database, name))

    def commit(
        self, database: str, name: str, requirements: Sequence[TableRequirement], updates: Sequence[TableUpdate]
    ) -> tuple[str, TableMetadata]:
        """Changes a table in one step; returns what `load` does.

        Raises:
            NotIceberg: there is no such table.
            CommitFailedException: it isn't as the requirements say.
            ConcurrentModificationException: it was changed at the same time (an error of the client).
        """
        definition = self._definition(database, name)
        location, before = self._read(definition)
        for requirement in requirements:
            if not _asks_for_a_new_branch(requirement, before):
                requirement.validate(before)
        after = _with_parents(update_table_metadata(before, tuple(updates), metadata_location=location), before)
        written = self._write(after, 1 + int(location.rsplit("/", 1)[1].split("-")[0]))
        self._glue.update_table(
            DatabaseName=database,
            TableInput=_table_input(definition, after, written),
            SkipArchive=True,
            VersionId=definition["VersionId"],
        )
        if after.properties.get(DELETE_OLD) == "true":
            kept = {entry.metadata_file for entry in after.metadata_log}
            for entry in before.metadata_log:
                if entry.metadata_file not in kept:
                    self._mirror.delete(entry.metadata_file)
        return written, after

    def create(self, given: dict[str, Any]) -> dict[str, Any]:
        """Writes the first metadata of a table, without a snapshot; returns what the catalog keeps of it.

        Raises:
            Refused: it has a column of a type that Iceberg has not.
        """
        storage = given["StorageDescriptor"]
        metadata = new_table_metadata(
            schema_of(storage["Columns"]),
            UNPARTITIONED_PARTITION_SPEC,
            UNSORTED_SORT_ORDER,
            storage["Location"].rstrip("/"),
            properties={},
        )
        parameters = {**given.get("Parameters", {}), TABLE_TYPE: "ICEBERG", LOCATION: self._write(metadata, 0)}
        return {**given, "Parameters": parameters}

    def rows(self, definition: Mapping[str, Any], snapshot: int | None) -> Any:
        """The rows of a table, of its current snapshot or another one, as a table of Arrow.

        Raises:
            NotIceberg: it has no such snapshot.
        """
        location, metadata = self._read(definition)
        table = StaticTable.from_metadata(str(self._mirror.path(location)))
        table.io = self._files
        if snapshot is not None and metadata.snapshot_by_id(snapshot) is None:
            raise NotIceberg(f"Iceberg snapshot ID does not exists: {snapshot}")
        return table.scan(snapshot_id=snapshot).to_arrow()

    def _read(self, definition: Mapping[str, Any]) -> tuple[str, TableMetadata]:
        location = definition["Parameters"][LOCATION]
        return location, FromInputFile.table_metadata(self._files.new_input(location))

    def _write(self, metadata: TableMetadata, number: int) -> str:
        places = load_location_provider(metadata.location, metadata.properties)
        location = places.new_table_metadata_file_location(number)
        ToOutputFile.table_metadata(metadata, self._files.new_output(location))
        self._mirror.put(location)
        return location

    def _definition(self, database: str, name: str) -> Mapping[str, Any]:
        try:
            found: Mapping[str, Any] = self._glue.get_table(DatabaseName=database, Name=name)["Table"]
        except self._glue.exceptions.EntityNotFoundException:
            raise NotIceberg(f"Table does not exist: {database}.{name}") from None
        if not is_iceberg(found):
            raise NotIceberg(f"Not an Iceberg table: {database}.{name}")
        return found


def _asks_for_a_new_branch(requirement: TableRequirement, before: TableMetadata) -> bool:
    """Whether a branch is to be made that isn't there. pyiceberg takes only `main` for the first of a table."""
    if not isinstance(requirement, AssertRefSnapshotId):
        return False
    return requirement.snapshot_id is None and requirement.ref not in before.refs


def _with_parents(after: TableMetadata, before: TableMetadata) -> TableMetadata:
    """Metadata whose snapshots tell of their parents as before, gone ones too.

    pyiceberg forgets parents that are gone. To Iceberg's own code that is another snapshot, and the files of the one
    that it takes for expired are deleted.
    """
    parents = {one.snapshot_id: one.parent_snapshot_id for one in before.snapshots}
    kept = [
        one.model_copy(update={"parent_snapshot_id": parents.get(one.snapshot_id, one.parent_snapshot_id)})
        for one in after.snapshots
    ]
    return after.model_copy(update={"snapshots": kept})


def is_iceberg(definition: Mapping[str, Any]) -> bool:
    """Whether the catalog says that a table is Iceberg's."""
    parameters = definition.get("Parameters") or {}
    return parameters.get(TABLE_TYPE, "").upper() == "ICEBERG" and LOCATION in parameters


def schema_of(columns: Sequence[Mapping[str, str]]) -> Schema:
    """The columns of Glue's catalog as Iceberg's, numbered from 1.

    Raises:
        Refused: a type that Iceberg has not.
    """
    numbers = count(1)
    top = [next(numbers) for _ in columns]
    return Schema(
        *(
            NestedField(number, one["Name"], _kind(one["Type"], numbers), required=False, doc=one.get("Comment"))
            for number, one in zip(top, columns, strict=True)
        ),
        schema_id=0,
    )


def _kind(text: str, numbers: Any) -> IcebergType:
    try:
        return _of(parse_type(text), numbers)
    except (TypeSyntaxError, KeyError):
        raise Refused(f"Unsupported type for an Iceberg table: {text}") from None


def _of(kind: Type, numbers: Any) -> IcebergType:
    if kind.kind == "decimal":
        return DecimalType(kind.precision, kind.scale)
    if kind.kind == "array":
        number = next(numbers)
        return ListType(number, _of(kind.fields[0][1], numbers), element_required=False)
    if kind.kind == "map":
        key, value = next(numbers), next(numbers)
        of_key, of_value = (_of(one, numbers) for _, one in kind.fields)
        return MapType(key, of_key, value, of_value, value_required=False)
    if kind.kind == "struct":
        inner = [(next(numbers), name, one) for name, one in kind.fields]
        return StructType(*(NestedField(number, name, _of(one, numbers), False) for number, name, one in inner))
    return _PRIMITIVES[kind.kind]


def _table_input(before: Mapping[str, Any], metadata: TableMetadata, location: str) -> dict[str, Any]:
    """What Iceberg's own client of Glue leaves in the catalog with a commit."""
    parameters = before["Parameters"]
    noted = {TABLE_TYPE: "ICEBERG", LOCATION: location, PREVIOUS: parameters[LOCATION]}
    told = {"Description": metadata.properties["comment"]} if "comment" in metadata.properties else {}
    return {
        "Name": before["Name"],
        "TableType": "EXTERNAL_TABLE",
        "Parameters": {**parameters, **noted},
        "StorageDescriptor": {"Columns": _to_columns(metadata), "Location": metadata.location},
        **told,
    }
