"""A source whose rows are an Iceberg table, and the lines that are no rows another one.

Each row knows its landing file, and each version which of them it is of: a run reads those alone that are new.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from .aws import object_marks
from .columns import literal, quoted
from .digests import digest
from .error import LakeError
from .expectations import Audit, Expectation, Outcome
from .folder import find_folder
from .iceberg import IcebergTables
from .iceberg_engine import IcebergEngine, IcebergFiles, IcebergStore, as_version
from .iceberg_versions import Made, Snapshot, SourceNote
from .landing import QUARANTINE, Landing
from .layout import Layout
from .maintenance.keeper import Change
from .maintenance.names import ADDED, REMOVED
from .maintenance.program import Exactly
from .record import MOST_BATCHES, Batch, Changes, Record, Stamp, changes, record_from_text, record_text
from .rules import file_column, landing_column
from .source import Lines, SourceCall, bad_lines, lines_of, read_all, reader

NEW, GONE = "#new rows", "#gone files"
"""The rows of files that were read, and the names of those whose rows leave."""
OLD, NOW = "#rows then", "#rows now"
"""All rows of the current version, and of the one that is being made."""


@dataclass(slots=True)
class IcebergSource:
    """A source that is being made.

    Attributes:
        root: the landing root.
        full: whether all is read again.
        compared: what tells its rows apart, where whoever reads it compares them; None where nobody does.
        before: its current version.
        known: which landing files that one's rows are of.
        stamps: the landing files that are there.
        hit: the data files that rows leave, and how many are `leaving`.
        again: whether all rows are written again.
        rows_written: how many were, also those that stay.
    """

    spark: SparkSession
    tables: IcebergTables
    root: str
    call: SourceCall
    checks: Sequence[Expectation]
    full: bool
    compared: Exactly | None = None
    before: Snapshot | None = None
    known: Record | None = None
    stamps: Mapping[str, Stamp] = field(default_factory=dict)
    found: Changes = field(default_factory=Changes)
    landing: Landing | None = None
    hit: tuple[str, ...] = ()
    leaving: int = 0
    again: bool = True
    rows_written: int = 0

    @property
    def row_file(self) -> str:
        """The column with the landing file of each row."""
        return landing_column(self.call.declared.columns)

    @property
    def declaration(self) -> str:
        """A digest of all that decides which rows there are, and how they lie."""
        layout = self.call.layout
        return digest(self.call.declared.digest(reader()), layout.partition_by, layout.sort_by, layout.file_size)

    @property
    def made(self) -> Made:
        asked = digest([asdict(one) for one in self.checks], self.call.max_bad_rows)
        return Made(f"{self.declaration}.{asked}")

    @property
    def _quarantine(self) -> str:
        return f"{self.call.name}_quarantine"

    # Reading -----------------------------------------------------------------------------------------

    def read(self) -> Lines:
        self.before = self.tables.current(self.call.name)
        self.stamps = self._stamps()
        if not self.stamps:
            return Lines(missing=True)
        self.known = self._known()
        self.found = found = changes(self.known, self.declaration, self.stamps)
        self.again = not (found.kept or found.thinned)
        if found.new:
            self.landing = read_all(self.spark, self.root, self.call, frozenset(found.new))
        new = lines_of(self.landing) if self.landing else Lines()
        self.leaving = 0 if self.again else self._leaving()
        quarantine = self._all_quarantine(new)
        staying = () if self.again else _staying(found)
        return replace(
            new,
            rows=new.rows + (0 if self.again or self.before is None else self.before.rows - self.leaving),
            bad=tuple(bad_lines(quarantine)) if quarantine is not new.quarantine else new.bad,
            quarantine=quarantine,
            extra_keys=tuple(sorted({*new.extra_keys, *(key for one in staying for key in one.extra_keys)})),
            notes=tuple(dict.fromkeys((*new.notes, *(note for one in staying for note in one.notes)))),
            files=len(self.stamps),
            files_read=len(found.new),
            bytes_read=sum(self.stamps[name].size for name in found.new),
        )

    def _stamps(self) -> dict[str, Stamp]:
        """What tells the landing files that are there from earlier ones of the same names."""
        folder = find_folder(self.spark, self.root, self.call.declared.paths, self.call.name)
        if folder is None:
            return {}
        states, marks = dict(folder.state), object_marks(self.root, self.call.declared.paths)
        found = {}
        for file, name in sorted(folder.files.items(), key=lambda one: one[1]):
            state = states[file]
            found[name] = Stamp(state.size, state.modified, marks.get(name, 0), 0)
        return found

    def _known(self) -> Record | None:
        """Which landing files the current version's rows are of; None where nobody can tell."""
        before = self.before
        if self.full or before is None or not before.row_file:
            return None
        return record_from_text(self.tables.record(self.call.name, before))

    def _leaving(self) -> int:
        """Finds the data files that rows of files leave which are gone, or others now; returns how many rows do."""
        gone = self._gone()
        if not gone or self.before is None:
            return 0
        rows = self.spark.sql(
            f"SELECT _file, {quoted(self.row_file)} FROM {self.tables.identifier(self.call.name)}"
            f" VERSION AS OF {self.before.snapshot}"
        )
        rows = rows.filter(f"{quoted(self.row_file)} IN ({', '.join(map(literal, gone))})")
        files = {row["_file"]: int(row["count"]) for row in rows.groupBy("_file").count().collect()}
        self.hit = tuple(files)
        return sum(files.values())

    def _gone(self) -> list[str]:
        names = self.known.landing if self.known is not None else set()
        new = set(self.found.new)
        return sorted(name for name in names if name in new or name not in self.stamps)

    def _all_quarantine(self, new: Lines) -> DataFrame | None:
        """The lines that are no rows: those of the files that stay, and the new ones."""
        stay = () if self.again else sorted({name for batch in _staying(self.found) for name in batch.landing})
        before = self.tables.rows(self._quarantine) if stay and self.tables.is_published(self._quarantine) else None
        if before is None:
            return new.quarantine
        names = self.spark.createDataFrame([(name,) for name in stay], "file string")
        kept = before.join(F.broadcast(names), "file", "left_semi").select(*QUARANTINE.names)
        if kept.isEmpty():
            return new.quarantine
        return kept if new.quarantine is None else kept.unionByName(new.quarantine)

    # Publishing --------------------------------------------------------------------------------------

    def unchanged(self) -> Audit | None:
        before = self.before
        if before is None or self.again or not self.found.none or before.program != self.made.program:
            return None
        return Audit(before.rows, tuple(Outcome(one, before.checks.get(one.name, 0)) for one in self.checks))

    def leave(self) -> None:
        self.tables.leave(self.call.name, self.call.layout)
        self.tables.leave(self._quarantine, Layout())

    def write(self) -> DataFrame:
        name, tables = self.call.name, self.tables
        if self.again or self.before is None:
            assert self.landing is not None
            self.rows_written = self._rows_read
            rows = tables.stage(name, self._with_files(self.landing.rows), self.call.layout, self.made)
            if self.before is not None and self.known is not None and self.known.declaration == self.declaration:
                self._all_others(self.before, rows)
        elif self.found.none:
            return tables.rows_at(name, self.before.snapshot, self.before.schema)
        else:
            rows = self._changed(self.before)
        self._check_unchanged()
        return rows

    def _changed(self, before: Snapshot) -> DataFrame:
        """Writes what came, and the data files that rows leave, without these."""
        engine = IcebergEngine(self.tables)
        there = IcebergStore(engine).files(self.call.name, as_version(before))
        files = IcebergFiles(engine, self.call.name, before, there, self.call.layout)
        self._name(GONE, self._gone())
        new, most = "", self._rows_read
        if self.landing is not None and most:
            self._with_files(self.landing.rows).createOrReplaceTempView(quoted(NEW))
            new = f"SELECT * FROM {engine.name(NEW)}"
        others = engine.at([self.row_file], GONE, engine.anti)
        try:
            found = files.next_version(there, [file for file in there if file in self.hit], others, new, most)
            staged = files.commit(found, self.made)
            self._tell(files, found, staged)
        except Exception:
            files.abandon()
            raise
        finally:
            engine.close()
        self.rows_written = files.rows_written
        return staged

    def _all_others(self, before: Snapshot, staged: DataFrame) -> None:
        """Has a version none of whose landing files are as before tell how it differs all the same."""
        engine = IcebergEngine(self.tables)
        table = self.tables.table(self.call.name)
        files = IcebergFiles(engine, self.call.name, before, (), self.call.layout, table)
        try:
            self._tell(files, (), staged)
        except Exception:
            files.abandon()
            raise
        finally:
            engine.close()
        self.rows_written += files.rows_written

    def _tell(self, files: IcebergFiles, found: tuple[str, ...], staged: DataFrame) -> None:
        """Has the version tell which rows left and came, so that not each of its readers has to compare.

        Args:
            found: the data files of the version; nothing is known of them where there are none.
        """
        if self.compared is None:
            return
        name, engine, before = self.call.name, files.engine, files.current
        gone, new = self._gone(), self.found.new
        old = self._of_files(engine, OLD, self.tables.rows_at(name, before.snapshot, before.schema), gone)
        now = self._of_files(engine, NOW, staged, new)
        if gone and new:
            whole = Exactly((*self.compared.columns, self.row_file), self.compared.marks)
            engine.compare(whole, (f"FROM ({old})", REMOVED + name), (f"FROM ({now})", ADDED + name))
            added, removed = engine.count(ADDED + name), engine.count(REMOVED + name)
        else:
            engine.define(REMOVED + name, old)
            engine.define(ADDED + name, now)
            added, removed = self._rows_read, self.leaving
        files.tell_changes(before, Change(found, added, removed, 0))

    def _of_files(self, engine: IcebergEngine, view: str, rows: DataFrame, landing: Sequence[str]) -> str:
        """A query of the rows of some landing files."""
        rows.createOrReplaceTempView(quoted(view))
        self._name(f"{view} files", landing)
        return engine.rows(engine.name(view), engine.at([self.row_file], f"{view} files", engine.semi))

    def _name(self, view: str, names: Sequence[str]) -> None:
        """Makes names of landing files the column `_0` of a view."""
        found = self.spark.createDataFrame([(name,) for name in names], "_0 string")
        F.broadcast(found).createOrReplaceTempView(quoted(view))

    @property
    def _rows_read(self) -> int:
        return self.landing.lines - self.landing.quarantined if self.landing is not None else 0

    def _with_files(self, rows: DataFrame) -> DataFrame:
        columns = self.call.declared.columns
        file = F.col(quoted(file_column(columns))).alias(self.row_file)
        return rows.select(*map(quoted, columns), file)

    def _check_unchanged(self) -> None:
        """Raises LakeError where a file that was read is another by now."""
        now = self._stamps()
        for name in self.found.new:
            if now.get(name) != self.stamps[name]:
                raise LakeError(f"{self.call.name}: {name} changed while it was read: run again", source=self.call.name)

    def publish(self, lines: Lines, audited: Audit, keep: int) -> None:
        name, tables = self.call.name, self.tables
        checks = {one.expectation.name: one.violations for one in audited.outcomes}
        if not self.again and self.found.none:
            tables.renew(name, checks, self.made)
            self.leave()
            return
        before = tables.current(self._quarantine)
        if lines.quarantine is not None or before is None or before.rows:
            bad = self.spark.createDataFrame([], QUARANTINE) if lines.quarantine is None else lines.quarantine
            tables.stage(self._quarantine, bad, Layout())
            tables.publish(self._quarantine, lines.quarantined, {}, 1)
            tables.expire(self._quarantine)
        else:
            tables.leave(self._quarantine, Layout())
        read = {"files": lines.files, "quarantined": lines.quarantined}
        note = SourceNote(read, self.row_file, record_text(self._record()))
        tables.publish(name, audited.rows, checks, keep, made=self.made, source=note)
        tables.expire(name)

    def _record(self) -> Record:
        batches = [] if self.again else _staying(self.found)
        if self.landing is not None:
            read = {name: self.stamps[name] for name in self.found.new}
            batches.append(Batch((), read, self.landing.extra_keys, self.landing.notes))
        if len(batches) > MOST_BATCHES:
            known = Record("", tuple(batches))
            every = {name: stamp for batch in batches for name, stamp in batch.landing.items()}
            batches = [Batch((), every, known.extra_keys, known.notes)]
        return Record(self.declaration, tuple(batches))

    def facts(self) -> Mapping[str, Any]:
        read = self.landing.lines if self.landing is not None else 0
        return {"rows_read": read, "rows_written": self.rows_written}

    def discard(self) -> None:
        self.tables.discard(self.call.name)

    def release(self) -> None:
        if self.landing is not None:
            self.landing.release()


def _staying(found: Changes) -> list[Batch]:
    """What is left of the batches."""
    return [*found.kept, *(batch.without(names, ()) for batch, names in found.thinned)]
