"""What the reader needs to know of JSON and CSV: files that one scan reads, and lines decoded by hand."""

from __future__ import annotations

import mmap
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from generator.run.landing.files import BYTE_ORDER_MARK, LandingFile, Line, lines
from generator.run.landing.model import LandingError, LandingSource
from generator.run.landing.scan import Scan, csv_scan, json_scan
from generator.run.landing.shapes import sniff
from generator.runtime.csv_lines import CsvLines
from generator.runtime.json_lines import Canonical, JsonLines
from generator.runtime.rules import Rejected

# Planning a query with one more proof by LIKE costs about what that proof saves on so much data.
BYTES_PER_PROOF = 4_000_000

Decoder = Callable[[bytes], Mapping[str, Canonical]]


@dataclass(slots=True)
class Group:
    """Files that one scan reads."""

    scan: Scan
    files: list[LandingFile] = field(default_factory=list)


class Format(Protocol):
    """How the lines of a source are found and decoded.

    Attributes:
        extra_keys: undeclared keys found so far.
    """

    extra_keys: set[str]

    def groups(self, files: Sequence[LandingFile]) -> list[Group]:
        """Groups of those files that a scan can read; the others have to be decoded by hand."""
        ...

    def open(self, file: LandingFile) -> tuple[Decoder, Iterator[Line]]:
        """A file's records, and what turns each into a row or raises `Rejected`."""
        ...

    def size(self, line: bytes) -> int:
        """Size in bytes of a line as DuckDB's reader delivers it."""
        ...


class JsonFormat:
    def __init__(self, source: LandingSource) -> None:
        self._columns = source.columns
        self._lines = JsonLines(source.columns, refuses_new=source.options.refuses_new)
        self.extra_keys = self._lines.extra_keys

    def groups(self, files: Sequence[LandingFile]) -> list[Group]:
        if not files:
            return []
        shapes = sniff([file.path for file in files], self._lines)
        size = sum(file.path.stat().st_size for file in files)
        scan = json_scan(self._columns, shapes, size // BYTES_PER_PROOF)
        return [Group(scan, list(files))] if scan else []

    def open(self, file: LandingFile) -> tuple[Decoder, Iterator[Line]]:
        return self._lines.decode, lines(file.path)

    def size(self, line: bytes) -> int:
        return len(line.strip())


class CsvFormat:
    """CSV with the options `delimiter` and `header`.

    Raises:
        LandingError: the options or columns aren't those of CSV.
    """

    def __init__(self, source: LandingSource) -> None:
        self._columns = source.columns
        delimiter = source.options.delimiter
        self._header, self._refuses_new = source.options.header, source.options.refuses_new
        self.extra_keys: set[str] = set()
        if len(delimiter) != 1 or delimiter in '"\r\n\0':
            raise LandingError(source.name, "", "`delimiter` has to be one character, no quote or line end")
        self._delimiter = delimiter
        if nested := [column.name for column in source.columns if column.type.is_nested]:
            raise LandingError(source.name, "", f"CSV can't hold the nested type of column `{nested[0]}`")

    def groups(self, files: Sequence[LandingFile]) -> list[Group]:
        found: dict[tuple[int, ...], Group] = {}
        for file in files:
            layout = self._layout(file)
            if layout is None:
                continue
            width, *positions = layout
            if layout not in found:
                scan = csv_scan(self._columns, positions, width, self._delimiter, header=self._header)
                if scan is None:
                    return []
                found[layout] = Group(scan)
            found[layout].files.append(file)
        return list(found.values())

    def _layout(self, file: LandingFile) -> tuple[int, ...] | None:
        """Width and positions of the columns, or None for a file that DuckDB may read differently."""
        try:
            decoder, records = self._read_header(file)
        except Rejected:
            return None
        first = next(records, None)
        if first is None or first.number > (2 if self._header else 1) or not _is_plain(file, self._header):
            return None
        return (decoder.width, *decoder.positions)

    def _read_header(self, file: LandingFile) -> tuple[CsvLines, Iterator[Line]]:
        records = lines(file.path)
        header = next(records, None) if self._header else None
        content = header.content if header else None
        decoder = CsvLines(self._columns, self._delimiter, content, refuses_new=self._refuses_new)
        self.extra_keys |= decoder.extra_keys
        if header is None:
            return decoder, records
        return decoder, (line._replace(ordinal=line.ordinal - header.ordinal) for line in records)

    def open(self, file: LandingFile) -> tuple[Decoder, Iterator[Line]]:
        try:
            decoder, records = self._read_header(file)
        except Rejected as error:
            rejected = error
        else:
            return decoder.decode, records

        def reject(_: bytes) -> Mapping[str, Canonical]:
            raise rejected

        return reject, lines(file.path)

    def size(self, line: bytes) -> int:
        return len(line)


def _is_plain(file: LandingFile, header: bool) -> bool:
    """Whether DuckDB's CSV reader sees the same lines: no lone CR, NUL, mixed line ends or unskipped mark."""
    with file.path.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as content:
        if content.find(b"\0") >= 0 or (not header and content[:3] == BYTE_ORDER_MARK):
            return False
        if content.find(b"\r") < 0:
            return True
    with file.path.open("rb") as stream:
        return all(line.count(b"\r") == 1 and line.endswith(b"\r\n") for line in stream)
