"""Landing data in Spark: each line of raw data is a row or, with the reason, in the quarantine.

One pass over the text counts the lines that an expression proves regular. If those are all, Spark's own reader decodes
them: nothing is left that it could get wrong. The other lines are decoded one by one, by the exact rules.

Whoever reads the same files again, as jobs in one Spark do, takes the proof for granted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import reduce
from typing import Any

from py4j.protocol import Py4JJavaError
from pyspark.errors import PySparkException
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.types import LongType, StringType, StructField, StructType

from .columns import declared_columns, struct_of
from .csv_lines import lacking_notes, options_problem
from .csv_text import CsvText, text_of_lines
from .document_lines import Cut, read_csv_records, read_json_records
from .error import LakeError
from .folder import Folder, find_folder, uri_path
from .folder_values import with_partitions
from .json_text import JsonText
from .lines import Exact, Proof, SortedOut, Text, decode_exactly, find_damaged, text_lines
from .memo import Memo
from .names import UNPACKED_BY_PYTHON
from .options import ReadOptions
from .parquet import Typed, read_parquet
from .partitions import apart, partitions_problem
from .rules import LandingColumn, ProvenFiles, Reason, file_column

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
_NO_FORMATS: Mapping[str, Mapping[str, Any]] = {}


@dataclass(frozen=True, slots=True)
class Landing:
    """What became of a source's raw data: every line is in `rows` or in `quarantine`.

    Attributes:
        rows: the declared columns, and `file_column` with the name of each row's file.
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

    def release(self) -> None:
        """Frees what Spark keeps. Rows and quarantine can still be read, but are decoded again."""
        for frame in self.kept:
            frame.unpersist()


def read_landing(
    spark: SparkSession,
    root: str,
    name: str,
    *,
    path: str | Sequence[str],
    format: str,
    columns: Mapping[str, str],
    keys: Mapping[str, str],
    formats: Mapping[str, Mapping[str, Any]] = _NO_FORMATS,
    options: ReadOptions = _USUAL,
    only: Collection[str] | None = None,
) -> Landing:
    """Reads a source.

    Args:
        root: the landing root; `path` is below it, or all are.
        format: `json`, `csv` or `parquet`.
        columns: name to Glue type.
        keys: name to spelling in the raw data, where that differs.
        formats: name to how its values are spelled, as `Spelling` tells, where that isn't as usual.
        only: the names of the files that are to be read; all if None.

    Raises:
        LakeError: a file can't be read, or changed while it was read; or has a new key where that is to fail.
    """
    _pin_splits(spark)
    found = _read(spark, root, name, path, format, declared_columns(columns, keys, formats), columns, options, only)
    if options.on_new_key == "fail" and Reason.NEW_KEY in found.reasons:
        first = found.quarantine.filter(F.col("reason") == Reason.NEW_KEY.value).orderBy("file", "line").first()
        where = f"{first['file']}:{first['line']}: {first['detail']}" if first else "a key is not declared"
        found.release()
        raise LakeError(f"{name}: {where}, and `on_new_key` is `fail`", source=name)
    return found


def _read(
    spark: SparkSession,
    root: str,
    name: str,
    path: str | Sequence[str],
    format: str,
    declared: tuple[LandingColumn, ...],
    columns: Mapping[str, str],
    options: ReadOptions,
    only: Collection[str] | None,
) -> Landing:
    folder = find_folder(spark, root, path, name, only)
    if folder is None or not folder.files:
        notes = folder.notes if folder else ()
        return Landing(spark.createDataFrame([], _stored(columns)), notes=notes, missing=True)
    inside, above = apart(declared, options)
    if above and (problem := partitions_problem(above, list(folder.files.values()))):
        raise LakeError(f"{name}: {problem}", source=name)
    own = {column.name: columns[column.name] for column in inside}
    landing = _records(spark, folder, name, format, inside, own, options)
    rows = with_partitions(landing.rows, folder, inside, above)
    return replace(landing, rows=rows, notes=(*folder.notes, *landing.notes))


def _records(
    spark: SparkSession,
    folder: Folder,
    name: str,
    format: str,
    declared: tuple[LandingColumn, ...],
    columns: Mapping[str, str],
    options: ReadOptions,
) -> Landing:
    """What becomes of the records of the files, without what the files' folders say."""
    if format == "parquet":
        return _parquet(read_parquet(spark, folder, declared, name, refuses_new=options.refuses_new), folder)
    try:
        if options.cuts_documents:
            return _cut(folder, len(folder.files), read_json_records(folder, declared, columns, options))
        if format == "csv":
            return _csv(spark, folder, declared, columns, options, name)
        return _json(spark, folder, name, declared, columns, options)
    except (Py4JJavaError, PySparkException) as error:
        if damaged := find_damaged(folder):
            raise LakeError(f"{name}: {damaged}", source=name) from None
        raise error


def _parquet(found: Typed, folder: Folder) -> Landing:
    counted = found.refused.groupBy("reason").count().collect() if found.refused is not None else []
    reasons = {row["reason"]: int(row["count"]) for row in counted}
    return Landing(
        found.rows,
        lines=found.rows.count() + sum(reasons.values()),
        quarantined=sum(reasons.values()),
        reasons=dict(sorted(reasons.items())),
        extra_keys=found.extra_keys,
        files=len(folder.files),
        notes=found.notes,
        rejected=found.refused,
    )


def _json(
    spark: SparkSession,
    folder: Folder,
    name: str,
    declared: tuple[LandingColumn, ...],
    columns: Mapping[str, str],
    options: ReadOptions,
) -> Landing:
    """Reads JSON as lines; archives that Spark can't unpack are cut into these."""
    plain, packed = _apart(folder)
    parts: list[Landing] = []
    if plain.files:
        parts.append(_landing(spark, plain, _proven_json(spark, plain, name, declared, options.refuses_new), columns))
    if packed.files:
        parts.append(_cut(packed, len(packed.files), read_json_records(packed, declared, columns, options)))
    return reduce(_together, parts)


def _apart(folder: Folder) -> tuple[Folder, Folder]:
    """The files that Spark reads, and the archives that are unpacked by Python."""
    packed = {file: name for file, name in folder.files.items() if name.endswith(UNPACKED_BY_PYTHON)}
    plain = {file: name for file, name in folder.files.items() if file not in packed}
    return replace(folder, files=plain), replace(folder, files=packed)


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
    plain, packed = _apart(folder)
    lines = text_lines(plain, plain.files)
    text = text_of_lines(lines, declared, options)
    proof = lines.prove(text)
    landing = _landing(spark, plain, _Proven(text, proof), columns)
    apart = frozenset(map(uri_path, proof.apart)) | packed.files.keys()
    if not apart:
        return replace(landing, notes=_notes(text))
    cut, others = read_csv_records(folder, apart, declared, columns, options)
    return replace(_together(landing, _cut(folder, len(packed.files), cut)), notes=_notes(text, others))


def _notes(*texts: CsvText) -> tuple[str, ...]:
    """What the headers lack; that of a file which is cut is known better from there."""
    lacking = {uri_path(file): keys for text in texts for file, keys in text.lacking.items()}
    return tuple(lacking_notes([lacking[file] for file in sorted(lacking)]))


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


def _stored(columns: Mapping[str, str]) -> StructType:
    """The columns of the rows."""
    return StructType([*struct_of(columns).fields, StructField(file_column(columns), StringType())])


@dataclass(frozen=True, slots=True)
class _Proven:
    """Lines and what proved them."""

    text: Text
    proof: Proof


_PROVEN: Memo[_Proven] = Memo()
"""By Spark, files as they are, columns, and what decides how files are split: the splits are numbered."""
_ELSEWHERE: list[Callable[[str], ProvenFiles]] = []
"""Those who prove files of sources besides Spark."""
_SPLITTING = tuple(
    f"spark.sql.files.{setting}"
    for setting in ("maxPartitionBytes", "openCostInBytes", "minPartitionNum", "maxPartitionNum")
)


def prove_json(
    spark: SparkSession,
    root: str,
    name: str,
    *,
    path: str | Sequence[str],
    columns: Mapping[str, str],
    keys: Mapping[str, str],
    formats: Mapping[str, Mapping[str, Any]] = _NO_FORMATS,
    options: ReadOptions = _USUAL,
) -> None:
    """Proves the lines of a JSON source ahead of `read_landing`, which then takes as little time as it can."""
    _pin_splits(spark)
    folder = find_folder(spark, root, path, name)
    unpacked = _apart(folder)[0] if folder is not None else None
    if unpacked is not None and unpacked.files:
        inside, _ = apart(declared_columns(columns, keys, formats), options)
        _proven_json(spark, unpacked, name, inside, options.refuses_new)


@contextmanager
def proving_elsewhere(find: Callable[[str], ProvenFiles]) -> Iterator[None]:
    """Takes for granted what somebody else proves of the files of JSON sources.

    Args:
        find: gives a source's files of which nothing is left to prove, as long as no whole number is spelled with a
            fraction; may wait until they are known.
    """
    _ELSEWHERE.append(find)
    try:
        yield
    finally:
        _ELSEWHERE.remove(find)


def _proven_json(
    spark: SparkSession, folder: Folder, name: str, declared: tuple[LandingColumn, ...], refuses_new: bool
) -> _Proven:
    """What is known of the files as they are, whoever asked first in this Spark."""

    def prove() -> _Proven:
        text = JsonText(folder, declared, refuses_new=refuses_new)
        states: dict[str, tuple[int, int]] = dict(folder.state)
        found = {file: one for find in _ELSEWHERE for file, one in find(name).items()} if not text.fractional else {}
        known = {file: found[name] for file, name in folder.files.items() if name in found}
        known = {file: one for file, one in known.items() if states.get(file) == one[:2]}
        others = folder.files.keys() - known.keys()
        proof = text_lines(folder, others).prove(text) if others else Proof(0)
        return _Proven(text, replace(proof, records=proof.records + sum(lines for *_, lines in known.values())))

    splitting = tuple(spark.conf.get(key, None) for key in _SPLITTING)
    files = frozenset(folder.files)
    known = (
        spark.sparkContext.applicationId, folder.roots, folder.state, files, declared, refuses_new, splitting
    )  # fmt: skip
    return _PROVEN.get(known, prove)


def _landing(spark: SparkSession, folder: Folder, proven: _Proven, columns: Mapping[str, str]) -> Landing:
    text, proof = proven.text, proven.proof
    if proof.doubtful is None:
        rows = _proven_rows(spark, folder, text, proof)
        return Landing(rows, proof.records, extra_keys=text.extra_keys, files=len(folder.files))
    lines = text_lines(folder, proof.doubtful.files).sorted_out(proof.doubtful.text, keep=True)
    exact = decode_exactly(lines, folder, proof.doubtful, columns)
    counted = _counted(exact, proof.unproven, folder)
    reasons = {reason: number for reason, number in counted.reasons.items() if reason not in ("", "blank")}
    rows = exact.rows
    if proof.records > proof.unproven:
        rows = _proven_rows(spark, folder, text, proof, lines).unionAll(rows)
    return Landing(
        rows=rows,
        rejected=exact.quarantine,
        lines=proof.records - counted.reasons.get("blank", 0),
        quarantined=sum(reasons.values()),
        reasons=dict(sorted(reasons.items())),
        extra_keys=tuple(sorted({*text.extra_keys, *counted.extra_keys})),
        files=len(folder.files),
        kept=(exact.lines, lines.classified) if lines.kept else (exact.lines,),
    )


def _proven_rows(
    spark: SparkSession, folder: Folder, text: Text, proof: Proof, doubtful: SortedOut | None = None
) -> DataFrame:
    """The rows of the proven lines; in all files but the doubtful ones, those are all lines."""
    sound = folder.files.keys() - frozenset(map(uri_path, proof.apart)) - (doubtful.files if doubtful else frozenset())
    if doubtful and not sound:
        return doubtful.proven()
    native = text.native(spark, sound)
    if native is None:
        lines = text_lines(folder, folder.files).without(proof.apart)
        return lines.sorted_out(text, told=proof.doubtful is None).proven()
    return native.unionAll(doubtful.proven()) if doubtful else native


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
        raise LakeError(f"files in {folder.place} changed while they were read: run the job again")
    return _Counted(reasons, frozenset(key for row in found for key in row["extras"]))


def _pin_splits(spark: SparkSession) -> None:
    """Makes every pass split the files alike, however many cores come and go."""
    setting = "spark.sql.files.minPartitionNum"
    if spark.conf.get(setting, None) is None:
        spark.conf.set(setting, str(max(spark.sparkContext.defaultParallelism, 1)))


__all__ = ["Landing", "LandingColumn", "prove_json", "proving_elsewhere", "read_landing"]
