"""Diagnostics as one JSON object, for scripts and editors."""

from __future__ import annotations

from collections.abc import Iterable

from generator.cli.formats.common import count, in_order, place
from generator.diagnostics import Diagnostic, Severity, SourceText, Span
from generator.printable import json_text

_NOWHERE = {"line": None, "column": None, "end_line": None, "end_column": None}


def format_json(source: SourceText, diagnostics: Iterable[Diagnostic]) -> str:
    """An object with `diagnostics`, `errors` and `warnings`.

    Lines and columns count characters from 1, ends are exclusive, and all four are null for a finding
    that concerns the file as a whole.
    """
    found = in_order(diagnostics)
    report = {
        "diagnostics": [_entry(source, diagnostic) for diagnostic in found],
        "errors": count(found, Severity.ERROR),
        "warnings": count(found, Severity.WARNING),
    }
    return json_text(report)


def _entry(source: SourceText, diagnostic: Diagnostic) -> dict[str, object]:
    return {
        "code": diagnostic.code,
        "severity": diagnostic.severity.value,
        "message": diagnostic.message,
        **_where(source, diagnostic.span),
        "label": diagnostic.label,
        "notes": list(diagnostic.notes),
        "help": list(diagnostic.help),
        "secondary": [{**_where(source, label.span), "label": label.text} for label in diagnostic.secondary],
    }


def _where(source: SourceText, span: Span | None) -> dict[str, str | int | None]:
    if span is None:
        return {"path": source.path, **_NOWHERE}
    at = place(source, span)
    places = {"line": at.line, "column": at.column, "end_line": at.end_line, "end_column": at.end_column}
    return {"path": at.file.path, **places}
