"""Records of CSV: a header each file, and the proof that Spark's parser may have a record."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from copy import copy
from functools import reduce
from typing import Any

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from .columns import quoted, spark_type, struct_of
from .csv_lines import CsvLines
from .folder import Folder, uri_path
from .lines import PROVEN, Decoder, Lines
from .options import ReadOptions
from .patterns import BLANK, csv_line
from .plain_texts import plain_text
from .rules import LandingColumn, Rejected, file_column
from .spelled_texts import spelled_value, usual_value

MOST_LAYOUTS = 8
_MARK = b"\xef\xbb\xbf"
_NO_NULL = "\0"
"""What the parser makes of an empty field without quotes; no proven line holds it."""

Layout = tuple[int, tuple[int | None, ...]]
"""The number of fields, and the index of each column's."""

_PLACE_IN_SPLIT = (1 << 33) - 1
"""The bits of a line's id that count the lines of its split."""
_NEAR = 64
"""Lines of a split among which a header is looked for at first."""
Headers = dict[str, tuple[bytes | None, int | None]]
"""The header of each file, and the id of its line if that is among the lines."""


class CsvText:
    """The records of a source's CSV files. Files of the same layout are read alike, the most common ones fast.

    Attributes:
        extra_keys: undeclared fields of the headers.
        lacking: by file with a header, the declared columns that it lacks.
        wrong: files whose header is none.
    """

    def __init__(
        self, folder: Folder, headers: Headers, columns: Sequence[LandingColumn], options: ReadOptions
    ) -> None:
        self._folder, self._columns, self._options, self._headers = folder, tuple(columns), options, headers
        read = {header: _read_header(columns, options, header) for header, _ in headers.values()}
        found = {header: (one.width, one.positions) for header, one in read.items() if one}
        counted = Counter(found[header] for header, _ in headers.values() if header in found)
        self._layouts: list[Layout] = [layout for layout, _ in counted.most_common(MOST_LAYOUTS)]
        self._files = [
            (file, number if header in found else None, self._number(found.get(header)))
            for file, (header, number) in headers.items()
        ]
        self.extra_keys = tuple(sorted({key for one in read.values() if one for key in one.extra_keys}))
        self.wrong = frozenset(file for file, (header, _) in headers.items() if read[header] is None)
        self.lacking = {
            file: one.lacking for file, (header, _) in headers.items() if header is not None and (one := read[header])
        }

    def _number(self, layout: Layout | None) -> int | None:
        return self._layouts.index(layout) if layout in self._layouts else None

    def numbered(self, lines: Lines) -> CsvText:
        ids, other = _header_ids(lines), copy(self)
        other._files = [
            (file, None if header is None else ids[file], layout) for file, header, layout in self._files if file in ids
        ]
        return other

    def prepared(self, lines: DataFrame) -> DataFrame:
        """With `header_id`, that of the file's header unless it is a wrong one, and `layout`, its number."""
        known = lines.sparkSession.createDataFrame(self._files, "file string, header_id bigint, layout int")
        return lines.join(F.broadcast(known), "file", "left")

    def header(self) -> Column | None:
        among_lines = any(number is not None for _, number in self._headers.values())
        return F.col("id") == F.col("header_id") if among_lines else None

    def breaks_off(self) -> Column | None:
        """A line of usual CSV that holds an odd number of quotes: one of them may be closed on another line."""
        return (F.octet_length("value") - F.octet_length(F.expr("replace(value, '\"', '')"))) % 2 == 1

    def proof(self) -> Column | None:
        plain = [one.type if one.spelling.is_usual else plain_text(one.type, one.spelling) for one in self._columns]
        if None in plain:
            return None
        proofs = []
        for number, (width, positions) in enumerate(self._layouts):
            kinds = dict(zip(positions, plain, strict=True))
            pattern = csv_line([kinds.get(position) for position in range(width)], self._options)
            if pattern is not None:
                proofs.append((F.col("layout") == number) & F.col("value").rlike(pattern))
        return F.coalesce(reduce(Column.__or__, proofs), F.lit(False)) if proofs else None

    def native(self, spark: SparkSession, files: Collection[str]) -> DataFrame | None:
        return None

    def rows(self, proven: DataFrame) -> DataFrame:
        if not self._layouts:
            columns = {column.name: str(column.type) for column in self._columns}
            return proven.sparkSession.createDataFrame([], struct_of({**columns, file_column(columns): "string"}))
        # A filter that a job adds may be evaluated before the one for proven lines.
        value = F.when(F.col("class") == PROVEN, F.expr(r"trim(TRAILING '\r' FROM value)"))
        options = {
            "sep": self._options.delimiter, "quote": '"', "escape": '"', "nullValue": _NO_NULL, "emptyValue": "",
            "mode": "FAILFAST", "columnNameOfCorruptRecord": "_",
        }  # fmt: skip
        records = []
        for number, (width, _) in enumerate(self._layouts):
            schema = ", ".join(f"f{position} string" for position in range(width))
            chosen = value if len(self._layouts) == 1 else F.when(F.col("layout") == number, value)
            records.append(F.from_csv(chosen, schema, options).alias(f"c{number}"))
        # In a select of their own: Spark would decode the line again for each of its fields.
        decoded = proven.select(*records, "layout", "file")
        values = (f"{self._value(place)} AS {quoted(column.name)}" for place, column in enumerate(self._columns))
        own = quoted(file_column(one.name for one in self._columns))
        return decoded.selectExpr(*values, f"{self._folder.name_of('file')} AS {own}")

    def _value(self, place: int) -> str:
        """Spark SQL: the value of a column, in whichever layout its line has."""
        column = self._columns[place]
        found = [_field(f"c{number}", positions[place], column) for number, (_, positions) in enumerate(self._layouts)]
        cases = (f"WHEN {number} THEN {value}" for number, value in enumerate(found))
        return found[0] if len(found) == 1 else f"CASE layout {' '.join(cases)} END"

    def decoder(self) -> Callable[[str], Decoder]:
        headers = {file: header for file, (header, _) in self._headers.items()}
        return _CsvDecoders(self._columns, self._options, headers)


def _field(record: str, position: int | None, column: LandingColumn) -> str:
    if position is None:
        return f"CAST(NULL AS {spark_type(str(column.type)).simpleString()})"
    text = f"{record}.f{position}"
    return (
        usual_value(text, column.type)
        if column.spelling.is_usual
        else spelled_value(text, column.type, column.spelling)
    )


class _CsvDecoders:
    """Makes the decoder of a file on a worker."""

    def __init__(
        self, columns: tuple[LandingColumn, ...], options: ReadOptions, headers: Mapping[str, bytes | None]
    ) -> None:
        self.columns, self.options, self.headers = columns, options, headers

    def __call__(self, file: str) -> Decoder:
        try:
            return CsvLines(self.columns, self.options, self.headers[file]).decode
        except Rejected as error:
            rejected = error

        def reject(_: bytes) -> Mapping[str, Any]:
            raise rejected

        return reject


def _read_header(columns: Sequence[LandingColumn], options: ReadOptions, header: bytes | None) -> CsvLines | None:
    try:
        return CsvLines(columns, options, header)
    except Rejected:
        return None


def text_of_lines(lines: Lines, columns: Sequence[LandingColumn], options: ReadOptions) -> CsvText:
    """The text of files whose lines are records."""
    headers = _headers(lines) if options.header else no_headers(lines.frame)
    return CsvText(lines.folder, headers, columns, options)


def no_headers(lines: DataFrame) -> Headers:
    """That no file has one."""
    return {row["file"]: (None, None) for row in lines.select("file").distinct().collect()}


def _headers(lines: Lines) -> Headers:
    """The header of each file that has one, and its id: the first line that isn't blank."""
    near = lines.frame.filter(f"(id & {_PLACE_IN_SPLIT}) < {_NEAR}")
    found = _firsts(near, F.struct("id", F.col("value").cast("binary").alias("text")))
    texts = {file: (bytes(first["text"]), first["id"]) for file, (_, first) in found.items()}
    if {uri_path(file) for file, (block, _) in found.items() if block == 0} != lines.files:
        texts = _far_headers(lines)
    return {file: (text.removeprefix(_MARK).removesuffix(b"\r"), number) for file, (text, number) in texts.items()}


def _far_headers(lines: Lines) -> dict[str, tuple[bytes, int]]:
    """Headers, however far from the beginning of their files."""
    text = F.col("value").cast("binary")
    wanted = lines.frame.sparkSession.createDataFrame(
        [(number,) for number in _header_ids(lines).values()], "id bigint"
    )
    found = lines.frame.join(F.broadcast(wanted), "id").select("file", "id", text.alias("text")).collect()
    return {row["file"]: (bytes(row["text"]), row["id"]) for row in found}


def _header_ids(lines: Lines) -> dict[str, int]:
    """The id of each file's header."""
    return {file: number for file, (_, number) in _firsts(lines.frame, F.col("id")).items()}


def _firsts(lines: DataFrame, asked: Column) -> dict[str, tuple[int, Any]]:
    """The place of the split and what is asked, of the first line of each file that isn't blank."""
    there = lines.filter(~F.col("value").rlike(BLANK))
    found = there.groupBy("file", "block").agg(F.min(asked).alias("first")).collect()
    return {row["file"]: (row["block"], row["first"]) for row in sorted(found, key=lambda row: -row["block"])}
