"""Records that aren't lines, in Spark: each file is cut into them on a worker, and these go on as lines do."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass

from pyspark import StorageLevel
from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import ArrayType, BinaryType, BooleanType, LongType, StringType, StructField, StructType

from .archives import unpacked
from .csv_records import csv_pieces
from .csv_text import CsvText, Headers, no_headers
from .documents import Piece, pieces
from .folder import ALL_OR_NOTHING, Folder, uri_path
from .json_text import JsonText
from .lines import UNPROVEN, Exact, Lines, Text, decoded_exactly
from .options import ReadOptions
from .rules import LandingColumn

_PIECES = ArrayType(
    StructType(
        [
            StructField("line", LongType()),
            StructField("value", BinaryType()),
            StructField("problem", StringType()),
            StructField("header", BooleanType()),
        ]
    )
)
_SAMPLE = 200
_MARK = b"\xef\xbb\xbf"

Cutter = Callable[[bytes], Iterator[Piece]]
"""Runs on the workers: the pieces of a file."""


@dataclass(frozen=True, slots=True)
class Cut:
    """The records that files were cut into.

    Attributes:
        proven: the rows of records that Spark's parser may have.
        exact: what the exact rules made of the others.
        records: how many there are in all.
        unproven: of them, those in `exact`.
        text: what knew how to read them.
        kept: what Spark keeps, since cutting costs the most.
    """

    proven: DataFrame
    exact: Exact | None
    records: int
    unproven: int
    text: Text
    kept: DataFrame


def read_json_records(
    folder: Folder, declared: tuple[LandingColumn, ...], columns: Mapping[str, str], options: ReadOptions
) -> Cut:
    """Reads JSON whose files are unpacked here, or whose records aren't lines.

    Raises:
        LakeError: the folder has other files by now.
    """
    cutter = _Documents(options.path) if options.cuts_documents else _JsonLines()
    frame = _cut(folder, folder.files, cutter)
    first = frame.filter("problem IS NULL").select(F.col("value").cast("binary")).limit(_SAMPLE)
    sample = [bytes(row["value"]) for row in first.collect()]
    text = JsonText(folder, declared, sample, refuses_new=options.refuses_new)
    return _read(frame, frame, folder, text, columns)


def read_csv_records(
    folder: Folder,
    files: Collection[str],
    declared: tuple[LandingColumn, ...],
    columns: Mapping[str, str],
    options: ReadOptions,
) -> tuple[Cut, CsvText]:
    """Reads CSV files whose records aren't lines.

    Raises:
        LakeError: the folder has other files by now.
    """
    frame = _cut(folder, files, _CsvRecords(options, len(declared)))
    headers: Headers
    if options.header:
        found = frame.filter("header").select("file", F.col("value").cast("binary").alias("text")).collect()
        headers = {row["file"]: (bytes(row["text"]).removesuffix(b"\r"), None) for row in found}
    else:
        headers = no_headers(frame)
    text = CsvText(folder, headers, declared, options)
    records = frame.filter(~F.col("header") | F.col("file").isin(*text.wrong) if text.wrong else ~F.col("header"))
    return _read(frame, records, folder, text, columns), text


def _read(kept: DataFrame, records: DataFrame, folder: Folder, text: Text, columns: Mapping[str, str]) -> Cut:
    classified = Lines(records.drop("header"), folder, frozenset(folder.files)).classified(text)
    unproven = (F.col("class") == UNPROVEN) | F.col("problem").isNotNull()
    counted = classified.agg(F.count(F.lit(1)).alias("records"), F.count(F.when(unproven, 1)).alias("unproven"))
    (found,) = counted.collect()
    proven = text.rows(classified.filter(~unproven))
    others = classified.filter(unproven).select("name", "line", "file", "value", "problem")
    exact = decoded_exactly(others, text, columns) if found["unproven"] else None
    return Cut(proven, exact, found["records"], found["unproven"], text, kept)


def _cut(folder: Folder, chosen: Collection[str], cutter: Cutter) -> DataFrame:
    """The pieces of files: `name`, `file`, `line`, `value`, the `problem` of those that can't be records, `header`."""
    spark = folder.spark
    files = folder.read(spark.read.format("binaryFile").options(**ALL_OR_NOTHING).load, chosen)
    cut = F.udf(_Unpacked(cutter), _PIECES)
    found = files.select(F.col("_metadata.file_path").alias("file"), F.explode(cut("content", "path")).alias("p"))
    names = spark.createDataFrame([(file, folder.files[file]) for file in chosen], "inside string, name string")
    by_path = F.udf(uri_path, StringType())
    named = found.select("file", "p.*").join(F.broadcast(names), by_path("file") == F.col("inside")).drop("inside")
    lines = named.withColumn("value", F.col("value").cast("string"))
    cores = int(spark.sparkContext.defaultParallelism)
    spread = lines if len(chosen) >= cores else lines.repartition(cores)
    return spread.persist(StorageLevel.MEMORY_AND_DISK)


@dataclass(frozen=True)
class _Documents:
    """Cuts JSON."""

    path: tuple[str, ...]

    def __call__(self, content: bytes) -> Iterator[Piece]:
        return pieces(content, self.path)


@dataclass(frozen=True)
class _JsonLines:
    """Cuts JSON, a record a line."""

    def __call__(self, content: bytes) -> Iterator[Piece]:
        for number, line in enumerate(content.removeprefix(_MARK).split(b"\n"), 1):
            if not line.isspace() and line:
                yield Piece(number, line, "")


@dataclass(frozen=True)
class _CsvRecords:
    """Cuts CSV."""

    options: ReadOptions
    width: int

    def __call__(self, content: bytes) -> Iterator[Piece]:
        return csv_pieces(content, self.options, self.width)


@dataclass(frozen=True)
class _Unpacked:
    """Cuts a file on a worker, an archive too. The first piece of CSV with a header is the header."""

    cutter: Cutter

    def __call__(self, content: bytes, file: str) -> list[tuple[int, bytes, str | None, bool]]:
        headed = isinstance(self.cutter, _CsvRecords) and self.cutter.options.header
        found = enumerate(self.cutter(unpacked(file, content)))
        return [(line, piece, problem or None, headed and not at) for at, (line, piece, problem) in found]
