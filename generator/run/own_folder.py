"""What of a lake folder is ours: the mark that says so, and the runs whose files may be removed.

    .lakegen.json    the mark: the runs that began here, written down before they write anything else

A folder without a mark is taken only if it has nothing in it. A file is removed only if a run that is written down
made it; whatever else lies in the folder stays. Symbolic links are never followed for deletion.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Collection, Iterator
from contextlib import suppress
from pathlib import Path

from generator.diagnostics import GeneratorError
from generator.regular_files import read_regular
from generator.runtime.folder_catalog import CATALOG, KINDS, Catalog
from generator.runtime.names import is_run
from generator.runtime.record import RECORD

MARK = ".lakegen.json"
FORMAT = 1
_DATA = (".parquet", ".crc")
_SPARK = ("_temporary", "_SUCCESS")
"""What Spark leaves beside the data when it is killed, or told nothing else."""
_BESIDE = frozenset({".gitignore", ".lock", ".program.json", ".program.json.new"})
"""What earlier versions left in a folder in which nothing was published."""


class LakeFolderError(GeneratorError):
    """The lake folder can't be used."""


def check_ours(root: Path) -> None:
    """Makes sure that a folder is a lake of ours, or may become one.

    Raises:
        LakeFolderError: it is in use for something else.
    """
    if is_marked(root):
        return
    try:
        names = {entry.name for entry in root.iterdir()}
    except FileNotFoundError:
        return
    except OSError as error:
        raise LakeFolderError(f"cannot write to the lake folder {root}: {error.strerror}") from None
    if names and not (names - {".gitignore"} and names <= _BESIDE):
        raise LakeFolderError(
            f"{root} has files in it and is no lake folder: name an empty or a new folder with --lake, such as .lake"
        )


def is_marked(root: Path) -> bool:
    """Whether a lake of ours is in a folder: by its mark, or by a catalog from before there were marks."""
    return _is_file(root / MARK) or (_is_file(root / CATALOG) and '"versions"' in _text(root / CATALOG))


def _is_file(path: Path) -> bool:
    return path.is_file() and not path.is_symlink()


def _text(path: Path) -> str:
    with suppress(OSError, ValueError):
        return read_regular(path)
    return ""


def begun_runs(root: Path) -> set[str]:
    """The runs whose versions may be in the folder, besides those that the catalog names."""
    with suppress(ValueError, TypeError, KeyError, RecursionError):
        return {run for run in json.loads(_text(root / MARK))["runs"] if isinstance(run, str) and is_run(run)}
    return set()


def write_mark(root: Path, runs: Collection[str]) -> None:
    """Writes down the runs, in one step that outlives a crash.

    Raises:
        OSError: it can't be written.
    """
    temporary = root / f"{MARK}.new"
    temporary.unlink(missing_ok=True)
    try:
        with open(temporary, "x", encoding="utf-8") as file:
            json.dump({"format": FORMAT, "runs": sorted(runs)}, file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, root / MARK)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise


def refuse_links(root: Path, names: Collection[str]) -> None:
    """Makes sure that the folders of some tables and sources are in the lake folder itself.

    Raises:
        LakeFolderError: one is a symbolic link.
    """
    for kind in KINDS:
        for path in (root / kind, *(root / kind / name for name in names)):
            if path.is_symlink():
                raise LakeFolderError(f"{path} is a symbolic link: a lake folder holds its tables itself; remove it")


def remove_files(root: Path, runs: Collection[str], keep: Collection[str]) -> set[str]:
    """Removes the files that these runs made, except those to keep; returns the runs of which something is left.

    Versions share files, so a file goes when no version to be kept has it, whichever run made it.

    Args:
        keep: files relative to the lake folder, such as `tables/NAME/RUN/part-0.parquet`.
    """
    left = set()
    for kind in KINDS:
        for folder in _folders(root / kind):
            for version in _folders(folder):
                run = made_by(version.name, runs)
                if run is not None and not _remove_others(root, version, keep):
                    left.add(run)
            with suppress(OSError):  # it isn't empty
                folder.rmdir()
    for run in runs:
        with suppress(OSError):
            (root / f"{CATALOG}.{run}").unlink(missing_ok=True)
    return left


def made_by(folder: str, runs: Collection[str]) -> str | None:
    """The one of some runs that made a version's folder, which is called `RUN` or `RUN.PART`."""
    return next((run for run in (folder, folder.rpartition(".")[0]) if run in runs), None)


def _remove_others(root: Path, version: Path, keep: Collection[str]) -> bool:
    """Removes the files of a run's folder that aren't to be kept; returns whether the folder is gone."""
    for entry in sorted(version.iterdir()):
        if entry.relative_to(root).as_posix() in keep or not _is_data(entry.name):
            continue
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry, ignore_errors=True)
        else:
            with suppress(OSError):
                entry.unlink(missing_ok=True)
    with suppress(OSError):  # it isn't empty
        version.rmdir()
    return not version.exists()


def _is_data(name: str) -> bool:
    """Whether an engine writes something that is called so into the folder of a version."""
    return name.endswith(_DATA) or name in _SPARK or name == RECORD


def _folders(folder: Path) -> Iterator[Path]:
    """The folders in a folder that is one itself; no links."""
    if folder.is_symlink() or not folder.is_dir():
        return
    with os.scandir(folder) as entries:
        found = sorted(entry.path for entry in entries if entry.is_dir(follow_symlinks=False))
    yield from map(Path, found)


def published_runs(catalog: Catalog) -> set[str]:
    """The runs that made some file of the catalog; of a folder that is called `RUN.PART` both readings."""
    folders = {file.split("/")[2] for file in catalog.files()}
    return folders | {folder.rpartition(".")[0] for folder in folders if "." in folder}
