"""Where output goes and how it looks there: colours and a live line on a terminal, plain lines elsewhere."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass, field
from typing import TextIO

from generator.cli.live_line import LiveLine
from generator.cli.streams import give_up
from generator.printable import one_line, paint, printable

_STYLES = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33", "cyan": "36"}


def columns_of(stream: TextIO) -> int:
    """Columns of a terminal: what COLUMNS says, else what the terminal does, else 80."""
    said = os.environ.get("COLUMNS", "")
    if said.isascii() and said.isdigit() and int(said):
        return int(said)
    try:
        return os.get_terminal_size(stream.fileno()).columns or 80
    except (OSError, ValueError):
        return 80


@dataclass(slots=True)
class Terminal:
    """The two streams of a command.

    Attributes:
        color: whether stdout shows colours.
        live: whether stderr is a terminal, so that a line can be overwritten.
        width, width_of_notes: columns of stdout and of stderr; 0 where it is no terminal.
        problem: why stdout took no more; empty as long as it does.
        quiet: whether only results and what is wrong are said.
        ended: whether the reader of stdout, such as `head`, has seen enough.
    """

    out: TextIO
    err: TextIO
    color: bool
    live: bool
    width: int = 0
    width_of_notes: int = 0
    problem: str = ""
    ended: bool = False
    quiet: bool = False
    _line: LiveLine | None = field(default=None, repr=False)

    @classmethod
    def detect(cls) -> Terminal:
        plain = "NO_COLOR" in os.environ or os.environ.get("TERM") == "dumb"
        color = (sys.stdout.isatty() or "FORCE_COLOR" in os.environ) and not plain
        width, width_of_notes = (columns_of(stream) if stream.isatty() else 0 for stream in (sys.stdout, sys.stderr))
        return cls(sys.stdout, sys.stderr, color, sys.stderr.isatty() and not plain, width, width_of_notes)

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

    def show_live(self, text: str, done: int = 0, total: int = 0) -> None:
        """Tells what is going on, in a line that is written over; nothing where there is no such line.

        Args:
            done, total: how much there is to do and how much is done, if that is known.
        """
        if self.live and not self.quiet:
            if self._line is None:
                self._line = LiveLine(self.err)
            self._line.show(one_line(text), done, total)

    def clear_live(self) -> None:
        if self._line is not None:
            self._line.clear()

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
