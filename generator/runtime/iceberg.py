"""Tables as Apache Iceberg tables: a run writes to a branch of its own, and `main`, which readers see, moves to it.

A version is a snapshot, of which a property of the table tells. What a killed run left, its branch and files that
belong to no snapshot, goes before the next one writes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from py4j.protocol import Py4JJavaError
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.types import StructType

from .columns import columns_of, quoted
from .error import LakeError, first_line
from .iceberg_changes import ChangedFiles, drop_changes, note_changes
from .iceberg_columns import as_declared, describe_table, narrow, nullable, restore_columns, staying_columns, widen
from .iceberg_versions import (
    NO_SOURCE,
    NOBODY_KNOWS,
    RUN,
    Made,
    Snapshot,
    SourceNote,
    newest_first,
    note_versions,
    published_versions,
)
from .landing_record import note_record, noted_record
from .layout import Layout, lay_out
from .storage import remove_subfolders
from .times import stored_in_utc
from .versions import MAIN

CATALOG = "glue_catalog"
"""The name of the session's catalog in which the tables are."""
OWN_FOLDERS = ("data", "metadata")
"""The folders of a table; what else lies there is of a lake from before its tables were Iceberg's."""
BRANCH = "run_"
"""What begins the name of a run's branch."""
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
class _Staged:
    """What was written and isn't published yet.

    Attributes:
        declared: its columns.
        layout: how its files lie.
        changes: how it differs from another version, where that is known.
    """

    declared: StructType
    layout: Layout
    changes: ChangedFiles | None = None


@dataclass(slots=True)
class IcebergTables:
    """The tables of one database, as a run reads and publishes them.

    Attributes:
        started: when the run began, in ms since 1970 as the storage tells the time: what is older and belongs to no
            snapshot was left by a killed run.
        texts: what is said of tables: by name, its `description`, and of its `columns` a comment each.
        staged: what was written, by table.
        read: the versions whose rows were asked for.
    """

    spark: SparkSession
    database: str
    run: str
    started: int
    texts: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    staged: dict[str, _Staged] = field(default_factory=dict)
    read: dict[str, Snapshot] = field(default_factory=dict)

    # Reading -----------------------------------------------------------------------------------------

    def current(self, name: str) -> Snapshot | None:
        """The version that readers see; None if none was published. Of a compacted table it is in its files of now.

        Raises:
            LakeError: there is no such table.
        """
        table = self.table(name)
        found = next(iter(published_versions(table)), None)
        return None if found is None else replace(found, snapshot=table.currentSnapshot().snapshotId())

    def versions(self, name: str) -> tuple[Snapshot, ...]:
        """All versions that are kept, the current one first."""
        return tuple(published_versions(self.table(name)))

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
        declared, stored = nullable(rows.schema), stored_in_utc(rows)
        table = self._begin(name, declared, layout)
        staying = staying_columns(self.spark, self.identifier(name), stored.schema)
        lay_out(self._jvm, table, layout.of(staying))  # what is laid out by stays a column
        for column, kind in widen(self.spark, self.identifier(name), stored.schema):
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

    def stage_changes(self, name: str, changes: ChangedFiles) -> None:
        """Has what is staged tell readers how it differs from an earlier version."""
        self.staged[name] = replace(self.staged[name], changes=changes)

    def _begin(self, name: str, declared: StructType, layout: Layout) -> Any:
        table = self.table(name)
        if any(one.run == self.run for one in published_versions(table)):
            raise LakeError(f"{name}: run {self.run} is published already: use another --run_id")
        self.staged[name] = _Staged(declared, layout)
        self._branch_off(table, layout)
        return table

    def _staged_rows(self, name: str) -> DataFrame:
        branch = self.table(name).refs().get(self._branch)
        return self.rows_at(name, branch.snapshotId(), self.staged[name].declared)

    def publish(
        self,
        name: str,
        rows: int,
        checks: Mapping[str, int],
        keep: int,
        *,
        made: Made = NOBODY_KNOWS,
        source: SourceNote = NO_SOURCE,
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
        staged, branch = self.staged.pop(name), table.refs().get(self._branch)
        if branch is None:
            raise LakeError(f"{name}: another run writes it, so nothing is published: run the job again")
        columns = columns_of(staged.declared)
        new = Snapshot(
            self.run,
            branch.snapshotId(),
            rows,
            columns,
            checks,
            staged.declared.jsonValue(),
            source.read,
            made.program,
            made.runs,
            source.row_file,
        )
        switch = table.newTransaction()
        try:
            if staged.changes is not None:
                new = note_changes(switch, new, staged.changes)
            switch.manageSnapshots().fastForwardBranch(MAIN, self._branch).removeBranch(self._branch).commit()
            kept = drop_changes(switch, [new, *newest_first(published_versions(table))][:keep])
            note_versions(switch, kept)
            if source.record:
                note_record(switch, list(table.properties()), self.run, source.record, [one.run for one in kept])
            self._set_properties(switch)
            narrow(table, switch, [column for column, _ in columns])
            self._describe(switch, name)
            switch.commitTransaction()
        except Py4JJavaError as error:
            raise LakeError(
                f"{name}: another run published it meanwhile, so nothing is published: run the job again"
                f" ({first_line(error)})"
            ) from error

    def leave(self, name: str, layout: Layout) -> None:
        """Leaves the current version as it is, but for the texts of the build; what killed runs left goes."""
        table = self.table(name)
        self._remove_left(table, layout)
        self._expire(table, published_versions(table))
        switch = table.newTransaction()
        self._describe(switch, name)
        switch.commitTransaction()

    def renew(self, name: str, checks: Mapping[str, int], made: Made) -> None:
        """Notes of the current version that it is what making it again would give."""
        table = self.table(name)
        current, *others = published_versions(table)
        now = replace(current, checks=checks, program=made.program, inputs=made.runs)
        if now != current:
            note_versions(table, [now, *others])

    def discard(self, name: str) -> None:
        """Removes what was staged, if anything was."""
        if name not in self.staged:
            return
        table, staged = self.table(name), self.staged.pop(name)
        for one in staged.changes.own if staged.changes is not None else ():
            table.io().deleteFile(one.location())
        self._drop_branches(table)
        self._restore_columns(table, staged.layout)
        self._expire(table, published_versions(table))

    def expire(self, name: str) -> None:
        """Removes the versions that don't stay, with the files that only those have.

        Raises:
            LakeError: that can't be done.
        """
        table = self.table(name)
        try:
            self._expire(table, published_versions(table))
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
        left = self._branches(table)
        if self._branch not in left:
            table.manageSnapshots().createBranch(self._branch).commit()
        if not published_versions(table):
            remove_subfolders(self.spark, str(table.location()), but=OWN_FOLDERS)
        if left:
            self._remove_left(table, layout)
        table.refresh()

    def _branches(self, table: Any) -> list[str]:
        return [str(branch) for branch in table.refs() if branch.startswith(BRANCH)]

    def _remove_left(self, table: Any, layout: Layout) -> None:
        """Removes what killed runs left, if anything: the branch of this run is no sign of that."""
        if not self._branches(table):
            return
        self._drop_branches(table, keep=self._branch)
        self._restore_columns(table, layout)
        self._expire(table, published_versions(table))
        self._remove_orphans(table)

    def _drop_branches(self, table: Any, keep: str = "") -> None:
        """Drops the branches of runs, which nobody reads, but for one."""
        table.refresh()
        for branch in [one for one in self._branches(table) if one != keep]:
            table.manageSnapshots().removeBranch(branch).commit()
        table.refresh()

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

    def _set_properties(self, switch: Any) -> None:
        there = switch.table().properties()
        missing = {name: value for name, value in PROPERTIES.items() if there.get(name) != value}
        if missing:
            update = switch.updateProperties()
            for name, value in missing.items():
                update = update.set(name, value)
            update.commit()

    def _describe(self, switch: Any, name: str) -> None:
        if name in self.texts:
            describe_table(switch, self.texts[name])

    def _restore_columns(self, table: Any, layout: Layout) -> None:
        version = next(iter(published_versions(table)), None)
        if version is not None:
            restore_columns(self._jvm, table, version, layout)

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
