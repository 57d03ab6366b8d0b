"""Records as they stand in raw lines: keys in order, values typed only as far as the format types them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from generator.author.landing.lines import Reading, first_bytes, read_lines
from generator.runtime.csv_lines import Dialect
from generator.runtime.json_lines import parse, utf8
from generator.runtime.rules import Rejected


class Field(str):
    """The text of a CSV field."""

    __slots__ = ()


class Record(NamedTuple):
    """A line: its fields, or None if it can't be read; and a mark that equal lines share.

    Lines are equal if their files lie in one folder, too: the folder's name (a day, a region) is part of what they say.
    """

    fields: Sequence[tuple[str, object]] | None
    mark: int


def json_records(files: Sequence[Path], reading: Reading) -> Iterator[Record]:
    """The lines of JSON files, one object a line."""
    for file, _, line in read_lines(files, reading):
        try:
            yield Record(parse(utf8(line)), hash((file.parent, line)))
        except (Rejected, RecursionError):
            yield Record(None, 0)


def csv_records(files: Sequence[Path], delimiter: str, reading: Reading) -> Iterator[Record]:
    """The lines of CSV files below their headers."""
    split = Dialect(delimiter).split
    header: list[str] = []
    for file, first, line in read_lines(files, reading):
        try:
            fields = split(utf8(line))
        except Rejected:
            yield Record(None, 0)
            continue
        if first:
            header = [field or "" for field in fields]
            reading.lines -= 1
        elif len(fields) != len(header):
            yield Record(None, 0)
        else:
            values = (None if field is None else Field(field) for field in fields)
            yield Record(list(zip(header, values, strict=True)), hash((file.parent, line)))


def sniff_delimiter(file: Path) -> str | None:
    """The delimiter of a CSV file, or None if its first line isn't a header."""
    lines = first_bytes(file, 1 << 16).removeprefix(b"\xef\xbb\xbf").decode(errors="replace").split("\n")[:50]
    lines = [line for line in lines if line.strip()]
    best, score = ",", 0
    for delimiter in (",", ";", "\t", "|"):
        widths = Counter(len(split_fields(line, delimiter)) for line in lines)
        width, agreeing = max(widths.items(), key=lambda found: (found[1], found[0]), default=(1, 0))
        if width > 1 and agreeing * min(width, 3) > score:
            best, score = delimiter, agreeing * min(width, 3)
    return best if lines and _is_header(split_fields(lines[0], best)) else None


def split_fields(line: str, delimiter: str) -> list[str | None]:
    try:
        return Dialect(delimiter).split(line)
    except Rejected:
        return []


def _is_header(fields: Sequence[str | None]) -> bool:
    """Names: there, all different, no numbers, dates or e-mail addresses."""
    names = [field.strip() for field in fields if field and field.strip()]
    value = re.compile(r"[-+\d.,:/ TZ]+|true|false|null|[^@ ]+@[^@ ]+\.[^@ ]+", re.IGNORECASE)
    return len(names) == len(fields) == len(set(names)) and not any(value.fullmatch(name) for name in names)
