"""Tables of text."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from unicodedata import combining, east_asian_width

from generator.cli.terminal import Terminal
from generator.printable import one_line

GAP = 2
"""Blanks between columns."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a table: its text, and the styles that a terminal shows it in."""

    text: str
    styles: tuple[str, ...] = ()


def format_table(
    terminal: Terminal,
    header: Sequence[str],
    rows: Sequence[Sequence[Cell]],
    right: Collection[int] = (),
    below: Collection[int] = (),
) -> str:
    """Columns as wide as their widest cell; on a terminal that is narrower, folded to fit.

    Args:
        header: the columns' names; none for a table without a head.
        right: columns that are aligned to the right.
        below: columns whose texts go below the first one's where they don't fit beside it.
    """
    head = [Cell(text, ("bold",)) for text in header]
    cells = [[Cell(one_line(cell.text), cell.styles) for cell in row] for row in rows]
    everything = [head, *cells] if head else cells
    widths = [max(display_width(cell.text) for cell in column) for column in zip(*everything, strict=True)]
    if terminal.width and table_width(widths) > terminal.width:
        from generator.cli.folding import folded_table

        return folded_table(terminal, head, cells, right, below)
    return "\n".join(_line(terminal, row, widths, right) for row in everything)


def table_width(widths: Sequence[int]) -> int:
    return sum(widths) + GAP * (len(widths) - 1)


def _line(terminal: Terminal, row: Sequence[Cell], widths: Sequence[int], right: Collection[int]) -> str:
    cells = []
    for column, (cell, width) in enumerate(zip(row, widths, strict=True)):
        pad = " " * (width - display_width(cell.text))
        text = terminal.style(cell.text, *cell.styles)
        cells.append(pad + text if column in right else text + pad)
    return (" " * GAP).join(cells).rstrip()


def display_width(text: str) -> int:
    """Columns that a text takes on a terminal."""
    if text.isascii():
        return len(text)
    return sum(0 if combining(c) else 2 if east_asian_width(c) in "WF" else 1 for c in text)
