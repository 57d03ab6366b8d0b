"""Where output goes and how it looks there: colours and a live line on a terminal, plain lines elsewhere."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TextIO
from unicodedata import combining, east_asian_width

from generator.cli.streams import give_up
from generator.printable import one_line, paint, printable

_STYLES = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33", "cyan": "36"}


@dataclass(slots=True)
class Terminal:
    """The two streams of a command.

    Attributes:
        color: whether stdout shows colours.
        live: whether stderr is a terminal, so that a line can be overwritten.
        problem: why stdout took no more; empty as long as it does.
        quiet: whether only results and what is wrong are said.
        ended: whether the reader of stdout, such as `head`, has seen enough.
    """

    out: TextIO
    err: TextIO
    color: bool
    live: bool
    width: int = 0
    problem: str = ""
    ended: bool = False
    quiet: bool = False
    _shown: str = field(default="", repr=False)

    @classmethod
    def detect(cls) -> Terminal:
        plain = "NO_COLOR" in os.environ or os.environ.get("TERM") == "dumb"
        color = (sys.stdout.isatty() or "FORCE_COLOR" in os.environ) and not plain
        width = shutil.get_terminal_size((0, 0)).columns if sys.stdout.isatty() else 0
        return cls(sys.stdout, sys.stderr, color, sys.stderr.isatty() and not plain, width)

    def print(self, text: str = "") -> None:
        self.clear_live()
        if self.problem or self.ended:
            return
        try:
            print(printable(text), file=self.out)
        except (OSError, ValueError) as error:
            self._failed(error)

    def flush(self) -> None:
        """Makes sure that stdout has what was printed, or that `problem` says why not."""
        try:
            self.out.flush()
        except (OSError, ValueError) as error:
            self._failed(error)

    def _failed(self, error: OSError | ValueError) -> None:
        self.ended = isinstance(error, BrokenPipeError)
        if not self.ended:
            self.problem = (error.strerror if isinstance(error, OSError) else None) or str(error)
        give_up(self.out)

    def say(self, text: str) -> None:
        """Prints what isn't the result, such as that all went well; nothing where it should be quiet."""
        if not self.quiet:
            self.print(text)

    def note(self, text: str) -> None:
        """A line beside the result, on stderr; nothing where it should be quiet."""
        if not self.quiet:
            self.tell(text)

    def tell(self, text: str) -> None:
        """What must be known beside the result, on stderr."""
        self.clear_live()
        self._tell(f"{printable(text)}\n")

    def error(self, message: str) -> None:
        self.tell(f"{self.style('error', 'red', 'bold', force=self.live)}: {message}")

    def show_live(self, text: str) -> None:
        """Replaces the live line; does nothing where there is none."""
        if self.live and not self.quiet:
            columns = shutil.get_terminal_size((80, 24)).columns
            self._tell(f"\r\x1b[K{one_line(text)[: columns - 1]}")
            self._shown = text

    def clear_live(self) -> None:
        if self._shown:
            self._tell("\r\x1b[K")
            self._shown = ""

    def _tell(self, text: str) -> None:
        """Writes to stderr; where that takes nothing, nobody is there to be told."""
        try:
            print(text, end="", file=self.err, flush=True)
        except (OSError, ValueError):
            give_up(self.err)

    def style(self, text: str, *styles: str, force: bool = False) -> str:
        if not (self.color or force):
            return text
        return paint(text, ";".join(_STYLES[style] for style in styles))


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a table: its text, and the styles that a terminal shows it in."""

    text: str
    styles: tuple[str, ...] = ()


def format_table(terminal: Terminal, header: Sequence[str], rows: Sequence[Sequence[Cell]], right: set[int]) -> str:
    """Columns as wide as their widest cell. Those in `right` are aligned to the right."""
    heads = [Cell(text, ("bold",)) for text in header]
    everything = [heads, *([Cell(one_line(cell.text), cell.styles) for cell in row] for row in rows)]
    widths = [max(display_width(row[column].text) for row in everything) for column in range(len(header))]
    lines = []
    for row in everything:
        cells = []
        for column, cell in enumerate(row):
            pad = " " * (widths[column] - display_width(cell.text))
            text = terminal.style(cell.text, *cell.styles)
            cells.append(pad + text if column in right else text + pad)
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)


def display_width(text: str) -> int:
    """Columns that a text takes on a terminal."""
    if text.isascii():
        return len(text)
    return sum(0 if combining(c) else 2 if east_asian_width(c) in "WF" else 1 for c in text)


def size(number: int) -> str:
    """Bytes as people read them."""
    value, unit = float(number), "B"
    for larger in ("kB", "MB", "GB", "TB"):
        if value < 1000:
            break
        value, unit = value / 1000, larger
    return f"{value:,.0f} {unit}" if unit == "B" else f"{value:,.1f} {unit}"
