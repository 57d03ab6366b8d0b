"""The lake as a folder: version folders of Parquet files, and the catalog that says which of them is current.

    catalog.json                     which files each table consists of; switched by one atomic rename
    tables/NAME/RUN/*.parquet        files of a version: written whole before the catalog knows of them, never changed
    sources/NAME/RUN/*.parquet       rows of a source; versions share the files of landing data that stayed as it was
    sources/NAME/RUN/landing.json    which landing files those are of
    quarantine/NAME/RUN/*.parquet    the lines that are no rows
    .lock                            held by the run that is going on
    .gitignore                       so that nobody commits people's data by accident

A run that dies leaves files that the catalog doesn't mention: the next run removes them. Readers follow the
catalog, so they see the last published tables, whole, at every moment.
"""

from __future__ import annotations

import fcntl
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from generator.diagnostics import GeneratorError
from generator.runtime.folder_catalog import (
    CATALOG,
    FORMAT,
    KINDS,
    Catalog,
    CatalogError,
    Entry,
    Version,
    read_catalog,
    sync,
    write_catalog,
)

__all__ = ["CATALOG", "FORMAT", "Catalog", "Entry", "LakeFolder", "LakeFolderError", "Version"]

DATA_FILE = "part-0.parquet"


class LakeFolderError(GeneratorError):
    """The lake folder can't be used."""


def keep_out_of_git(folder: Path) -> None:
    """Makes git ignore all of a folder, unless it has a `.gitignore` already.

    Raises:
        OSError: it can't be written.
    """
    file = folder / ".gitignore"
    if not file.exists():
        file.write_text("*\n", encoding="utf-8")


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
            keep_out_of_git(self.root)
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
        try:
            return read_catalog(self.root)
        except CatalogError as error:
            raise LakeFolderError(str(error)) from None

    def new_version(self, kind: str, name: str, run: str) -> str:
        """Makes the folder of a version to be written; returns its location."""
        location = f"{kind}/{name}/{run}"
        (self.root / location).mkdir(parents=True)
        return location

    def publish(self, lake: str, run: str, catalog: Catalog) -> None:
        """Makes `catalog` what readers see, in one step that outlives a crash of the machine."""
        write_catalog(self.root, lake, run, catalog)

    def sync_files(self, files: Iterable[str]) -> None:
        """Makes sure that files, and the folders that list them, are on the disk before the catalog names them."""
        paths = [self.root / file for file in files]
        for path in (*paths, *dict.fromkeys(path.parent for path in paths)):
            sync(path)

    def remove_unpublished(self, catalog: Catalog) -> None:
        """Removes the files that the catalog doesn't name, and what a killed run left of its catalog."""
        published = catalog.files()
        for kind in KINDS:
            for folder in _folders(self.root / kind):
                for version in _folders(folder):
                    _remove_others(self.root, version, published)
                if not any(folder.iterdir()):
                    folder.rmdir()
        for left in self.root.glob(f"{CATALOG}.*"):
            left.unlink(missing_ok=True)


def _remove_others(root: Path, version: Path, published: set[str]) -> None:
    """Removes the files of a version's folder that aren't published, and the folder if none is left."""
    kept = False
    for file in version.iterdir():
        if file.relative_to(root).as_posix() in published:
            kept = True
        elif file.is_dir() and not file.is_symlink():
            shutil.rmtree(file, ignore_errors=True)
        else:
            file.unlink(missing_ok=True)
    if not kept:
        shutil.rmtree(version, ignore_errors=True)


def _folders(folder: Path) -> list[Path]:
    try:
        return [entry for entry in folder.iterdir() if entry.is_dir()]
    except FileNotFoundError:
        return []
