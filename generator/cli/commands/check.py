"""`check`: everything that can be said of a spec without data."""

from __future__ import annotations

import argparse

from generator.cli.findings import FORMATS, report_files
from generator.cli.spec_option import add_spec, read_spec
from generator.cli.terminal import Terminal
from generator.cli.tests_of_spec import find_tests

HELP = "check the spec, and explain every mistake in it"
DESCRIPTION = (
    "Checks names, types, joins and keys of the whole lake without reading any data; and its tests, those in the spec\n"
    "and in tests/*.yaml beside it."
)
EXAMPLE = "  python -m generator check\n  python -m generator check other.yaml --format sarif > findings.sarif"


def configure(parser: argparse.ArgumentParser) -> None:
    add_spec(parser, is_positional=True)
    parser.add_argument("--format", choices=FORMATS, default="text", help="how findings are written (text)")
    parser.add_argument("--strict", action="store_true", help="let warnings fail the check too")


def run(options: argparse.Namespace, terminal: Terminal) -> int:
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
        shown = ", ".join(f"{number} {word}{'s' * (number != 1)}" for word, number in counts.items() if number)
        terminal.print(f"{options.spec}: {shown}, nothing to complain about")
    failed = analysis.lake is None or tests.has_errors or (options.strict and said)
    return 1 if failed else 0
