"""The build folder: what in it is ours, what differs from what it should be, and how it changes all at once.

A record in the folder has the hash of each file that was written, so that a file that somebody edited, or that was
never ours, is told from one that is just out of date. Line ends of texts don't count: git may have changed them on
checkout.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path, PurePosixPath

from generator.diagnostics import GeneratorError
from generator.regular_files import refuse_irregular
from generator.render.build_record import RECORD, digest, record_of, recorded_hashes

STAGING = ".staging"

Files = Mapping[str, str | bytes]
"""Contents by path: texts, and bytes that are none."""


class BuildError(GeneratorError):
    """The build folder can't be read or written."""


class State(StrEnum):
    """How a file differs from what it should be."""

    MISSING = "missing"
    STALE = "out of date"
    LEFT_OVER = "left over"
    EDITED = "edited by hand"
    FOREIGN = "not written by build"


@dataclass(frozen=True, slots=True)
class Change:
    """A file that isn't as it should be.

    Attributes:
        present, wanted: its content, texts with plain line ends; None where there is no file, or none should be.
    """

    name: str
    state: State
    present: bytes | None
    wanted: bytes | None

    @property
    def is_safe(self) -> bool:
        """Whether nobody's work is lost when the file becomes what it should be."""
        return self.state not in (State.EDITED, State.FOREIGN)


@dataclass(frozen=True, slots=True)
class Survey:
    """A build folder, compared with what it should be.

    Attributes:
        recorded: the hashes of what was written before, by path.
        is_recorded: whether the record says just what it should.
    """

    folder: Path
    files: Mapping[str, bytes]
    changes: tuple[Change, ...]
    recorded: Mapping[str, Collection[str]]
    is_recorded: bool

    @property
    def record(self) -> Path:
        return self.folder / RECORD

    @property
    def is_current(self) -> bool:
        return not self.changes and self.is_recorded


def survey(folder: Path, files: Files) -> Survey:
    """Compares a folder with the files that it should have; others in it are nobody's business.

    Raises:
        BuildError: something in the folder can't be read, or is in the way.
    """
    record = _read(folder, RECORD)
    recorded = recorded_hashes(record)
    found = [_change(folder, name, wanted, recorded.get(name, ())) for name, wanted in files.items()]
    found += [_change(folder, name, None, hashes) for name, hashes in recorded.items() if name not in files]
    contents = {name: _bytes(content) for name, content in files.items()}
    current = record is not None and _plain(record) == record_of({name: digest(one) for name, one in contents.items()})
    return Survey(folder, contents, tuple(one for one in found if one is not None), recorded, current)


def _change(folder: Path, name: str, wanted: str | bytes | None, hashes: Collection[str]) -> Change | None:
    present = _read(folder, name)
    if present is None:
        return None if wanted is None else Change(name, State.MISSING, None, _bytes(wanted))
    ours = {digest(present), digest(_plain(present))} & set(hashes)
    if isinstance(wanted, str):
        present = _plain(present)
    expected = None if wanted is None else _bytes(wanted)
    if present == expected:
        return None
    if ours:
        return Change(name, State.STALE if expected is not None else State.LEFT_OVER, present, expected)
    return Change(name, State.EDITED if hashes else State.FOREIGN, present, expected)


def _bytes(content: str | bytes) -> bytes:
    return content.encode("utf-8", "surrogateescape") if isinstance(content, str) else content


def _plain(content: bytes) -> bytes:
    """With plain line ends."""
    return content.replace(b"\r\n", b"\n")


def write(found: Survey) -> None:
    """Makes the folder what it should be, or leaves it as it is.

    The record comes first, knowing the old files and the new; so whatever a crash leaves is still ours.

    Raises:
        BuildError: the folder can't be written; nothing has changed then.
    """
    new = {name: digest(content) for name, content in found.files.items()}
    both = {
        name: [*found.recorded.get(name, ()), *([new[name]] if name in new else [])] for name in {*found.recorded, *new}
    }
    contents = {change.name: change.wanted for change in found.changes if change.wanted is not None}
    gone = [change.name for change in found.changes if change.wanted is None]
    if found.changes:
        replace_files(found.folder, {RECORD: record_of(both), **contents}, gone)
    if not found.is_current and not (found.changes and record_of(both) == record_of(new)):
        replace_files(found.folder, {RECORD: record_of(new)}, ())


def _read(folder: Path, name: str) -> bytes | None:
    """The content of a file; None where there is no file."""
    path = folder / name
    _refuse_links(folder, name)
    try:
        refuse_irregular(path)
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except NotADirectoryError:
        blocking = next(parent for parent in path.parents if parent.exists())
        raise BuildError(f"{blocking} is a file, where build needs a folder: move it away") from None
    except IsADirectoryError:
        raise BuildError(f"{path} is a folder, where build writes a file: move it away") from None
    except OSError as error:
        raise BuildError(f"cannot read {path}: {error.strerror}") from None


def _refuse_links(folder: Path, name: str) -> None:
    path = folder
    for part in PurePosixPath(name).parts:
        path /= part
        if path.is_symlink():
            raise BuildError(f"{path} is a symbolic link, which build doesn't write through: remove it")


def replace_files(folder: Path, files: Files, gone: Iterable[str]) -> None:
    """Writes and removes files of a folder: all of it happens, or nothing.

    Everything is written beside the files first, so that a full disk is noticed before anything changes; then each file
    is replaced as a whole, and put back if a later one can't be.

    Raises:
        BuildError: the folder can't be written; nothing has changed then.
    """
    made: list[Path] = []
    staging = folder / STAGING
    try:
        made = _make_folders(folder, files)
        _clear(staging)
        staging.mkdir()
        _swap(folder, list(_staged(staging, files)), list(gone))
    except OSError as error:
        for path in reversed(made):
            with suppress(OSError):
                path.rmdir()
        raise BuildError(f"cannot write {error.filename or folder}: {error.strerror}; nothing was changed") from None
    finally:
        with suppress(OSError, BuildError):
            _clear(staging)


def _clear(staging: Path) -> None:
    """Removes what a build staged, this one or one that was killed: numbered files, and nothing else."""
    if staging.is_symlink() or not staging.is_dir():
        return
    with os.scandir(staging) as entries:
        found = list(entries)
    if not all(entry.name.isdecimal() and entry.is_file(follow_symlinks=False) for entry in found):
        raise BuildError(f"{staging} has files that build didn't write: move it away")
    for entry in found:
        os.unlink(entry.path)
    staging.rmdir()


def _make_folders(folder: Path, files: Files) -> list[Path]:
    """Makes the folders that are missing, and returns them."""
    made: list[Path] = []
    for parent in dict.fromkeys((folder / name).parent for name in files):
        missing = [one for one in (parent, *parent.parents) if not one.exists()]
        for one in reversed(missing):
            one.mkdir(exist_ok=True)
            made.append(one)
    return made


def _staged(staging: Path, files: Files) -> Iterator[tuple[str, Path]]:
    for number, (name, content) in enumerate(files.items()):
        path = staging / str(number)
        path.write_bytes(_bytes(content))
        yield name, path


def _swap(folder: Path, staged: Iterable[tuple[str, Path]], gone: Iterable[str]) -> None:
    before: dict[Path, bytes | None] = {}
    try:
        for name, new in staged:
            target = folder / name
            before[target] = target.read_bytes() if target.exists() else None
            os.replace(new, target)
        for name in gone:
            target = folder / name
            before[target] = target.read_bytes()
            target.unlink()
    except BaseException:
        _put_back(before)
        raise
    for name in gone:
        _remove_empty(folder, (folder / name).parent)


def _put_back(before: Mapping[Path, bytes | None]) -> None:
    for path, content in before.items():
        with suppress(OSError):
            if content is None:
                path.unlink(missing_ok=True)
            elif not path.exists() or path.read_bytes() != content:
                path.write_bytes(content)


def _remove_empty(folder: Path, path: Path) -> None:
    while path != folder:
        try:
            path.rmdir()
        except OSError:
            return
        path = path.parent
