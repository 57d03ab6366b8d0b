"""What the reader needs to know of JSON and CSV: files that one scan reads, and lines decoded by hand."""

from __future__ import annotations

import mmap
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from generator.run.landing.files import BYTE_ORDER_MARK, LandingFile, Line, Sought, lines
from generator.run.landing.model import LandingError, LandingSource
from generator.run.landing.scan import Scan, csv_scan, json_scan
from generator.run.landing.shapes import sniff
from generator.runtime.csv_lines import CsvLines, lacking_notes, options_problem
from generator.runtime.json_lines import Canonical, JsonLines
from generator.runtime.rules import Rejected

# Planning a query with one more proof by LIKE costs about what that proof saves on so much data.
BYTES_PER_PROOF = 4_000_000
MUCH = 32 << 20
"""Bytes of files from which on it pays to try a scan that may fail."""
MUCH_A_FILE = 4 << 20
"""The same of a file on average: that scan takes longer to open one."""

Decoder = Callable[[bytes], Mapping[str, Canonical]]


def is_much(files: Sequence[LandingFile]) -> bool:
    """Whether it pays to try the scan that may fail."""
    return sum(file.path.stat().st_size for file in files) >= max(MUCH, MUCH_A_FILE * len(files))


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

    def open(self, file: LandingFile, sought: Sought | None = None) -> tuple[Decoder, Iterator[Line]]:
        """A file's records, and what turns each into a row or raises `Rejected`; `sought` as `lines` takes it."""
        ...

    def size(self, line: bytes) -> int:
        """Size in bytes of a line as DuckDB's reader delivers it."""
        ...

    def notes(self) -> list[str]:
        """Facts about the files worth showing."""
        ...


class JsonFormat:
    def __init__(self, source: LandingSource) -> None:
        self._columns = source.columns
        self._lines = JsonLines(source.columns, refuses_new=source.options.refuses_new)
        self.extra_keys = self._lines.extra_keys

    def groups(self, files: Sequence[LandingFile]) -> list[Group]:
        if not files:
            return []
        shapes = sniff(files, self._lines)
        size = sum(file.path.stat().st_size for file in files)
        scan = json_scan(self._columns, shapes, size // BYTES_PER_PROOF, much=is_much(files))
        return [Group(scan, list(files))] if scan else []

    def open(self, file: LandingFile, sought: Sought | None = None) -> tuple[Decoder, Iterator[Line]]:
        return self._lines.decode, lines(file, sought)

    def size(self, line: bytes) -> int:
        return len(line.strip())

    def notes(self) -> list[str]:
        return []


class CsvFormat:
    """CSV, laid out as the source's options say.

    Raises:
        LandingError: the options or columns aren't those of CSV.
    """

    def __init__(self, source: LandingSource) -> None:
        self._columns, self._options = source.columns, source.options
        self.extra_keys: set[str] = set()
        self._lacking: dict[str, tuple[str, ...]] = {}
        if problem := options_problem(source.options):
            raise LandingError(source.name, "", problem)
        if nested := [column.name for column in source.columns if column.type.is_nested]:
            raise LandingError(source.name, "", f"CSV can't hold the nested type of column `{nested[0]}`")

    def groups(self, files: Sequence[LandingFile]) -> list[Group]:
        found: dict[tuple[object, ...], Group] = {}
        for file in files:
            decoder = self._layout(file)
            if decoder is None:
                continue
            skip = 1 if self._has_header(file) else 0
            layout = (decoder.width, decoder.positions, skip)
            if layout not in found:
                scan = csv_scan(self._columns, decoder.positions, decoder.width, self._options, skip=skip)
                if scan is None:
                    return []
                found[layout] = Group(scan)
            found[layout].files.append(file)
        return list(found.values())

    def notes(self) -> list[str]:
        return lacking_notes(list(self._lacking.values()))

    def _has_header(self, file: LandingFile) -> bool:
        """Whether the file's lines begin with a header."""
        return self._options.header and file.header is None

    def _layout(self, file: LandingFile) -> CsvLines | None:
        """What knows width and positions of the columns, or None for a file that DuckDB may read differently."""
        try:
            decoder, records = self._read_header(file)
        except Rejected:
            return None
        first, header = next(records, None), self._has_header(file)
        if first is None or first.number > (2 if header else 1) or not _is_plain(file, header):
            return None
        return decoder

    def _read_header(self, file: LandingFile) -> tuple[CsvLines, Iterator[Line]]:
        records = lines(file)
        line = next(records, None) if self._has_header(file) else None
        header = line.content if line else file.header
        decoder = CsvLines(self._columns, self._options, header)
        self.extra_keys |= decoder.extra_keys
        if header is not None:
            self._lacking[file.name] = decoder.lacking
        if line is None:
            return decoder, records
        return decoder, (one._replace(ordinal=one.ordinal - line.ordinal) for one in records)

    def open(self, file: LandingFile, sought: Sought | None = None) -> tuple[Decoder, Iterator[Line]]:
        """See `Format`; a header is no record, so all lines are looked at."""
        try:
            decoder, records = self._read_header(file)
        except Rejected as error:
            rejected = error
        else:
            return decoder.decode, records

        def reject(_: bytes) -> Mapping[str, Canonical]:
            raise rejected

        return reject, lines(file)

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
