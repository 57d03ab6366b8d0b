"""The lines of raw files: all of them up to a limit, beyond it a sample from all over the file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from generator.runtime.archives import damages, open_archive
from generator.runtime.names import is_archive

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
PACKING = 10  # how much smaller an archive is than its content, at a guess
_CHUNKS = 32
_SMALLEST = 1 << 16
_LONGEST_LINE = 16 << 20


@dataclass(slots=True)
class Reading:
    """How much of a source was read.

    Attributes:
        limit: bytes that are read of the source, more or less; whatever fits is read wholly.
        complete: whether every line was read.
        damaged: archives that can't be unpacked to their end.
    """

    limit: int
    lines: int = 0
    complete: bool = True
    damaged: list[Path] = field(default_factory=list)


def open_raw(file: Path) -> IO[bytes]:
    """The plain content of a file."""
    return open_archive(file.name.lower(), file) or file.open("rb")


def first_bytes(file: Path, size: int) -> bytes:
    """The beginning of a file's content; nothing of a damaged archive."""
    try:
        with closing(open_raw(file)) as stream:
            return stream.read(size)
    except damages():
        return b""


def shares(files: Sequence[Path], limit: int) -> dict[Path, int]:
    """How many bytes to read of each file, so that it is about `limit` in all."""
    sizes = {file: file.stat().st_size * (PACKING if is_archive(file.name.lower()) else 1) for file in files}
    total = sum(sizes.values())
    return {file: max(limit if total <= limit else limit * size // total, _SMALLEST) for file, size in sizes.items()}


def read_lines(files: Sequence[Path], reading: Reading) -> Iterator[tuple[Path, bool, bytes]]:
    """File, whether it is the file's first line, and the line without its end; blank lines are no lines."""
    sizes = shares(files, reading.limit)
    for file in files:
        try:
            for first, line in _lines(file, sizes[file], reading):
                reading.lines += 1
                yield file, first, line
        except damages():
            reading.damaged.append(file)


def _lines(file: Path, share: int, reading: Reading) -> Iterator[tuple[bool, bytes]]:
    """The lines of a file, or about `share` bytes of them."""
    packed = is_archive(file.name.lower())
    size = file.stat().st_size
    first = True
    with closing(open_raw(file)) as stream:
        for start, end in [(0, share)] if packed or size <= share else _chunks(size, share):
            if start:
                stream.seek(start - 1)
                stream.readline(_LONGEST_LINE)
            position = max(start, 0)
            while position < end and (raw := stream.readline(_LONGEST_LINE)):
                position += len(raw)
                line = raw.removeprefix(BYTE_ORDER_MARK) if first else raw
                if line.strip():
                    yield first, line.rstrip(b"\r\n")
                    first = False
        if (packed or size > share) and stream.read(1):
            reading.complete = False


def _chunks(size: int, share: int) -> list[tuple[int, int]]:
    length = max(share // _CHUNKS, 1)
    return [(at * size // _CHUNKS, at * size // _CHUNKS + length) for at in range(_CHUNKS)]
