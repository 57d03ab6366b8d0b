"""Diagnostics as a person reads them: the line of the file, with a caret under what is wrong."""

from __future__ import annotations

import textwrap
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate

from generator.cli.formats.common import in_order, place, summary
from generator.diagnostics import Diagnostic, SourceText, Span
from generator.printable import one_line, plain
from generator.printable import paint as painted

Paint = Callable[[str, str], str]

_TAB_STOP = 4
_CUT = "…"
_MOST = 100
"""Findings that are shown: nobody reads more at once."""
_STYLES = {"error": "1;31", "warning": "1;33", "bold": "1", "frame": "1;34", "help": "1;36"}


def format_text(
    source: SourceText, diagnostics: Iterable[Diagnostic], color: bool = False, width: int = 120, columns: int = 0
) -> str:
    """All findings in the order of the file and a line that counts them, without a final line end.

    Args:
        color: whether to write ANSI colour codes.
        width: columns of a source line that are shown; longer ones are cut around the caret.
        columns: where notes and help are broken, for a terminal that is so wide; nowhere for 0.
    """
    found = in_order(diagnostics)
    paint = _colored if color else _plain
    blocks = ["\n".join(_block(source, diagnostic, paint, width, columns)) for diagnostic in found[:_MOST]]
    if len(found) > _MOST:
        blocks.append(f"… and {len(found) - _MOST:,} more")
    return "\n\n".join([*blocks, summary(found)] if found else [])


def _plain(text: str, style: str) -> str:
    return text


def _colored(text: str, style: str) -> str:
    return painted(text, _STYLES[style])


@dataclass(frozen=True, slots=True)
class _Mark:
    """A stretch of one line to underline, in characters counted from 0, and what to write beside it."""

    file: SourceText
    line: int
    start: int
    end: int
    text: str
    primary: bool


@dataclass(frozen=True, slots=True)
class _View:
    """The part of a line that is shown.

    Attributes:
        text: what to print, with tabs expanded.
        edges: display column of each character of the line, and of its end.
        first, last: the characters shown, as a half-open range.
        shift: columns from an edge to its place in `text`.
    """

    file: SourceText
    line: int
    text: str
    edges: list[int]
    first: int
    last: int
    shift: int

    def shows(self, mark: _Mark) -> bool:
        return self.file is mark.file and self.line == mark.line and self.first <= mark.start <= self.last

    def columns(self, mark: _Mark) -> tuple[int, int]:
        """Where the underline starts in `text`, and how long it is."""
        start = self.edges[mark.start]
        end = self.edges[min(mark.end, self.last)]
        return start + self.shift, max(end - start, 1)


def _block(source: SourceText, diagnostic: Diagnostic, paint: Paint, width: int, columns: int) -> Iterator[str]:
    severity = diagnostic.severity.value
    head = paint(f"{severity}[{diagnostic.code}]", severity)
    yield head + paint(f": {one_line(diagnostic.message)}", "bold")
    marks = _marks(source, diagnostic)
    gutter = max((len(str(mark.line)) for mark in marks), default=2)
    where = one_line(source.path)
    if diagnostic.span is not None:
        start = place(source, diagnostic.span)
        where = f"{one_line(start.file.path)}:{start.line}:{start.column}"
    yield " " * gutter + paint("-->", "frame") + " " + where
    yield from _snippet(marks, severity, gutter, paint, width)
    remarks = [("note", "bold", note) for note in diagnostic.notes]
    for word, style, text in [*remarks, *(("help", "help", text) for text in diagnostic.help)]:
        indent = gutter + 3 + len(f"{word}: ")
        body = ("\n" + " " * indent).join(_broken(plain(text), max(columns - indent, 20) if columns else 0))
        yield " " * (gutter + 1) + paint("=", "frame") + " " + paint(word, style) + f": {body}"


def _broken(text: str, room: int) -> list[str]:
    """The lines of a text, each in as many as it needs; as they are without `room`."""
    lines = text.splitlines()
    if not room:
        return lines
    wrapped = (textwrap.wrap(line, room, break_long_words=False, break_on_hyphens=False) or [""] for line in lines)
    return [piece for pieces in wrapped for piece in pieces]


def _snippet(marks: list[_Mark], severity: str, gutter: int, paint: Paint, width: int) -> Iterator[str]:
    view: _View | None = None
    for mark in marks:
        if view is None or not view.shows(mark):
            if view is not None and mark.file is not view.file:
                where = f"{one_line(mark.file.path)}:{mark.line}:{mark.start + 1}"
                yield " " * gutter + paint(":::", "frame") + " " + where
            elif view is not None and mark.line > view.line + 1:
                yield paint("...", "frame")
            view = _view(mark, width)
            yield (paint(f"{mark.line:>{gutter}} |", "frame") + f" {view.text}").rstrip()
        column, length = view.columns(mark)
        underline = ("^" if mark.primary else "-") * length
        beside = " " * bool(mark.text) + mark.text
        drawn = paint(underline + beside, severity if mark.primary else "frame")
        yield " " * (gutter + 1) + paint("|", "frame") + " " * (column + 1) + drawn


def _marks(source: SourceText, diagnostic: Diagnostic) -> list[_Mark]:
    """The primary and the secondary places: the primary's file first; on the same line, the primary first."""
    if diagnostic.span is None:
        return []
    marks = [_mark(source, label.span, label.text, primary=False) for label in diagnostic.secondary]
    first = _mark(source, diagnostic.span, diagnostic.label, primary=True)
    by_place = {file.path: number for number, (file, _) in enumerate(source.files())} | {first.file.path: -1}
    return sorted([*marks, first], key=lambda mark: (by_place[mark.file.path], mark.line, not mark.primary, mark.start))


def _mark(source: SourceText, span: Span, text: str, primary: bool) -> _Mark:
    at = place(source, span)
    line = at.file.line(at.line)
    start = min(at.column - 1, len(line))
    end = at.end_column - 1 if at.end_line == at.line else len(line.rstrip())
    return _Mark(at.file, at.line, start, min(max(end, start), len(line)), one_line(text), primary)


def _view(mark: _Mark, width: int) -> _View:
    line = mark.file.line(mark.line)
    cells, edges = _cells(line)
    first, last = 0, len(line)
    if edges[-1] > width:
        first, last = _window(edges, mark, width - 2 * len(_CUT))
    left = _CUT if first > 0 else ""
    right = _CUT if last < len(line) else ""
    text = left + "".join(cells[first:last]) + right
    return _View(mark.file, mark.line, text, edges, first, last, len(left) - edges[first])


def _window(edges: list[int], mark: _Mark, room: int) -> tuple[int, int]:
    """The characters of a long line to show, so that the marked ones are in the middle."""
    marked = min(edges[mark.end] - edges[mark.start], room)
    left = max(edges[mark.start] - (room - marked) // 2, 0)
    left = max(min(left, edges[-1] - room), 0)
    first = bisect_left(edges, left)
    return first, bisect_right(edges, edges[first] + room) - 1


@lru_cache(maxsize=4)
def _cells(line: str) -> tuple[list[str], list[int]]:
    """Each character as it is printed, and the display column of each and of the end."""
    cells: list[str] = []
    widths: list[int] = []
    column = 0
    for char in line:
        cell = " " * (_TAB_STOP - column % _TAB_STOP) if char == "\t" else plain(char)
        widths.append(len(cell) if char == "\t" else _columns(cell))
        cells.append(cell)
        column += widths[-1]
    return cells, list(accumulate(widths, initial=0))


def _columns(char: str) -> int:
    """Columns that a terminal gives to a character."""
    if unicodedata.category(char) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1
