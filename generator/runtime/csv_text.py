"""CSV, one record a line: a header each file, and the proof that Spark's parser may have a record."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from copy import copy
from functools import reduce
from typing import Any

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from .columns import as_read, spark_type
from .csv_lines import CsvLines
from .error import LakeError
from .lines import PROVEN, Decoder, Lines
from .options import ReadOptions
from .patterns import BLANK, csv_line
from .rules import LandingColumn, Rejected, file_column

MOST_LAYOUTS = 8
_MARK = b"\xef\xbb\xbf"
_NO_NULL = "\0"
"""What the parser makes of an empty field without quotes; no proven line holds it."""

Layout = tuple[int, tuple[int, ...]]
"""The number of fields, and the index of each column's."""

Headers = dict[str, tuple[bytes | None, int | None]]
"""The header of each file, and its id."""


class CsvText:
    """The lines of a source's CSV files. Files of the same layout are read alike, the most common ones fast.

    Attributes:
        extra_keys: undeclared fields of the headers.
    """

    def __init__(self, lines: Lines, columns: Sequence[LandingColumn], options: ReadOptions, source: str) -> None:
        nested = [column.name for column in columns if column.type.is_nested]
        if nested:
            raise LakeError(f"{source}: CSV can't hold the nested type of column `{nested[0]}`", source=source)
        self._folder, self._columns, self._delimiter = lines.folder, tuple(columns), options.delimiter
        self._refuses_new = options.refuses_new
        self._headers = _headers(lines) if options.header else _no_headers(lines)
        read = {header: _read_header(columns, options, header) for header, _ in self._headers.values()}
        found = {header: (one.width, tuple(one.positions)) for header, one in read.items() if one}
        counted = Counter(found[header] for header, _ in self._headers.values() if header in found)
        self._layouts: list[Layout] = [layout for layout, _ in counted.most_common(MOST_LAYOUTS)]
        self._files = [
            (file, number if header in found else None, self._number(found.get(header)))
            for file, (header, number) in self._headers.items()
        ]
        self.extra_keys = tuple(sorted({key for one in read.values() if one for key in one.extra_keys}))

    def _number(self, layout: Layout | None) -> int | None:
        return self._layouts.index(layout) if layout in self._layouts else None

    def numbered(self, lines: Lines) -> CsvText:
        ids, other = _header_ids(lines), copy(self)
        other._files = [
            (file, None if header is None else ids[file], layout) for file, header, layout in self._files if file in ids
        ]
        return other

    def prepared(self, lines: DataFrame) -> DataFrame:
        """With `header`, the id of the file's header unless that is a wrong one, and `layout`, its number."""
        known = lines.sparkSession.createDataFrame(self._files, "file string, header bigint, layout int")
        return lines.join(F.broadcast(known), "file", "left")

    def header(self) -> Column | None:
        return F.col("id") == F.col("header")

    def proof(self) -> Column | None:
        if not all(column.spelling.is_usual for column in self._columns):
            return None
        proofs = []
        for number, (width, positions) in enumerate(self._layouts):
            kinds = dict(zip(positions, (column.type for column in self._columns), strict=True))
            pattern = csv_line([kinds.get(position) for position in range(width)], self._delimiter)
            if pattern is not None:
                proofs.append((F.col("layout") == number) & F.col("value").rlike(pattern))
        return F.coalesce(reduce(Column.__or__, proofs), F.lit(False)) if proofs else None

    def native(self, spark: SparkSession, files: Collection[str]) -> DataFrame | None:
        return None

    def rows(self, proven: DataFrame) -> DataFrame:
        # A filter that a job adds may be evaluated before the one for proven lines.
        value = F.when(F.col("class") == PROVEN, F.expr(r"trim(TRAILING '\r' FROM value)"))
        options = {
            "sep": self._delimiter, "quote": '"', "escape": '"', "nullValue": _NO_NULL, "emptyValue": "",
            "mode": "FAILFAST", "columnNameOfCorruptRecord": "_",
        }  # fmt: skip
        kinds = [spark_type(str(column.type)) for column in self._columns]
        records = []
        for number, (width, positions) in enumerate(self._layouts):
            schema = ", ".join(f"f{position} string" for position in range(width))
            chosen = value if len(self._layouts) == 1 else F.when(F.col("layout") == number, value)
            record = F.from_csv(chosen, schema, options)
            fields = [
                record[f"f{position}"].cast(as_read(kind)).cast(kind).alias(column.name)
                for column, kind, position in zip(self._columns, kinds, positions, strict=True)
            ]
            records.append(F.when(chosen.isNotNull(), F.struct(*fields)))
        name = file_column(one.name for one in self._columns)
        file = F.expr(self._folder.name_of("file")).alias(name)
        return proven.select(F.coalesce(*records).alias("r"), file).select("r.*", name)

    def decoder(self) -> Callable[[str], Decoder]:
        headers = {file: header for file, (header, _) in self._headers.items()}
        return _CsvDecoders(self._columns, self._delimiter, headers, self._refuses_new)


class _CsvDecoders:
    """Makes the decoder of a file on a worker."""

    def __init__(
        self,
        columns: tuple[LandingColumn, ...],
        delimiter: str,
        headers: Mapping[str, bytes | None],
        refuses_new: bool,
    ) -> None:
        self.columns, self.delimiter, self.headers, self.refuses_new = columns, delimiter, headers, refuses_new

    def __call__(self, file: str) -> Decoder:
        try:
            header = self.headers[file]
            return CsvLines(self.columns, self.delimiter, header, refuses_new=self.refuses_new).decode
        except Rejected as error:
            rejected = error

        def reject(_: bytes) -> Mapping[str, Any]:
            raise rejected

        return reject


def _read_header(columns: Sequence[LandingColumn], options: ReadOptions, header: bytes | None) -> CsvLines | None:
    try:
        return CsvLines(columns, options.delimiter, header, refuses_new=options.refuses_new)
    except Rejected:
        return None


def _no_headers(lines: Lines) -> Headers:
    """That no file has one."""
    return {row["file"]: (None, None) for row in lines.frame.select("file").distinct().collect()}


def _headers(lines: Lines) -> Headers:
    """The header of each file that has one, and its id: the first line that isn't blank."""
    spark = lines.frame.sparkSession
    text = F.col("value").cast("binary")
    wanted = spark.createDataFrame([(number,) for number in _header_ids(lines).values()], "id bigint")
    found = lines.frame.join(F.broadcast(wanted), "id").select("file", "id", text.alias("text")).collect()
    return {row["file"]: (bytes(row["text"]).removeprefix(_MARK).removesuffix(b"\r"), row["id"]) for row in found}


def _header_ids(lines: Lines) -> dict[str, int]:
    """The id of each file's header: of the first line that isn't blank."""
    there = lines.frame.filter(~F.col("value").rlike(BLANK))
    firsts = there.groupBy("file", "block").agg(F.min("id").alias("id")).collect()
    ids: dict[str, tuple[int, int]] = {}
    for row in firsts:
        ids[row["file"]] = min(ids.get(row["file"], (row["block"], row["id"])), (row["block"], row["id"]))
    return {file: number for file, (_, number) in ids.items()}
