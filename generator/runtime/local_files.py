"""The files below a folder of this machine, as every engine takes them: linked ones too."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from .names import is_data, is_hidden, left_out
from .writer_logs import (
    STREAM_LOG,
    ForeignFolderError,
    batches,
    finished,
    iceberg_problem,
    left_unfinished,
    refuse_table,
    unfinished,
)


class NoFile(Exception):
    """What lies among the files is none that can be read.

    Attributes:
        path: where.
    """

    def __init__(self, path: Path, problem: str) -> None:
        self.path = path
        super().__init__(problem)


class DataFiles(NamedTuple):
    """The data files of a folder, and notes on others."""

    files: list[Path]
    notes: list[str]


def data_files(root: Path) -> DataFiles:
    """The data files below a folder, or the one that it is.

    Raises:
        NoFile: a link leads nowhere or back to a folder that it lies in, or something is neither file nor folder; or
            another program keeps the folder, in a way that nobody else can read it.
    """
    found = regular_files(root)
    try:
        done = finished_files(root)
    except ForeignFolderError as error:
        raise NoFile(root, str(error)) from None
    if problem := next(filter(None, (iceberg_problem(shown(file.relative_to(root))) for file in found)), None):
        raise NoFile(root, problem)
    files = [file for file in found if is_data(file.name)]
    left = unfinished((file.name for file in files), done)
    notes = left_out(shown(file.relative_to(root)) for file in found)
    notes += left_unfinished([shown(file.relative_to(root)) for file in files if file.name in left])
    return DataFiles([file for file in files if file.name not in left], notes)


def shown(path: Path) -> str:
    r"""How a file is called; a byte of its name that isn't UTF-8 is shown as `\xff`."""
    return os.fsencode(path.as_posix()).decode("utf-8", "backslashreplace")


def finished_files(root: Path) -> frozenset[str] | None:
    """The names of the files that a stream of Spark has finished; None if it is none that writes to a folder.

    Raises:
        ForeignFolderError: another program keeps the folder, in a way that nobody else can read it.
    """
    refuse_table(lambda mark: (root / mark).exists())
    log = root / STREAM_LOG
    if not log.is_dir():
        return None
    names = batches(path.name for path in log.iterdir() if path.is_file())
    return finished((name, (log / name).read_bytes()) for name in names)


def regular_files(root: Path) -> list[Path]:
    """All files below a folder, or the one that it is, but for hidden ones and those in hidden folders.

    Raises:
        NoFile: a link leads nowhere or back to a folder that it lies in, or something is neither file nor folder.
    """
    if root.is_dir():
        return list(_below(root, (_identity(root.stat()),)))
    return [root] if not is_hidden(root.name) and _is_regular(root, ()) else []


def _below(folder: Path, around: tuple[tuple[int, int], ...]) -> Iterator[Path]:
    with os.scandir(folder) as entries:
        paths = [Path(entry.path) for entry in entries if not is_hidden(entry.name)]
    for path in sorted(paths):
        if _is_regular(path, around):
            yield path
        else:
            yield from _below(path, (*around, _identity(path.stat())))


def _is_regular(path: Path, around: tuple[tuple[int, int], ...]) -> bool:
    """Whether it is a file rather than a folder."""
    try:
        found = path.stat()
    except OSError as error:
        if not path.is_symlink():
            raise
        raise NoFile(path, f"a link to {os.readlink(path)}, which isn't there: remove it") from error
    if stat.S_ISREG(found.st_mode):
        return True
    if not stat.S_ISDIR(found.st_mode):
        raise NoFile(path, "neither a file nor a folder, so it can't be read: move it elsewhere")
    if _identity(found) in around:
        raise NoFile(path, "a link to a folder that it lies in, so its files would have no end: remove it")
    return False


def _identity(found: os.stat_result) -> tuple[int, int]:
    return found.st_dev, found.st_ino
