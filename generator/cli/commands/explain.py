"""`explain`: what a code means."""

from __future__ import annotations

import argparse

from generator.cli.terminal import Cell, Terminal, format_table
from generator.diagnostics import suggestion

HELP = "explain a diagnostic code"
DESCRIPTION = "Prints what a code means, why it matters, and an example put right. Without a code, lists them all."
EXAMPLE = "  python -m generator explain C001"


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("code", nargs="?", metavar="CODE", help="such as C001")


def run(options: argparse.Namespace, terminal: Terminal) -> int:
    from generator.codes import all_codes, load_code

    if options.code is None:
        pages = [page for code in all_codes() if (page := load_code(code))]
        rows = [[Cell(page.code, ("bold",)), Cell(page.severity, ("dim",)), Cell(page.summary)] for page in pages]
        terminal.print(format_table(terminal, ("code", "severity", "what is wrong"), rows, right=set()))
        return 0
    page = load_code(options.code)
    if page is None:
        hint = "; ".join(suggestion(options.code.upper(), all_codes()))
        terminal.error(f"there is no code `{options.code}`; {hint}")
        return 2
    from generator.cli.formats.explain import format_explanation

    terminal.print(format_explanation(page, terminal.color))
    return 0
