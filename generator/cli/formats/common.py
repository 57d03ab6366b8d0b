"""What every format needs: the order of findings, their count, and their lines and columns."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from generator.diagnostics import Diagnostic, Severity, SourceText, Span
from generator.runtime.words import plural


@dataclass(frozen=True, slots=True)
class Place:
    """Lines and columns of a span in characters, counted from 1, in the file that it lies in; the end is exclusive."""

    file: SourceText
    line: int
    column: int
    end_line: int
    end_column: int


def place(source: SourceText, span: Span) -> Place:
    """Where a span lies; offsets past the end of its file's text count as that end."""
    file, start = source.file_at(span.start)
    start = min(max(start, 0), len(file.text))
    end = min(max(start + span.end - span.start, start), len(file.text))
    return Place(file, *file.line_column(start), *file.line_column(end))


def in_order(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Findings as the files read; what concerns the file as a whole comes first."""
    return sorted(diagnostics, key=_position)


def _position(diagnostic: Diagnostic) -> tuple[int, int, str]:
    span = diagnostic.span
    return (span.start, span.end, diagnostic.code) if span else (-1, -1, diagnostic.code)


def count(diagnostics: Iterable[Diagnostic], severity: Severity) -> int:
    return sum(diagnostic.severity == severity for diagnostic in diagnostics)


def summary(diagnostics: Iterable[Diagnostic]) -> str:
    """Such as `2 errors, 1 warning`; empty where there is neither."""
    found = list(diagnostics)
    counted = ((count(found, severity), severity.value) for severity in Severity)
    return ", ".join(plural(number, word) for number, word in counted if number)
