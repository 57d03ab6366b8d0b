"""`import`: Glue Studio jobs as tables of a spec."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from generator.cli.command import Options, command
from generator.cli.common_options import format_options
from generator.cli.findings import told
from generator.cli.terminal import Terminal
from generator.cli.value_types import FILE, FOLDER
from generator.diagnostics import Diagnostic, GeneratorError, SourceText, SpecError
from generator.printable import json_text
from generator.spec.source import read_source, with_files

if TYPE_CHECKING:
    from generator.author.studio.author import Imported
    from generator.author.studio.model import Finding
    from generator.plan.lake import CompiledLake

DESCRIPTION = (
    "Reads Glue Studio scripts (Python; nothing of them is executed) or visual jobs (the JSON of `aws glue get-job`),\n"
    "and prints a spec with the tables that they write. Traps in the jobs, and what couldn't be carried over, go to\n"
    "stderr, with the line. With --spec the tables are put into that spec, whose sources the jobs read; with --data\n"
    "into the spec that `init` makes of the data. The exit code is 0 only if the spec means what the jobs mean."
)
EXAMPLE = (
    "  python -m generator import jobs/*.py --data data --output lake.yaml\n"
    "  python -m generator import jobs/*.py --spec pipeline.yaml --output lake.yaml\n"
    "  aws glue get-job --job-name trusted > job.json\n"
    "  python -m generator import job.json"
)
_STYLES = {
    "trap": ("yellow", "bold"),
    "note": ("cyan", "bold"),
    "changed": ("red", "bold"),
    "guess": ("red", "bold"),
    "lost": ("red", "bold"),
}
_WORDS = {"trap": "trap", "note": "note", "changed": "not the same", "guess": "guess", "lost": "not carried over"}

_EVERYWHERE = {
    "appends": "every run adds its rows to those that are there, and a second run doubles",
    "hard-coded-bucket": "buckets are written into the jobs",
}
"""Findings that nearly every job has, by their code: told once."""

_MOST = 8


@command(DESCRIPTION, EXAMPLE)
@click.argument(
    "scripts", nargs=-1, required=True, type=FILE, metavar="SCRIPT...", help="a script, or CodeGen JSON of a visual job"
)
@click.option("--spec", type=FILE, metavar="FILE", help="a spec with the sources; the tables are added to it")
@click.option(
    "--data", type=FOLDER, metavar="DIR", help="the landing data: for a spec of its own, and to see what nulls are"
)
@click.option("--output", type=FILE, metavar="FILE", help="write the spec there instead of to stdout")
@click.option("--force", is_flag=True, help="replace the file if there is one")
@click.option("--name", default="lake", metavar="LAKE", help="name of a new lake (lake)")
@format_options()
def run(options: Options, terminal: Terminal) -> int:
    output: Path | None = options.output
    if output is not None and output.exists() and not options.force:
        raise GeneratorError(f"{output} is there already: --force replaces it, --output FILE writes another one")
    from generator.author.studio.author import import_jobs
    from generator.checks import check_spec
    from generator.render.templates import render

    spec = read_source(options.spec) if options.spec else _made_of(options, terminal) if options.data else None
    before = check_spec(spec) if spec else None
    if spec is not None and before is not None and before.sound is None:
        raise SpecError(spec, before.diagnostics)
    scripts = {str(path): read_source(path).text for path in options.scripts}
    sound = before.sound if before else None
    data = options.data or (_data_of(spec.text) if spec else None)
    made = import_jobs(scripts, options.name, spec.text if spec else None, sound, render, data)
    _refuse_elsewhere(made.tables, sound, spec)
    source = SourceText(str(output or "(imported)"), made.text)
    if options.spec:
        source = with_files(source, output or options.spec)
    analysis = check_spec(source)
    if output is not None:
        from generator.cli.commands.init import write

        write(output, made.text)
    show(options, terminal, made, source, analysis.diagnostics)
    return 0 if made.exact and analysis.lake is not None else 1


def _refuse_elsewhere(names: Sequence[str], lake: CompiledLake | None, spec: SourceText | None) -> None:
    """Tables of the spec are replaced; those of files that it includes are somebody's to take out first."""
    included = {file.name for file in spec.included} if spec else set()
    for name in names:
        table = lake.tables.get(name) if lake else None
        if table is not None and table.metadata.file in included:
            where = f"`{name}` is in {table.metadata.file} already, which the spec includes"
            raise GeneratorError(f"{where}: take it out there, and the imported one comes into the spec")


def _data_of(spec: str) -> Path | None:
    """The landing data that `init` made a spec of, if it is still there."""
    named = re.search(r"^# Run it: .* --data (.+)$", spec, re.MULTILINE)
    return Path(named[1]) if named and Path(named[1]).is_dir() else None


def _made_of(options: Options, terminal: Terminal) -> SourceText:
    """The spec that `init` makes of the data."""
    from generator.author.landing.author import author
    from generator.render.templates import render

    made = author(options.data, options.name, 64 << 20, render, lambda _: None, False)
    for note in made.notes:
        terminal.note(f"note: {note}")
    return SourceText("(made of the data)", made.text)


def show(
    options: Options,
    terminal: Terminal,
    made: Imported,
    source: SourceText,
    diagnostics: Sequence[Diagnostic],
) -> None:
    """The spec to stdout, what is to be known of it to stderr; or all of it as JSON."""
    if options.json:
        from generator.cli.formats.json import format_json

        found = {
            "spec": made.text,
            "tables": list(made.tables),
            "findings": [as_json(finding) for finding in made.findings],
            "diagnostics": json.loads(format_json(source, diagnostics)),
        }
        terminal.print(json_text(found))
        return
    if options.output is None:
        terminal.print(made.text.rstrip("\n"))
    else:
        terminal.say(f"{options.output} written: {', '.join(made.tables)}")
    show_findings(terminal, made.findings)
    if diagnostics:
        terminal.tell(told(terminal, source, diagnostics))


def as_json(finding: Finding) -> dict[str, object]:
    return {
        "kind": str(finding.kind),
        "code": finding.code,
        "script": finding.script,
        "line": finding.line or None,
        "message": finding.message,
        "help": finding.help,
    }


def show_findings(terminal: Terminal, findings: Sequence[Finding]) -> None:
    """Findings below the name of their script, those that say the same on one line; the same help only once."""
    told = set[str]()
    for script in dict.fromkeys(finding.script for finding in findings):
        own = [one for one in findings if one.script == script and one.code not in _EVERYWHERE]
        if own:
            terminal.tell(f"\n{terminal.style(script, 'bold', force=terminal.live)}")
        for group in _groups(own):
            terminal.tell(as_text(terminal, group, with_help=group[0].help not in told))
            told.add(group[0].help)
    for code in _EVERYWHERE:
        if same := [one for one in findings if one.code == code]:
            terminal.tell(f"\n{_in_every_job(terminal, same)}")


def _groups(findings: Sequence[Finding]) -> list[list[Finding]]:
    """Findings with the same words, but for their line."""
    found: dict[tuple[str, str], list[Finding]] = {}
    for one in findings:
        found.setdefault((one.code, one.message), []).append(one)
    return list(found.values())


def as_text(terminal: Terminal, findings: Sequence[Finding], with_help: bool) -> str:
    first = findings[0]
    lines = ", ".join(str(line) for line in sorted({one.line for one in findings}) if line)
    kind = terminal.style(f"{_WORDS[first.kind]}[{first.code}]", *_STYLES[first.kind], force=terminal.live)
    help = f"\n{' ' * 9}= {first.help}" if first.help and with_help else ""
    return f"{lines:>5}  {kind}: {first.message}{help}"


def _in_every_job(terminal: Terminal, findings: Sequence[Finding]) -> str:
    """What nearly every job has, on one line for all of them."""
    first = findings[0]
    kind = terminal.style(f"{_WORDS[first.kind]}[{first.code}]", *_STYLES[first.kind], force=terminal.live)
    places = [f"{one.about} ({one.script}{f':{one.line}' if one.line else ''})" for one in findings]
    shown = ", ".join(places[:_MOST]) + (f" and {len(places) - _MOST} more" if len(places) > _MOST else "")
    return f"{kind}: {_EVERYWHERE[first.code]}: {shown}\n{' ' * 9}= {first.help}"
