"""`init`: a first spec from raw data."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import click

from generator.cli.command import Options, command
from generator.cli.findings import told
from generator.cli.table import Cell, format_table
from generator.cli.terminal import Terminal
from generator.cli.value_types import FILE, FOLDER
from generator.diagnostics import GeneratorError, SourceText

if TYPE_CHECKING:
    from generator.author.landing.author import Authored

DESCRIPTION = (
    "Reads the files below DIR (JSON lines, CSV, Parquet; gzip and bzip2), each folder a source, and writes a spec:\n"
    "columns, types, keys, likely personal data, who the data is about, and a first table of each source.\n"
    "Comments say how each of it is known. They hold counts and never data."
)
EXAMPLE = "  python -m generator init data\n  python -m generator init data --output lake.yaml --name shop"


def _lake_name(context: click.Context, _: click.Parameter, name: str | None) -> str | None:
    if name is not None and not re.fullmatch(r"[a-z][a-z0-9_-]{0,39}", name):
        problem = f"`{name}` is no name of a lake: 1 to 40 of a-z, 0-9, `-` and `_`, a letter first"
        raise click.UsageError(problem, context)
    return name


@command(DESCRIPTION, EXAMPLE)
@click.argument("dir", type=FOLDER, help="the folder with a folder of raw files for each source")
@click.option(
    "--output", type=FILE, default=Path("pipeline.yaml"), metavar="FILE", help="the spec to write (pipeline.yaml)"
)
@click.option("--name", callback=_lake_name, metavar="LAKE", help="name of the lake (that of the folder)")
@click.option("--force", is_flag=True, help="replace the file if there is one")
@click.option("--arrange", is_flag=True, help="first move files that share a folder into one each")
@click.option(
    "--read",
    type=click.IntRange(min=1),
    default=64,
    metavar="MB",
    help="read so much of each source; of more, a sample (64)",
)
def run(options: Options, terminal: Terminal) -> int:
    output: Path = options.output
    if output.exists() and not options.force:
        raise GeneratorError(f"{output} is there already: --force replaces it, --output FILE writes another one")
    from generator.author.landing.author import author, lake_name
    from generator.checks import check_spec
    from generator.render.templates import render

    name = options.name or lake_name(options.dir)
    made = author(
        options.dir,
        name,
        options.read << 20,
        render,
        lambda source: terminal.show_live(f"reading {source}"),
        options.arrange,
    )
    terminal.clear_live()
    write(output, made.text)
    show(terminal, made)
    for note in made.notes:
        terminal.note(f"note: {note}")
    source = SourceText(str(output), made.text)
    analysis = check_spec(source)
    if analysis.diagnostics:
        terminal.tell(told(terminal, source, analysis.diagnostics))
    spec = "" if output == Path("pipeline.yaml") else f" --spec {output}"
    terminal.say(f"\n{output} written. Next: python -m generator run --data {options.dir}{spec}")
    return 1 if analysis.lake is None else 0


def write(path: Path, text: str) -> None:
    """Writes a spec.

    Raises:
        GeneratorError: it can't be written there.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise GeneratorError(f"cannot write {path}: {error.strerror or error}") from None


def show(terminal: Terminal, made: Authored) -> None:
    """What was found: a line for each source, and whose data it is."""
    rows = []
    for source, drafted in zip(made.sources, made.draft.sources, strict=True):
        seen = source.profile
        personal = sum("pii: true" in line for line, _ in drafted.columns)
        rows.append(
            [
                Cell(source.name),
                Cell(source.raw.format),
                Cell(f"{seen.lines:,}{'' if source.reading.complete else '+'}"),
                Cell(f"{source.unfit:,}" if source.unfit else "", ("yellow",)),
                Cell(str(len(source.columns))),
                Cell(str(personal) if personal else ""),
            ]
        )
    header = ("source", "format", "lines", "quarantine", "columns", "personal")
    terminal.say(format_table(terminal, header, rows, {2, 3, 4, 5}))
    for people in made.draft.people:
        keys = " and ".join(key.name for key in people.keys)
        consents = ", ".join(consent.purpose for consent in people.consents)
        agreed = f"; they may have agreed to: {consents}" if consents else ""
        terminal.say(f"each {people.subject} is known by {keys} of {people.registry.name}{agreed}")
