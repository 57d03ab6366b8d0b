"""What the scripts of a lake call: read landing data and tables, then write, audit and publish one table.

A version of a table is written to a folder of its own and audited there. Only then does the catalog switch to it, in
one step: readers see the old table or the new one, whole. What breaks an expectation is never published.
"""

from __future__ import annotations

import math
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pyspark.errors import ParseException
from pyspark.sql import DataFrame
from pyspark.sql.types import StructType

from .background import in_background
from .catalog import open_catalog
from .columns import struct_of
from .error import LakeError, first_line
from .events import emit, report, source_problem
from .expectations import Audit, Expectation, audit, expect, planned_audit
from .landing import QUARANTINE, Landing, read_landing
from .options import ReadOptions
from .storage import Storage, literal_path
from .times import in_session_zone, stored_in_utc

__all__ = ["Lake", "LakeError", "expect"]

SETTINGS = {
    "spark.sql.ansi.enabled": "false",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.legacy.timeParserPolicy": "CORRECTED",
    "spark.sql.legacy.sizeOfNull": "false",
    "spark.sql.variable.substitute": "false",
    "spark.sql.ansi.doubleQuotedIdentifiers": "false",
    "spark.sql.ansi.enforceReservedKeywords": "false",
    "spark.sql.caseSensitive": "false",
    "spark.sql.crossJoin.enabled": "true",
    "spark.sql.decimalOperations.allowPrecisionLoss": "true",
    "spark.sql.function.concatBinaryAsString": "false",
    "spark.sql.icu.caseMappings.enabled": "true",
    "spark.sql.mapKeyDedupPolicy": "EXCEPTION",
    "spark.sql.parser.escapedStringLiterals": "false",
    "spark.sql.parser.quotedRegexColumnNames": "false",
    "spark.sql.timestampType": "TIMESTAMP_LTZ",
    "spark.sql.legacy.allowNegativeScaleOfDecimal": "false",
    "spark.sql.legacy.allowNullComparisonResultInArraySort": "false",
    "spark.sql.legacy.bangEqualsNot": "false",
    "spark.sql.legacy.castComplexTypesToString.enabled": "false",
    "spark.sql.legacy.consecutiveStringLiterals.enabled": "false",
    "spark.sql.legacy.ctePrecedencePolicy": "CORRECTED",
    "spark.sql.legacy.decimal.retainFractionDigitsOnTruncate": "false",
    "spark.sql.legacy.disableMapKeyNormalization": "false",
    "spark.sql.legacy.exponentLiteralAsDecimal.enabled": "false",
    "spark.sql.legacy.inSubqueryNullability": "false",
    "spark.sql.legacy.interval.enabled": "false",
    "spark.sql.legacy.literal.pickMinimumPrecision": "true",
    "spark.sql.legacy.lpadRpadAlwaysReturnString": "false",
    "spark.sql.legacy.setopsPrecedence.enabled": "false",
    "spark.sql.legacy.statisticalAggregate": "false",
    "spark.sql.legacy.truncateForEmptyRegexSplit": "false",
    "spark.sql.legacy.typeCoercion.datetimeToString.enabled": "false",
    "spark.sql.files.ignoreCorruptFiles": "false",
    "spark.sql.files.ignoreMissingFiles": "false",
    "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
    "spark.sql.parquet.inferTimestampNTZ.enabled": "false",
    "spark.sql.parquet.datetimeRebaseModeInRead": "CORRECTED",
    "spark.sql.parquet.datetimeRebaseModeInWrite": "CORRECTED",
    "spark.sql.parquet.int96RebaseModeInRead": "CORRECTED",
    "spark.sql.parquet.int96AsTimestamp": "true",
    "spark.sql.parquet.int96TimestampConversion": "false",
    "spark.sql.parquet.binaryAsString": "false",
    "spark.sql.parquet.fieldId.read.enabled": "false",
    "spark.sql.parquet.mergeSchema": "false",
    "spark.sql.legacy.parquet.nanosAsLong": "false",
    "spark.sql.parquet.writeLegacyFormat": "false",
}
"""What the scripts rely on, whatever the cluster's defaults are. Those up to `typeCoercion` are for expressions."""

COMMITTING = {
    "mapreduce.fileoutputcommitter.marksuccessfuljobs": "false",
    "mapreduce.fileoutputcommitter.algorithm.version": "2",
}
"""Hadoop's settings. A task moves its own file to where it belongs: a driver that moves them all copies a whole table
on S3, one object after the other. A job that is killed may leave half a version there, which nobody publishes.
"""

BYTES_A_FILE = 32 << 20
"""Input bytes for which a table gets a file; raw data shrinks to a fraction as Parquet."""
MOST_FILES = 100_000
MOST_KEPT = 1 << 30
"""Bytes of raw data up to which the rows of a source with checks are kept, so that they are decoded once."""


@dataclass(slots=True)
class _Source:
    """A source that the job reads."""

    landing: Landing
    problem: str
    checks: Sequence[Expectation]
    quarantine: bool


class Lake:
    """The lake of one job.

    Args:
        glue_context: gives the Spark session, which gets the lake's settings.
        args: the job's arguments `landing_root`, `lake_root` and `database`; `--run_id` is taken if it is there.
    """

    def __init__(self, glue_context: Any, args: Mapping[str, str]) -> None:
        self.spark = glue_context.spark_session
        for key, value in SETTINGS.items():
            self.spark.conf.set(key, value)
        hadoop = self.spark.sparkContext._jsc.hadoopConfiguration()
        for key, value in COMMITTING.items():
            hadoop.set(key, value)
        self.landing_root = args["landing_root"].rstrip("/")
        self.lake_root = args["lake_root"].rstrip("/")
        self.run = _optional_argument("run_id") or new_run()
        self._catalog = open_catalog(self.lake_root, args["database"])
        self._storage = Storage(self.spark, self.lake_root)
        self._sources: dict[str, _Source] = {}
        self._tables: set[str] = set()

    def landing(
        self,
        name: str,
        *,
        path: str,
        format: str = "json",
        columns: Mapping[str, str],
        keys: Mapping[str, str] | None = None,
        max_bad_rows: int | str | None = None,
        checks: Sequence[Expectation] = (),
        quarantine: bool = False,
        **options: Any,
    ) -> DataFrame:
        """The good rows of raw data: the declared columns, with the declared types.

        Args:
            path: below the landing root; a folder or a file.
            columns: name to Glue type.
            keys: name to spelling in the raw data, where that differs.
            max_bad_rows: how many lines (a number, or a share such as `1%`) may be quarantined.
            checks: what must hold of the rows before the job publishes anything.
            quarantine: whether this job publishes the lines that are no rows.
            options: how the files are laid out, as `ReadOptions` tells.
        """
        self._describe(f"{name}: read")
        started = time.monotonic()
        try:
            landing = read_landing(
                self.spark, self.landing_root, name,
                path=path, format=format, columns=columns, keys=keys or {}, options=ReadOptions.of(options),
            )  # fmt: skip
        except Exception as error:
            emit("source", name=name, problem=first_line(error))
            raise
        if checks and not landing.missing and _input_bytes(landing.rows) <= MOST_KEPT:
            landing = landing.keeping_rows()
        problem = source_problem(landing, f"{self.landing_root}/{path}".rstrip("/"), max_bad_rows)
        self._sources[name] = _Source(landing, problem, checks, quarantine)
        emit(
            "source",
            name=name,
            lines=landing.lines,
            rows=landing.lines - landing.quarantined,
            quarantined=landing.quarantined,
            reasons=landing.reasons,
            extra_keys=landing.extra_keys,
            files=landing.files,
            notes=landing.notes,
            problem=problem,
            seconds=_since(started),
        )
        landing.rows.createOrReplaceTempView(f"`{name}`")
        return landing.rows

    def table(self, name: str) -> DataFrame:
        """The published version of a table.

        Raises:
            LakeError: it was never published.
        """
        current = self._catalog.current(name)
        if current is None:
            raise LakeError(f"{name} was never published: run its job first")
        self._tables.add(name)
        self._describe(f"{name}: read")
        path = literal_path(self._catalog.path(current.location))
        known = _struct(self._catalog.columns(name))  # else Spark has to look into a file, which takes a job
        rows: DataFrame = (self.spark.read.schema(known) if known else self.spark.read).parquet(path)
        kinds = in_session_zone(rows.schema)
        rows = rows if kinds == rows.schema else self.spark.read.schema(kinds).parquet(path)
        rows.createOrReplaceTempView(f"`{name}`")
        return rows

    def publish(
        self, name: str, rows: DataFrame, *, checks: Sequence[Expectation] = (), keep_versions: int = 3
    ) -> None:
        """Writes a new version of a table, audits it, and makes it the current one.

        Nothing is published when the landing data or the written rows break a blocking expectation. Versions beyond the
        newest `keep_versions` are deleted, and so is what killed runs left; if that fails the job does, because data of
        people who withdrew their consent would stay.

        Raises:
            LakeError: something blocking is broken, or old versions can't be deleted.
        """
        started = time.monotonic()
        try:
            if name in self._tables:
                raise LakeError(f"{name}: a table can't be made from itself")
            self._publish_quarantines()
            written = self._write_version(name, rows, checks)
            counted = {one.expectation.name: one.violations for one in written.outcomes}
            columns = columns_of(rows.schema)
            kept = self._catalog.publish(name, self.run, written.rows, columns, keep_versions, counted)
            emit("published", table=name, run=self.run, rows=written.rows, problem="", seconds=_since(started))
            self._record_sources()
            self._remove_others("tables", name, {version.run for version in kept})
        except Exception as error:
            source = error.source if isinstance(error, LakeError) else None
            problem = first_line(error)
            emit("failed", table=name, run=self.run, problem=problem, source=source, seconds=_since(started))
            raise
        finally:
            self._release_sources()

    def check_sources(self) -> None:
        """Publishes the quarantines of the sources read so far, and audits what has to hold of the sources.

        Raises:
            LakeError: lines are missing, too many are bad, or a blocking check is broken.
        """
        try:
            self._publish_quarantines()
            with self._checking_sources():
                pass
            self._record_sources()
        finally:
            self._release_sources()

    @contextmanager
    def _checking_sources(self) -> Iterator[None]:
        """Audits the sources while something is made from them; at once, if some are known to be no good.

        Raises:
            LakeError: as `check_sources`. It comes before errors in what was made, which it may be the reason for.
        """
        audits = {name: self._planned(name) for name, one in self._sources.items() if one.checks}
        if any(source.problem for source in self._sources.values()):
            self._judge_sources(audits)
        pending = {name: in_background(work).result for name, work in audits.items()}
        try:
            yield
        except Exception:
            self._judge_sources(pending)
            raise
        self._judge_sources(pending)

    def _planned(self, name: str) -> Callable[[], Audit]:
        source = self._sources[name]
        count = planned_audit(self.spark, source.landing.rows, source.checks)

        def work() -> Audit:
            self._describe(f"{name}: check")
            return count()

        return work

    def _judge_sources(self, audits: Mapping[str, Callable[[], Audit]]) -> None:
        """Tells how the checks of each source went, up to the first source that is no good."""
        for name, source in self._sources.items():
            asked = name in audits and not source.landing.missing
            problem = "; ".join(filter(None, (source.problem, report(name, audits[name]()) if asked else "")))
            if problem:
                raise LakeError(f"{name}: {problem}; nothing is published", source=name)

    def _release_sources(self) -> None:
        for source in self._sources.values():
            source.landing.release()

    def _write_version(self, name: str, rows: DataFrame, checks: Sequence[Expectation]) -> Audit:
        """Writes and audits a version; one that must not be published is deleted again."""
        location, begun = f"{self.lake_root}/tables/{name}/{self.run}", False
        files = self._number_of_files(rows)
        try:
            with self._checking_sources():
                self._catalog.check_columns(name, columns_of(rows.schema))
                published = self._catalog.versions(name)
                if self.run in {version.run for version in published}:
                    raise LakeError(f"{name}: run {self.run} is published already: use another --run_id")
                begun = True
                self._describe(f"{name}: write")
                self._write(rows, location, files)
                self._describe(f"{name}: check")
                written = self.spark.read.schema(rows.schema).parquet(literal_path(location))
                written.createOrReplaceTempView(f"`{name}`")
                found = audit(self.spark, written.alias(name), checks)
            problem = report(name, found)
            if problem:
                stays = "the last published version stays current" if published else "nothing is published"
                raise LakeError(f"{name}: {problem}; {stays}")
        except Exception:
            if begun:
                self._storage.remove(location)
            raise
        return found

    def _publish_quarantines(self) -> None:
        for name, source in self._sources.items():
            if source.quarantine:
                self._publish_quarantine(name, source.landing)

    def _record_sources(self) -> None:
        """Notes what was read of the sources that this job answers for: what is published now was made of it."""
        for name, source in self._sources.items():
            if source.quarantine:
                landing = source.landing
                counts = {"rows": landing.lines - landing.quarantined, "quarantined": landing.quarantined}
                self._catalog.record_source(name, {"run": self.run, **counts, "files": landing.files})

    def _publish_quarantine(self, name: str, landing: Landing) -> None:
        if not landing.quarantined and not self._catalog.has_quarantine(name):
            return
        self._describe(f"{name}: quarantine")
        location = f"{self.lake_root}/quarantine/{name}/{self.run}"
        if landing.quarantined or self._catalog.shows_empty:
            self._write(landing.quarantine, location, self._number_of_files(landing.quarantine))
        columns = columns_of(QUARANTINE)
        kept = self._catalog.publish_quarantine(name, self.run, landing.quarantined, columns)
        self._remove_others("quarantine", name, {version.run for version in kept})

    def _number_of_files(self, rows: DataFrame) -> int:
        enough = min(math.ceil(_input_bytes(rows) / BYTES_A_FILE), MOST_FILES)
        return max(int(self.spark.sparkContext.defaultParallelism), enough)

    def _write(self, rows: DataFrame, location: str, files: int) -> None:
        """Writes Parquet; a folder that is there was left by a killed attempt of the same run."""
        stored = stored_in_utc(rows).coalesce(files)
        stored.write.mode("overwrite").option("compression", "zstd").parquet(location)

    def _remove_others(self, kind: str, name: str, keep: set[str]) -> None:
        removal = self._storage.remove_others(f"{self.lake_root}/{kind}/{name}", keep)
        if removal.problems:
            raise LakeError(
                f"{name} is published, but old versions, maybe with data of people who withdrew their consent, "
                f"can't be deleted: {'; '.join(removal.problems)}"
            )

    def _describe(self, what: str) -> None:
        self.spark.sparkContext.setJobDescription(what)


def new_run() -> str:
    """A name for a run: names of later ones sort behind it."""
    return f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{os.urandom(3).hex()}"


def _since(started: float) -> float:
    return round(time.monotonic() - started, 3)


def columns_of(schema: StructType) -> list[tuple[str, str]]:
    """Names and Glue types."""
    return [(field.name, field.dataType.simpleString()) for field in schema.fields]


def _struct(columns: Sequence[tuple[str, str]] | None) -> StructType | None:
    """Columns as Spark takes them; None if types don't tell, as those with names that have to be quoted."""
    try:
        return struct_of(dict(columns)) if columns is not None else None
    except ParseException:
        return None


def _input_bytes(rows: DataFrame) -> int:
    """The size of all that is read for some rows, as Spark knows it."""
    leaves = rows._jdf.queryExecution().optimizedPlan().collectLeaves()
    return sum(int(str(leaves.apply(index).stats().sizeInBytes())) for index in range(leaves.size()))


def _optional_argument(name: str, arguments: Iterable[str] | None = None) -> str | None:
    """The value of a job argument that may be missing."""
    waiting = iter(sys.argv[1:] if arguments is None else arguments)
    for argument in waiting:
        if argument == f"--{name}":
            return next(waiting, None)
        if argument.startswith(f"--{name}="):
            return argument.partition("=")[2]
    return None
