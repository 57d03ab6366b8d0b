"""The fast path: SQL that reads files as lines and decodes those that it can prove regular."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from generator.plan.types import Type, duckdb_type
from generator.run.landing import flat, regular
from generator.run.landing.fields import CsvField, counted_moment, csv_column, spelled_value, utc_timestamp
from generator.run.landing.sql import file_list, lines_of_text, literal, name, name_of_file
from generator.runtime.options import ReadOptions
from generator.runtime.plain_times import literal_expression
from generator.runtime.rules import MAX_RECORD, LandingColumn, file_column
from generator.runtime.shapes import Shape

MOST_NAMES = 10_000
LONGEST_PATTERN = 15_000
"""Characters of an expression that is still fast; of 30,000 it takes ten times as long as Python's exact rules do."""
MOST_ORDERS = 8
"""Shapes, the most common ones, of which an expression knows the order of the keys."""
PATH = "folder.path"
"""The column of the path of a file, where values of its folders are."""


@dataclass(frozen=True, slots=True)
class Folders:
    """Where the values of columns that are in the names of folders come from.

    Attributes:
        outputs: the columns.
        table: what has them, and the file's `PATH`; empty if there are no such columns.
    """

    outputs: tuple[str, ...] = ()
    table: str = ""

    def join(self, path: str) -> str:
        """What joins each row, given SQL of the path of its file."""
        return f" JOIN {self.table} AS folders ON {path} = folders.{name(PATH)}" if self.table else ""


@dataclass(frozen=True, slots=True)
class FileColumn:
    """The column of a row's file.

    Attributes:
        kind: DuckDB type; of few names one that knows them all, which takes a fraction of the time that texts do.
    """

    name: str
    kind: str

    def of(self, file: str) -> str:
        """The column, given SQL of a file's name."""
        return f"({file})::{self.kind} AS {name(self.name)}"


def file_column_of(columns: Sequence[LandingColumn], names: Collection[str]) -> FileColumn:
    """The column of the files of these names."""
    kind = f"ENUM({', '.join(map(literal, sorted(names)))})" if 0 < len(names) <= MOST_NAMES else "VARCHAR"
    return FileColumn(file_column(column.name for column in columns), kind)


CSV_BLANKS = "' ' || chr(9) || chr(11) || chr(12) || chr(13)"


@dataclass(frozen=True, slots=True)
class Scan:
    """How files of one kind are read.

    Attributes:
        lines: given a list of files, the query of their lines that aren't blank: `line` (the text, NULL if
            malformed), `filename`, and what `record` needs.
        record: struct of a line that is proven regular, else NULL.
        outputs: the columns' values, from `record`.
        blanks: SQL of the characters that may be around lines, and are all that blank ones have; empty where `lines`
            has none of them.
        sooner: a scan that finds the same, and takes less time, but may fail where this one doesn't.
    """

    lines: Callable[[str], str]
    record: str
    outputs: tuple[str, ...]
    blanks: str = ""
    sooner: Scan | None = None

    def table(self, names: Mapping[Path, str], file: FileColumn, folders: Folders, proven: str) -> str:
        """Query of the rows with their `file`.

        Args:
            names: the files' names, by path.
            file: the column of a row's file.
            folders: the columns of folders.
            proven: SQL of whether a line is taken, on its `record` (NULL if it isn't proven regular) and `filename`.
        """
        known = name_of_file("filename", {str(path): one for path, one in names.items()})
        return (
            f"SELECT {', '.join((*self.outputs, *folders.outputs))}, {file.of(known)}"
            f" FROM (SELECT {self.record} AS record, filename FROM ({self._lines(list(names))}))"
            f"{folders.join('filename')} WHERE {proven}"
        )

    def unproven(self, paths: Sequence[Path]) -> str:
        """Query of the lines of files, in order, that are not proven, and of the first line of each file.

        Columns: file, ordinal over all files, size in bytes of one that isn't proven (NULL if malformed), and whether
        it isn't.
        """
        bare = f"trim(line, {self.blanks})" if self.blanks else "line"
        lines = (
            f"SELECT filename, record IS NULL AS others, CASE WHEN record IS NULL THEN strlen({bare}) END AS size"
            f" FROM (SELECT line, filename, {self.record} AS record FROM ({self._lines(paths)}))"
        )
        if self.blanks:
            lines += f" WHERE CASE WHEN record IS NULL THEN {bare} <> '' ELSE true END"
        return (
            "SELECT filename, ordinal, size, others FROM (SELECT *, row_number() OVER () AS ordinal,"
            f" lag(filename) OVER () AS file_before FROM ({lines}))"
            " WHERE others OR file_before IS DISTINCT FROM filename"
        )

    def probe(self, path: Path) -> str:
        """Query that fails if DuckDB can't read the file."""
        return f"SELECT count(line) FROM ({self._lines([path])})"

    def _lines(self, paths: Sequence[Path]) -> str:
        return self.lines(file_list([str(path) for path in paths]))


def json_scan(
    columns: Sequence[LandingColumn], shapes: Sequence[Shape], common: int, *, much: bool = False
) -> Scan | None:
    """The scan of JSON files whose lines mostly look like `shapes`, or None if nothing can be proven of them.

    Args:
        common: how many forms of lines are worth a proof of their own.
        much: whether there is so much data that another scan pays which may fail.
    """
    pattern = regular.line_pattern(columns, shapes[:MOST_ORDERS])
    fields = {column.key.lower() for column in columns}
    if pattern is None or len(fields) < len(columns) or "" in fields:  # which no struct could have
        return None
    types = {column.key: _json_type(column) for column in columns}
    value, further, ways = "NULL", "", [f"WHEN strlen(line) > {MAX_RECORD} THEN NULL"]
    if proof := flat.proof(columns, shapes, common):
        value = _transform(proof.types)
        further = "".join(f", {values} AS {column}" for column, values in proof.further.items())
        ways.append(f"WHEN {proof.condition} THEN {_cast(proof.types, types)}")
    if len(pattern) <= LONGEST_PATTERN:
        ways.append(f"WHEN regexp_full_match(line, {literal(pattern)}) THEN {_transform(types)}")
    elif proof is None:
        return None
    outputs = tuple(f"{_json_output(column)} AS {name(column.name)}" for column in columns)
    sooner = _sooner(proof, pattern, types, outputs) if proof and much and len(pattern) <= LONGEST_PATTERN else None
    return Scan(lambda files: _json_lines(files, value, further), f"CASE {' '.join(ways)} END", outputs, sooner=sooner)


def _sooner(proof: flat.Proof, pattern: str, types: dict[str, str], outputs: tuple[str, ...]) -> Scan | None:
    """The scan by DuckDB's reader of CSV, which looks for line ends alone and takes half as long as that of JSON.

    It fails at a carriage return and at what isn't UTF-8. A line is JSON if `json_transform` takes it; since
    that fails at any other, a line has to look like a proven one first: by its first key, texts, quotes and end.
    """
    if proof.parts is None:
        return None
    of_line, of_value = proof.parts
    value = f"CASE WHEN {of_line} THEN {_transform(proof.types)} END"
    bare = f"trim(line, {CSV_BLANKS})"
    record = (
        f"CASE WHEN strlen(line) > {MAX_RECORD} THEN NULL"
        f" WHEN value IS NOT NULL AND {of_value} THEN {_cast(proof.types, types)}"
        f" WHEN regexp_full_match({bare}, {literal(pattern)}) THEN {_transform(types)} END"
    )
    return Scan(lambda files: _text_lines(files, value), record, outputs, blanks=CSV_BLANKS)


def _text_lines(files: str, value: str) -> str:
    return f"SELECT line, filename, {value} AS value FROM {lines_of_text(files)} WHERE line IS NOT NULL"


def _cast(decoded: Mapping[str, str], types: Mapping[str, str]) -> str:
    """The struct `value`, of the decoded types, as one of these: in one piece if it has no other fields."""
    if list(decoded) == list(types):
        return f"value::STRUCT({', '.join(f'{name(key)} {kind}' for key, kind in types.items())})"
    return f"struct_pack({', '.join(f'{name(key)} := value.{name(key)}::{kind}' for key, kind in types.items())})"


def _json_lines(files: str, value: str, further: str) -> str:
    query = (
        f"SELECT json AS line, filename, {value} AS value FROM read_ndjson_objects({files},"
        " ignore_errors = true, filename = true, hive_partitioning = false)"
    )
    return f"SELECT *{further} FROM ({query})" if further else query


def _transform(types: dict[str, str]) -> str:
    return f"json_transform(line, {literal(json.dumps(types))})"


def _json_type(column: LandingColumn) -> str:
    """The type to decode to: timestamps stay text, as DuckDB would ignore their offset, or the number that counts."""
    if column.epoch:
        return "BIGINT"
    return "VARCHAR" if column.type.kind == "timestamp" or column.times else duckdb_type(column.type)


def _json_output(column: LandingColumn) -> str:
    value = f"record.{name(column.key)}"
    if column.epoch:
        return counted_moment(value, column.epoch)
    if not column.spelling.is_usual:
        return spelled_value(value, column.type, column.spelling)
    return utc_timestamp(value) if column.type.kind == "timestamp" else value


def csv_scan(
    columns: Sequence[LandingColumn], positions: Sequence[int | None], width: int, options: ReadOptions, *, skip: int
) -> Scan | None:
    """The scan of CSV files of one layout, or None; lines with quotes are left to the slow path.

    Args:
        positions: index of each column's field; None for a column that the files lack.
        width: number of fields.
        skip: lines before the records.
    """
    fields = [csv_column(column, options) for column in columns]
    at = {place: field for place, field in zip(positions, fields, strict=True) if place is not None}
    others = CsvField(regular.csv_field(None, options) or "", str)
    found = [at.get(position, others) for position in range(width)]
    pattern = literal_expression(options.delimiter).join(field.pattern for field in found if field)
    if None in fields:
        return None
    is_plain = f"strlen(line) <= {MAX_RECORD} AND regexp_full_match(line, {literal(pattern)})"
    record = f"CASE WHEN {is_plain} THEN string_split(line, {literal(options.delimiter)}) END"
    outputs = tuple(
        f"{_csv_value(position, column.type, field)} AS {name(column.name)}"
        for position, column, field in zip(positions, columns, fields, strict=True)
        if field
    )
    return Scan(lambda files: _csv_lines(files, skip), record, outputs)


def _csv_value(position: int | None, kind: Type, field: CsvField) -> str:
    return f"NULL::{duckdb_type(kind)}" if position is None else field.value(f"record[{position + 1}]")


def _csv_lines(files: str, skip: int) -> str:
    return (
        f"SELECT line, filename FROM read_csv({files}, columns = {{line: 'VARCHAR'}}, delim = '',"
        f" quote = '', escape = '', header = false, auto_detect = false, skip = {skip}, filename = true,"
        f" hive_partitioning = false) WHERE trim(line, {CSV_BLANKS}) <> ''"
    )
