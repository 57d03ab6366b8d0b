"""The lake as a folder: version folders of Parquet files, and the catalog that says which of them is current.

    catalog.json                     which version of each table readers see; switched by one atomic rename
    tables/NAME/RUN/part-0.parquet   a version: written whole before the catalog knows of it, never changed after
    quarantine/NAME/RUN/part-0.parquet
    .lock                            held by the run that is going on

A run that dies leaves version folders that the catalog doesn't mention: the next run removes them. Readers follow the
catalog, so they see the last published tables, whole, at every moment.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from generator.diagnostics import GeneratorError

FORMAT = 1
CATALOG = "catalog.json"
DATA_FILE = "part-0.parquet"


class LakeFolderError(GeneratorError):
    """The lake folder can't be used."""


@dataclass(frozen=True, slots=True)
class Version:
    """A published version of a table.

    Attributes:
        location: its folder, relative to the lake.
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


def _entry(data: Mapping[str, Any]) -> Entry:
    columns = tuple((column["name"], column["type"]) for column in data["columns"])
    versions = tuple(Version(**version) for version in data["versions"])
    sound = (isinstance(v.location, str) and isinstance(v.run, str) and type(v.rows) is int for v in versions)
    if not versions or not all(sound):
        raise ValueError("no version, or one of wrong types")
    return Entry(data.get("zone"), columns, versions)


@dataclass(frozen=True, slots=True)
class Catalog:
    """The current tables and quarantines, by name."""

    tables: Mapping[str, Entry]
    quarantine: Mapping[str, Entry]

    def locations(self) -> set[str]:
        entries = (*self.tables.values(), *self.quarantine.values())
        return {version.location for entry in entries for version in entry.versions}


class LakeFolder:
    """A lake folder; everything that changes it needs the lock."""

    def __init__(self, root: Path) -> None:
        self.root = root

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Holds the folder for one run; the lock goes with the process, however it ends.

        Raises:
            LakeFolderError: another run holds it, or it can't be written.
        """
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            lock = open(self.root / ".lock", "w")  # noqa: SIM115 - open as long as the lock is held
        except OSError as error:
            raise LakeFolderError(f"cannot write to the lake folder {self.root}: {error.strerror}") from None
        with lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise LakeFolderError(f"another run is going on in {self.root}: wait for it to end") from None
            yield

    def catalog(self) -> Catalog:
        """The published state.

        Raises:
            LakeFolderError: the catalog is damaged, or of a newer format.
        """
        path = self.root / CATALOG
        try:
            data = json.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return Catalog({}, {})
        except (OSError, ValueError, RecursionError) as error:
            raise LakeFolderError(f"cannot read {path}: {error}") from None
        if not isinstance(data, dict) or data.get("format") != FORMAT:
            raise LakeFolderError(f"{path} is not a catalog of this version: run into another folder with --lake")
        try:
            return Catalog(
                {name: _entry(entry) for name, entry in data["tables"].items()},
                {name: _entry(entry) for name, entry in data["quarantine"].items()},
            )
        except (KeyError, TypeError, AttributeError, ValueError):
            raise LakeFolderError(f"{path} is damaged: restore it, or run into another folder with --lake") from None

    def new_version(self, kind: str, name: str, run: str) -> str:
        """Makes the folder of a version to be written; returns its location."""
        location = f"{kind}/{name}/{run}"
        (self.root / location).mkdir(parents=True)
        return location

    def data_file(self, location: str) -> Path:
        return self.root / location / DATA_FILE

    def publish(self, lake: str, run: str, catalog: Catalog) -> None:
        """Makes `catalog` what readers see, in one step that outlives a crash of the machine."""
        data = {
            "format": FORMAT,
            "lake": lake,
            "run": run,
            "tables": {name: entry.to_json() for name, entry in catalog.tables.items()},
            "quarantine": {name: entry.to_json() for name, entry in catalog.quarantine.items()},
        }
        target, temporary = self.root / CATALOG, self.root / f"{CATALOG}.{run}"
        with open(temporary, "w", encoding="utf-8") as file:
            json.dump(data, file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, target)
        _sync_folder(self.root)

    def sync_version(self, location: str) -> None:
        """Makes sure that a version is on the disk before the catalog names it."""
        descriptor = os.open(self.data_file(location), os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def remove_unpublished(self, catalog: Catalog) -> None:
        """Removes the versions that the catalog doesn't name, and what a killed run left of its catalog."""
        published = catalog.locations()
        for kind in ("tables", "quarantine"):
            for folder in _folders(self.root / kind):
                for version in _folders(folder):
                    if f"{kind}/{folder.name}/{version.name}" not in published:
                        shutil.rmtree(version, ignore_errors=True)
                if not any(folder.iterdir()):
                    folder.rmdir()
        for left in self.root.glob(f"{CATALOG}.*"):
            left.unlink(missing_ok=True)


def _folders(folder: Path) -> list[Path]:
    try:
        return [entry for entry in folder.iterdir() if entry.is_dir()]
    except FileNotFoundError:
        return []


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
