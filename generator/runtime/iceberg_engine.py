"""Iceberg tables as what tables are kept of: versions are sets of data files, which later versions share.

Single files are read and written as Iceberg's own maintenance does it: by sets of scan tasks, and by sets of new files
that belong to no snapshot yet.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any
from uuid import uuid4

from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import StructType

from .columns import columns_of, struct_of
from .folder_catalog import Version
from .iceberg import IcebergTables
from .iceberg_changes import ChangedFiles, changes_between
from .iceberg_columns import as_declared
from .iceberg_versions import Made, Snapshot
from .layout import Layout
from .maintenance.engine import FILE, Columns
from .maintenance.files import Files
from .maintenance.keeper import Change
from .maintenance.names import ADDED, REMOVED
from .maintenance.spark_engine import ROWS_A_FILE, OtherTypes, SparkEngine
from .record import changed_landing, record_from_text
from .rules import landing_column
from .times import stored_in_utc

PATH = "_file"
"""Iceberg's column with the path of each row's data file."""
OF_TASKS, OF_FILES = "scan-task-set-id", "rewritten-file-scan-task-set-id"
"""Options of Iceberg's readers and writers: the set of tasks that are read, and of files that are written."""


@dataclass(frozen=True, slots=True)
class _File:
    """A data file of a version.

    Attributes:
        task: what reads it.
        fields: the ids of its version's columns, by name in lower case.
    """

    table: str
    task: Any
    version: Snapshot
    fields: Mapping[str, int]


class IcebergEngine(SparkEngine):
    """Spark, over data files of Iceberg tables, which are known by their paths.

    All rows of inputs may be compared: mostly nothing is, as versions tell how they differ.

    Attributes:
        known: the files of versions that were asked for.
    """

    compares = 1.0

    def __init__(self, tables: IcebergTables) -> None:
        super().__init__(tables.spark)
        self.tables = tables
        self.known: dict[str, _File] = {}

    def check_stopped(self) -> None:
        """Nothing that was stopped goes on: jobs are killed."""

    def plan(self, name: str, version: Snapshot) -> tuple[str, ...]:
        """The data files of a version, which can be read then."""
        return self._planned(
            name, version, version.snapshot, lambda table: table.newScan().useSnapshot(version.snapshot)
        )

    def plan_brought(self, name: str, version: Snapshot, snapshot: int | None) -> tuple[str, ...]:
        """The data files that a snapshot brought by which a version differs; none without such a snapshot."""
        if snapshot is None:
            return ()

        def scan(table: Any) -> Any:
            return table.newIncrementalAppendScan().fromSnapshotInclusive(snapshot).toSnapshot(snapshot)

        return self._planned(name, version, snapshot, scan)

    def _planned(self, name: str, version: Snapshot, snapshot: int, scan: Callable[[Any], Any]) -> tuple[str, ...]:
        table = self.tables.table(name)
        fields = _fields(table.schemas().get(table.snapshot(snapshot).schemaId()))
        tasks, found = scan(table).planFiles(), []
        try:
            each = tasks.iterator()
            while each.hasNext():
                task = each.next()
                path = str(task.file().location())
                self.known[path] = _File(name, task, version, fields)
                found.append(path)
        finally:
            tasks.close()
        return tuple(found)

    def open(self, files: Sequence[str], columns: Columns, *, named: bool, sure: bool) -> DataFrame:
        if not files:
            nothing = self.session.createDataFrame([], struct_of(dict(columns)))
            return nothing.withColumn(FILE, F.lit("")) if named else nothing
        found = [self.known[file] for file in files]
        name, table = found[0].table, self.tables.table(found[0].table)
        kinds = self._kinds(found, columns, _fields(table.schema()))
        tasks = self._jvm.java.util.ArrayList()
        for one in found:
            tasks.add(one.task)
        asked = str(uuid4())
        self._jvm.org.apache.iceberg.spark.ScanTaskSetManager.get().stageTasks(table, asked, tasks)
        rows = self.session.read.format("iceberg").option(OF_TASKS, asked).load(self.tables.identifier(name))
        paths = [F.col(PATH).alias(FILE)] if named else []
        return rows.select(*as_declared(kinds), *paths)

    def _kinds(self, files: Sequence[_File], columns: Columns, now: Mapping[str, int]) -> StructType:
        """The columns that are wanted of some files.

        Raises:
            OtherTypes: not all versions had them, or what the table has of their names by now is another column.
        """
        for fields, version in {id(one.fields): (one.fields, one.version) for one in files}.values():
            had = dict(version.columns)
            for name, kind in columns:
                if had.get(name) != kind or fields.get(name.lower()) != now.get(name.lower()):
                    raise OtherTypes(f"{name} was {had.get(name, 'not there')}, not {kind}")
        declared = {one.name: one for one in files[0].version.schema.fields}
        return StructType([declared[name] for name, _ in columns])

    def file(self, path: str) -> str:
        return path

    def sizes(self, files: Sequence[str], columns: Columns) -> dict[str, int]:
        return {file: int(self.known[file].task.file().recordCount()) for file in files}

    @property
    def _jvm(self) -> Any:
        jvm: Any = self.session.sparkContext._jvm
        return jvm


def _fields(schema: Any) -> dict[str, int]:
    return {str(one.name()).lower(): int(one.fieldId()) for one in schema.columns()}


@dataclass(slots=True)
class IcebergStore:
    """The versions of tables and sources that are kept."""

    engine: IcebergEngine
    planned: dict[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)

    def snapshot(self, name: str, run: str) -> Snapshot | None:
        tables = self.engine.tables
        current = tables.current(name)
        if current is not None and current.run == run:
            return current
        return next((one for one in tables.versions(name) if one.run == run), None)

    def version(self, name: str, run: str) -> Version | None:
        found = self.snapshot(name, run)
        return None if found is None else as_version(found)

    def columns(self, name: str) -> Columns:
        current = self.engine.tables.current(name)
        if current is None:
            return ()
        return [(column, kind) for column, kind in current.columns if column != current.row_file]

    def files(self, name: str, version: Version) -> tuple[str, ...]:
        known = (name, version.run)
        if known not in self.planned:
            found = self.snapshot(name, version.run)
            self.planned[known] = () if found is None else self.engine.plan(name, found)
        return self.planned[known]

    def changes(self, name: str, then: Version, now: Version) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
        way = changes_between(then.run, now.run, self.engine.tables.versions(name))
        if way is None:
            return None
        back, forth = way
        left = [*((one, one.came) for one in back), *((one, one.left) for one in forth)]
        came = [*((one, one.left) for one in back), *((one, one.came) for one in forth)]
        old, new = ([self.engine.plan_brought(name, *one) for one in side] for side in (left, came))
        return tuple(chain.from_iterable(old)), tuple(chain.from_iterable(new))

    def row_file(self, columns: Columns) -> str:
        return landing_column(name for name, _ in columns)

    def landing(self, name: str, then: Version, now: Version) -> tuple[str, ...] | None:
        tables = self.engine.tables
        records = []
        for run in (then.run, now.run):
            found = self.snapshot(name, run)
            text = tables.record(name, found) if found is not None and found.row_file else ""
            records.append(record_from_text(text))
        return changed_landing(*records)


def as_version(found: Snapshot) -> Version:
    """A version as what keeps tables takes it; its files are the store's to tell."""
    return Version(found.run, found.rows, program=found.program, inputs=found.inputs)


class IcebergFiles(Files):
    """Writes the data files of one version, and brings them to the table as one change.

    Attributes:
        layout: how the table's files lie.
        before: the files of the version before.
        new: what was written, by path.
        table: Iceberg's own, where the run's branch is made already.
    """

    engine: IcebergEngine

    def __init__(
        self,
        engine: IcebergEngine,
        name: str,
        current: Snapshot,
        before: tuple[str, ...],
        layout: Layout,
        table: Any = None,
    ) -> None:
        self.engine = engine
        self.name = name
        self.current = current
        self.columns = current.columns
        self.before = before
        self.layout = layout
        self.together = not layout.partition_by
        self.new: dict[str, Any] = {}
        self._table = table

    def write(self, rows: str, most: int | None = None) -> tuple[tuple[str, ...], int]:
        most = self.engine.number(f"SELECT count(*) FROM ({rows})") if most is None else most
        new = self._written(self.engine.session.sql(rows), math.ceil(most / ROWS_A_FILE))
        return new, sum(int(self.new[file].recordCount()) for file in new)

    def rewritten(self, files: Sequence[str], others: str) -> dict[str, tuple[str, ...]]:
        """All of them in one go."""
        new = self._written(self.engine.session.sql(self.engine.rows(self.read(*files), others)), len(files))
        return {files[0]: new, **dict.fromkeys(files[1:], ())}

    def remove(self, files: Sequence[str]) -> None:
        """Nothing is written without rows."""

    def write_none(self, before: Sequence[str]) -> tuple[str, ...]:
        """A table knows its columns."""
        return ()

    def sizes(self, files: Sequence[str]) -> dict[str, int]:
        """The rows of files that are to be read: what was just written can't be, before it belongs to a snapshot."""
        return self.engine.sizes([file for file in files if file not in self.new], self.columns)

    def commit(self, files: Sequence[str], made: Made) -> DataFrame:
        """Brings the files of a version to the run's branch; returns its rows."""
        self._begin()
        gone = [self.engine.known[file].task.file() for file in self.before if file not in set(files)]
        new = self._data_files(file for file in files if file in self.new)
        return self.engine.tables.stage_files(self.name, gone, new, made)

    def tell_changes(self, before: Snapshot, changed: Change) -> None:
        """Has the version tell by which rows it differs from the one before: `#added NAME` and `#removed NAME`.

        They are written once more where its new files have others too.
        """
        new = [file for file in changed.files if file in self.new]
        if not changed.removed and sum(int(self.new[file].recordCount()) for file in new) == changed.added:
            told = ChangedFiles(before.run, self._data_files(new), (), ())
        else:
            came, left = self._told(ADDED, changed.added), self._told(REMOVED, changed.removed)
            told = ChangedFiles(before.run, came, left, (*came, *left))
        self.engine.tables.stage_changes(self.name, told)

    def _told(self, word: str, rows: int) -> list[Any]:
        if not rows:
            return []
        return self._data_files(self.write(f"SELECT * FROM {self.engine.name(word + self.name)}", rows)[0])

    def _data_files(self, files: Iterable[str]) -> list[Any]:
        return [self.new[file] for file in files]

    @property
    def rows_written(self) -> int:
        """How many rows all files have that were written, also those that were written again since."""
        return sum(int(one.recordCount()) for one in self.new.values())

    def abandon(self) -> None:
        """Removes what was written: it is made in another way."""
        for file in self.new:
            self._table.io().deleteFile(file)
        self.new.clear()

    def _begin(self) -> Any:
        if self._table is None:
            self._table = self.engine.tables.begin_files(self.name, self.current.schema, self.layout)
        return self._table

    def _written(self, rows: DataFrame, most: int) -> tuple[str, ...]:
        if columns_of(rows.schema) != list(self.columns):
            raise OtherTypes(f"the rows have {columns_of(rows.schema)}, not {list(self.columns)}")
        table = self._begin()
        new = write_files(self.engine.tables, table, self.name, rows, 0 if self.layout.partition_by else most)
        self.new |= new
        return tuple(new)


def write_files(tables: IcebergTables, table: Any, name: str, rows: DataFrame, most: int) -> dict[str, Any]:
    """Writes rows to data files that belong to no snapshot yet; returns these by path.

    Args:
        table: Iceberg's own.
        most: by how many files at most; 0 where that is left to Spark.
    """
    stored = stored_in_utc(rows)
    stored = stored.coalesce(max(most, 1)) if most else stored
    asked = str(uuid4())
    stored.write.format("iceberg").option(OF_FILES, asked).mode("append").save(tables.identifier(name))
    jvm: Any = tables.spark.sparkContext._jvm
    written = jvm.org.apache.iceberg.spark.FileRewriteCoordinator.get()
    found = {str(one.location()): one for one in written.fetchNewFiles(table, asked)}
    written.clearRewrite(table, asked)
    return found
