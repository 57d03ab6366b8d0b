"""`check`: everything that can be said of a spec without data."""

from __future__ import annotations

import click

from generator.cli.command import Options, command
from generator.cli.common_options import format_options
from generator.cli.findings import report_files
from generator.cli.spec_option import former_spec_argument, read_spec, spec_options
from generator.cli.terminal import Terminal
from generator.cli.tests_of_spec import find_tests
from generator.runtime.words import plural

DESCRIPTION = (
    "Checks names, types, joins and keys of the whole lake without reading any data; and its tests, those in the spec\n"
    "and in tests/*.yaml beside it."
)
EXAMPLE = "  python -m generator check\n  python -m generator check --spec other.yaml --format sarif > findings.sarif"


@command(DESCRIPTION, EXAMPLE)
@spec_options
@former_spec_argument
@format_options("sarif")
@click.option("--strict", is_flag=True, help="let warnings fail the check too")
def run(options: Options, terminal: Terminal) -> int:
    source = read_spec(options)
    from generator.checks import (
        check_spec,  # the compiler's libraries take longer to import than most commands run
    )

    analysis = check_spec(source)
    tests = find_tests(analysis, options.spec)
    files = [(source, analysis.diagnostics), *tests.files]
    report_files(terminal, files, options.format)
    said = any(found for _, found in files)
    if analysis.lake is not None and options.format == "text" and not said:
        lake = analysis.lake
        views = sum(table.is_view for table in lake.tables.values())
        counts = {
            "source": len(lake.sources),
            "table": len(lake.tables) - views,
            "view": views,
            "test": len(tests.tests),
        }
        shown = ", ".join(plural(number, word) for word, number in counts.items() if number)
        terminal.say(f"{options.spec}: {shown}, nothing to complain about")
    failed = analysis.lake is None or tests.has_errors or (options.strict and said)
    return 1 if failed else 0
