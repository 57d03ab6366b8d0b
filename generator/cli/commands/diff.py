"""`diff`: what a change of the spec does to the lake."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from generator.cli.old_spec import broken, read_named, read_old
from generator.cli.spec_option import add_spec, read_spec, with_variables
from generator.cli.terminal import Terminal

if TYPE_CHECKING:
    from generator.plan.compile import Analysis
    from generator.render.difference import Difference

HELP = "show what a change of the spec does to the lake"
DESCRIPTION = (
    "Compares two lakes as compiled: tables, columns, personal data, proofs of consent, checks, jobs and what these\n"
    "may read and write. OLD and NEW are files, or revisions of git: `main` (of --spec), or `main:other.yaml`.\n"
    "What a reviewer must not miss comes first: less consent, new personal data, weaker checks, data that goes."
)
EXAMPLE = (
    "  python -m generator diff                      the last commit, and what is here\n"
    "  python -m generator diff main --format markdown\n"
    "  python -m generator diff old.yaml new.yaml --fail-on risk"
)
FORMATS = ("text", "markdown", "json")


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("old", nargs="?", default="HEAD", metavar="OLD", help="a file or a revision (HEAD)")
    parser.add_argument("new", nargs="?", metavar="NEW", help="a file or a revision (the file as it is here)")
    add_spec(parser)
    parser.add_argument("--format", choices=FORMATS, default="text", help="how it is written (text)")
    failing = parser.add_mutually_exclusive_group()
    failing.add_argument(
        "--fail-on", choices=("change", "risk"), help="end with 1 if anything changes, or if there is a risk"
    )
    failing.add_argument(
        "--exit-code", action="store_const", const="change", dest="fail_on", help="the same as --fail-on change"
    )


def run(options: argparse.Namespace, terminal: Terminal) -> int:
    there = options.new is not None
    new_source = with_variables(read_named(options.new, options.spec), options.var) if there else read_spec(options)
    old_source = read_old(options.old, options.spec, options.var, terminal)
    from generator.checks import check_spec  # the compiler's libraries take longer to import than most commands run

    new = check_spec(new_source)
    if new.lake is None:
        terminal.print(_findings(new, options.format, terminal))
        return 1
    old = check_spec(old_source) if old_source is not None else None
    if old is not None and old.lake is None:
        raise broken(old)
    difference = _compare(old, new, options.old)
    terminal.print(_formatted(difference, options.format, terminal))
    fails = {None: False, "change": bool(difference.changes), "risk": bool(difference.risks)}
    return 1 if fails[options.fail_on] else 0


def _compare(old: Analysis | None, new: Analysis, revision: str) -> Difference:
    from generator.render.difference import EMPTY, compare

    assert new.lake is not None
    return compare(
        old.lake if old is not None and old.lake is not None else EMPTY,
        new.lake,
        old_name=old.source.path if old is not None else f"{revision} (nothing)",
        new_name=new.source.path,
        old_findings=old.diagnostics if old is not None else (),
        new_findings=new.diagnostics,
    )


def _findings(analysis: Analysis, form: str, terminal: Terminal) -> str:
    if form == "json":
        from generator.cli.formats.json import format_json as format_findings_json

        return format_findings_json(analysis.source, analysis.diagnostics)
    from generator.cli.formats.text import format_text as format_findings

    text = format_findings(analysis.source, analysis.diagnostics, terminal.color and form == "text")
    if form == "text":
        return text
    from generator.cli.formats.difference_markdown import format_findings_markdown

    return format_findings_markdown(analysis.source.path, text)


def _formatted(difference: Difference, form: str, terminal: Terminal) -> str:
    if form == "json":
        from generator.cli.formats.difference_json import format_json

        return format_json(difference)
    if form == "markdown":
        from generator.cli.formats.difference_markdown import format_markdown

        return format_markdown(difference)
    from generator.cli.formats.difference_text import format_text

    return format_text(difference, terminal.color)
