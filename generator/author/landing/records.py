"""Records as they stand in raw lines: keys in order, values typed only as far as the format types them."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from generator.author.landing.csv_looks import CsvLayout
from generator.author.landing.lines import Reading, open_raw, read_lines, shares
from generator.author.names import distinct_names
from generator.runtime.csv_lines import Dialect
from generator.runtime.csv_records import breaks_lines, csv_pieces
from generator.runtime.json_lines import parse, utf8
from generator.runtime.options import ReadOptions
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


def csv_records(files: Sequence[Path], layout: CsvLayout, reading: Reading) -> Iterator[Record]:
    """The records of CSV files below their headers; of files that are cut, when they are too big the first ones."""
    options = layout.options
    names: dict[Path, list[str]] = {}
    given = list(distinct_names(layout.names).values())
    split = Dialect(options).split
    for file, record, problem in _cut(files, options, reading):
        try:
            if problem:
                raise Rejected.told(problem)
            fields = split(utf8(record))
        except Rejected:
            yield Record(None, 0)
            continue
        if file not in names:
            names[file] = [field or "" for field in fields]
            if options.header:
                reading.lines -= 1
                continue
            names[file] = given or [f"column_{number}" for number in range(1, len(fields) + 1)]
        header = names[file]
        if len(fields) != len(header):
            yield Record(None, 0)
        else:
            values = (None if field is None else Field(field) for field in fields)
            named = [pair for pair in zip(header, values, strict=True) if pair[0] not in layout.unnamed]
            yield Record(named, hash((file.parent, record)))


def _cut(files: Sequence[Path], options: ReadOptions, reading: Reading) -> Iterator[tuple[Path, bytes, str]]:
    """The records of files, and why some can't be any."""
    sizes = shares(files, reading.limit)
    for file in files:
        content, whole = b"", True
        try:
            with closing(open_raw(file)) as stream:
                content = stream.read(sizes[file])
                whole = not stream.read(1)
        except (OSError, EOFError, zlib.error):
            reading.damaged.append(file)
            continue
        if not whole and not options.cuts_csv and not breaks_lines(content):
            for _, _, line in read_lines([file], reading):
                yield file, line, ""
            continue
        found = list(csv_pieces(content, options, 0))
        reading.complete = reading.complete and whole
        for piece in found if whole else found[:-1]:
            reading.lines += 1
            yield file, piece.content.removesuffix(b"\r"), piece.problem
