"""Where a sample lies: refuses what isn't one, and replaces one sample by another at once."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from generator.sample.counts import LANDING, SampleError

MARKER = ".sample.json"
MADE_BY = "generator.sample"
BYTES_PER_COHORT = 11_500_000


def landing_folder(table: str) -> str:
    """A landing table's folder, relative to the sample."""
    return f"{table.removesuffix('_landing')}/landing"


ENTRIES = (*(landing_folder(table) for table in LANDING), MARKER)


def check_target(directory: Path, *, force: bool) -> None:
    """Makes sure that nothing but an earlier sample gets replaced.

    Raises:
        SampleError: it is a file, or holds what this package didn't write.
    """
    if not directory.exists():
        return
    if not directory.is_dir():
        raise SampleError(f"{directory} is a file; a sample needs a folder")
    if force or not any(directory.iterdir()):
        return
    written = _files_of_sample(directory)
    if written is None:
        raise SampleError(
            f"{directory} isn't empty and holds no earlier sample; name another folder, "
            f"or force it to replace {', '.join(ENTRIES)} in it and nothing else"
        )
    foreign = sorted(_landing_files(directory) - written)
    if foreign:
        shown = foreign[0] + (f" and {len(foreign) - 1} more" if len(foreign) > 1 else "")
        raise SampleError(f"{directory} holds files that aren't part of the sample: {shown}; move them, or force it")


def check_space(directory: Path, scale: int) -> None:
    """Raises SampleError if the sample can't fit on the disk."""
    existing = next(parent for parent in (directory, *directory.parents) if parent.exists())
    needed, free = scale * BYTES_PER_COHORT, shutil.disk_usage(existing).free
    if needed > free:
        raise SampleError(
            f"a sample at scale {scale} needs {needed / 1e6:,.0f} MB; {free / 1e6:,.0f} MB are free at {directory}"
        )


def write_marker(directory: Path, files: Sequence[str], facts: Mapping[str, object]) -> None:
    """Tells a later run that this folder is a sample, and which files belong to it."""
    content = {"made_by": MADE_BY, **facts, "files": list(files)}
    (directory / MARKER).write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


@contextlib.contextmanager
def staged(directory: Path) -> Iterator[Path]:
    """A folder to write to, whose content takes the target's place when the block ends well."""
    inside = directory.exists()
    parent = directory if inside else directory.parent
    staging = parent / f".{directory.name}-{os.urandom(4).hex()}.tmp"
    staging.mkdir(parents=True)
    try:
        yield staging
        if inside:
            _swap(staging, directory)
        else:
            staging.rename(directory)
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def _swap(staging: Path, directory: Path) -> None:
    """Exchanges the entries of the two folders; all of them or none."""
    done: list[tuple[Path, Path]] = []
    try:
        for entry in ENTRIES:
            new, current, retired = staging / entry, directory / entry, staging / "retired" / entry
            for source, target in ((current, retired), (new, current)):
                if source.exists():
                    target.parent.mkdir(parents=True, exist_ok=True)
                    source.rename(target)
                    done.append((source, target))
    except BaseException:
        for source, target in reversed(done):
            target.rename(source)
        raise


def _files_of_sample(directory: Path) -> set[str] | None:
    try:
        content = json.loads((directory / MARKER).read_text(encoding="utf-8"))
        return set(content["files"]) if content["made_by"] == MADE_BY else None
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None


def _landing_files(directory: Path) -> set[str]:
    folders = (directory / landing_folder(table) for table in LANDING)
    paths = (path for folder in folders for path in folder.rglob("*") if not path.is_dir())
    return {path.relative_to(directory).as_posix() for path in paths}
