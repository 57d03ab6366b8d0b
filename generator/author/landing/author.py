"""From a landing folder to the text of a spec: find the sources, read them, draft, write."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from generator.author.landing.draft import Draft, draft
from generator.author.landing.files import Found, arrange, find_sources
from generator.author.landing.survey import Survey, UnusableFilesError, survey
from generator.author.names import without_stage
from generator.author.yaml_text import aligned
from generator.diagnostics import GeneratorError
from generator.runtime.words import plural

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Render = Callable[..., str]
"""Renders a template, named by its path, with values."""

_MOST_TOLD = 10


@dataclass(frozen=True, slots=True)
class Authored:
    """A spec made of raw data.

    Attributes:
        text: the spec as YAML.
        sources: what was read.
        notes: what the user should know beside the spec.
    """

    text: str
    draft: Draft
    sources: tuple[Survey, ...]
    notes: tuple[str, ...]


def author(root: Path, name: str, limit: int, render: Render, tell: Callable[[str], None], tidy: bool) -> Authored:
    """Writes the spec of a landing folder.

    Args:
        root: the folder with a folder, or a file, for each source.
        name: of the lake.
        limit: bytes that are read of each source; beyond, a sample of that size.
        tell: is told the name of each source before it is read.
        tidy: whether files of several sources in one folder are moved into folders of their own.

    Raises:
        GeneratorError: there is nothing to read, or files of several sources share a folder.
    """
    found = find_sources(root)
    if tidy:
        found = _arranged(root, found)
    if found.moves:
        raise GeneratorError(_how_to_move(root, found))
    surveys, notes = _surveys(found, limit, tell)
    notes += found.notes
    unknown = islice(found.unknown.items(), _MOST_TOLD)
    notes += [f"{file.relative_to(root)} was left out: {kind}" for file, kind in unknown]
    made = draft(name, surveys, _summary(root, surveys))
    return Authored(_text(made, render), made, tuple(surveys), tuple(notes))


def lake_name(root: Path) -> str:
    """A name for the lake: that of the folder, or of the one above if it only says `data`."""
    resolved = root.resolve()
    for folder in (resolved, resolved.parent):
        name = (
            without_stage(re.sub(r"[^a-z0-9]+", "_", folder.name.lower()).strip("_")).replace("_", "-")[:40].strip("-")
        )
        if re.fullmatch(r"[a-z][a-z0-9-]*", name) and name not in ("data", "landing", "raw", "input", "tmp", "src"):
            return name
    return "lake"


def _arranged(root: Path, found: Found) -> Found:
    from generator.author.landing.files import Move

    singles = [
        Move(source.files, source.files[0].parent / source.name)
        for source in found.sources
        if not source.path.endswith("/")
    ]
    arrange((*found.moves, *singles))
    return find_sources(root)


def _how_to_move(root: Path, found: Found) -> str:
    lines = ["a source is a folder of files, or one file, but these share a folder with others:"]
    for move in found.moves:
        first, folder = (path.relative_to(root) for path in (move.files[0], move.folder))
        lines.append(f"  {plural(move.files, 'file')} such as {first}: to {folder}/")
    return "\n".join([*lines, "move them, or run `init` again with --arrange, which does"])


def _surveys(found: Found, limit: int, tell: Callable[[str], None]) -> tuple[list[Survey], list[str]]:
    """The sources that can be read; the others are told of.

    Raises:
        UnusableFilesError: none can be read.
    """
    surveys, notes = [], []
    failure: UnusableFilesError | None = None
    connection = cache(_connect)
    for raw in found.sources:
        tell(raw.name)
        try:
            surveys.append(survey(raw, connection, limit))
        except UnusableFilesError as error:
            failure = failure or error
            notes.append(f"{error} (no source is made of it)")
            continue
        if surveys[-1].profile.broken > surveys[-1].profile.rows:
            notes.append(f"{raw.name}: most lines can't be read; landing data has one object, or one record, a line")
        if table := surveys[-1].holds_a_table:
            notes.append(f"{raw.name}: {table}; landing data has an object for each row")
        notes += [f"{file}: a damaged archive; a run stops at it" for file in surveys[-1].reading.damaged]
    if not surveys and failure is not None:
        raise failure
    return surveys, notes


def _connect() -> DuckDBPyConnection:
    import duckdb

    return duckdb.connect(config={"threads": 2})


def _summary(root: Path, sources: Sequence[Survey]) -> list[str]:
    lines = sum(source.profile.lines for source in sources)
    files = sum(len(source.raw.files) for source in sources)
    whole = all(source.reading.complete for source in sources)
    what = "all of them" if whole else "of big sources a sample"
    return [
        f"Made by `init` from {plural(files, 'file')}, {plural(lines, 'line')} read ({what}).",
        "What is written here holds for these lines. Comments say how it is known; they hold counts, never data.",
        f"Run it: python -m generator run --data {root}",
    ]


def _text(made: Draft, render: Render) -> str:
    text = render(
        "author/pipeline.yaml.j2",
        draft=made,
        subject_lines=[part for subject in made.subjects for part in _subject_lines(*subject)],
        consent_lines=aligned(made.consents),
        sources=[(source, aligned(source.columns)) for source in made.sources],
    )
    return re.sub(r"\n{3,}", "\n\n", text)


def _subject_lines(name: str, registry: str, keys: tuple[str, str]) -> list[str]:
    return aligned([(f"  {name}:", ""), (f"    registry: {registry}", ""), keys])
