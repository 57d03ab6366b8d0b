"""Folders for what is only needed while a command runs, such as unpacked data.

They lie in one folder of this user's in the temporary folder. Each is locked for as long as its process lives; so what
a killed process left is known, and the next command that needs such a folder removes it.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

_LOCK = ".lock"


@contextmanager
def scratch_folder(prefix: str) -> Iterator[Path]:
    """A new, empty folder that nobody else reads; it goes with all that is in it, at the latest after the process.

    Raises:
        OSError: there can be none.
    """
    base = _base()
    with _locked(base / _LOCK, wait=True):
        _sweep(base)
        made = Path(tempfile.mkdtemp(prefix=prefix, dir=base))
        held = _lock(_beside(made), wait=True)
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)
        _beside(made).unlink(missing_ok=True)
        if held is not None:
            held.close()


def _base() -> Path:
    """This user's folder; another one where somebody else has taken its name."""
    base = Path(tempfile.gettempdir(), f"lakegen-{os.getuid()}")
    with suppress(FileExistsError):
        base.mkdir(mode=0o700)
    state = base.lstat()
    if stat.S_ISDIR(state.st_mode) and state.st_uid == os.geteuid() and not state.st_mode & 0o077:
        return base
    return Path(tempfile.mkdtemp(prefix="lakegen-"))


def _beside(folder: Path) -> Path:
    return folder.with_name(f".{folder.name}{_LOCK}")


def _sweep(base: Path) -> None:
    """Removes the folders whose processes are gone; the lock of `base` is held."""
    for folder in base.iterdir():
        if folder.name.startswith(".") or folder.is_symlink() or not folder.is_dir():
            continue
        with _locked(_beside(folder), wait=False) as free:
            if free:
                shutil.rmtree(folder, ignore_errors=True)
                _beside(folder).unlink(missing_ok=True)


@contextmanager
def _locked(file: Path, *, wait: bool) -> Iterator[bool]:
    held = _lock(file, wait=wait)
    try:
        yield held is not None
    finally:
        if held is not None:
            held.close()


def _lock(file: Path, *, wait: bool) -> IO[str] | None:
    """The locked file; None if somebody else holds it. Closing it gives it up, as the end of the process does."""
    held = os.fdopen(os.open(file, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK, 0o600), "w")
    try:
        fcntl.flock(held, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        held.close()
        return None
    return held
