"""`diff`: what a change of the spec does to the lake."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from generator.cli.command import Options, command
from generator.cli.common_options import format_options
from generator.cli.old_spec import broken, read_named, read_old
from generator.cli.spec_option import read_spec, spec_options, with_variables
from generator.cli.terminal import Terminal
from generator.cli.value_types import REVISION

if TYPE_CHECKING:
    from generator.plan.compile import Analysis
    from generator.render.difference import Difference

DESCRIPTION = (
    "Compares two lakes as compiled: tables, columns, personal data, proofs of consent, checks, jobs and what these\n"
    "may read and write. OLD and NEW are files, or revisions of git: `main` (of --spec), or `main:other.yaml`.\n"
    "What a reviewer must not miss comes first: less consent, new personal data, weaker checks, data that goes."
)
EXAMPLE = (
    "  python -m generator diff                  the last commit, and what is here\n"
    "  python -m generator diff main --format markdown\n"
    "  python -m generator diff old.yaml new.yaml --fail-on risk"
)


@command(DESCRIPTION, EXAMPLE)
@click.argument("old", type=REVISION, default="HEAD", help="a file or a revision (HEAD)")
@click.argument("new", type=REVISION, required=False, help="a file or a revision (the file as it is here)")
@spec_options
@format_options("markdown")
@click.option(
    "--fail-on", type=click.Choice(("change", "risk")), help="end with 1 if anything changes, or if there is a risk"
)
@click.option("--exit-code", is_flag=True, help="the same as --fail-on change")
def run(options: Options, terminal: Terminal) -> int:
    if options.exit_code and options.fail_on is not None:
        raise click.UsageError("--exit-code is --fail-on change: give one of them", click.get_current_context())
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
    return 1 if fails["change" if options.exit_code else options.fail_on] else 0


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

    return format_text(difference, terminal.color, terminal.width)
