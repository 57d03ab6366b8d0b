"""What may be printed: the one place that keeps data, names and file names from steering a terminal.

Text from outside can hold control characters, which move the cursor, rename the window or forge lines, and marks that
turn the direction of writing around. Whatever is printed goes through `printable`. Colours are ours alone: `paint`
writes them with a mark that no data can know, and `printable` makes escape sequences of just those.
"""

from __future__ import annotations

import json
import os
import re
from typing import Any

_UNPRINTABLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f"  # controls, but for tab and line end
    "\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"  # invisible, or turning
    "\ud800-\udfff\U000e0000-\U000e007f]"  # halves of characters, and tags
)
_TAB = " " * 4
_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
_MARK = f"\x1b{os.urandom(8).hex()}"
"""Stands for ESC in what `paint` returns; it differs in each process."""


def paint(text: str, codes: str) -> str:
    """A text in the colours of some SGR codes, such as `1;31`, once `printable` has seen it."""
    return f"{_MARK}[{codes}m{text}{_MARK}[0m" if text else ""


def ours(text: str) -> str:
    """A text that a library painted, of texts in which nothing steers a terminal: its escape sequences are our own."""
    return text.replace("\x1b", _MARK)


def printable(text: str) -> str:
    """A text with only line ends, printable characters and our own colours."""
    return "\x1b".join(plain(piece).replace("\t", _TAB) for piece in text.split(_MARK))


def plain(text: str) -> str:
    """A text without control characters other than tabs and line ends, and without those that turn writing around."""
    return _UNPRINTABLE.sub(_REPLACEMENT, text)


def one_line(text: str) -> str:
    """The same in one line, for what stands in the middle of a line of ours."""
    return plain(" ".join(text.split("\n"))).replace("\t", " ")


def json_text(value: Any, indent: int | None = 2) -> str:
    """JSON that is printed as it is: what isn't printable is escaped, so that readers get the exact text."""
    text = json.dumps(value, indent=indent, ensure_ascii=False, default=str)
    return _UNPRINTABLE.sub(lambda found: _escaped(found[0]), text)


def _escaped(character: str) -> str:
    units = character.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))
