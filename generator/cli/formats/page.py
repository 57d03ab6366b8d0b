"""A page of plain text: a title, sections, filled paragraphs."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable

from generator.printable import paint

_WIDEST = 100


class Page:
    """Text in sections: heads in bold, paragraphs filled, items indented.

    Args:
        width: columns of the terminal; 0 where there is none.
    """

    def __init__(self, color: bool, width: int = 0) -> None:
        self.color = color
        self.width = min(width or _WIDEST, _WIDEST)
        self.lines: list[str] = []

    def bold(self, text: str) -> str:
        return paint(text, "1") if self.color else text

    def title(self, name: str, rest: str) -> None:
        self.lines.append(f"{self.bold(name)}{rest}")

    def section(self, head: str) -> None:
        self.lines += ["", self.bold(head)]

    def say(self, text: str, level: int = 1, hang: int = 0) -> None:
        """A paragraph; its later lines are indented by `hang` more."""
        indent = "  " * level
        self.lines += textwrap.wrap(
            text,
            self.width,
            initial_indent=indent,
            subsequent_indent=indent + " " * hang,
            break_long_words=False,
            break_on_hyphens=False,
        )

    def text(self) -> str:
        return "\n".join(self.lines)


def listed(names: Iterable[str]) -> str:
    """Such as `a, b and c`."""
    *most, last = names
    return f"{', '.join(most)} and {last}" if most else last
