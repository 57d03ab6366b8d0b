"""Which landing files the rows of a source are of, so that a run reads those alone that are new.

A record lies beside the rows that it tells of. A file counts as known as long as size, times and inode are what they
were when it was read, by the same reader, for the same declaration of its source.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple

from .error import LakeError
from .names import is_place

RECORD = "landing.json"
MOST_BATCHES = 16
"""A source that was read in more runs than this gets its rows put together again."""


class Stamp(NamedTuple):
    """What tells a file from another of its name: bytes, times in ns (of its content, of its inode), inode."""

    size: int
    modified: int
    changed: int
    inode: int


def stamp(path: Path) -> Stamp:
    """The stamp of a file as it is now.

    Raises:
        OSError: there is none.
    """
    found = os.stat(path)
    return Stamp(found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino)


@dataclass(frozen=True, slots=True)
class Batch:
    """What one run read.

    Attributes:
        files: with its rows, relative to the lake; each row has the name of its landing file.
        landing: the landing files by name, relative to the landing root.
        extra_keys: keys in them that no column declares.
        notes: facts of them that are worth showing.
    """

    files: tuple[str, ...]
    landing: Mapping[str, Stamp]
    extra_keys: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def without(self, gone: Iterable[str], files: tuple[str, ...]) -> Batch:
        """The batch without some landing files; the others' rows are in `files` now."""
        left = {name: found for name, found in self.landing.items() if name not in set(gone)}
        return replace(self, landing=left, files=files)

    def to_json(self) -> dict[str, Any]:
        return {
            "files": list(self.files),
            "landing": {name: list(found) for name, found in self.landing.items()},
            "extra_keys": list(self.extra_keys),
            "notes": list(self.notes),
        }


@dataclass(frozen=True, slots=True)
class Record:
    """All that the rows of a source are of.

    Attributes:
        declaration: a digest of how the source was declared, and by what it was read.
    """

    declaration: str
    batches: tuple[Batch, ...] = ()

    @property
    def files(self) -> tuple[str, ...]:
        """The files with the rows."""
        return tuple(file for batch in self.batches for file in batch.files)

    @property
    def landing(self) -> set[str]:
        return {name for batch in self.batches for name in batch.landing}

    @property
    def extra_keys(self) -> tuple[str, ...]:
        return tuple(sorted({key for batch in self.batches for key in batch.extra_keys}))

    @property
    def notes(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(note for batch in self.batches for note in batch.notes))

    def to_json(self) -> dict[str, Any]:
        return {"declaration": self.declaration, "batches": [batch.to_json() for batch in self.batches]}


@dataclass(frozen=True, slots=True)
class Changes:
    """What became of the landing files since a record was made.

    Attributes:
        kept: batches that are as they were.
        thinned: batches of which some files are gone or others now, with the names of those.
        new: names of files to be read.
        dropped: how many batches have none of their files left.
    """

    kept: tuple[Batch, ...] = ()
    thinned: tuple[tuple[Batch, frozenset[str]], ...] = ()
    new: tuple[str, ...] = ()
    dropped: int = 0

    @property
    def none(self) -> bool:
        return not (self.thinned or self.new or self.dropped)

    @property
    def gone(self) -> frozenset[str]:
        """The files whose rows leave, of the batches that stay."""
        return frozenset(name for _, names in self.thinned for name in names)


def changes(before: Record | None, declaration: str, listed: Mapping[str, Stamp]) -> Changes:
    """Compares a record with the files that are there, by name."""
    if before is None or before.declaration != declaration:
        return Changes(new=tuple(listed), dropped=len(before.batches) if before else 0)
    kept: list[Batch] = []
    thinned: list[tuple[Batch, frozenset[str]]] = []
    for batch in before.batches:
        gone = frozenset(name for name, found in batch.landing.items() if listed.get(name) != found)
        if not gone:
            kept.append(batch)
        elif len(gone) < len(batch.landing):
            thinned.append((batch, gone))
    known = {name for batch in kept for name in batch.landing}
    known |= {name for batch, gone in thinned for name in batch.landing if name not in gone}
    new = tuple(name for name in listed if name not in known)
    return Changes(tuple(kept), tuple(thinned), new, len(before.batches) - len(kept) - len(thinned))


def read_record(lake: Path, path: str) -> Record | None:
    """A record of a lake folder; None if it, or its rows, can't be read where they belong: then all is new."""
    if not (lake / path).is_file():
        return None
    try:
        data = json.loads((lake / path).read_text(encoding="utf-8"))
        record = Record(data["declaration"], tuple(_batch(one) for one in data["batches"]))
        name = path.split("/")[1]
        sound = all(is_place("sources", name, file) and (lake / file).is_file() for file in record.files)
        return record if sound and all(isinstance(one, str) for one in (*record.extra_keys, *record.notes)) else None
    except (OSError, ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError):
        return None


def record_from_text(text: str) -> Record | None:
    """A record, of what `record_text` makes of it; None if that is no record."""
    try:
        data = json.loads(text)
        return Record(data["declaration"], tuple(_batch(one) for one in data["batches"]))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def record_text(record: Record) -> str:
    """A record as text."""
    return json.dumps(record.to_json(), separators=(",", ":"))


def changed_landing(then: Record | None, now: Record | None) -> tuple[str, ...] | None:
    """The names of landing files that two records have others of; None where nobody can tell."""
    if then is None or now is None or then.declaration != now.declaration:
        return None
    before, after = (
        {name: found for batch in one.batches for name, found in batch.landing.items()} for one in (then, now)
    )
    return tuple(sorted(name for name in {**before, **after} if before.get(name) != after.get(name)))


def write_record(path: Path, record: Record) -> None:
    """Writes a record, safe on the disk."""
    with open(path, "w", encoding="utf-8") as file:
        json.dump(record.to_json(), file)
        file.flush()
        os.fsync(file.fileno())


def _batch(data: Mapping[str, Any]) -> Batch:
    landing = {name: Stamp(*found) for name, found in data["landing"].items()}
    return Batch(tuple(data["files"]), landing, tuple(data["extra_keys"]), tuple(data["notes"]))


@dataclass(frozen=True, slots=True)
class Declared:
    """What decides how the files of a source become rows."""

    paths: Sequence[str]
    format: str
    columns: Mapping[str, str]
    keys: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)
    formats: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def digest(self, reader: str) -> str:
        """A digest of it all, and of what reads them: other code may make other rows of the same files."""
        keys = {name: key for name, key in self.keys.items() if key != name}
        formats = {name: dict(sorted(one.items())) for name, one in sorted(self.formats.items()) if one}
        parts = [
            reader,
            list(self.paths),
            self.format,
            list(self.columns.items()),
            keys,
            dict(sorted(self.options.items())),
            formats,
        ]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:32]


def check_unchanged(source: str, stamps: Mapping[Path, Stamp]) -> None:
    """Looks at files that were read once more.

    Raises:
        LakeError: one of them has changed, or is gone.
    """
    for path, before in stamps.items():
        try:
            now: Stamp | None = stamp(path)
        except OSError:
            now = None
        if now != before:
            raise LakeError(f"{source}: {path.name} changed while it was read: run again", source=source)
