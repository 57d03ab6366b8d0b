"""Records that aren't lines, written as if they were: a record a line, so that all else goes on as usual."""

from __future__ import annotations

import mmap
from array import array
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path

from generator.run.landing.files import LandingFile, copy_of
from generator.run.landing.model import LandingSource
from generator.runtime.csv_lines import is_header
from generator.runtime.csv_records import breaks_lines, csv_pieces
from generator.runtime.documents import Piece, pieces
from generator.scratch import scratch_folder


def cut(source: LandingSource, files: list[LandingFile], cleanup: ExitStack) -> list[LandingFile]:
    """The files with a record a line, copies where they aren't so already; these live until `cleanup` closes."""
    folder = cleanup.enter_context(scratch_folder("landing-"))
    targets = ((file, copy_of(file, folder)) for file in files)
    if source.format == "json":
        return [_cut_json(source, file, target) for file, target in targets]
    return [_cut_csv(source, file, target) if _is_cut(source, file) else file for file, target in targets]


def _is_cut(source: LandingSource, file: LandingFile) -> bool:
    if source.options.cuts_csv:
        return True
    if not file.path.stat().st_size:
        return False
    with file.path.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as content:
        return breaks_lines(content)


def _cut_json(source: LandingSource, file: LandingFile, target: Path) -> LandingFile:
    starts, aside = _written(pieces(file.path.read_bytes(), source.options.path), target)
    return LandingFile(file.name, target, starts, aside)


def _cut_csv(source: LandingSource, file: LandingFile, target: Path) -> LandingFile:
    found = csv_pieces(file.path.read_bytes(), source.options, len(source.columns))
    header = next(found, None) if source.options.header else None
    starts, aside = _written(found, target)
    if header is None:
        return LandingFile(file.name, target, starts, aside)
    content = header.content.removesuffix(b"\r")
    if not is_header(source.columns, source.options, content):  # then it is quarantined as all other lines are
        aside = (header, *aside)
    return LandingFile(file.name, target, starts, aside, content)


def _written(found: Iterable[Piece], target: Path) -> tuple[array[int], tuple[Piece, ...]]:
    """Writes the records that fit on a line; returns the lines that they began on, and all other pieces."""
    starts = array("q")
    aside: list[Piece] = []
    with target.open("wb") as lines:
        for piece in found:
            if piece.problem or b"\n" in piece.content:
                aside.append(piece)
            else:
                starts.append(piece.line)
                lines.write(piece.content + b"\n")
    return starts, tuple(aside)
