"""What the tests of jobs share: landing data, and what a reader sees who follows the catalog."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from generator.runtime.folder_catalog import read_catalog

if TYPE_CHECKING:
    from generator.runtime.lake import Lake

NewJob = Callable[[], "Lake"]
"""Gives the lake to another job, with a Spark session of its own."""
Events = Callable[[], list[dict[str, Any]]]
"""The events since it was last called."""


def land(landing: Path, *lines: str, name: str = "people/a.json") -> None:
    (landing / name).parent.mkdir(parents=True, exist_ok=True)
    (landing / name).write_text("".join(f"{line}\n" for line in lines))


def on_disk(root: Path, folder: str) -> list[str]:
    return sorted(path.name for path in (root / folder).iterdir()) if (root / folder).exists() else []


def values(root: Path, kind: str, name: str, columns: str = "*") -> list[tuple[Any, ...]]:
    """The rows that a reader sees who follows the catalog."""
    entry = getattr(read_catalog(root), kind)[name]
    files = [str(root / file) for file in entry.current.files]
    return sorted(duckdb.read_parquet(files).project(columns).fetchall())
