"""The catalog of a lake in a folder: one file, `catalog.json`, switched by an atomic rename.

Every engine of the local lake writes it in this form, so that they share the tables.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .error import LakeError

FORMAT = 1
CATALOG = "catalog.json"


class CatalogError(LakeError):
    """The catalog is damaged, or of a newer format."""


@dataclass(frozen=True, slots=True)
class Version:
    """A published version of a table.

    Attributes:
        location: its folder; in a folder's catalog relative to the lake.
    """

    run: str
    location: str
    rows: int

    def to_json(self) -> dict[str, Any]:
        return {"run": self.run, "location": self.location, "rows": self.rows}


@dataclass(frozen=True, slots=True)
class Entry:
    """What the catalog says of a table. The first version is the current one."""

    zone: str | None
    columns: tuple[tuple[str, str], ...]
    versions: tuple[Version, ...]

    def to_json(self) -> dict[str, Any]:
        return {
            "location": self.versions[0].location,
            "rows": self.versions[0].rows,
            "zone": self.zone,
            "columns": [{"name": name, "type": kind} for name, kind in self.columns],
            "versions": [version.to_json() for version in self.versions],
        }


@dataclass(frozen=True, slots=True)
class Catalog:
    """The current tables and quarantines, by name."""

    tables: Mapping[str, Entry]
    quarantine: Mapping[str, Entry]

    def locations(self) -> set[str]:
        entries = (*self.tables.values(), *self.quarantine.values())
        return {version.location for entry in entries for version in entry.versions}


def read_catalog(root: Path) -> Catalog:
    """The published state of a lake folder; empty where nothing was published.

    Raises:
        CatalogError: the catalog is damaged, or of a newer format.
    """
    path = root / CATALOG
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Catalog({}, {})
    except (OSError, ValueError, RecursionError) as error:
        raise CatalogError(f"cannot read {path}: {error}") from None
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        raise CatalogError(f"{path} is not a catalog of this version: run into another folder with --lake")
    try:
        return Catalog(
            {name: _entry(entry) for name, entry in data["tables"].items()},
            {name: _entry(entry) for name, entry in data["quarantine"].items()},
        )
    except (KeyError, TypeError, AttributeError, ValueError):
        raise CatalogError(f"{path} is damaged: restore it, or run into another folder with --lake") from None


def _entry(data: Mapping[str, Any]) -> Entry:
    columns = tuple((column["name"], column["type"]) for column in data["columns"])
    versions = tuple(Version(**version) for version in data["versions"])
    sound = (isinstance(v.location, str) and isinstance(v.run, str) and type(v.rows) is int for v in versions)
    if not versions or not all(sound):
        raise ValueError("no version, or one of wrong types")
    return Entry(data.get("zone"), columns, versions)


def write_catalog(root: Path, lake: str, run: str, catalog: Catalog) -> None:
    """Makes `catalog` what readers see, in one step that outlives a crash of the machine."""
    data = {
        "format": FORMAT,
        "lake": lake,
        "run": run,
        "tables": {name: entry.to_json() for name, entry in catalog.tables.items()},
        "quarantine": {name: entry.to_json() for name, entry in catalog.quarantine.items()},
    }
    target, temporary = root / CATALOG, root / f"{CATALOG}.{run}"
    with open(temporary, "w", encoding="utf-8") as file:
        json.dump(data, file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    os.replace(temporary, target)
    sync(root)


def sync(path: Path) -> None:
    """Makes sure that a file, or the list of a folder's files, is on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class FolderCatalog:
    """The catalog of a lake folder, as a job sees it. Whoever starts jobs holds the folder's lock.

    Attributes:
        shows_empty: whether a quarantine without lines is a version of its own, with files.
    """

    shows_empty = False

    def __init__(self, root: str, lake: str) -> None:
        self.root = Path(root)
        self.lake = lake

    def current(self, table: str) -> Version | None:
        """The published version that readers see."""
        entry = read_catalog(self.root).tables.get(table)
        return entry.versions[0] if entry is not None else None

    def versions(self, table: str) -> tuple[Version, ...]:
        """All published versions that are kept, newest first."""
        entry = read_catalog(self.root).tables.get(table)
        return entry.versions if entry is not None else ()

    def columns(self, table: str) -> tuple[tuple[str, str], ...] | None:
        """Names and types of the published version's columns; None if only its files know them, or none is there."""
        entry = read_catalog(self.root).tables.get(table)
        there = entry is not None and any((self.root / entry.versions[0].location).glob("*.parquet"))
        return entry.columns if entry is not None and there else None

    def path(self, location: str) -> str:
        """Where Spark finds a location."""
        return str(self.root / location)

    def check_columns(self, table: str, columns: Sequence[tuple[str, str]]) -> None:
        """Nothing to compare with: the catalog takes a table's columns as they are published."""

    def publish(
        self,
        table: str,
        run: str,
        rows: int,
        columns: Sequence[tuple[str, str]],
        keep: int,
        checks: Mapping[str, int] | None = None,
    ) -> tuple[Version, ...]:
        """Makes a version of a table the current one; returns those that stay. How checks went, a run's report has."""
        catalog = read_catalog(self.root)
        before = catalog.tables.get(table)
        version = self._on_disk("tables", table, run, rows)
        versions = (version, *(before.versions if before else ()))[:keep]
        entry = Entry(before.zone if before else None, tuple(columns), versions)
        self._write(run, Catalog({**catalog.tables, table: entry}, catalog.quarantine))
        return versions

    def record_source(self, source: str, record: Mapping[str, Any]) -> None:
        """What a run read of a source, its report has."""

    def has_quarantine(self, source: str) -> bool:
        return source in read_catalog(self.root).quarantine

    def publish_quarantine(
        self, source: str, run: str, rows: int, columns: Sequence[tuple[str, str]]
    ) -> tuple[Version, ...]:
        """Makes a version of a source's quarantine the only one, without rows none at all; returns what stays."""
        catalog = read_catalog(self.root)
        before = catalog.quarantine.get(source)
        quarantine = {name: entry for name, entry in catalog.quarantine.items() if name != source}
        if rows:
            version = self._on_disk("quarantine", source, run, rows)
            quarantine[source] = Entry(before.zone if before else None, tuple(columns), (version,))
        self._write(run, Catalog(catalog.tables, quarantine))
        return quarantine[source].versions if rows else ()

    def _on_disk(self, kind: str, name: str, run: str, rows: int) -> Version:
        version = Version(run, f"{kind}/{name}/{run}", rows)
        for file in _files(self.root / version.location):
            sync(file)
        return version

    def _write(self, run: str, catalog: Catalog) -> None:
        write_catalog(self.root, self.lake, run, catalog)


def _files(folder: Path) -> Iterator[Path]:
    yield from (path for path in folder.iterdir() if path.is_file())
    yield folder
