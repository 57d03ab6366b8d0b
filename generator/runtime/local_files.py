"""The files below a folder of this machine, as every engine takes them: linked ones too."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from .names import is_data, is_hidden


class NoFile(Exception):
    """What lies among the files is none that can be read.

    Attributes:
        path: where.
    """

    def __init__(self, path: Path, problem: str) -> None:
        self.path = path
        super().__init__(problem)


def data_files(root: Path) -> list[Path]:
    """The data files below a folder, or the one that it is.

    Raises:
        NoFile: a link leads nowhere or back to a folder that it lies in, or something is neither file nor folder.
    """
    return [file for file in regular_files(root) if is_data(file.name)]


def regular_files(root: Path) -> list[Path]:
    """All files below a folder, or the one that it is, but for hidden ones and those in hidden folders.

    Raises:
        NoFile: as for `data_files`.
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
