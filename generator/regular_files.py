"""Reading files that should be small: never a pipe or a device, which may not end, and never more than a bound."""

from __future__ import annotations

import os
import stat
from pathlib import Path

LIMIT = 64 << 20
_GIVEN = ("/dev/stdin", "/dev/fd/", "/proc/self/fd/", "/dev/null")
"""What a shell opened for us, as in `check <(...)`: read although it is a pipe. And what is always empty."""


class NotRegularError(OSError):
    """A path that is neither a file nor what the shell opened for us, or a file that is too large."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.strerror = reason


def read_regular(path: Path, limit: int = LIMIT) -> str:
    """The text of a file; a byte order mark is left out.

    Raises:
        NotRegularError: it is a pipe, a device or a socket, or has more than `limit` bytes.
        OSError: it can't be read.
        ValueError: it is not UTF-8, or the path has a null character.
    """
    return read_regular_bytes(path, limit).decode("utf-8-sig")


def read_regular_bytes(path: Path, limit: int = LIMIT) -> bytes:
    """The same, as bytes."""
    if not str(path).startswith(_GIVEN):
        refuse_irregular(path)
    with open(path, "rb") as file:
        content = file.read(limit + 1)
    if len(content) > limit:
        raise NotRegularError(f"it has more than {limit >> 20} MB")
    return content


def refuse_irregular(path: Path) -> None:
    """Raises `NotRegularError` for what is there and neither a file nor a folder."""
    mode = os.stat(path).st_mode
    if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
        raise NotRegularError(f"it is {kind_of(mode)}, not a file")


def kind_of(mode: int) -> str:
    """What a file's mode says that it is."""
    kinds = ((stat.S_ISFIFO, "a pipe"), (stat.S_ISSOCK, "a socket"), (stat.S_ISDIR, "a folder"))
    return next((word for test, word in kinds if test(mode)), "a device")
