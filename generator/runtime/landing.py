"""Landing data in Spark: each line of raw data is a row or, with the reason, in the quarantine.

One pass over the text counts the lines that an expression proves regular. If those are all, Spark's own reader decodes
them: nothing is left that it could get wrong. The other lines are decoded one by one, by the exact rules.

Whoever reads the same files again, as jobs in one Spark do, takes the proof for granted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import reduce

from py4j.protocol import Py4JJavaError
from pyspark import StorageLevel
from pyspark.errors import PySparkException
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.types import LongType, StringType, StructField, StructType

from .columns import declared_columns, struct_of
from .csv_lines import lacking_notes, options_problem
from .csv_text import CsvText, text_of_lines
from .document_lines import Cut, read_csv_records, read_documents
from .error import LakeError
from .folder import Folder, find_folder, uri_path
from .folder_values import with_partitions
from .json_text import JsonText
from .lines import Exact, Proof, Text, decode_exactly, find_damaged, text_lines
from .memo import Memo
from .options import ReadOptions
from .parquet import read_parquet
from .partitions import apart, partitions_problem
from .rules import LandingColumn

QUARANTINE = StructType(
    [
        StructField("file", StringType()),
        StructField("line", LongType()),
        StructField("reason", StringType()),
        StructField("detail", StringType()),
        StructField("raw", StringType()),
    ]
)


_USUAL = ReadOptions()


@dataclass(frozen=True, slots=True)
class Landing:
    """What became of a source's raw data: every line is in `rows` or in `quarantine`.

    Attributes:
        rows: exactly the declared columns.
        lines: records; blank lines and CSV headers are none.
        reasons: reason to number of quarantined lines.
        extra_keys: keys (nested ones as paths) that no column declares.
        notes: facts worth showing.
        missing: there is no such folder, or nothing in it.
        rejected: the quarantined lines, if there are any.
        kept: what Spark keeps of them until `release`, so as to decode nothing twice.
    """

    rows: DataFrame
    lines: int = 0
    quarantined: int = 0
    reasons: Mapping[str, int] = field(default_factory=dict)
    extra_keys: tuple[str, ...] = ()
    files: int = 0
    notes: tuple[str, ...] = ()
    missing: bool = False
    rejected: DataFrame | None = None
    kept: tuple[DataFrame, ...] = ()

    @property
    def quarantine(self) -> DataFrame:
        """The quarantined lines: file (relative to the landing root), line, reason, detail, raw."""
        return self.rows.sparkSession.createDataFrame([], QUARANTINE) if self.rejected is None else self.rejected

    def keeping_rows(self) -> Landing:
        """The same, keeping the rows too."""
        return replace(self, kept=(*self.kept, self.rows.persist(StorageLevel.MEMORY_AND_DISK)))

    def release(self) -> None:
        """Frees what Spark keeps. Rows and quarantine can still be read, but are decoded again."""
        for frame in self.kept:
            frame.unpersist()


def read_landing(
    spark: SparkSession,
    root: str,
    name: str,
    *,
    path: str,
    format: str,
    columns: Mapping[str, str],
    keys: Mapping[str, str],
    options: ReadOptions = _USUAL,
) -> Landing:
    """Reads a source.

    Args:
        root: the landing root; `path` is below it.
        format: `json`, `csv` or `parquet`.
        columns: name to Glue type.
        keys: name to spelling in the raw data, where that differs.

    Raises:
        LakeError: a file can't be read, or changed while it was read.
    """
    _pin_splits(spark)
    declared = declared_columns(columns, keys)
    folder = find_folder(spark, root, path, name)
    if folder is None or not folder.files:
        notes = folder.notes if folder else ()
        return Landing(spark.createDataFrame([], struct_of(columns)), notes=notes, missing=True)
    inside, above = apart(declared, options)
    if above and (problem := partitions_problem(above, list(folder.files.values()))):
        raise LakeError(f"{name}: {problem}", source=name)
    own = {column.name: columns[column.name] for column in inside}
    landing = _read(spark, folder, name, format, inside, own, options)
    rows = with_partitions(landing.rows, folder, above).select(*(f"`{column}`" for column in columns))
    return replace(landing, rows=rows, notes=(*folder.notes, *landing.notes))


def _read(
    spark: SparkSession,
    folder: Folder,
    name: str,
    format: str,
    declared: tuple[LandingColumn, ...],
    columns: Mapping[str, str],
    options: ReadOptions,
) -> Landing:
    if format == "parquet":
        rows, extra_keys, notes = read_parquet(spark, folder, declared, name)
        return Landing(rows, rows.count(), extra_keys=extra_keys, files=len(folder.files), notes=notes)
    try:
        if options.cuts_documents:
            return _cut(folder, len(folder.files), read_documents(folder, declared, columns, options.path))
        if format == "csv":
            return _csv(spark, folder, declared, columns, options, name)
        return _landing(spark, folder, _proven_json(spark, folder, declared), columns)
    except (Py4JJavaError, PySparkException) as error:
        if damaged := find_damaged(folder):
            raise LakeError(f"{name}: {damaged}", source=name) from None
        raise error


def _csv(
    spark: SparkSession,
    folder: Folder,
    declared: tuple[LandingColumn, ...],
    columns: Mapping[str, str],
    options: ReadOptions,
    source: str,
) -> Landing:
    """Reads CSV as lines; files are cut into records where the options ask for it, or a line's quotes don't match."""
    if problem := options_problem(options):
        raise LakeError(f"{source}: {problem}", source=source)
    if nested := [column.name for column in declared if column.type.is_nested]:
        raise LakeError(f"{source}: CSV can't hold the nested type of column `{nested[0]}`", source=source)
    if options.cuts_csv:
        cut, text = read_csv_records(folder, folder.files, declared, columns, options)
        return replace(_cut(folder, len(folder.files), cut), notes=_notes(text))
    lines = text_lines(folder, folder.files)
    text = text_of_lines(lines, declared, options)
    proof = lines.prove(text)
    landing = _landing(spark, folder, _Proven(text, proof), columns)
    if not proof.apart:
        return replace(landing, notes=_notes(text))
    apart = frozenset(map(uri_path, proof.apart))
    cut, others = read_csv_records(folder, apart, declared, columns, options)
    return replace(_together(landing, _cut(folder, 0, cut)), notes=_notes(text, others))


def _notes(*texts: CsvText) -> tuple[str, ...]:
    """What the headers lack; that of a file which is cut is known better from there."""
    lacking = {file: keys for text in texts for file, keys in text.lacking.items()}
    return tuple(lacking_notes(list(lacking.values())))


def _together(one: Landing, other: Landing) -> Landing:
    """Two parts of a source's files as one."""
    rejected = [part.rejected for part in (one, other) if part.rejected is not None]
    return Landing(
        rows=one.rows.unionAll(other.rows),
        rejected=reduce(DataFrame.unionAll, rejected) if rejected else None,
        lines=one.lines + other.lines,
        quarantined=one.quarantined + other.quarantined,
        reasons=dict(sorted((Counter(one.reasons) + Counter(other.reasons)).items())),
        extra_keys=tuple(sorted({*one.extra_keys, *other.extra_keys})),
        files=one.files + other.files,
        kept=(*one.kept, *other.kept),
    )


def _cut(folder: Folder, files: int, found: Cut) -> Landing:
    """What became of files that were cut into records."""
    if found.exact is None:
        return Landing(found.proven, found.records, extra_keys=found.text.extra_keys, files=files, kept=(found.kept,))
    counted = _counted(found.exact, found.unproven, folder)
    reasons = {reason: number for reason, number in counted.reasons.items() if reason}
    return Landing(
        rows=found.proven.unionAll(found.exact.rows),
        rejected=found.exact.quarantine,
        lines=found.records,
        quarantined=sum(reasons.values()),
        reasons=dict(sorted(reasons.items())),
        extra_keys=tuple(sorted({*found.text.extra_keys, *counted.extra_keys})),
        files=files,
        kept=(found.kept, found.exact.lines),
    )


@dataclass(frozen=True, slots=True)
class _Proven:
    """Lines and what proved them."""

    text: Text
    proof: Proof


_PROVEN: Memo[_Proven] = Memo()
"""By Spark, files as they are, columns, and what decides how files are split: the splits are numbered."""
_SPLITTING = tuple(
    f"spark.sql.files.{setting}"
    for setting in ("maxPartitionBytes", "openCostInBytes", "minPartitionNum", "maxPartitionNum")
)


def prove_json(
    spark: SparkSession, root: str, name: str, *, path: str, columns: Mapping[str, str], keys: Mapping[str, str]
) -> None:
    """Proves the lines of a JSON source ahead of `read_landing`, which then takes as little time as it can."""
    _pin_splits(spark)
    folder = find_folder(spark, root, path, name)
    if folder is not None and folder.files:
        _proven_json(spark, folder, declared_columns(columns, keys))


def _proven_json(spark: SparkSession, folder: Folder, declared: tuple[LandingColumn, ...]) -> _Proven:
    """What is known of the files as they are, whoever asked first in this Spark."""

    def prove() -> _Proven:
        text = JsonText(folder, declared)
        return _Proven(text, text_lines(folder, folder.files).prove(text))

    splitting = tuple(spark.conf.get(key, None) for key in _SPLITTING)
    return _PROVEN.get((spark.sparkContext.applicationId, folder.root, folder.state, declared, splitting), prove)


def _landing(spark: SparkSession, folder: Folder, proven: _Proven, columns: Mapping[str, str]) -> Landing:
    text, proof = proven.text, proven.proof
    if proof.doubtful is None:
        rows = _proven_rows(spark, folder, text, proof)
        return Landing(rows, proof.records, extra_keys=text.extra_keys, files=len(folder.files))
    exact = decode_exactly(text_lines(folder, proof.doubtful.files), proof.doubtful, columns)
    counted = _counted(exact, proof.unproven, folder)
    reasons = {reason: number for reason, number in counted.reasons.items() if reason not in ("", "blank")}
    rows = exact.rows
    if proof.records > proof.unproven:
        rows = _proven_rows(spark, folder, text, proof).unionAll(rows)
    return Landing(
        rows=rows,
        rejected=exact.quarantine,
        lines=proof.records - counted.reasons.get("blank", 0),
        quarantined=sum(reasons.values()),
        reasons=dict(sorted(reasons.items())),
        extra_keys=tuple(sorted({*text.extra_keys, *counted.extra_keys})),
        files=len(folder.files),
        kept=(exact.lines,),
    )


def _proven_rows(spark: SparkSession, folder: Folder, text: Text, proof: Proof) -> DataFrame:
    """The rows of the proven lines; in all files but the doubtful ones, those are all lines."""
    doubtful, apart = proof.doubtful, proof.apart
    sound = folder.files.keys() - (doubtful.files if doubtful else ())
    native = text.native(spark, sound) if sound else None
    if native is None:
        return text_lines(folder, folder.files).without(apart).proven(text)
    return native.unionAll(text_lines(folder, doubtful.files).proven(doubtful.text)) if doubtful else native


@dataclass(frozen=True, slots=True)
class _Counted:
    reasons: Mapping[str, int]
    extra_keys: frozenset[str]


def _counted(exact: Exact, expected: int, folder: Folder) -> _Counted:
    """How many of the exactly decoded lines there are by reason, and the undeclared keys in them."""
    found = (
        exact.lines.groupBy(F.coalesce("reason", F.lit("")).alias("reason"))
        .agg(F.count(F.lit(1)).alias("times"), F.array_distinct(F.flatten(F.collect_set("extras"))).alias("extras"))
        .collect()
    )
    reasons = {row["reason"]: int(row["times"]) for row in found}
    if sum(reasons.values()) != expected:
        raise LakeError(f"files in {folder.root} changed while they were read: run the job again")
    return _Counted(reasons, frozenset(key for row in found for key in row["extras"]))


def _pin_splits(spark: SparkSession) -> None:
    """Makes every pass split the files alike, however many cores come and go."""
    setting = "spark.sql.files.minPartitionNum"
    if spark.conf.get(setting, None) is None:
        spark.conf.set(setting, str(max(spark.sparkContext.defaultParallelism, 1)))


__all__ = ["Landing", "LandingColumn", "prove_json", "read_landing"]
