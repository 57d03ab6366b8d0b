"""The catalog of a lake in a folder: one file, `catalog.json`, switched by an atomic rename.

Every engine of the local lake writes it in this form, so that they share the tables. A version is a set of files that
never change; versions may share some of them.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from .error import LakeError
from .names import is_place, is_run

FORMAT = 2
CATALOG = "catalog.json"
KINDS = ("tables", "sources", "quarantine")
"""What a lake has versions of, each in a folder called like this."""
QUARANTINE_COLUMNS = (
    ("file", "string"), ("line", "bigint"), ("reason", "string"), ("detail", "string"), ("raw", "string"),
)  # fmt: skip


class CatalogError(LakeError):
    """The catalog is damaged, or of a newer format."""


@dataclass(frozen=True, slots=True)
class Version:
    """A published version of a table, of a source's rows, or of its quarantine.

    Attributes:
        files: the Parquet files that have its rows, relative to the lake.
        record: of a source: the file that tells which landing files its rows are of; relative to the lake.
        program: a digest of what made it; empty where nobody knows.
        inputs: of what else it was made: the run of each table's and source's version.
        made: what the report of its run said, for as long as nothing changes.
        aged: how many runs ago a newer version took its place; 0 for the current one.
    """

    run: str
    rows: int
    files: tuple[str, ...] = ()
    record: str = ""
    program: str = ""
    inputs: Mapping[str, str] = field(default_factory=dict)
    made: Mapping[str, Any] = field(default_factory=dict)
    aged: int = 0

    def to_json(self) -> dict[str, Any]:
        """What isn't empty."""
        found = {
            "run": self.run,
            "rows": self.rows,
            "files": list(self.files),
            "record": self.record,
            "program": self.program,
            "inputs": dict(self.inputs),
            "made": dict(self.made),
            "aged": self.aged,
        }
        return {key: value for key, value in found.items() if value or key in ("run", "rows", "files")}

    def all_files(self) -> Iterator[str]:
        yield from self.files
        if self.record:
            yield self.record


@dataclass(frozen=True, slots=True)
class Entry:
    """What the catalog says of a table. The first version is the current one."""

    zone: str | None
    columns: tuple[tuple[str, str], ...]
    versions: tuple[Version, ...]

    @property
    def current(self) -> Version:
        return self.versions[0]

    def to_json(self) -> dict[str, Any]:
        return {
            "files": list(self.current.files),
            "rows": self.current.rows,
            "zone": self.zone,
            "columns": [{"name": name, "type": kind} for name, kind in self.columns],
            "versions": [version.to_json() for version in self.versions],
        }


@dataclass(frozen=True, slots=True)
class Catalog:
    """What is current, by name: tables, the rows of sources, and the lines of sources that are no rows."""

    tables: Mapping[str, Entry] = field(default_factory=dict)
    sources: Mapping[str, Entry] = field(default_factory=dict)
    quarantine: Mapping[str, Entry] = field(default_factory=dict)

    def files(self) -> set[str]:
        """All files that some version needs, relative to the lake."""
        kinds = (self.tables, self.sources, self.quarantine)
        versions = (version for kind in kinds for entry in kind.values() for version in entry.versions)
        return {file for version in versions for file in version.all_files()}

    def current_files(self) -> set[str]:
        """The files that somebody may be reading who follows the catalog."""
        kinds = (self.tables, self.sources, self.quarantine)
        return {file for kind in kinds for entry in kind.values() for file in entry.current.all_files()}

    def entry(self, name: str) -> Entry | None:
        """The entry of a table, or of a source's rows: they share their names."""
        return self.tables.get(name) or self.sources.get(name)


def with_newer(before: Iterable[Version], newer: Version, keep: int) -> tuple[Version, ...]:
    """The versions that stay when a newer one takes the place of the current one.

    Whoever left the data is in none of them after `keep` runs, however many of these changed something.
    """
    return (newer, *aged((one for one in before if one.run != newer.run), keep))


def aged(older: Iterable[Version], keep: int) -> tuple[Version, ...]:
    """The replaced versions that stay after one more run."""
    found = (replace(one, aged=one.aged + 1) for one in older)
    return tuple(one for one in found if one.aged < keep)[: keep - 1]


def read_catalog(root: Path) -> Catalog:
    """The published state of a lake folder; empty where nothing was published.

    Raises:
        CatalogError: the catalog is damaged, or of a newer format.
    """
    path = root / CATALOG
    try:
        if path.exists() and not path.is_file():
            raise OSError("it is no file")
        data = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Catalog()
    except (OSError, ValueError, RecursionError) as error:
        raise CatalogError(f"cannot read {path}: {error}") from None
    if not isinstance(data, dict) or data.get("format") not in (1, FORMAT):
        raise CatalogError(f"{path} is not a catalog of this version: run into another folder with --lake")
    try:
        kinds = {kind: data.get(kind, {}) if kind == "sources" else data[kind] for kind in KINDS}
        return Catalog(*(_entries(root, kind, entries) for kind, entries in kinds.items()))
    except (KeyError, TypeError, AttributeError, ValueError):
        raise CatalogError(f"{path} is damaged: restore it, or run into another folder with --lake") from None


def _entries(root: Path, kind: str, data: Mapping[str, Any]) -> dict[str, Entry]:
    """The entries of a kind; their files lie where files of these tables do, so a changed catalog leads nobody out."""
    found = {name: _entry(root, entry) for name, entry in data.items()}
    for name, entry in found.items():
        if not all(is_place(kind, name, file) for one in entry.versions for file in one.all_files()):
            raise ValueError("a file of another place")
    return found


def _entry(root: Path, data: Mapping[str, Any]) -> Entry:
    columns = tuple((column["name"], column["type"]) for column in data["columns"])
    versions = tuple(_version(root, version) for version in data["versions"])
    if not versions:
        raise ValueError("no version")
    zone, texts = data.get("zone"), [text for column in columns for text in column]
    if not all(isinstance(text, str) for text in texts) or not isinstance(zone, str | None):
        raise ValueError("an entry of wrong types")
    return Entry(zone, columns, versions)


def _version(root: Path, data: Mapping[str, Any]) -> Version:
    """A version; the first format named a folder instead of files."""
    values = dict(data)
    if "location" in values:
        location = values.pop("location")
        if not all(map(is_run, location.split("/"))):
            raise ValueError("a version of another place")
        values["files"] = sorted(f"{location}/{path.name}" for path in (root / location).glob("*.parquet"))
    version = Version(**{**values, "files": tuple(values["files"])})
    texts = (version.run, version.record, version.program, *version.files, *version.inputs, *version.inputs.values())
    numbers = (version.rows, version.aged)
    sound = isinstance(version.made, dict) and all(type(number) is int and number >= 0 for number in numbers)
    if not sound or not all(isinstance(text, str) for text in texts) or not is_run(version.run):
        raise ValueError("a version of wrong types")
    return version


def write_catalog(root: Path, lake: str, run: str, catalog: Catalog) -> None:
    """Makes `catalog` what readers see, in one step that outlives a crash of the machine."""
    data = {
        "format": FORMAT,
        "lake": lake,
        "run": run,
        "tables": {name: entry.to_json() for name, entry in catalog.tables.items()},
        "sources": {name: entry.to_json() for name, entry in catalog.sources.items()},
        "quarantine": {name: entry.to_json() for name, entry in catalog.quarantine.items()},
    }
    target, temporary = root / CATALOG, root / f"{CATALOG}.{run}"
    try:
        with open(temporary, "w", encoding="utf-8") as file:
            json.dump(data, file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, target)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise CatalogError(f"cannot write {target}: {error.strerror}; nothing was published") from None
    sync(root)


@contextmanager
def changing(root: Path) -> Iterator[None]:
    """Holds the catalog of a lake folder from where it is read to where what changed in it is written.

    A run may make several tables at once, in modules of ours and in those of the scripts, which share nothing
    but the folder.
    """
    descriptor = os.open(root, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def sync(path: Path) -> None:
    """Makes sure that a file, or the list of a folder's files, is on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class FolderCatalog:
    """The catalog of a lake folder, as a job sees it. Whoever starts jobs holds the folder's lock."""

    def __init__(self, root: str, lake: str) -> None:
        self.root = Path(root)
        self.lake = lake

    def current(self, table: str) -> Version | None:
        """The published version that readers see, of a table or of a source's rows."""
        entry = read_catalog(self.root).entry(table)
        return entry.current if entry is not None else None

    def versions(self, table: str) -> tuple[Version, ...]:
        """All published versions that are kept, newest first."""
        entry = read_catalog(self.root).entry(table)
        return entry.versions if entry is not None else ()

    def columns(self, table: str) -> tuple[tuple[str, str], ...] | None:
        """Names and types of the published version's columns; None if only its files know them, or none is there."""
        entry = read_catalog(self.root).entry(table)
        there = entry is not None and any((self.root / file).is_file() for file in entry.current.files)
        return entry.columns if entry is not None and there else None

    def paths(self, version: Version) -> list[str]:
        """Where Spark finds the rows of a version."""
        return [str(self.root / file) for file in version.files]

    def publish(
        self, table: str, run: str, rows: int, columns: Sequence[tuple[str, str]], keep: int
    ) -> tuple[Version, ...]:
        """Makes a version of a table the current one; returns those that stay."""
        version = Version(run, rows, self._on_disk(f"tables/{table}/{run}"))
        with changing(self.root):
            catalog = read_catalog(self.root)
            entry = _newer(catalog.tables.get(table), version, columns, keep)
            self.write(run, replace(catalog, tables={**catalog.tables, table: entry}))
        return entry.versions

    def quarantine(self, source: str) -> Version | None:
        """The published lines of a source that are no rows; None if there are none."""
        entry = read_catalog(self.root).quarantine.get(source)
        return entry.current if entry is not None else None

    def publish_source(
        self,
        source: str,
        version: Version,
        columns: Sequence[tuple[str, str]],
        keep: int,
        quarantined: Version | None,
    ) -> None:
        """Makes versions of a source's rows and of its quarantine the current ones, in one step.

        Args:
            quarantined: None where every line is a row.
        """
        with changing(self.root):
            catalog = read_catalog(self.root)
            entry = _newer(catalog.sources.get(source), version, columns, keep)
            quarantine = {name: one for name, one in catalog.quarantine.items() if name != source}
            if quarantined is not None:
                quarantine[source] = _newer(catalog.quarantine.get(source), quarantined, QUARANTINE_COLUMNS, 1)
            self.write(version.run, Catalog(catalog.tables, {**catalog.sources, source: entry}, quarantine))

    def written(self, location: str) -> tuple[str, ...]:
        """The files that Spark wrote to a folder, relative to the lake, safe on the disk."""
        return self._on_disk(location)

    def _on_disk(self, location: str) -> tuple[str, ...]:
        files = sorted((self.root / location).glob("*.parquet"))
        for file in files:
            sync(file)
        sync(self.root / location)
        return tuple(file.relative_to(self.root).as_posix() for file in files)

    def write(self, run: str, catalog: Catalog) -> None:
        write_catalog(self.root, self.lake, run, catalog)


def _newer(before: Entry | None, version: Version, columns: Sequence[tuple[str, str]], keep: int) -> Entry:
    """An entry with a newer version."""
    versions = with_newer(before.versions if before else (), version, keep)
    return Entry(before.zone if before else None, tuple(columns), versions)
