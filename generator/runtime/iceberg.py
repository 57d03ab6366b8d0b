"""Tables as Apache Iceberg tables: a run writes to a branch of its own, and `main`, which readers see, moves to it.

A version is a snapshot, of which a property of the table tells. What a killed run left, its branch and files that
belong to no snapshot, goes before the next one writes.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from py4j.protocol import Py4JJavaError
from pyspark.errors import AnalysisException
from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.types import (
    ArrayType,
    ByteType,
    DataType,
    IntegerType,
    MapType,
    ShortType,
    StructField,
    StructType,
)

from .columns import columns_of, quoted
from .error import LakeError, first_line
from .landing_record import note_record, noted_record
from .layout import Layout, lay_out
from .storage import remove_subfolders
from .times import in_session_zone, stored_in_utc
from .versions import MAIN, VERSIONS, Link, kept_versions, schema_of_version

CATALOG = "glue_catalog"
"""The name of the session's catalog in which the tables are."""
OWN_FOLDERS = ("data", "metadata")
"""The folders of a table; what else lies there is of a lake from before its tables were Iceberg's."""
BRANCH = "run_"
"""What begins the name of a run's branch."""
RUN, PROGRAM, INPUTS = "lake.run", "lake.program", "lake.inputs"
"""What a snapshot's summary says of the run that made it, by what, and of which snapshots of which tables."""
COMMENT = "comment"
"""The table's property that catalogs show as its description."""
PROPERTIES = {
    "write.delete.mode": "copy-on-write",
    "write.update.mode": "copy-on-write",
    "write.merge.mode": "copy-on-write",
    "write.parquet.compression-codec": "zstd",
    "write.metadata.delete-after-commit.enabled": "true",
}
"""What each table is set to. Changelogs can't be made of tables whose rows are deleted by files of their own. Of the
metadata that commits replace, the newest hundred stay.
"""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A published version.

    Attributes:
        snapshot: its id.
        columns: names and Glue types.
        checks: the rows that break each check.
        declared: its columns as Spark's schema, in JSON: types are texts in `columns`, which no names can be read from.
        read: of a source: how many `files` its rows are of, and how many lines of them are `quarantined`.
        program: a digest of what made it; empty where nobody knows.
        inputs: of what else it was made: the run of each table's and source's version.
        row_file: of a source: the column with the landing file of each row; no job's script sees it.
    """

    run: str
    snapshot: int
    rows: int
    columns: Sequence[tuple[str, str]]
    checks: Mapping[str, int]
    declared: Mapping[str, Any] = field(default_factory=dict)
    read: Mapping[str, int] = field(default_factory=dict)
    program: str = ""
    inputs: Mapping[str, str] = field(default_factory=dict)
    row_file: str = ""

    @property
    def schema(self) -> StructType:
        """Its columns."""
        return StructType.fromJson(dict(self.declared))


@dataclass(frozen=True, slots=True)
class Made:
    """What a version was made by, and of.

    Attributes:
        program: a digest; empty where nobody may go by it.
        inputs: the version of each table and source.
    """

    program: str = ""
    inputs: Mapping[str, Snapshot] = field(default_factory=dict)

    @property
    def runs(self) -> dict[str, str]:
        """The runs that made the inputs."""
        return {name: one.run for name, one in self.inputs.items()}

    @property
    def summary(self) -> dict[str, str]:
        """What a snapshot says of it."""
        snapshots = {name: one.snapshot for name, one in self.inputs.items()}
        return {PROGRAM: self.program, INPUTS: json.dumps(snapshots)} if self.program else {}


NOBODY_KNOWS = Made()


@dataclass(frozen=True, slots=True)
class SourceNote:
    """What is to be known of a source's version.

    Attributes:
        read: how many `files` its rows are of, how many lines of them are `quarantined`.
        row_file: the column with the landing file of each row.
        record: which landing files the rows are of, as text.
    """

    read: Mapping[str, int]
    row_file: str = ""
    record: str = ""


@dataclass(slots=True)
class IcebergTables:
    """The tables of one database, as a run reads and publishes them.

    Attributes:
        started: when the run began, in ms since 1970 as the storage tells the time: what is older and belongs to no
            snapshot was left by a killed run.
        texts: what is said of tables: by name, its `description`, and of its `columns` a comment each.
        staged: the columns of what was written and isn't published yet, and how its files lie.
        read: the versions whose rows were asked for.
    """

    spark: SparkSession
    database: str
    run: str
    started: int
    texts: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    staged: dict[str, tuple[StructType, Layout]] = field(default_factory=dict)
    read: dict[str, Snapshot] = field(default_factory=dict)

    # Reading -----------------------------------------------------------------------------------------

    def current(self, name: str) -> Snapshot | None:
        """The version that readers see; None if none was published. Of a compacted table it is in its files of now.

        Raises:
            LakeError: there is no such table.
        """
        table = self.table(name)
        found = next(iter(self._published(table)), None)
        return None if found is None else replace(found, snapshot=table.currentSnapshot().snapshotId())

    def versions(self, name: str) -> tuple[Snapshot, ...]:
        """All versions that are kept, the current one first."""
        return tuple(self._published(self.table(name)))

    def is_published(self, name: str) -> bool:
        """Whether readers see a version."""
        return self.current(name) is not None

    def rows(self, name: str) -> DataFrame | None:
        """The rows of the current version, whatever is published meanwhile; None if none was published."""
        found = self.current(name)
        if found is None:
            return None
        self.read[name] = found
        rows = self.rows_at(name, found.snapshot, found.schema)
        return rows.drop(found.row_file) if found.row_file else rows

    def _published(self, table: Any) -> list[Snapshot]:
        """What runs published and is kept, the current version first, then newer ones before older ones."""
        notes = json.loads(table.properties().get(VERSIONS) or "[]")
        snapshots = {one.snapshotId(): Link(str(one.operation()), one.parentId()) for one in table.snapshots()}
        current = table.currentSnapshot()
        _, found = kept_versions(notes, snapshots, None if current is None else current.snapshotId())
        return [Snapshot(**{**one, "columns": [(name, kind) for name, kind in one["columns"]]}) for one in found]

    def rows_at(self, name: str, snapshot: int, declared: StructType) -> DataFrame:
        """The rows of a snapshot, with the types that they were written with."""
        stored = self.spark.sql(f"SELECT * FROM {self.identifier(name)} VERSION AS OF {snapshot}")
        return stored.select(*as_declared(declared))

    def record(self, name: str, version: Snapshot) -> str:
        """Which landing files a version's rows are of, as it was noted; nothing where it wasn't."""
        return noted_record(self.table(name).properties(), version.run)

    # Publishing --------------------------------------------------------------------------------------

    def stage(self, name: str, rows: DataFrame, layout: Layout, made: Made = NOBODY_KNOWS) -> DataFrame:
        """Writes all rows of a new version to the run's branch; returns them as they are there.

        Raises:
            LakeError: there is no such table, or the run has published it already.
        """
        declared, stored = _nullable(rows.schema), stored_in_utc(rows)
        table = self._begin(name, declared, layout)
        lay_out(self._jvm, table, layout.of(self._staying(name, stored.schema)))  # what is laid out by stays a column
        for column, kind in self._widen(name, stored.schema):
            stored = stored.withColumn(column, F.lit(None).cast(kind))
        lay_out(self._jvm, self.table(name), layout)
        writer = stored.writeTo(f"{self.identifier(name)}.{quoted('branch_' + self._branch)}")
        for key, value in {RUN: self.run, **made.summary}.items():
            writer = writer.option(f"snapshot-property.{key}", value)
        writer.overwrite(F.lit(True))
        return self._staged_rows(name)

    def begin_files(self, name: str, declared: StructType, layout: Layout) -> Any:
        """Makes the run's branch for a version that shares files with the current one; returns Iceberg's own table.

        Raises:
            LakeError: there is no such table, or the run has published it already.
        """
        table = self._begin(name, declared, layout)
        lay_out(self._jvm, table, layout)
        return table

    def stage_files(self, name: str, gone: Iterable[Any], new: Iterable[Any], made: Made) -> DataFrame:
        """Brings files to the run's branch, in one step, after `begin_files`; returns all rows that are there then.

        Args:
            gone, new: Iceberg's own data files.
        """
        change = self.table(name).newOverwrite().toBranch(self._branch)
        for key, value in {RUN: self.run, **made.summary}.items():
            change = change.set(key, value)
        for one in gone:
            change = change.deleteFile(one)
        for one in new:
            change = change.addFile(one)
        change.commit()
        return self._staged_rows(name)

    def _begin(self, name: str, declared: StructType, layout: Layout) -> Any:
        table = self.table(name)
        if any(one.run == self.run for one in self._published(table)):
            raise LakeError(f"{name}: run {self.run} is published already: use another --run_id")
        self.staged[name] = declared, layout
        self._branch_off(table, layout)
        return table

    def _staged_rows(self, name: str) -> DataFrame:
        declared, _ = self.staged[name]
        return self.rows_at(name, self.table(name).refs().get(self._branch).snapshotId(), declared)

    def publish(
        self,
        name: str,
        rows: int,
        checks: Mapping[str, int],
        keep: int,
        *,
        made: Made = NOBODY_KNOWS,
        source: SourceNote | None = None,
    ) -> None:
        """Makes what was staged the version that readers see, in one step.

        Args:
            rows: how many there are.
            checks: the rows that break each check.
            keep: how many versions stay.
            source: what is to be known of a source's version.

        Raises:
            LakeError: another run has published the table meanwhile.
        """
        table = self.table(name)
        (declared, _), branch = self.staged.pop(name), table.refs().get(self._branch)
        if branch is None:
            raise LakeError(f"{name}: another run writes it, so nothing is published: run the job again")
        columns = columns_of(declared)
        new = Snapshot(
            self.run,
            branch.snapshotId(),
            rows,
            columns,
            checks,
            declared.jsonValue(),
            source.read if source else {},
            made.program,
            made.runs,
            source.row_file if source else "",
        )
        switch = table.newTransaction()
        try:
            switch.manageSnapshots().fastForwardBranch(MAIN, self._branch).removeBranch(self._branch).commit()
            kept = [new, *_by_age(self._published(table))][:keep]
            self._note(switch, kept)
            if source and source.record:
                note_record(switch, list(table.properties()), self.run, source.record, [one.run for one in kept])
            self._set_properties(switch)
            self._narrow(table, switch, [column for column, _ in columns])
            self._describe(switch, name)
            switch.commitTransaction()
        except Py4JJavaError as error:
            raise LakeError(
                f"{name}: another run published it meanwhile, so nothing is published: run the job again"
                f" ({first_line(error)})"
            ) from error

    def describe(self, name: str) -> None:
        """Brings the texts of the build to a table of which nothing is published."""
        switch = self.table(name).newTransaction()
        self._describe(switch, name)
        switch.commitTransaction()

    def renew(self, name: str, checks: Mapping[str, int], made: Made) -> None:
        """Notes of the current version that it is what making it again would give."""
        table = self.table(name)
        current, *others = self._published(table)
        now = replace(current, checks=checks, program=made.program, inputs=made.runs)
        if now != current:
            self._note(table, [now, *others])

    def discard(self, name: str) -> None:
        """Removes what was staged, if anything was."""
        if name not in self.staged:
            return
        table = self.table(name)
        _, layout = self.staged.pop(name)
        self._drop_branches(table)
        self._restore_columns(table, layout)
        self._expire(table, self._published(table))

    def expire(self, name: str) -> None:
        """Removes the versions that don't stay, with the files that only those have.

        Raises:
            LakeError: that can't be done.
        """
        table = self.table(name)
        try:
            self._expire(table, self._published(table))
        except Py4JJavaError as error:
            raise LakeError(
                f"{name} is published, but old versions, maybe with data of people who withdrew their consent, "
                f"can't be deleted: {first_line(error)}"
            ) from error

    # Snapshots and branches --------------------------------------------------------------------------

    @property
    def _branch(self) -> str:
        return f"{BRANCH}{self.run}"

    def _branch_off(self, table: Any, layout: Layout) -> None:
        """Makes the run's branch, and removes what killed runs left: theirs tell that there may be something.

        The new one is made first, so that it tells the next run if this one is killed here.
        """
        left = [branch for branch in table.refs() if branch.startswith(BRANCH)]
        if self._branch not in left:
            table.manageSnapshots().createBranch(self._branch).commit()
        if not self._published(table):
            remove_subfolders(self.spark, str(table.location()), but=OWN_FOLDERS)
        if left:
            self._drop_branches(table, keep=self._branch)
            self._restore_columns(table, layout)
            self._expire(table, self._published(table))
            self._remove_orphans(table)
        table.refresh()

    def _drop_branches(self, table: Any, keep: str = "") -> None:
        """Drops the branches of runs, which nobody reads, but for one."""
        table.refresh()
        for branch in [one for one in table.refs() if one.startswith(BRANCH) and one != keep]:
            table.manageSnapshots().removeBranch(branch).commit()
        table.refresh()

    def _note(self, table: Any, versions: Sequence[Snapshot]) -> None:
        table.updateProperties().set(VERSIONS, json.dumps([asdict(one) for one in versions])).commit()

    def _expire(self, table: Any, kept: Sequence[Snapshot]) -> None:
        """Removes all snapshots but some and those of branches, with the files that only those have."""
        table.refresh()
        needed = {one.snapshot for one in kept} | {one.snapshotId() for one in table.refs().values()}
        gone = [one.snapshotId() for one in table.snapshots() if one.snapshotId() not in needed]
        if gone:
            expiring = table.expireSnapshots().cleanExpiredFiles(True)
            for snapshot in gone:
                expiring = expiring.expireSnapshotId(snapshot)
            expiring.commit()
            table.refresh()

    def _remove_orphans(self, table: Any) -> None:
        """Removes files that are older than the run and belong to no snapshot."""
        actions: Any = self._jvm.org.apache.iceberg.spark.actions.SparkActions.get(self.spark._jsparkSession)
        actions.deleteOrphanFiles(table).olderThan(self.started).execute()

    # Columns -----------------------------------------------------------------------------------------

    def _staying(self, name: str, schema: StructType) -> set[str]:
        """The columns that the table has with the very type that they are going to have, in lower case."""
        wanted = {(one.name.lower(), _stored(one.dataType)) for one in schema.fields}
        return {column for column, one in self._columns(name).items() if (column, _stored(one.dataType)) in wanted}

    def _columns(self, name: str) -> dict[str, StructField]:
        """The table's columns, by their names in lower case."""
        return {one.name.lower(): one for one in self.spark.table(self.identifier(name)).schema.fields}

    def _widen(self, name: str, schema: StructType) -> list[tuple[str, DataType]]:
        """Gives the table the columns that it lacks; returns those that it has beyond.

        Readers see a new column at once, without values until the run is published. Of a type that a column can't
        take on, it is a new column of the same name.
        """
        alter = f"ALTER TABLE {self.identifier(name)}"
        there = self._columns(name)
        for one in schema.fields:
            known = there.pop(one.name.lower(), None)
            if known is not None and _stored(known.dataType) == _stored(one.dataType):
                continue
            column, wanted = quoted(one.name), _ddl(_stored(one.dataType))
            if known is not None:
                try:
                    self.spark.sql(f"{alter} ALTER COLUMN {column} TYPE {wanted}")
                    continue
                except (AnalysisException, Py4JJavaError):
                    self.spark.sql(f"{alter} DROP COLUMN {column}")
            self.spark.sql(f"{alter} ADD COLUMN {column} {wanted}")
        return [(one.name, one.dataType) for one in there.values()]

    def _restore_columns(self, table: Any, layout: Layout) -> None:
        """Gives the table the columns of its current version again, where a run that came to nothing changed them."""
        version = next(iter(self._published(table)), None)
        if version is None:
            return
        wanted = _schema_of(table, version)
        if wanted is not None and wanted != table.operations().current().currentSchemaId():
            staying = {one.fieldId() for one in table.schemas().get(wanted).columns()}
            columns = {str(one.name()).lower() for one in table.schema().columns() if one.fieldId() in staying}
            lay_out(self._jvm, table, layout.of(columns))
            operations = table.operations()
            base = operations.current()
            builder = self._jvm.org.apache.iceberg.TableMetadata.buildFrom(base)
            operations.commit(base, builder.setCurrentSchema(wanted).build())
            table.refresh()

    def _narrow(self, table: Any, switch: Any, columns: Sequence[str]) -> None:
        """Drops the columns that the published version hasn't, and puts the others in its order."""
        fields = {str(one.name()).lower(): str(one.name()) for one in table.schema().columns()}
        wanted = [column.lower() for column in columns]
        if list(fields) == wanted:
            return
        update, before = switch.updateSchema(), None
        for one in fields.keys() - wanted:
            update = update.deleteColumn(fields[one])
        for one in wanted:
            update = update.moveFirst(fields[one]) if before is None else update.moveAfter(fields[one], fields[before])
            before = one
        update.commit()

    def _set_properties(self, switch: Any) -> None:
        there = switch.table().properties()
        missing = {name: value for name, value in PROPERTIES.items() if there.get(name) != value}
        if missing:
            update = switch.updateProperties()
            for name, value in missing.items():
                update = update.set(name, value)
            update.commit()

    def _describe(self, switch: Any, name: str) -> None:
        """Says of the table and its columns what the build says, where that is another text."""
        texts, table = self.texts.get(name), switch.table()
        if texts is None:
            return
        if texts["description"] != (table.properties().get(COMMENT) or ""):
            switch.updateProperties().set(COMMENT, texts["description"]).commit()
        known = {str(one.name()): str(one.doc() or "") for one in table.schema().columns()}
        changed = {column: text for column, text in texts["columns"].items() if known.get(column, text) != text}
        if changed:
            update = switch.updateSchema()
            for column, text in changed.items():
                update = update.updateColumnDoc(column, text)
            update.commit()

    # -------------------------------------------------------------------------------------------------

    @property
    def _jvm(self) -> Any:
        return self.spark.sparkContext._jvm

    def identifier(self, name: str) -> str:
        """A table's name in Spark SQL."""
        return f"{CATALOG}.{quoted(self.database)}.{quoted(name)}"

    def table(self, name: str) -> Any:
        """Iceberg's own table."""
        try:
            return self._jvm.org.apache.iceberg.spark.Spark3Util.loadIcebergTable(
                self.spark._jsparkSession, self.identifier(name)
            )
        except Py4JJavaError as error:
            if "NoSuchTable" in str(error.java_exception):
                raise LakeError(f"there is no table {name} in the database {self.database}: deploy it first") from None
            raise


def _by_age(versions: Sequence[Snapshot]) -> list[Snapshot]:
    """Versions, newest first; runs are named so that later ones sort behind."""
    return sorted(versions, key=lambda one: one.run, reverse=True)


def _schema_of(table: Any, version: Snapshot) -> int | None:
    """The id of the schema by which a version is read; None if there is none."""
    schemas = {
        int(number): [(int(one.fieldId()), str(one.name())) for one in schema.columns()]
        for number, schema in table.schemas().items()
    }
    return schema_of_version(
        [name for name, _ in version.columns], schemas, table.snapshot(version.snapshot).schemaId()
    )


def as_declared(declared: StructType) -> list[Column]:
    """Columns of the types that they were written with; Iceberg has fewer."""
    kinds = in_session_zone(declared)
    return [F.col(quoted(one.name)).cast(one.dataType).alias(one.name) for one in kinds.fields]


def _ddl(kind: DataType) -> str:
    """A type as Spark's SQL takes it, whatever its fields are called."""
    if isinstance(kind, StructType):
        return f"struct<{', '.join(f'{quoted(one.name)}: {_ddl(one.dataType)}' for one in kind.fields)}>"
    if isinstance(kind, ArrayType):
        return f"array<{_ddl(kind.elementType)}>"
    if isinstance(kind, MapType):
        return f"map<{_ddl(kind.keyType)}, {_ddl(kind.valueType)}>"
    return str(kind.simpleString())


def _stored(kind: DataType) -> DataType:
    """A type as Iceberg stores it, without what is said of nulls."""
    return _rebuilt(kind, lambda one: IntegerType() if isinstance(one, ByteType | ShortType) else one)


def _rebuilt(kind: DataType, leaf: Callable[[DataType], DataType]) -> DataType:
    """A type with other types in it; nothing in it is said to have no nulls."""
    if isinstance(kind, StructType):
        return StructType([StructField(one.name, _rebuilt(one.dataType, leaf)) for one in kind.fields])
    if isinstance(kind, ArrayType):
        return ArrayType(_rebuilt(kind.elementType, leaf))
    if isinstance(kind, MapType):
        return MapType(_rebuilt(kind.keyType, leaf), _rebuilt(kind.valueType, leaf))
    return leaf(kind)


def _nullable(schema: StructType) -> StructType:
    """A schema that says of nothing that it has no nulls: what is read back can't be cast to one that does."""
    found = _rebuilt(schema, lambda one: one)
    assert isinstance(found, StructType)
    return found
