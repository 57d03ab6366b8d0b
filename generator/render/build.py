"""What `build` writes: the files under `build/`, by their paths there. The only place that names these paths."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from generator.diagnostics import GeneratorError
from generator.plan.lake import CompiledLake
from generator.render.manifest import render_manifest, render_manifest_schema
from generator.render.schema import render_schema

SCHEMA = "pipeline.schema.json"
MANIFEST = "manifest.json"
MANIFEST_SCHEMA = "manifest.schema.json"


class BuildError(GeneratorError):
    """The build folder can't be written."""


def render_build(lake: CompiledLake) -> dict[str, str]:
    """The text of every generated file."""
    return {
        SCHEMA: render_schema(lake),
        MANIFEST: render_manifest(lake),
        MANIFEST_SCHEMA: render_manifest_schema(),
    }


def stale_files(folder: Path, files: Mapping[str, str]) -> list[str]:
    """The files that are missing or differ from what they should be."""
    return [name for name, text in files.items() if _read(folder / name) != text]


def write_build(folder: Path, files: Mapping[str, str], names: Iterable[str]) -> None:
    """Writes some of the files, each whole or not at all.

    Raises:
        BuildError: the folder can't be written.
    """
    for name in names:
        target = folder / name
        temporary = target.with_name(f".{target.name}.tmp")
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            temporary.write_text(files[name], encoding="utf-8")
            os.replace(temporary, target)
        except OSError as error:
            raise BuildError(f"cannot write {target}: {error.strerror}") from None


def _read(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return None
