"""One source, from landing files to published rows: what is new is decoded, what is gone leaves, the rest stays.

In a folder, a record beside the rows tells which files are in. `iceberg_source.py` has sources on AWS.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, reduce
from pathlib import Path
from typing import Any, Protocol

import pyspark
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from .code import archive_modules, folder_modules, reading_digest
from .columns import struct_of
from .expectations import Audit
from .folder import find_folder
from .folder_catalog import FolderCatalog, Version
from .guards import Bad, commonest, first_of_each, too_many
from .landing import QUARANTINE, Landing, read_landing
from .layout import Layout
from .options import ReadOptions
from .record import (
    MOST_BATCHES,
    RECORD,
    Batch,
    Changes,
    Declared,
    Record,
    Stamp,
    changes,
    check_unchanged,
    read_record,
    stamp,
    write_record,
)
from .rules import file_column
from .storage import literal_path
from .writer import Writer


@dataclass(frozen=True, slots=True)
class SourceCall:
    """What a script says of its source."""

    name: str
    declared: Declared
    options: ReadOptions
    max_bad_rows: int | str | None
    hidden: Sequence[str]
    layout: Layout


@cache
def reader() -> str:
    """What reads, and its version: rows that another one made are read again."""
    loader: Any = globals()["__loader__"]
    package = Path(getattr(loader, "archive", Path(__file__).parent))
    modules = archive_modules(package) if package.is_file() else folder_modules(package)
    return f"spark {pyspark.__version__} {reading_digest(modules)}"


@dataclass(frozen=True, slots=True)
class Lines:
    """What became of the lines of a source, of all its files.

    Attributes:
        bad: those that are no rows, by reason.
        quarantine: the same, as they are published; None if there are none.
        files_read, bytes_read: of the files, those that were read in this run.
        missing: there is no such folder, or nothing in it.
    """

    rows: int = 0
    bad: tuple[Bad, ...] = ()
    quarantine: DataFrame | None = None
    extra_keys: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    files: int = 0
    files_read: int = 0
    bytes_read: int = 0
    missing: bool = False

    @property
    def quarantined(self) -> int:
        return sum(one.count for one in self.bad)

    def problem(self, call: SourceCall, root: str) -> str:
        """Why nothing may be published, as far as the lines tell; empty if all is well."""
        if self.missing:
            return f"no files in {' or '.join(f'{root}/{path}'.rstrip('/') for path in call.declared.paths)}"
        found = too_many(self.rows + self.quarantined, self.quarantined, call.max_bad_rows)
        return f"{found}: {commonest(self.bad, call.hidden)}" if found else ""


def read_all(spark: SparkSession, root: str, call: SourceCall, only: Collection[str] | None = None) -> Landing:
    """Decodes the files of a source, or some of them."""
    declared = call.declared
    return read_landing(
        spark, root, call.name, path=declared.paths, format=declared.format, columns=declared.columns,
        keys=declared.keys, formats=declared.formats, options=call.options, only=only,
    )  # fmt: skip


def lines_of(landing: Landing) -> Lines:
    """What became of all lines that were read."""
    quarantine = landing.quarantine if landing.quarantined else None
    return Lines(
        rows=landing.lines - landing.quarantined,
        bad=tuple(bad_lines(quarantine)),
        quarantine=quarantine,
        extra_keys=landing.extra_keys,
        notes=landing.notes,
        files=landing.files,
        files_read=landing.files,
        missing=landing.missing,
    )


def bad_lines(quarantine: DataFrame | None) -> list[Bad]:
    """The lines that are no rows, by reason, each with its first one."""
    if quarantine is None:
        return []
    first = F.min(F.struct("file", "line", F.coalesce("detail", F.lit("")).alias("detail"))).alias("first")
    found = quarantine.groupBy("reason").agg(F.count(F.lit(1)).alias("count"), first)
    return first_of_each(row.asDict() for row in found.select("reason", "count", "first.*").orderBy("reason").collect())


class MadeSource(Protocol):
    """A source that is being made."""

    def read(self) -> Lines:
        """Decodes what is new; tells what became of all lines, those of files that stay included.

        Raises:
            LakeError: a file can't be read.
        """
        ...

    def unchanged(self) -> Audit | None:
        """How many rows there are, and how the checks went, where the current version is what making it would give."""
        ...

    def leave(self) -> None:
        """Leaves the current version as it is."""
        ...

    def write(self) -> DataFrame:
        """Writes the rows that aren't where they stay already; returns all of them, as they are going to be published.

        Raises:
            LakeError: a file changed while it was read.
        """
        ...

    def publish(self, lines: Lines, audited: Audit, keep: int) -> None:
        """Makes the rows and the lines that are no rows current."""
        ...

    def facts(self) -> Mapping[str, Any]:
        """What it cost, for the log, where anybody wants to know: `rows_read` and `rows_written`."""
        ...

    def discard(self) -> None:
        """Removes what was written, as far as nobody else will."""
        ...

    def release(self) -> None:
        """Frees what Spark keeps."""
        ...


@dataclass(slots=True)
class FolderSource:
    """A source in a lake folder, whose rows stay as long as their landing files do.

    Attributes:
        root: the landing root.
        full: whether all is read again.
    """

    spark: SparkSession
    catalog: FolderCatalog
    root: str
    run: str
    call: SourceCall
    full: bool
    stamps: Mapping[str, Stamp] = field(default_factory=dict)
    found: Changes = field(default_factory=Changes)
    landing: Landing | None = None
    record: Record | None = None

    @property
    def location(self) -> str:
        """Where new rows go, relative to the lake."""
        return f"sources/{self.call.name}/{self.run}"

    @property
    def declaration(self) -> str:
        return self.call.declared.digest(reader())

    @property
    def files(self) -> list[str]:
        """The files with the rows that `write` returned, and no others."""
        return [str(self.catalog.root / file) for file in self.record.files] if self.record is not None else []

    def _look(self) -> None:
        """Finds out which landing files are there, and what became of them since they were read."""
        folder = find_folder(self.spark, self.root, self.call.declared.paths, self.call.name)
        names = sorted(folder.files.values()) if folder is not None else []
        self.stamps = {name: stamp(Path(self.root, name)) for name in names}
        current = self.catalog.current(self.call.name)
        known = read_record(self.catalog.root, current.record) if current and not self.full else None
        self.found = changes(known, self.declaration, self.stamps)

    def read(self) -> Lines:
        self._look()
        stamps, found = self.stamps, self.found
        if not stamps:
            return Lines(missing=True)
        if found.new:
            self.landing = read_all(self.spark, self.root, self.call, frozenset(found.new))
        new = lines_of(self.landing) if self.landing else Lines()
        kept = self._kept(found)
        quarantine = self._quarantine(new, found)
        return replace(
            new,
            rows=new.rows + (kept.count() if kept is not None else 0),
            bad=tuple(bad_lines(quarantine)) if quarantine is not new.quarantine else new.bad,
            quarantine=quarantine,
            extra_keys=tuple(sorted({*new.extra_keys, *(key for one in _staying(found) for key in one.extra_keys)})),
            notes=tuple(dict.fromkeys((*new.notes, *(note for one in _staying(found) for note in one.notes)))),
            files=len(stamps),
            files_read=len(found.new),
            bytes_read=sum(stamps[name].size for name in found.new),
        )

    def _kept(self, found: Changes) -> DataFrame | None:
        """The rows that were there and stay."""
        frames = [self._rows(batch.files) for batch in found.kept]
        frames += [self._thinned(batch, gone) for batch, gone in found.thinned]
        return reduce(DataFrame.unionByName, frames) if frames else None

    def _thinned(self, batch: Batch, gone: Collection[str]) -> DataFrame:
        file = F.col(file_column(self.call.declared.columns))
        names = self.spark.createDataFrame([(name,) for name in sorted(gone)], "gone string")
        return self._rows(batch.files).join(F.broadcast(names), file == F.col("gone"), "left_anti")

    def _rows(self, files: Iterable[str]) -> DataFrame:
        """Stored rows, with the name of each one's file."""
        columns = struct_of(self.call.declared.columns)
        stored = columns.add(file_column(self.call.declared.columns), "string")
        return self.spark.read.schema(stored).parquet(*self._paths(files))

    def _quarantine(self, new: Lines, found: Changes) -> DataFrame | None:
        """The lines that are no rows: those of the files that stay, and the new ones."""
        before = self.catalog.quarantine(self.call.name)
        stay = sorted({name for batch in _staying(found) for name in batch.landing})
        if before is None or not stay:
            return new.quarantine
        names = self.spark.createDataFrame([(name,) for name in stay], "file string")
        kept = self.spark.read.schema(QUARANTINE).parquet(*self._paths(before.files))
        kept = kept.join(F.broadcast(names), "file", "left_semi").select(*QUARANTINE.names)
        if kept.isEmpty():
            return new.quarantine
        return kept if new.quarantine is None else kept.unionByName(new.quarantine)

    def unchanged(self) -> None:
        """Whoever starts jobs knows, and starts none."""

    def leave(self) -> None:
        """See `unchanged`: nobody asks for that."""

    def write(self) -> DataFrame:
        found, batches = self.found, list(self.found.kept)
        if found.thinned:
            left = [self._thinned(batch, gone) for batch, gone in found.thinned]
            files = self._write(reduce(DataFrame.unionByName, left), f"{self.location}.kept")
            batches.append(_together([batch.without(gone, ()) for batch, gone in found.thinned], files))
        if self.landing is not None:
            files = self._write(self.landing.rows, self.location)
            check_unchanged(self.call.name, {Path(self.root, name): self.stamps[name] for name in found.new})
            read = {name: self.stamps[name] for name in found.new}
            batches.append(Batch(files, read, self.landing.extra_keys, self.landing.notes))
        if len(batches) > MOST_BATCHES:
            rows = self._rows(file for batch in batches for file in batch.files)
            batches = [_together(batches, self._write(rows, f"{self.location}.together"))]
        self.record = Record(self.declaration, tuple(batches))
        place = self.catalog.root / self.location
        place.mkdir(parents=True, exist_ok=True)
        write_record(place / RECORD, self.record)
        return self._rows(self.record.files).drop(file_column(self.call.declared.columns))

    def publish(self, lines: Lines, audited: Audit, keep: int) -> None:
        assert self.record is not None
        columns = list(self.call.declared.columns.items())
        version = Version(self.run, audited.rows, self.record.files, record=f"{self.location}/{RECORD}")
        quarantined = None
        if lines.quarantine is not None:
            files = self._write(lines.quarantine, f"quarantine/{self.call.name}/{self.run}")
            quarantined = Version(self.run, lines.quarantined, files)
        self.catalog.publish_source(self.call.name, version, columns, keep, quarantined)

    def facts(self) -> Mapping[str, Any]:
        return {}

    def discard(self) -> None:
        """The next run removes what no catalog names."""

    def release(self) -> None:
        if self.landing is not None:
            self.landing.release()

    def _write(self, rows: DataFrame, location: str) -> tuple[str, ...]:
        writer = Writer(self.spark, "snappy")
        file, place = file_column(self.call.declared.columns), str(self.catalog.root / location)
        writer.write(rows, place, writer.number_of_files(rows), without_bounds=file)
        return self.catalog.written(location)

    def _paths(self, files: Iterable[str]) -> list[str]:
        return [literal_path(str(self.catalog.root / file)) for file in files]


def _staying(found: Changes) -> list[Batch]:
    """What is left of the batches."""
    return [*found.kept, *(batch.without(names, batch.files) for batch, names in found.thinned)]


def _together(batches: Sequence[Batch], files: tuple[str, ...]) -> Batch:
    """Batches whose rows are in the same files now."""
    known = Record("", tuple(batches))
    landing = {name: found for batch in batches for name, found in batch.landing.items()}
    return Batch(files, landing, known.extra_keys, known.notes)
