"""Files as lines: which of them are proven, and what the exact rules make of the others."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from py4j.protocol import Py4JJavaError
from pyspark import StorageLevel
from pyspark.errors import PySparkException
from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from .archives import unpacked
from .columns import as_text, from_text, spark_type
from .error import LakeError
from .folder import ALL_OR_NOTHING, Folder, uri_path
from .names import UNPACKED_BY_PYTHON, is_archive
from .patterns import BLANK, MAX_LINE
from .rules import MAX_RECORD, Rejected, file_column, readable

MOST_KEPT = 128 << 20
"""Bytes of files whose lines are kept, since they are asked for twice."""
PROVEN, BLANK_LINE, HEADER, UNPROVEN = 0, 1, 2, 3

Decoder = Callable[[bytes], Mapping[str, Any]]

_MARGIN = 8  # byte order mark and line end
_DECODED = "reason string, detail string, raw string, row string, extras array<string>"


class Text(Protocol):
    """A format of lines.

    Attributes:
        extra_keys: undeclared keys of the proven lines.
    """

    extra_keys: tuple[str, ...]

    def numbered(self, lines: Lines) -> Text:
        """The same for lines of some of the files, whose ids are others."""
        ...

    def prepared(self, lines: DataFrame) -> DataFrame:
        """The lines with what else the proof needs to know of them."""
        ...

    def header(self) -> Column | None:
        """Whether a line is the header of its file; None if files have none."""
        ...

    def proof(self) -> Column | None:
        """Whether a line is proven: a record that Spark's parsers decode as the exact rules do. None if none is."""
        ...

    def breaks_off(self) -> Column | None:
        """Whether a line may hold a part of a record alone; None if records are lines."""
        ...

    def native(self, spark: SparkSession, files: Collection[str]) -> DataFrame | None:
        """The rows of files whose lines are all proven, and their file's name, if there is a faster way to them."""
        ...

    def rows(self, proven: DataFrame) -> DataFrame:
        """The rows of proven lines, and their file's name."""
        ...

    def decoder(self) -> Callable[[str], Decoder]:
        """Runs on the workers: the exact rules for the lines of a file."""
        ...


@dataclass(frozen=True, slots=True)
class Split:
    """Part of a file: its first line's id, and its number of lines."""

    file: str
    block: int
    first: int
    lines: int


@dataclass(frozen=True, slots=True)
class Doubtful:
    """The files with lines that aren't proven.

    Attributes:
        text, splits: for lines of these files alone.
    """

    files: frozenset[str]
    text: Text
    splits: tuple[Split, ...]


@dataclass(frozen=True, slots=True)
class Proof:
    """What the pass that proves found: the number of records, of those not proven, and the files if there are any.

    Attributes:
        apart: files that may have records over several lines, by URI; their lines don't count here.
    """

    records: int
    unproven: int = 0
    doubtful: Doubtful | None = None
    apart: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Lines:
    """Lines of a source: `value`, `file`, `block` (where its split starts) and `id`, in the order of the split.

    The same files have the same splits and ids whenever they are read.
    """

    frame: DataFrame
    folder: Folder
    files: frozenset[str]

    def classified(self, text: Text, *, told: bool = False) -> DataFrame:
        """The lines with their `class`; `told`: it is known that all are proven that are records."""
        proof, header = None if told else text.proof(), text.header()
        blank = F.when(F.col("value").rlike(BLANK), BLANK_LINE).otherwise(PROVEN if told else UNPROVEN)
        short = F.octet_length("value") <= MAX_LINE
        # Most lines are proven by the first expression; so it comes first.
        found = blank if proof is None else F.when(short & proof, PROVEN).otherwise(blank)
        if header is not None:
            found = F.when(header, HEADER).otherwise(found)
        return text.prepared(self.frame).withColumn("class", found)

    def prove(self, text: Text) -> Proof:
        """The one pass that proves. Only the files with lines that aren't proven are looked at again."""
        kind, breaks_off = F.col("class"), text.breaks_off()
        broken = F.lit(0) if breaks_off is None else F.count(F.when((kind != PROVEN) & breaks_off, 1))
        counted = (
            self.classified(text)
            .groupBy("file")
            .agg(
                F.count(F.when(kind.isin(PROVEN, UNPROVEN), 1)).alias("records"),
                F.count(F.when(kind == UNPROVEN, 1)).alias("unproven"),
                broken.alias("broken"),
            )
            .collect()
        )
        apart = frozenset(row["file"] for row in counted if row["broken"])
        found = [row for row in counted if not row["broken"]]
        records = sum(row["records"] for row in found)
        files = frozenset(uri_path(row["file"]) for row in found if row["unproven"])
        if not files:
            return Proof(records, apart=apart)
        lines = text_lines(self.folder, files)
        text = text.numbered(lines)
        doubtful = Doubtful(files, text, lines.splits())
        return Proof(records, sum(row["unproven"] for row in found), doubtful, apart)

    def without(self, files: Collection[str]) -> Lines:
        """The lines of other files than these, given by URI; ids stay as they are."""
        if not files:
            return self
        others = self.files - frozenset(map(uri_path, files))
        return Lines(self.frame.filter(~F.col("file").isin(*files)), self.folder, others)

    def splits(self) -> tuple[Split, ...]:
        """Where the parts of each file are: a pass that looks into no line."""
        found = (
            self.frame.groupBy("file", "block")
            .agg(F.min("id").alias("first"), F.count(F.lit(1)).alias("lines"))
            .collect()
        )
        return tuple(Split(**row.asDict()) for row in found)

    def sorted_out(self, text: Text, *, keep: bool = False, told: bool = False) -> SortedOut:
        """The lines with their `class`.

        Args:
            keep: Spark keeps them if they are few, as who asks twice wants.
            told: it is known that all are proven that are records.
        """
        classified, few = self.classified(text, told=told), keep and self.size <= MOST_KEPT
        kept = classified.persist(StorageLevel.MEMORY_AND_DISK) if few else classified
        return SortedOut(kept, text, self.files, few)

    @property
    def size(self) -> int:
        """Bytes of the files, archives as they are."""
        return sum(state.size for file, state in self.folder.state if file in self.files)


@dataclass(frozen=True, slots=True)
class SortedOut:
    """Lines with their class; `kept` tells whether Spark keeps them."""

    classified: DataFrame
    text: Text
    files: frozenset[str]
    kept: bool

    def proven(self) -> DataFrame:
        """The rows of the proven lines."""
        return self.text.rows(self.classified.filter(F.col("class") == PROVEN))

    def unproven(self) -> DataFrame:
        """The lines that aren't proven."""
        return self.classified.filter(F.col("class") == UNPROVEN)


def text_lines(folder: Folder, files: Collection[str]) -> Lines:
    """The lines of some of a source's files.

    Raises:
        LakeError: the folder has other files by now.
    """
    frame = folder.read(folder.spark.read.options(**ALL_OR_NOTHING, lineSep="\n").text, files).select(
        _beginning(F.col("value")).alias("value"),
        F.input_file_name().alias("file"),
        F.expr("input_file_block_start()").alias("block"),
        F.monotonically_increasing_id().alias("id"),
    )
    return Lines(frame, folder, frozenset(files))


def _beginning(value: Column) -> Column:
    """A line; of one that is too long no more than tells this, as every step copies it."""
    beginning = F.substring(value.cast("binary"), 1, MAX_RECORD + _MARGIN).cast("string")
    return F.when(F.octet_length(value) <= MAX_RECORD + _MARGIN, value).otherwise(beginning)


def find_damaged(folder: Folder) -> str | None:
    """The name of an archive that can't be unpacked, with what is wrong; to be asked when reading failed."""
    archives = [file for file, name in folder.files.items() if is_archive(name)]
    if problem := _damaged_for_python([file for file in archives if file.endswith(UNPACKED_BY_PYTHON)], folder):
        return problem
    suspects = [file for file in archives if not file.endswith(UNPACKED_BY_PYTHON)]
    problem = _failure(folder, suspects) if suspects else None
    while problem and len(suspects) > 1:
        half = suspects[: len(suspects) // 2]
        found = _failure(folder, half)
        suspects, problem = (half, found) if found else (suspects[len(half) :], problem)
    return f"{folder.files[suspects[0]]}: damaged archive: {problem}" if problem else None


def _damaged_for_python(files: list[str], folder: Folder) -> str | None:
    """What is wrong with an archive that Python unpacks, with its name."""
    if not files:
        return None
    raw = folder.read(folder.spark.read.format("binaryFile").options(**ALL_OR_NOTHING).load, files)
    found = raw.select("path", F.udf(_damage, "string")("path", "content").alias("problem")).filter(
        "problem IS NOT NULL"
    )
    first = found.orderBy("path").first()
    return f"{folder.files[uri_path(first['path'])]}: {first['problem']}" if first else None


def _damage(path: str, content: bytes) -> str | None:
    try:
        unpacked(path, bytes(content))
    except LakeError as error:
        return str(error).removeprefix(f"{path}: ")
    return None


def _failure(folder: Folder, files: Collection[str]) -> str | None:
    try:
        text_lines(folder, files).frame.filter(F.octet_length("value") < 0).count()
    except (Py4JJavaError, PySparkException) as error:
        causes = re.findall(r"(?:Caused by: |: )java\.(?:\w+\.)+\w+: ([^\n]+)", str(error))
        return str(causes[-1]) if causes else "it can't be unpacked"
    return None


@dataclass(frozen=True, slots=True)
class Exact:
    """What the exact rules made of the unproven lines; `lines` are kept, since they cost the most."""

    lines: DataFrame
    rows: DataFrame
    quarantine: DataFrame


def decode_exactly(lines: SortedOut, folder: Folder, doubtful: Doubtful, columns: Mapping[str, str]) -> Exact:
    """Decodes the lines of doubtful files that aren't proven one by one, each with its number in its file."""
    starts = folder.spark.createDataFrame(
        _starts(doubtful.splits, folder), "file string, block bigint, first bigint, before bigint, name string"
    )
    chosen = lines.unproven().join(F.broadcast(starts), ["file", "block"])
    number = F.col("id") - F.col("first") + F.col("before") + 1
    found = chosen.select("name", number.alias("line"), "file", "value", F.lit(None).cast("string").alias("problem"))
    return decoded_exactly(found, doubtful.text, columns)


def decoded_exactly(lines: DataFrame, text: Text, columns: Mapping[str, str]) -> Exact:
    """What the exact rules make of lines: `name` of the file, `line`, `file`, `value`, and maybe a `problem`."""
    decode = F.udf(_Decode(text.decoder()), _DECODED)
    # No more goes to the workers than tells that a line is too long.
    content = F.substring(F.col("value").cast("binary"), 1, MAX_RECORD + _MARGIN)
    value = decode(content, "file", F.col("line") == 1, "problem")
    decoded = (
        lines.select("name", "line", value.alias("d"))
        .select("name", "line", "d.*")
        .persist(StorageLevel.MEMORY_AND_DISK)
    )
    rejected = decoded.filter("reason IS NOT NULL AND reason <> 'blank'")
    quarantine = rejected.select(F.col("name").alias("file"), "line", "reason", "detail", "raw")
    return Exact(decoded, _rows(decoded, columns), quarantine)


def _starts(splits: Collection[Split], folder: Folder) -> list[tuple[str, int, int, int, str]]:
    """For each split: where its ids begin, the lines of its file before it, the file's name."""
    found: list[tuple[str, int, int, int, str]] = []
    file, before = "", 0
    for one in sorted(splits, key=lambda split: (split.file, split.block)):
        before = before if one.file == file else 0
        file = one.file
        found.append((one.file, one.block, one.first, before, folder.files[uri_path(one.file)]))
        before += one.lines
    return found


def _rows(decoded: DataFrame, columns: Mapping[str, str]) -> DataFrame:
    kinds = {name: spark_type(kind) for name, kind in columns.items()}
    schema = ", ".join(f"`{name}` {as_text(kind).simpleString()}" for name, kind in kinds.items())
    rows = F.from_json("row", schema, {"mode": "FAILFAST"}).alias("r")
    texts = decoded.filter("reason IS NULL").select(rows, F.col("name").alias("file"))
    values = (F.expr(from_text(f"r.`{name}`", kind)).alias(name) for name, kind in kinds.items())
    return texts.select(*values, F.col("file").alias(file_column(columns)))


class _Decode:
    """Decodes lines on a worker. A file's rules are set up once."""

    def __init__(self, decoder_of: Callable[[str], Decoder]) -> None:
        self.decoder_of = decoder_of
        self.decoders: dict[str, Decoder] = {}

    def __call__(self, value: bytes, file: str, is_first: bool, problem: str | None) -> tuple[Any, ...]:
        content = bytes(value).removesuffix(b"\r")
        if problem is not None:
            rejected = Rejected.told(problem)
            return rejected.reason.value, rejected.detail, readable(content), None, []
        if is_first:
            content = content.removeprefix(b"\xef\xbb\xbf")
            if not content.strip():
                return "blank", None, None, None, []
        if file not in self.decoders:
            self.decoders[file] = self.decoder_of(file)
        decode = self.decoders[file]
        extra_keys: set[str] = getattr(decode, "extra_keys", set())
        extra_keys.clear()
        try:
            row = json.dumps(decode(content))
        except Rejected as rejected:
            return rejected.reason.value, rejected.detail, readable(content), None, sorted(extra_keys)
        return None, None, None, row, sorted(extra_keys)
