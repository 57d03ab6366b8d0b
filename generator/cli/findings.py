"""Shows diagnostics in the format that was asked for."""

from __future__ import annotations

from collections.abc import Sequence

from generator.cli.terminal import Terminal
from generator.diagnostics import Diagnostic, SourceText

FORMATS = ("text", "json", "sarif")


def report(terminal: Terminal, source: SourceText, diagnostics: Sequence[Diagnostic], form: str) -> None:
    """Prints findings to stdout; JSON and SARIF also when there are none."""
    if form == "json":
        from generator.cli.formats.json import format_json

        terminal.print(format_json(source, diagnostics))
    elif form == "sarif":
        from generator.cli.formats.sarif import format_sarif

        terminal.print(format_sarif(source, diagnostics))
    elif diagnostics:
        from generator.cli.formats.text import format_text

        terminal.print(format_text(source, diagnostics, terminal.color))
