r"""Proves JSON of plain lines by DuckDB, while the JVM of local Spark starts: a third of the work that it is for Spark.

Plain is what most lines are: declared keys alone, each once and in a usual order, strings of ASCII without escapes,
numbers without exponents, `\n` behind it. Spark's own proof (`runtime/patterns.py`) takes all such lines, and many
more. A file with any other line is left to it.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

from generator.plan.types import Type
from generator.run.landing.files import LandingFile, find_files
from generator.run.landing.formats import is_much
from generator.run.landing.model import LandingSource
from generator.run.landing.scan import LONGEST_PATTERN
from generator.run.landing.shapes import sniff
from generator.run.landing.sql import file_list, lines_of_text, literal
from generator.run.program import SourceProgram
from generator.run.source_step import landing_source
from generator.run.spark.settings import cores
from generator.runtime.json_lines import JsonLines
from generator.runtime.names import is_archive
from generator.runtime.patterns import MAX_LINE, is_sound
from generator.runtime.plain_times import DATE, OFFSET_TIMESTAMP, literal_expression
from generator.runtime.rules import LandingColumn, ProvenFiles
from generator.runtime.shapes import Shape

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_MOST_FORMS = 16
_MOMENT = 0.1
"""Seconds after which a query is interrupted once more: it may have begun only then."""
_STRING = r'"[ !#-\[\]-~]*"'
_DIGITS = {"tinyint": 2, "smallint": 4, "int": 9, "bigint": 18}
_FRACTION = r"\.[0-9]{1,30}"


class PlainFiles:
    """What was found out of each source."""

    def __init__(self, sources: Iterable[str] = ()) -> None:
        self._found: dict[str, Future[ProvenFiles]] = {source: Future() for source in sources}

    def of(self, source: str) -> ProvenFiles:
        """The source's files of plain lines; waits until they are known."""
        return self._found[source].result() if source in self._found else {}

    def tell(self, source: str, found: ProvenFiles) -> None:
        if not self._found[source].done():
            self._found[source].set_result(found)


NONE_KNOWN = PlainFiles()


@contextmanager
def looking_for_plain_lines(sources: Sequence[SourceProgram], data: Path) -> Iterator[PlainFiles]:
    """Looks through JSON sources in a thread, one after the other, until all are known or whatever goes on is over.

    Nothing that goes wrong matters: files of which nothing is known are Spark's.
    """
    wanted = {one.name: landing_source(one) for one in sources if one.format == "json"}
    found = PlainFiles(wanted)
    connected: list[DuckDBPyConnection] = []
    over = False

    def look() -> None:
        with suppress(Exception), _connect() as connection:
            connected.append(connection)
            for name, source in wanted.items():
                with suppress(Exception):
                    found.tell(name, {} if over else plain_files(connection, source, data))
                found.tell(name, {})
        for name in wanted:
            found.tell(name, {})

    thread = Thread(target=look, daemon=True)
    thread.start()
    try:
        yield found
    finally:
        over = True
        while thread.is_alive():
            with suppress(Exception):  # it may be closed by now
                connected[0].interrupt()
            thread.join(_MOMENT)


def _connect() -> DuckDBPyConnection:
    """DuckDB with all cores but one, which is the JVM's."""
    import duckdb

    spare = max(cores() - 1, 1)
    return duckdb.connect(
        config={"threads": spare, "preserve_insertion_order": "false", "autoinstall_known_extensions": "false"}
    )


def plain_files(connection: DuckDBPyConnection, source: LandingSource, data: Path) -> ProvenFiles:
    """The files of a source whose lines are plain, each of them.

    Raises:
        LandingError: there is something that can't be read.
        duckdb.Error: DuckDB can't read a file.
    """
    if source.options.cuts_documents or source.options.partitions:
        return {}
    files = [file for file in find_files(source.name, data, source.paths).files if not is_archive(file.name)]
    pattern = plain_line(source.columns, sniff(files, JsonLines(source.columns)))
    if pattern is None or not files:
        return {}
    before = {file: _state(file) for file in files}
    counted = _counted(connection, files, pattern)
    found: dict[str, tuple[int, int, int]] = {}
    for file in files:
        lines, size, plain = counted.get(str(file.path), (0, 0, True))
        # All bytes are lines, each with an end, but for the last one perhaps.
        if plain and size == before[file][0] + _lacks_end(file):
            found[file.name] = (*before[file], lines)
    return found


def _state(file: LandingFile) -> tuple[int, int]:
    found = os.stat(file.path)
    return found.st_size, found.st_mtime_ns // 1_000_000


def _lacks_end(file: LandingFile) -> bool:
    """Whether the last line has no end."""
    with file.path.open("rb") as content:
        length = content.seek(0, os.SEEK_END)
        content.seek(max(length - 1, 0))
        return length > 0 and content.read() != b"\n"


def _counted(
    connection: DuckDBPyConnection, files: Sequence[LandingFile], pattern: str
) -> dict[str, tuple[int, int, bool]]:
    """By path each file's lines, their bytes with an end each, and whether all are plain."""
    import duckdb

    paths = file_list([str(file.path) for file in files])
    if is_much(files):
        with suppress(duckdb.Error):
            return _asked(connection, f"FROM {lines_of_text(paths)}", pattern)
    objects = f"read_ndjson_objects({paths}, ignore_errors = true, filename = true, hive_partitioning = false)"
    return _asked(connection, f"SELECT json AS line, filename FROM {objects}", pattern)


def _asked(connection: DuckDBPyConnection, lines: str, pattern: str) -> dict[str, tuple[int, int, bool]]:
    is_plain = f"strlen(line) <= {MAX_LINE} AND regexp_full_match(line, {literal(pattern)})"
    query = (
        f"SELECT filename, count(*), sum(strlen(line) + 1)::BIGINT, bool_and(coalesce({is_plain}, false))"
        f" FROM ({lines}) GROUP BY filename"
    )
    return {path: (count, size, plain) for path, count, size, plain in connection.execute(query).fetchall()}


def plain_line(columns: Sequence[LandingColumn], shapes: Sequence[Shape]) -> str | None:
    """RE2 of lines of these shapes with nothing but plain values of the columns.

    None if there are no such lines, or it would be so long that it isn't fast any more.
    """
    values = {column.key: _column(column) for column in columns}
    if len({key.lower() for key in values}) < len(columns):
        return None
    nullable = {member.key[1:-1] for shape in shapes for member in shape if member.value == "null"}
    alternatives = dict.fromkeys(
        line for shape in shapes[:_MOST_FORMS] if is_sound(shape) and (line := _line(shape, values, nullable))
    )
    pattern = rf"(?:{'|'.join(alternatives)})\}}"
    return pattern if alternatives and len(pattern) <= LONGEST_PATTERN else None


def _column(column: LandingColumn) -> str | None:
    if column.epoch:
        return column.epoch.whole
    if column.times:
        return f'"(?:{column.times.expression})"'
    return _value(column.type) if column.spelling.is_usual or column.type.kind == "string" else None


def _line(shape: Shape, values: Mapping[str, str | None], nullable: set[str]) -> str | None:
    members = []
    for member in shape:
        key = member.key[1:-1]
        value = values.get(key)
        if value is None:
            return None
        start = literal_expression(member.before + member.key + member.colon)
        members.append(f"{start}(?:{value}|null)" if key in nullable else f"{start}(?:{value})")
    return "".join(members)


def _value(kind: Type) -> str | None:
    """Plain values of a type; None for a type that isn't proven here."""
    if kind.is_integer:
        return _whole(_DIGITS[kind.kind])
    if kind.kind in ("double", "float"):  # `-0` is read as a whole number, which has no sign
        digits = 30 if kind.kind == "double" else 15
        return f"{_whole(digits)}{_FRACTION}|0|-?[1-9][0-9]{{0,{digits - 1}}}"
    if kind.kind == "decimal":
        whole = kind.precision - kind.scale
        fraction = rf"(?:\.[0-9]{{1,{kind.scale}}})?" if kind.scale else ""
        return f"{_whole(whole)}{fraction}" if whole else None
    known = {"string": _STRING, "boolean": "true|false", "date": f'"{DATE}"', "timestamp": f'"{OFFSET_TIMESTAMP}"'}
    return known.get(kind.kind)


def _whole(digits: int) -> str:
    """Whole numbers of at most so many digits."""
    return f"-?(?:0|[1-9][0-9]{{0,{digits - 1}}})"
