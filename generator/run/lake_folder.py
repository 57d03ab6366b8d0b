"""The lake as a folder: version folders of Parquet files, and the catalog that says which of them is current.

    catalog.json                     which files each table consists of; switched by one atomic rename
    tables/NAME/RUN/*.parquet        files of a version: written whole before the catalog knows of them, never changed
    sources/NAME/RUN/*.parquet       rows of a source; versions share the files of landing data that stayed as it was
    sources/NAME/RUN/landing.json    which landing files those are of
    quarantine/NAME/RUN/*.parquet    the lines that are no rows
    .lakegen.json                    the mark of a lake folder (`own_folder`)
    .lock                            held by the run that is going on
    .gitignore                       so that nobody commits people's data by accident

A run that dies leaves files that the catalog doesn't mention: the next run removes them. Readers follow the catalog, so
they see the last published tables, whole, at every moment; and the files that were current when a run began stay until
the next one begins, for those who are reading them.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from generator.run.own_folder import (
    LakeFolderError,
    begun_runs,
    check_ours,
    is_marked,
    published_runs,
    refuse_links,
    remove_files,
    write_mark,
)
from generator.runtime.folder_catalog import (
    CATALOG,
    FORMAT,
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
SPILL = ".spill"
"""Where DuckDB puts what doesn't fit into memory."""


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

    def check(self) -> None:
        """Makes sure, without writing anything, that the folder is a lake of ours or may become one.

        Raises:
            LakeFolderError: it is in use for something else.
        """
        check_ours(self.root)

    def claim(self) -> None:
        """Makes the folder, and marks it as ours.

        Raises:
            LakeFolderError: it is in use for something else, or can't be written.
        """
        check_ours(self.root)
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            if not is_marked(self.root):
                keep_out_of_git(self.root)
                write_mark(self.root, ())
        except OSError as error:
            raise LakeFolderError(f"cannot write to the lake folder {self.root}: {error.strerror}") from None

    def begin(self, run: str, names: Collection[str], catalog: Catalog) -> None:
        """Writes down a run that is about to write versions of these tables and sources, and removes what others left.

        Raises:
            LakeFolderError: the folder of a table leads elsewhere, or the folder can't be written.
        """
        refuse_links(self.root, names)
        known = begun_runs(self.root) | published_runs(catalog)
        left = remove_files(self.root, known, catalog.files())
        spill = self.root / SPILL
        if spill.is_symlink():
            spill.unlink()
        shutil.rmtree(spill, ignore_errors=True)
        try:
            write_mark(self.root, {*left, *published_runs(catalog), run})
        except OSError as error:
            raise LakeFolderError(f"cannot write to the lake folder {self.root}: {error.strerror}") from None

    def end(self, before: Catalog) -> None:
        """Removes what no version needs any more, and what the run made and didn't publish.

        Args:
            before: what was published when the run began. What was current then stays until the next run, for whoever
                is reading it.
        """
        with suppress(LakeFolderError):
            keep = self.catalog().files() | before.current_files()
            remove_files(self.root, begun_runs(self.root), keep)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Holds the folder for one run; the lock goes with the process, however it ends.

        Raises:
            LakeFolderError: another run holds it, it isn't ours, or it can't be written.
        """
        self.claim()
        try:
            lock = open(self.root / ".lock", "a", opener=_without_waiting)  # noqa: SIM115 - as long as the lock is held
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

    def lake_name(self) -> str | None:
        """The lake that was published last; None if there was none, or the catalog doesn't tell."""
        try:
            found = json.loads((self.root / CATALOG).read_text(encoding="utf-8"))["lake"]
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            return None
        return found if isinstance(found, str) else None

    def new_version(self, kind: str, name: str, run: str) -> str:
        """Makes the folder of a version to be written; returns its location."""
        location = f"{kind}/{name}/{run}"
        (self.root / location).mkdir(parents=True)
        return location

    def publish(self, lake: str, run: str, catalog: Catalog) -> None:
        """Makes `catalog` what readers see, in one step that outlives a crash of the machine.

        Raises:
            LakeFolderError: it can't be written; readers see what they saw before.
        """
        try:
            write_catalog(self.root, lake, run, catalog)
        except CatalogError as error:
            raise LakeFolderError(str(error)) from None

    def sync_files(self, files: Iterable[str]) -> None:
        """Makes sure that files, and the folders that list them, are on the disk before the catalog names them."""
        paths = [self.root / file for file in files]
        for path in (*paths, *dict.fromkeys(path.parent for path in paths)):
            sync(path)


def begin_from(lake: LakeFolder, other: LakeFolder, name: str) -> None:
    """Makes a new lake folder of what another one has published, by links to its files; that one stays as it is.

    Nothing is taken from a folder that is none, of a lake of another name, or in which a run is going on.

    Args:
        name: of the lake.
    """
    if not is_marked(lake.root) or lake.lake_name() != name:
        return
    with suppress(LakeFolderError), lake.locked():
        catalog = lake.catalog()
        if not catalog.files():
            return
        for file in catalog.files():
            if (lake.root / file).is_file():
                (other.root / file).parent.mkdir(parents=True, exist_ok=True)
                (other.root / file).symlink_to((lake.root / file).resolve())
        write_catalog(other.root, name, "-", catalog)


def _without_waiting(path: str, flags: int) -> int:
    """Opens no link and waits for no pipe."""
    return os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK, 0o666)
