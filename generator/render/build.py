"""What `build` writes: the files under `build/`, by their paths there. The only place that names these paths."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from generator.plan.lake import CompiledLake
from generator.render.athena import render_athena
from generator.render.beside import make_beside
from generator.render.build_folder import BuildError, Files, replace_files, survey
from generator.render.jobs import render_jobs
from generator.render.jobs.upkeep import render_upkeep, step_digests, upkeep_programs, upkeep_text
from generator.render.manifest import render_manifest, render_manifest_schema
from generator.render.runtime_package import runtime_package
from generator.render.schema import render_schemas
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
    schemas = render_schemas(lake)
    return {
        SCHEMA: schemas.spec,
        TESTS_SCHEMA: schemas.tests,
        INCLUDED_SCHEMA: schemas.included,
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

Made = Mapping[Callable[[CompiledLake], Files], Files]


def render_build(lake: CompiledLake) -> dict[str, str | bytes]:
    """The content of every generated file."""
    made = {one: one(lake) for one in RENDERERS} if len(lake.tables) < MANY else _made_by_two(lake)
    return {name: content for renderer in RENDERERS for name, content in made[renderer].items()}


def _made_by_two(lake: CompiledLake) -> Made:
    """How tables are kept is in both facts; the digests in one of them take no more than the rest has room for."""
    others = [one for one in RENDERERS if one is not _facts]
    (manifest, programs), (rest, digests) = make_beside(
        lambda: (render_manifest(lake), upkeep_programs(lake)),
        lambda: ({one: one(lake) for one in others}, step_digests(lake)),
    )
    return {**rest, _facts: {MANIFEST: manifest, UPKEEP: upkeep_text(programs, digests)}}


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
