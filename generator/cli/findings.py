"""Shows diagnostics in the format that was asked for."""

from __future__ import annotations

import json
from collections.abc import Sequence

from generator.cli.terminal import Terminal
from generator.diagnostics import Diagnostic, SourceText
from generator.printable import json_text

Reported = tuple[SourceText, Sequence[Diagnostic]]
"""A file, and what there is to say about it."""
_LINE = 120
"""Columns of a source line that are shown."""


def told(terminal: Terminal, source: SourceText, diagnostics: Sequence[Diagnostic]) -> str:
    """Findings as text for stderr."""
    from generator.cli.formats.text import format_text

    return format_text(source, diagnostics, terminal.live, *_room(terminal.width_of_notes))


def _room(width: int) -> tuple[int, int]:
    """Columns for a source line beside its number, and for notes, on a terminal that is so wide."""
    return (min(max(width - 8, 20), _LINE), min(width, _LINE)) if width else (_LINE, 0)


def report(terminal: Terminal, source: SourceText, diagnostics: Sequence[Diagnostic], form: str) -> None:
    """Prints findings to stdout; JSON and SARIF also when there are none."""
    report_files(terminal, [(source, diagnostics)], form)


def report_files(terminal: Terminal, files: Sequence[Reported], form: str) -> None:
    """Prints the findings of several files to stdout; JSON and SARIF also when there are none."""
    if form == "json":
        terminal.print(_json(files))
    elif form == "sarif":
        terminal.print(_sarif(files))
    elif found := [one for one in files if one[1]]:
        from generator.cli.formats.text import format_text

        terminal.print("\n\n".join(format_text(*one, terminal.color, *_room(terminal.width)) for one in found))


def _json(files: Sequence[Reported]) -> str:
    """One object for all files."""
    from generator.cli.formats.json import format_json

    first, *others = (json.loads(format_json(*one)) for one in files)
    for other in others:
        first = {key: value + other[key] for key, value in first.items()}
    return json_text(first)


def _sarif(files: Sequence[Reported]) -> str:
    """A log with one run for all files: code hosts take no second one of a tool."""
    from generator.cli.formats.sarif import format_sarif

    log, *others = (json.loads(format_sarif(*one)) for one in files)
    run = log["runs"][0]
    rules = run["tool"]["driver"]["rules"]
    for other in others:
        more = other["runs"][0]
        rules += [rule for rule in more["tool"]["driver"]["rules"] if rule not in rules]
        run["results"] += more["results"]
    rules.sort(key=lambda rule: str(rule["id"]))
    places = {rule["id"]: number for number, rule in enumerate(rules)}
    for result in run["results"]:
        result["ruleIndex"] = places[result["ruleId"]]
    return json_text(log)
