"""JSON documents in Spark: each file is cut into its records on a worker, and these go on as lines do."""

from __future__ import annotations

import bz2
import gzip
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from pyspark import StorageLevel
from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import ArrayType, BinaryType, LongType, StringType, StructField, StructType

from .documents import pieces
from .folder import ALL_OR_NOTHING, Folder, uri_path
from .json_text import JsonText
from .lines import UNPROVEN, Exact, Lines, decoded_exactly
from .options import ReadOptions
from .rules import LandingColumn

_PIECES = ArrayType(
    StructType(
        [StructField("line", LongType()), StructField("value", BinaryType()), StructField("problem", StringType())]
    )
)
_UNPACKED: Mapping[str, Callable[[bytes], bytes]] = {"gz": gzip.decompress, "bz2": bz2.decompress}
_SAMPLE = 200


@dataclass(frozen=True, slots=True)
class Documents:
    """The records of JSON documents.

    Attributes:
        proven: the rows of records that Spark's parser may have.
        exact: what the exact rules made of the others.
        records: how many there are in all.
        unproven: of them, those in `exact`.
        kept: what Spark keeps, since cutting costs the most.
    """

    proven: DataFrame
    exact: Exact | None
    records: int
    unproven: int
    extra_keys: tuple[str, ...]
    kept: DataFrame


def read_documents(
    folder: Folder, declared: tuple[LandingColumn, ...], columns: Mapping[str, str], options: ReadOptions
) -> Documents:
    """Reads the documents of a source.

    Raises:
        LakeError: the folder has other files by now.
    """
    lines = Lines(_cut(folder, options.path).persist(StorageLevel.MEMORY_AND_DISK), folder, frozenset(folder.files))
    first = lines.frame.filter("problem IS NULL").select(F.col("value").cast("binary")).limit(_SAMPLE)
    sample = [bytes(row["value"]) for row in first.collect()]
    text = JsonText(folder, declared, sample, refuses_new=options.refuses_new)
    classified = lines.classified(text)
    unproven = (F.col("class") == UNPROVEN) | F.col("problem").isNotNull()
    counted = classified.agg(F.count(F.lit(1)).alias("records"), F.count(F.when(unproven, 1)).alias("unproven"))
    (found,) = counted.collect()
    proven = text.rows(classified.filter(~unproven))
    others = classified.filter(unproven).select("name", "line", "file", "value", "problem")
    exact = decoded_exactly(others, text, columns) if found["unproven"] else None
    return Documents(proven, exact, found["records"], found["unproven"], text.extra_keys, lines.frame)


def _cut(folder: Folder, path: Sequence[str]) -> DataFrame:
    """The pieces of all files: `name`, `file`, `line`, `value`, and the `problem` of those that can't be records."""
    spark = folder.spark
    files = folder.read(spark.read.format("binaryFile").options(**ALL_OR_NOTHING).load, folder.files)
    cut = F.udf(_Cutter(tuple(path)), _PIECES)
    found = files.select(F.col("_metadata.file_path").alias("file"), F.explode(cut("content", "path")).alias("p"))
    names = spark.createDataFrame(list(folder.files.items()), "inside string, name string")
    by_path = F.udf(uri_path, StringType())
    named = found.select("file", "p.*").join(F.broadcast(names), by_path("file") == F.col("inside")).drop("inside")
    lines = named.withColumn("value", F.col("value").cast("string"))
    cores = int(spark.sparkContext.defaultParallelism)
    return lines if len(folder.files) >= cores else lines.repartition(cores)


class _Cutter:
    """Cuts a file on a worker."""

    def __init__(self, path: tuple[str, ...]) -> None:
        self.path = path

    def __call__(self, content: bytes, file: str) -> list[tuple[int, bytes, str | None]]:
        unpack = _UNPACKED.get(file.rpartition(".")[2], bytes)
        return [(line, piece, problem or None) for line, piece, problem in pieces(unpack(content), self.path)]
