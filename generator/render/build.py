"""What `build` writes: the files under `build/`, by their paths there. The only place that names these paths."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from generator.plan.lake import CompiledLake
from generator.render.athena import render_athena
from generator.render.beside import make_beside
from generator.render.build_folder import BuildError, Files, replace_files, survey
from generator.render.jobs import render_jobs
from generator.render.jobs.upkeep import render_upkeep
from generator.render.manifest import render_manifest, render_manifest_schema
from generator.render.runtime_package import runtime_package
from generator.render.schema import render_included_schema, render_schema, render_tests_schema
from generator.render.studio import render_studio
from generator.render.terraform import render_terraform

__all__ = ["BuildError", "render_build", "stale_files", "write_build"]

SCHEMA = "pipeline.schema.json"
TESTS_SCHEMA = "tests.schema.json"
INCLUDED_SCHEMA = "included.schema.json"
RUNTIME = "jobs/lake.zip"
UPKEEP = "jobs/upkeep.json"
MANIFEST = "manifest.json"
MANIFEST_SCHEMA = "manifest.schema.json"

Texts = Mapping[str, str]


def _schemas(lake: CompiledLake) -> Texts:
    return {
        SCHEMA: render_schema(lake),
        TESTS_SCHEMA: render_tests_schema(lake),
        INCLUDED_SCHEMA: render_included_schema(lake),
        MANIFEST_SCHEMA: render_manifest_schema(),
    }


def _facts(lake: CompiledLake) -> Texts:
    """What other programs are told of the tables: how each is kept is in both."""
    return {MANIFEST: render_manifest(lake), UPKEEP: render_upkeep(lake)}


def _jobs(lake: CompiledLake) -> Files:
    return {**_in("jobs", render_jobs(lake)), RUNTIME: runtime_package()}


def _studio(lake: CompiledLake) -> Texts:
    return _in("studio", render_studio(lake))


def _in(folder: str, files: Texts) -> Texts:
    return {f"{folder}/{name}": text for name, text in files.items()}


RENDERERS: tuple[Callable[[CompiledLake], Files], ...] = (
    _schemas,
    _facts,
    _jobs,
    _studio,
    render_terraform,
    render_athena,
)
"""Each gives some of the files; no path comes from two of them."""
MANY = 50
"""From so many tables on the facts, about half of the work, are made beside the rest."""


def render_build(lake: CompiledLake) -> dict[str, str | bytes]:
    """The content of every generated file."""
    if len(lake.tables) < MANY:
        made = {one: one(lake) for one in RENDERERS}
    else:
        others = [one for one in RENDERERS if one is not _facts]
        facts, rest = make_beside(lambda: _facts(lake), lambda: {one: one(lake) for one in others})
        made = {**rest, _facts: facts}
    return {name: content for renderer in RENDERERS for name, content in made[renderer].items()}


def stale_files(folder: Path, files: Files) -> list[str]:
    """The files of a build that aren't as they should be, left-over ones included.

    Raises:
        BuildError: the folder can't be read.
    """
    return [change.name for change in survey(folder, files).changes]


def write_build(folder: Path, files: Files, names: Iterable[str]) -> None:
    """Writes some files to a folder: all of them, or none.

    Raises:
        BuildError: the folder can't be written.
    """
    replace_files(folder, {name: files[name] for name in names}, ())
