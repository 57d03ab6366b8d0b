"""The files of a source, and their lines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, NamedTuple

from generator.run.landing.model import LandingError
from generator.runtime.archives import damages, open_archive
from generator.runtime.documents import Piece
from generator.runtime.error import LakeError
from generator.runtime.local_files import DataFiles, NoFile, data_files, shown
from generator.runtime.names import is_archive, refusal
from generator.scratch import scratch_folder

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
MAX_LINE = 256 << 20
_TOO_LONG = f"a line of more than {MAX_LINE >> 20} MB, which is no record"
_PIECE = 1 << 20
_FAR = 1_000
"""So many lines are looked at one by one."""
_BLOCK = 1 << 18
_BLANK_BEGINNINGS = tuple(b"\n" + bytes([mark]) for mark in b" \t\r\n\v\f")


@dataclass(frozen=True, slots=True)
class LandingFile:
    """A file of a source.

    Attributes:
        name: relative to the data folder, with forward slashes; what reports show.
        path: where its plain content lies: the file itself, or a copy of it; it ends with the name.
        starts: of a copy: the line of the file that each line of the copy began on.
        aside: pieces of the file that aren't in the copy: no records, or records over several lines.
        header: of a copy of CSV: the file's header, which isn't in the copy.
    """

    name: str
    path: Path
    starts: Sequence[int] = field(default=(), compare=False)
    aside: tuple[Piece, ...] = field(default=(), compare=False)
    header: bytes | None = field(default=None, compare=False)

    def line(self, number: int) -> int:
        """The line of the file that a line of its content stands for."""
        return self.starts[number - 1] if self.starts else number


class UnreadableError(Exception):
    """What makes a file one that isn't read: its name, and why."""


class Line(NamedTuple):
    """A line that isn't blank.

    Attributes:
        number: counted from 1, blank lines included.
        ordinal: counted from 1, blank lines left out; so is a first one that is blank but for the file's mark.
        content: without line end and byte order mark.
    """

    number: int
    ordinal: int
    content: bytes


class FoundFiles(NamedTuple):
    """The files of a source in the order of their names, and notes on others."""

    files: list[LandingFile]
    notes: list[str]


def find_files(source: str, data: Path, paths: Sequence[str]) -> FoundFiles:
    """Files below folders, or files that `paths` name.

    Names that begin with `_` or `.` are skipped, folders too, as Spark and Athena do.

    Raises:
        LandingError: there is something that can't be read.
    """
    files: list[LandingFile] = []
    notes: list[str] = []
    for path in paths:
        root = data / path
        try:
            found = data_files(root) if root.exists() else DataFiles([], [])
        except NoFile as error:
            raise LandingError(source, shown(error.path.relative_to(data)), str(error)) from None
        files += [LandingFile(shown(file.relative_to(data)), file) for file in found.files]
        notes += found.notes
        notes += [f"{path}: no files"] if len(paths) > 1 and not found.files else []
    return FoundFiles(sorted(files, key=lambda file: file.name), notes)


def unpacked(source: str, files: list[LandingFile], cleanup: ExitStack) -> list[LandingFile]:
    """The files with compressed ones replaced by plain copies, which live until `cleanup` closes.

    Python unpacks them because it verifies checksums, which DuckDB's reader doesn't.

    Raises:
        LandingError: an archive is damaged, or of a kind that isn't supported.
    """
    plain: list[LandingFile] = []
    folder: Path | None = None
    for file in files:
        if problem := refusal(file.name):
            raise LandingError(source, file.name, problem)
        if is_archive(file.name):
            folder = folder or cleanup.enter_context(scratch_folder("landing-"))
            file = LandingFile(file.name, _unpack(source, file, copy_of(file, folder)))
        plain.append(file)
    return plain


def copy_of(file: LandingFile, folder: Path) -> Path:
    """Where a copy of a file goes: below `folder`, under the same name."""
    target = folder / file.name
    target.parent.mkdir(parents=True, exist_ok=True)
    return target


def _unpack(source: str, file: LandingFile, target: Path) -> Path:
    """Unpacks a piece at a time; what no line or no disk can hold is refused before it is all there."""
    try:
        packed = open_archive(file.name, file.path)
        assert packed is not None
        with packed, target.open("wb") as plain:
            begun = 0
            while piece := packed.read(_PIECE):
                begun = len(piece) - last - 1 if (last := piece.rfind(b"\n")) >= 0 else begun + len(piece)
                if begun > MAX_LINE:
                    raise LandingError(source, file.name, f"unpacked, it has {_TOO_LONG}")
                _write(source, file, plain, piece)
    except damages() as error:
        raise LandingError(source, file.name, f"damaged archive: {error}") from None
    except LakeError as error:
        raise LandingError(source, file.name, str(error).removeprefix(f"{file.name}: ")) from None
    return target


def _write(source: str, file: LandingFile, plain: BinaryIO, piece: bytes) -> None:
    try:
        plain.write(piece)
    except OSError as error:
        where = Path(plain.name).parent
        raise LandingError(
            source, file.name, f"can't be unpacked in {where}: {error.strerror}; TMPDIR names another place"
        ) from None


@dataclass(slots=True)
class Sought:
    """The line that is looked for: its ordinal."""

    ordinal: int = 1


def lines(file: LandingFile, sought: Sought | None = None) -> Iterator[Line]:
    """The lines of a plain file that aren't blank (ASCII white space alone).

    Args:
        sought: lines before this one may be left out; it may be another one whenever a line was found.

    Raises:
        OSError: it can't be read.
        UnreadableError: it has a line that is longer than a record can be.
    """
    number = ordinal = one_by_one = 0
    with file.path.open("rb") as stream:
        while True:
            if sought and number and sought.ordinal - ordinal > _FAR and stream.tell() >= one_by_one:
                passed, one_by_one = _pass_over(stream, sought.ordinal - ordinal - 1)
                number, ordinal = number + passed, ordinal + passed
            raw = stream.readline(MAX_LINE + 2)
            if not raw:
                return
            number += 1
            if len(raw) > MAX_LINE and not raw.endswith(b"\n"):
                raise UnreadableError(file.name, f"line {number:,} is {_TOO_LONG}")
            if raw.isspace():
                continue
            content = raw.removesuffix(b"\n").removesuffix(b"\r")
            if number == 1 and content.startswith(BYTE_ORDER_MARK):
                content = content[len(BYTE_ORDER_MARK) :]
                if not content.strip():
                    continue
            ordinal += 1
            yield Line(number, ordinal, content)


def _pass_over(stream: BinaryIO, most: int) -> tuple[int, int]:
    """Passes over lines, by blocks that surely have no blank one.

    Returns:
        How many lines, and the place up to which the ones after them have to be looked at one by one.
    """
    passed = 0
    while True:
        start = stream.tell()
        block = stream.read(_BLOCK)
        end = block.rfind(b"\n") + 1
        found = block.count(b"\n", 0, end)
        maybe_blank = block[:1].isspace() or any(mark in block for mark in _BLANK_BEGINNINGS)
        if not end or maybe_blank or found > most - passed:
            stream.seek(start)
            return passed, start + max(end, 1)
        stream.seek(start + end)
        passed += found
