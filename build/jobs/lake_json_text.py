"""JSON, one object a line: the proof that Spark's parser may have a line, and what it makes of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from lake_columns import as_read, spark_type
from lake_error import LakeError
from lake_folder import Folder
from lake_json import JsonLines
from lake_lines import PROVEN, UNPROVEN, Decoder
from lake_patterns import any_line, json_values, usual_line
from lake_rules import LandingColumn
from lake_shapes import Shape, shapes_of

SNIFFED_FILES, SNIFFED_BYTES = 8, 64 << 10
MOST_SHAPES, USUAL_SHAPES = 32, 2
_STRICT = {"mode": "FAILFAST"}


class JsonText:
    """The lines of a source's JSON files. A few of them are looked at to guess what most look like.

    Attributes:
        extra_keys: undeclared keys of the lines looked at.
    """

    def __init__(self, folder: Folder, columns: Sequence[LandingColumn]) -> None:
        self._folder, self._columns = folder, columns
        decoder = JsonLines(columns)
        found = Counter(shapes_of(_first_lines(folder), decoder)).most_common(MOST_SHAPES)
        self._shapes: list[Shape] = [shape for shape, _ in found]
        self.extra_keys = tuple(sorted(decoder.extra_keys))

    def proof(self) -> Column:
        values = json_values(self._columns, ())
        if values is None:
            return F.lit(UNPROVEN)
        found = F.when(F.col("value").rlike(any_line(values, self._shapes)), PROVEN).otherwise(UNPROVEN)
        usual = usual_line(values, self._shapes[:USUAL_SHAPES])
        return F.when(F.col("value").rlike(usual), PROVEN).otherwise(found) if usual else found

    def all_proven(self, spark: SparkSession) -> DataFrame:
        """The rows by Spark's own reader, which reads the needed columns alone.

        Raises:
            LakeError: there are other files now than those that were proven.
        """
        reader = spark.read.options(**_STRICT, lineSep="\n", recursiveFileLookup="true").schema(self._schema())
        raw = reader.json(self._folder.paths)
        if set(raw.inputFiles()) != set(self._folder.files):
            raise LakeError(f"files in {self._folder.root} changed while they were read: run the job again")
        return raw.select(*(self._output(column, F.col(_quoted(column.key))) for column in self._columns))

    def rows(self, proven: DataFrame) -> DataFrame:
        decoded = proven.select(F.from_json("value", self._schema(), _STRICT).alias("r"))
        return decoded.select(*(self._output(one, F.col("r").getField(one.key)) for one in self._columns))

    def decoder(self) -> Callable[[str], Decoder]:
        return _JsonDecoders(tuple(self._columns))

    def _schema(self) -> str:
        kinds = ((one.key, as_read(spark_type(str(one.type))).simpleString()) for one in self._columns)
        return ", ".join(f"{_quoted(key)} {kind}" for key, kind in kinds)

    def _output(self, column: LandingColumn, value: Column) -> Column:
        kind = spark_type(str(column.type))
        return (value if as_read(kind) == kind else value.cast(kind)).alias(column.name)


class _JsonDecoders:
    """Makes the decoder on a worker: the same for every file."""

    def __init__(self, columns: tuple[LandingColumn, ...]) -> None:
        self.columns = columns

    def __call__(self, file: str) -> Decoder:
        return _Remembering(JsonLines(self.columns))


class _Remembering:
    """A decoder that shows which undeclared keys it met."""

    def __init__(self, lines: JsonLines) -> None:
        self.extra_keys, self._decode = lines.extra_keys, lines.decode

    def __call__(self, line: bytes) -> Mapping[str, Any]:
        return self._decode(line)


def _first_lines(folder: Folder) -> list[bytes]:
    """Whole lines from the beginning of some files."""
    found: list[bytes] = []
    files = list(folder.files)
    for file in files[:: max(len(files) // SNIFFED_FILES, 1)]:
        head = folder.head(file, SNIFFED_BYTES)
        lines = head.split(b"\n")
        found += [line.removesuffix(b"\r") for line in (lines if len(head) < SNIFFED_BYTES else lines[:-1])[:100]]
    return found


def _quoted(key: str) -> str:
    return "`" + key.replace("`", "``") + "`"
