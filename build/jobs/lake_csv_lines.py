"""CSV, one record a line: a header each file, and the proof that a record can be split at its delimiters."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import reduce
from typing import Any

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from lake_columns import as_read, spark_type
from lake_csv import CsvLines
from lake_error import LakeError
from lake_lines import HEADER, PROVEN, UNPROVEN, Decoder, Lines
from lake_patterns import csv_line
from lake_rules import LandingColumn, Rejected

_MARK = b"\xef\xbb\xbf"
_BLANK_HEADER = "\\\\A\\\\uFEFF?+[ \\\\t\\\\r\\\\x0B\\\\f]*+\\\\z"


class CsvText:
    """The lines of a source's CSV files. Files with the same header are read alike.

    Attributes:
        extra_keys: undeclared fields of the headers.
    """

    def __init__(self, lines: Lines, columns: Sequence[LandingColumn], delimiter: str, source: str) -> None:
        nested = [column.name for column in columns if column.type.is_nested]
        if nested:
            raise LakeError(f"{source}: CSV can't hold the nested type of column `{nested[0]}`", source=source)
        self._lines, self._columns, self._delimiter = lines, tuple(columns), delimiter
        self._headers, self._ids = _headers(lines)
        self._layouts: dict[bytes, CsvLines] = {}
        for header in set(self._headers.values()):
            try:
                self._layouts[header] = CsvLines(columns, delimiter, header)
            except Rejected:
                continue
        self.extra_keys = tuple(sorted({key for one in self._layouts.values() for key in one.extra_keys}))

    def proof(self) -> Column:
        is_header = (F.col("block") == 0) & (F.col("id") == self._of_file(self._good_ids(), F.lit(None)))
        plain = ~F.col("value").contains('"')
        found = F.lit(UNPROVEN)
        for header, layout in self._layouts.items():
            kinds = dict(zip(layout.positions, (column.type for column in self._columns), strict=True))
            pattern = csv_line([kinds.get(position) for position in range(layout.width)], self._delimiter)
            if pattern is not None:
                proven = self._has_header(header) & plain & F.col("value").rlike(pattern)
                found = F.when(proven, PROVEN).otherwise(found)
        return F.when(is_header, HEADER).otherwise(found)

    def all_proven(self, spark: SparkSession) -> DataFrame:
        return self._lines.proven(self)

    def rows(self, proven: DataFrame) -> DataFrame:
        fields = F.split(F.regexp_replace("value", "\r$", ""), re.escape(self._delimiter), -1)
        records = proven.select("file", fields.alias("f"))
        return records.select(*(self._output(number, column) for number, column in enumerate(self._columns)))

    def _output(self, number: int, column: LandingColumn) -> Column:
        positions = {header: layout.positions[number] for header, layout in self._layouts.items()}
        if len(set(positions.values())) <= 1:
            field = F.col("f")[next(iter(positions.values()), 0)]
        else:
            branches = [F.when(self._has_header(one), F.col("f")[position]) for one, position in positions.items()]
            field = F.coalesce(*branches)
        kind = spark_type(str(column.type))
        return F.nullif(field, F.lit("")).cast(as_read(kind)).cast(kind).alias(column.name)

    def decoder(self) -> Callable[[str], Decoder]:
        return _CsvDecoders(self._columns, self._delimiter, self._headers)

    def _good_ids(self) -> dict[str, int]:
        """The headers that are none of the records; a wrong one is quarantined with what follows it."""
        return {file: number for file, number in self._ids.items() if self._headers[file] in self._layouts}

    def _has_header(self, header: bytes) -> Column:
        if len(set(self._headers.values())) == 1:
            return F.lit(True)
        return F.col("file").isin([file for file, one in self._headers.items() if one == header])

    def _of_file(self, values: Mapping[str, int], default: Column) -> Column:
        """The value that belongs to a line's file."""
        groups: dict[int, list[str]] = {}
        for file, value in values.items():
            groups.setdefault(value, []).append(file)
        return reduce(
            lambda rest, one: F.when(F.col("file").isin(one[1]), one[0]).otherwise(rest), groups.items(), default
        )


class _CsvDecoders:
    """Makes the decoder of a file on a worker."""

    def __init__(self, columns: tuple[LandingColumn, ...], delimiter: str, headers: Mapping[str, bytes]) -> None:
        self.columns, self.delimiter, self.headers = columns, delimiter, headers

    def __call__(self, file: str) -> Decoder:
        try:
            return CsvLines(self.columns, self.delimiter, self.headers[file]).decode
        except Rejected as error:
            rejected = error

        def reject(_: bytes) -> Mapping[str, Any]:
            raise rejected

        return reject


def _headers(lines: Lines) -> tuple[dict[str, bytes], dict[str, int]]:
    """The header of each file that has records, and its id: its first line that isn't blank."""
    there = F.expr(f"NOT value RLIKE '{_BLANK_HEADER}'")
    first = F.min(F.struct("id", F.col("value").cast("binary").alias("value"))).alias("first")
    found = lines.frame.filter((F.col("block") == 0) & there).groupBy("file").agg(first).collect()
    headers = {row["file"]: bytes(row["first"]["value"]).removesuffix(b"\r").removeprefix(_MARK) for row in found}
    return headers, {row["file"]: int(row["first"]["id"]) for row in found}
