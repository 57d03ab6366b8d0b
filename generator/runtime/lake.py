"""What the scripts of a lake call: read landing data and tables, then write, audit and publish one table.

A version of a table is written where nobody sees it, and audited there. Only then does it become the current one, in
one step: readers see the old table or the new one, whole. What breaks an expectation is never published.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from pyspark.sql import DataFrame, SparkSession

from .arguments import optional_argument
from .aws import glue_client
from .error import LakeError, first_line
from .events import emit, report
from .expectations import Expectation, audit, expect
from .iceberg import IcebergTables
from .iceberg_source import IcebergSource
from .java_names import remember_names
from .layout import FILE_SIZE, Layout
from .options import ReadOptions
from .parquet_tables import ParquetTables
from .record import Declared
from .run_time import run_time
from .source import FolderSource, Lines, MadeSource, SourceCall
from .storage import read_text
from .tables import open_tables
from .upkeep import STAYS, MadeTable, Upkeep

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
    "spark.sql.legacy.followThreeValuedLogicInArrayExists": "true",
    "spark.sql.legacy.inSubqueryNullability": "false",
    "spark.sql.legacy.interval.enabled": "false",
    "spark.sql.legacy.literal.pickMinimumPrecision": "true",
    "spark.sql.legacy.lpadRpadAlwaysReturnString": "false",
    "spark.sql.legacy.setopsPrecedence.enabled": "false",
    "spark.sql.legacy.statisticalAggregate": "false",
    "spark.sql.legacy.truncateForEmptyRegexSplit": "false",
    "spark.sql.legacy.typeCoercion.datetimeToString.enabled": "false",
    "spark.sql.selfJoinAutoResolveAmbiguity": "false",
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
"""What the scripts rely on, whatever the cluster's defaults are. Those up to `typeCoercion` are for expressions.

Left to itself Spark makes `x.a = x.a` in the condition of a DataFrame's join an equality of its two sides.
"""

COMMITTING = {
    "mapreduce.fileoutputcommitter.marksuccessfuljobs": "false",
    "mapreduce.fileoutputcommitter.algorithm.version": "2",
}
"""Hadoop's settings, for files that Spark itself writes: those of a lake in a folder. A task moves its own file to
where it belongs, and a job that is killed may leave half a version there, which nobody publishes.
"""


class Lake:
    """The lake of one job.

    Args:
        glue_context: gives the Spark session, which gets the lake's settings.
        args: the job's arguments `lake_root` and `database`, and `landing_root` of a source's job; `--run_id` and
            `--full true`, which reads again what was read before, are taken if they are there.
    """

    def __init__(self, glue_context: Any, args: Mapping[str, str]) -> None:
        self.spark = glue_context.spark_session
        set_up(self.spark)
        self.landing_root = args.get("landing_root", "").rstrip("/")
        self.lake_root = args["lake_root"].rstrip("/")
        self.run = optional_argument("run_id") or new_run()
        self._tables = open_tables(self.spark, self.lake_root, args["database"], self.run)
        self._full = optional_argument("full") == "true"
        self._read: set[str] = set()

    def source(
        self,
        name: str,
        *,
        path: str | Sequence[str],
        format: str,
        columns: Mapping[str, str],
        keys: Mapping[str, str] | None = None,
        formats: Mapping[str, Mapping[str, Any]] | None = None,
        max_bad_rows: int | str | None = None,
        personal: Sequence[str] = (),
        checks: Sequence[Expectation] = (),
        keep_versions: int = 3,
        partition_by: Sequence[str] = (),
        sort_by: Sequence[str] = (),
        file_size: int = FILE_SIZE,
        **options: Any,
    ) -> None:
        """Makes rows of raw data, and publishes them: the declared columns, with the declared types.

        Lines that are no rows go to the source's quarantine, which is published with the rows. Nothing is published
        when there are lines and no row, when too many lines are bad, or when the rows break a blocking check.

        Args:
            path: below the landing root; a folder or a file, or several.
            format: `json`, `csv` or `parquet`.
            columns: name to Glue type.
            keys: name to spelling in the raw data, where that differs.
            formats: name to how the values are spelled, such as `{"format": "dd.MM.yyyy"}`, as `Spelling` tells.
            max_bad_rows: how many lines (a number, or a share such as `1%`) may be quarantined; 5% if it isn't said.
            personal: columns, as the raw data spells them, whose values no message shows.
            checks: what must hold of the rows.
            partition_by, sort_by, file_size: how the table's files lie, as `Layout` tells; local lakes take no notice.
            options: how the files that are read are laid out, as `ReadOptions` tells.

        Raises:
            LakeError: a file can't be read, or nothing may be published.
        """
        read = ReadOptions.of(options)
        paths = (path,) if isinstance(path, str) else tuple(path)
        declared = Declared(paths, format, columns, keys or {}, read.given(), formats or {})
        layout = Layout(partition_by, sort_by, file_size)
        call = SourceCall(name, declared, read, max_bad_rows, personal, layout)
        making = self._source(call, checks)
        started = time.monotonic()
        try:
            self._describe(f"{name}: read")
            lines = making.read()
            self._tell(
                name,
                lines,
                lines.problem(call, self.landing_root),
                started,
            )
            if (known := making.unchanged()) is not None:
                making.leave()
                report(name, known)
                told = {"rows": known.rows, "problem": "", "seconds": _since(started), **STAYS}
                emit("published", table=name, run=self.run, **told)
            else:
                self._publish_source(name, making, lines, checks, keep_versions, started)
        except Exception as error:
            emit("failed", table=name, run=self.run, problem=first_line(error), source=name, seconds=_since(started))
            raise
        finally:
            making.release()

    def _source(self, call: SourceCall, checks: Sequence[Expectation]) -> MadeSource:
        if isinstance(self._tables, IcebergTables):
            compared = self._upkeep.compared(call.name) if self._upkeep is not None else None
            return IcebergSource(self.spark, self._tables, self.landing_root, call, checks, self._full, compared)
        assert isinstance(self._tables, ParquetTables)
        return FolderSource(self.spark, self._tables.catalog, self.landing_root, self.run, call, self._full)

    def _tell(self, name: str, lines: Lines, problem: str, started: float) -> None:
        """Tells what became of the lines.

        Raises:
            LakeError: nothing may be published.
        """
        emit(
            "source",
            name=name,
            lines=lines.rows + lines.quarantined,
            rows=lines.rows,
            quarantined=lines.quarantined,
            reasons={one.reason: one.count for one in lines.bad},
            extra_keys=lines.extra_keys,
            files=lines.files,
            files_read=lines.files_read,
            bytes_read=lines.bytes_read,
            notes=lines.notes,
            problem=problem,
            seconds=_since(started),
        )
        if problem:
            raise LakeError(f"{name}: {problem}; {self._stays(name)}", source=name)

    def _publish_source(
        self, name: str, making: MadeSource, lines: Lines, checks: Sequence[Expectation], keep: int, started: float
    ) -> None:
        self._describe(f"{name}: write")
        try:
            rows = making.write()
            rows.createOrReplaceTempView(f"`{name}`")
            self._describe(f"{name}: check")
            audited = audit(self.spark, rows, checks, making.files if isinstance(making, FolderSource) else ())
            if problem := report(name, audited):
                raise LakeError(f"{name}: {problem}; {self._stays(name)}", source=name)
        except Exception:
            making.discard()
            raise
        making.publish(lines, audited, keep)
        told = {"rows": audited.rows, "problem": "", "seconds": _since(started), **making.facts()}
        emit("published", table=name, run=self.run, **told)

    def _stays(self, name: str) -> str:
        return "the last published version stays current" if self._tables.is_published(name) else "nothing is published"

    @cached_property
    def _time(self) -> datetime:
        """The time of the run: the argument `run_time`, or else when the workflow's run was started.

        Raises:
            LakeError: the argument is no time.
        """
        workflow, run = optional_argument("WORKFLOW_NAME"), optional_argument("WORKFLOW_RUN_ID")
        return run_time(optional_argument("run_time"), workflow, run, glue_client)

    @property
    def now(self) -> str:
        """The time of the run in Spark SQL, in UTC."""
        return f"TIMESTAMP'{self._time.replace(tzinfo=None).isoformat(' ')}'"

    @property
    def today(self) -> str:
        """The day of the run in Spark SQL, in UTC."""
        return f"DATE'{self._time.date().isoformat()}'"

    def table(self, name: str) -> DataFrame:
        """The published rows of a table or source.

        Raises:
            LakeError: it was never published.
        """
        self._describe(f"{name}: read")
        rows = self._tables.rows(name)
        if rows is None:
            raise LakeError(f"{name} was never published: run its job first")
        self._read.add(name)
        rows.createOrReplaceTempView(f"`{name}`")
        return rows

    def publish(
        self,
        name: str,
        rows: DataFrame,
        *,
        checks: Sequence[Expectation] = (),
        keep_versions: int = 3,
        partition_by: Sequence[str] = (),
        sort_by: Sequence[str] = (),
        file_size: int = FILE_SIZE,
    ) -> None:
        """Writes a new version of a table, audits it, and makes it the current one.

        Nothing is published when the written rows break a blocking expectation. Versions beyond the
        newest `keep_versions` are deleted, and so is what killed runs left; if that fails the job does, because data of
        people who withdrew their consent would stay. Files lie as `Layout` tells; local lakes take no notice.

        Raises:
            LakeError: something blocking is broken, or old versions can't be deleted.
        """
        started = time.monotonic()
        try:
            if name in self._read:
                raise LakeError(f"{name}: a table can't be made from itself")
            layout = Layout(partition_by, sort_by, file_size)
            made = self._made(name, rows, checks, layout)
            counted = {one.expectation.name: one.violations for one in made.found.outcomes}
            if isinstance(self._tables, IcebergTables) and made.made is not None:
                if made.staged:
                    self._tables.publish(name, made.found.rows, counted, keep_versions, made=made.made)
                else:
                    self._tables.renew(name, counted, made.made)
            elif made.staged:
                self._tables.publish(name, made.found.rows, counted, keep_versions)
            told = {"rows": made.found.rows, "problem": "", "seconds": _since(started), **made.facts}
            emit("published", table=name, run=self.run, **told)
            if made.staged:
                self._tables.expire(name)
            elif isinstance(self._tables, IcebergTables):
                self._tables.leave(name, layout)
        except Exception as error:
            emit("failed", table=name, run=self.run, problem=first_line(error), source=None, seconds=_since(started))
            raise

    def _made(self, name: str, rows: DataFrame, checks: Sequence[Expectation], layout: Layout) -> MadeTable:
        """Makes and audits a version; one that must not be published is deleted again."""
        try:
            describe = lambda what: self._describe(f"{name}: {what}")  # noqa: E731
            if self._upkeep is not None:
                made = self._upkeep.make(name, rows, checks, layout, describe)
            else:
                made = self._written(name, rows, checks, layout, describe)
            if problem := report(name, made.found):
                raise LakeError(f"{name}: {problem}; {self._stays(name)}")
        except Exception:
            self._tables.discard(name)
            raise
        return made

    def _written(
        self,
        name: str,
        rows: DataFrame,
        checks: Sequence[Expectation],
        layout: Layout,
        describe: Callable[[str], None],
    ) -> MadeTable:
        describe("write")
        written = self._tables.stage(name, rows, layout)
        describe("check")
        written.createOrReplaceTempView(f"`{name}`")
        files = self._tables.files(name) if isinstance(self._tables, ParquetTables) else ()
        return MadeTable(audit(self.spark, written.alias(name), checks, files), True, None, {})

    @cached_property
    def _upkeep(self) -> Upkeep | None:
        """What keeps tables by what changed; None where whoever starts jobs does."""
        if not isinstance(self._tables, IcebergTables):
            return None
        file = optional_argument("upkeep")
        programs = json.loads(read_text(self.spark, file)) if file else {}
        return Upkeep(self._tables, programs, self._full)

    def _describe(self, what: str) -> None:
        self.spark.sparkContext.setJobDescription(what)


def set_up(spark: SparkSession) -> None:
    """Gives a session the lake's settings, by which this thread's expressions are parsed from now on."""
    remember_names(spark)
    for key, value in SETTINGS.items():
        spark.conf.set(key, value)
    spark.createDataFrame([], "nothing string")  # what makes a session active
    hadoop = spark.sparkContext._jsc.hadoopConfiguration()
    for key, value in COMMITTING.items():
        hadoop.set(key, value)


def new_run() -> str:
    """A name for a run: names of later ones sort behind it."""
    return f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{os.urandom(3).hex()}"


def _since(started: float) -> float:
    return round(time.monotonic() - started, 3)
