"""JSON that isn't an object a line, written as if it were: a record a line, so that all else goes on as usual."""

from __future__ import annotations

from array import array
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from generator.run.landing.files import LandingFile, copy_of
from generator.run.landing.model import LandingSource
from generator.runtime.documents import Piece, pieces


def cut(source: LandingSource, files: list[LandingFile], cleanup: ExitStack) -> list[LandingFile]:
    """The files with a record a line; the copies live until `cleanup` closes."""
    folder = Path(cleanup.enter_context(TemporaryDirectory(prefix="landing-")))
    return [_cut(source, file, copy_of(file, folder)) for file in files]


def _cut(source: LandingSource, file: LandingFile, target: Path) -> LandingFile:
    starts = array("q")
    refused: list[Piece] = []
    with target.open("wb") as lines:
        for piece in pieces(file.path.read_bytes(), source.options.path):
            if piece.problem:
                refused.append(piece)
            else:
                starts.append(piece.line)
                lines.write(piece.content + b"\n")
    return LandingFile(file.name, target, starts, tuple(refused))
