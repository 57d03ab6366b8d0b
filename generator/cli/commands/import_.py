"""`import`: Glue Studio jobs as tables of a spec."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from generator.cli.terminal import Terminal
from generator.diagnostics import Diagnostic, GeneratorError, SourceText, SpecError
from generator.spec.source import read_source

if TYPE_CHECKING:
    from generator.author.studio.author import Imported
    from generator.author.studio.model import Finding

HELP = "turn Glue Studio jobs into tables of a spec"
DESCRIPTION = (
    "Reads Glue Studio scripts (Python; nothing of them is executed) or visual jobs (the JSON of `aws glue get-job`),\n"
    "and prints a spec with the tables that they write. Traps in the jobs, and what couldn't be carried over, go to\n"
    "stderr, with the line. With --spec the tables are put into that spec, whose sources the jobs read."
)
EXAMPLE = (
    "  python -m generator init data\n"
    "  python -m generator import jobs/*.py --spec pipeline.yaml --output lake.yaml\n"
    "  aws glue get-job --job-name trusted > job.json; python -m generator import job.json"
)
_STYLES = {"trap": ("yellow", "bold"), "changed": ("cyan", "bold"), "guess": ("cyan", "bold"), "lost": ("red", "bold")}
_WORDS = {"trap": "trap", "changed": "changed", "guess": "guess", "lost": "not carried over"}


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "scripts", nargs="+", type=Path, metavar="SCRIPT", help="a script, or CodeGen JSON of a visual job"
    )
    parser.add_argument("--spec", type=Path, metavar="FILE", help="a spec with the sources; the tables are added to it")
    parser.add_argument("--output", type=Path, metavar="FILE", help="write the spec there instead of to stdout")
    parser.add_argument("--force", action="store_true", help="replace the file if there is one")
    parser.add_argument("--name", default="lake", metavar="LAKE", help="name of a new lake (lake)")
    parser.add_argument("--json", action="store_true", help="print one JSON object, and nothing else, on stdout")


def run(options: argparse.Namespace, terminal: Terminal) -> int:
    output: Path | None = options.output
    if output is not None and output.exists() and not options.force:
        raise GeneratorError(f"{output} is there already: --force replaces it, --output FILE writes another one")
    from generator.author.studio.author import import_jobs
    from generator.author.studio.model import Kind
    from generator.checks import check_spec
    from generator.render.templates import render

    spec = read_source(options.spec) if options.spec else None
    before = check_spec(spec) if spec else None
    if spec is not None and before is not None and before.sound is None:
        raise SpecError(spec, before.diagnostics)
    scripts = {str(path): read_source(path).text for path in options.scripts}
    sound = before.sound if before else None
    made = import_jobs(scripts, options.name, spec.text if spec else None, sound, render)
    source = SourceText(str(output or "(imported)"), made.text)
    analysis = check_spec(source)
    if output is not None:
        from generator.cli.commands.init import write

        write(output, made.text)
    show(options, terminal, made, source, analysis.diagnostics)
    lost = any(finding.kind is Kind.LOST for finding in made.findings)
    return 1 if lost or analysis.lake is None else 0


def show(
    options: argparse.Namespace,
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
        terminal.print(json.dumps(found, indent=2))
        return
    if options.output is None:
        terminal.print(made.text.rstrip("\n"))
    else:
        terminal.print(f"{options.output} written: {', '.join(made.tables)}")
    show_findings(terminal, made.findings)
    if diagnostics:
        from generator.cli.formats.text import format_text

        terminal.note(format_text(source, diagnostics, terminal.live))


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
    """Findings below the name of their script; the same help only once."""
    script, told = "", set[str]()
    for finding in findings:
        if finding.script != script:
            script = finding.script
            terminal.note(f"\n{terminal.style(script, 'bold', force=terminal.live)}")
        terminal.note(as_text(terminal, finding, with_help=finding.help not in told))
        told.add(finding.help)


def as_text(terminal: Terminal, finding: Finding, with_help: bool) -> str:
    place = f"{finding.line:>5}  " if finding.line else " " * 7
    kind = terminal.style(f"{_WORDS[finding.kind]}[{finding.code}]", *_STYLES[finding.kind], force=terminal.live)
    help = f"\n{' ' * 9}= {finding.help}" if finding.help and with_help else ""
    return f"{place}{kind}: {finding.message}{help}"
