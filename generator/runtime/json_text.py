"""JSON, one object a line: the proof that Spark's parser may have a line, and what it makes of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import reduce
from typing import Any

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.types import DataType, DoubleType, LongType, StringType

from .columns import as_read, quoted, spark_type
from .folder import ALL_OR_NOTHING, Folder
from .json_lines import JsonLines, parse, utf8
from .lines import PROVEN, Decoder, Lines
from .literals import Number
from .patterns import MAX_PARTS, WideLine, any_line, is_sound, is_wide, json_values, parts_of, usual_line, wide_line
from .rules import LandingColumn, Rejected, file_column
from .shapes import Shape, shapes_of
from .spelled_texts import counted_moment, spelled_value

SNIFFED_FILES, SNIFFED_BYTES, SNIFFED_LINES = 8, 64 << 10, 100
MOST_SHAPES, USUAL_SHAPES = 32, 4


class JsonText:
    """The lines of a source's JSON files. A few of them are looked at to guess what most look like.

    Attributes:
        extra_keys: undeclared keys of the lines looked at.
        fractional: keys of whole numbers some of which are spelled with a fraction; they are read as doubles, so those
            of many digits aren't proven.
    """

    def __init__(
        self,
        folder: Folder,
        columns: Sequence[LandingColumn],
        sample: Sequence[bytes] | None = None,
        *,
        refuses_new: bool = False,
    ) -> None:
        self._folder, self._columns, self._refuses_new = folder, tuple(columns), refuses_new
        decoder, lines = JsonLines(columns, refuses_new=refuses_new), _first_lines(folder) if sample is None else sample
        found = Counter(shapes_of(lines, decoder)).most_common(MOST_SHAPES)
        self._shapes: list[Shape] = [shape for shape, _ in found]
        self.fractional = _with_fractions(lines) & {column.key for column in columns if column.type.is_integer}
        self.extra_keys = tuple(sorted(decoder.extra_keys))
        longest = max((len(column.key) for column in columns), default=0)
        self._strict = {"mode": "FAILFAST", "columnNameOfCorruptRecord": "_" * (longest + 1)}

    def numbered(self, lines: Lines) -> JsonText:
        return self

    def prepared(self, lines: DataFrame) -> DataFrame:
        return lines

    def header(self) -> Column | None:
        return None

    def breaks_off(self) -> Column | None:
        return None

    def proof(self) -> Column | None:
        values = json_values(self._columns, self.fractional)
        simple = json_values(self._columns, self.fractional, simple=True)
        if values is None or simple is None:
            return None
        usual, parts = [shape for shape in self._shapes[:USUAL_SHAPES] if is_sound(shape)], parts_of(self._columns)
        patterns = [usual_line(simple, usual, parts), usual_line(values, usual, parts)]
        if sum(parts.values()) <= MAX_PARTS:
            patterns.append(any_line(values, self._shapes))
        found = [F.col("value").rlike(pattern) for pattern in dict.fromkeys(filter(None, patterns))]
        found += [_is_wide_line(wide_line(values, shape, usual, parts)) for shape in usual if is_wide(shape, parts)]
        return reduce(Column.__or__, found) if found else None

    def native(self, spark: SparkSession, files: Collection[str]) -> DataFrame | None:
        """The rows by Spark's own reader, which reads the needed columns alone."""
        reader = spark.read.options(**ALL_OR_NOTHING, **self._strict, lineSep="\n").schema(self._schema())
        raw = self._folder.read(reader.json, files)
        outputs = (self._output(column, quoted(column.key)) for column in self._columns)
        # Spark's column with facts of the file would have it copy each row once more.
        return raw.selectExpr(*outputs, self._file(self._folder.name_of("input_file_name()")))

    def rows(self, proven: DataFrame) -> DataFrame:
        # A filter that a job adds may be evaluated before the one for proven lines.
        value = F.when(F.col("class") == PROVEN, F.col("value"))
        decoded = proven.select(F.from_json(value, self._schema(), self._strict).alias("r"), "file")
        outputs = (self._output(one, f"r.{quoted(one.key)}") for one in self._columns)
        return decoded.selectExpr(*outputs, self._file(self._folder.name_of("file")))

    def _file(self, name: str) -> str:
        return f"{name} AS {quoted(file_column(one.name for one in self._columns))}"

    def decoder(self) -> Callable[[str], Decoder]:
        return _JsonDecoders(self._columns, self._refuses_new)

    def _schema(self) -> str:
        return ", ".join(f"{quoted(one.key)} {self._read_as(one).simpleString()}" for one in self._columns)

    def _read_as(self, column: LandingColumn) -> DataType:
        if column.epoch:
            return LongType()
        if column.times:
            return StringType()
        return DoubleType() if column.key in self.fractional else as_read(spark_type(str(column.type)))

    def _output(self, column: LandingColumn, value: str) -> str:
        """Spark SQL: a column of its type, by its name."""
        if column.epoch:
            return f"{counted_moment(value, column.epoch)} AS {quoted(column.name)}"
        if column.times or (column.type.kind == "string" and not column.spelling.is_usual):
            return f"{spelled_value(value, column.type, column.spelling)} AS {quoted(column.name)}"
        kind = spark_type(str(column.type))
        cast = value if self._read_as(column) == kind else f"CAST({value} AS {kind.simpleString()})"
        return f"{cast} AS {quoted(column.name)}"


def _is_wide_line(line: WideLine) -> Column:
    """Whether each section is found, and each seam once: then the sections follow one another."""
    value = F.col("value")
    sections = (value.rlike(section) for section in line.sections)
    once = (F.octet_length(F.substring_index(value, seam, 2)) == F.octet_length(value) for seam in line.seams)
    return reduce(Column.__and__, (*sections, *once))


class _JsonDecoders:
    """Makes the decoder on a worker: the same for every file."""

    def __init__(self, columns: tuple[LandingColumn, ...], refuses_new: bool) -> None:
        self.columns, self.refuses_new = columns, refuses_new

    def __call__(self, file: str) -> Decoder:
        return _Remembering(JsonLines(self.columns, refuses_new=self.refuses_new))


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
    for file in files[:: -(-len(files) // SNIFFED_FILES)]:
        head = folder.head(file, SNIFFED_BYTES)
        lines = head.split(b"\n")
        whole = lines if len(head) < SNIFFED_BYTES else lines[:-1]
        found += [line.removesuffix(b"\r") for line in whole[:SNIFFED_LINES]]
    return found


def _with_fractions(lines: Sequence[bytes]) -> set[str]:
    """The keys of numbers that are spelled with a fraction."""
    found: set[str] = set()
    for line in lines:
        try:
            found |= {key for key, value in parse(utf8(line)) if isinstance(value, Number) and "." in value}
        except Rejected:
            continue
    return found
