"""Spark's date patterns: written by DuckDB's strftime, and read by a regular expression."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from generator.plan.expressions.problem import NotPortable

_TOKEN = re.compile(r"([A-Za-z])\1*|'((?:[^']|'')*)'|[^A-Za-z']+|'")
WRITTEN = {
    "yyyy": "%Y", "yy": "%y", "MM": "%m", "M": "%-m", "MMM": "%b", "MMMM": "%B", "dd": "%d", "d": "%-d",
    "HH": "%H", "H": "%-H", "hh": "%I", "h": "%-I", "mm": "%M", "m": "%-M", "ss": "%S", "s": "%-S",
    "SSS": "%g", "SSSSSS": "%f", "a": "%p", "E": "%a", "EE": "%a", "EEE": "%a", "EEEE": "%A", "DDD": "%j",
}  # fmt: skip
READ = {
    "yyyy": ("y", "4"), "MM": ("m", "2"), "dd": ("d", "2"), "HH": ("h", "2"), "mm": ("mi", "2"),
    "ss": ("s", "2"),
    "M": ("m", "1,18"), "d": ("d", "1,18"), "H": ("h", "1,18"), "m": ("mi", "1,18"), "s": ("s", "1,18"),
    **{"S" * digits: ("f", str(digits)) for digits in range(1, 7)},
}  # fmt: skip
_HINTS = {
    "Y": "`Y` is the year of the week: write `yyyy`", "D": "`D` is the day of the year: write `dd`",
    "u": "write `dayofweek(…)`", "Q": "write `quarter(…)`", "q": "write `quarter(…)`",
    "w": "write `weekofyear(…)`", "W": "write `weekofyear(…)`",
    "z": "all times are in UTC", "Z": "all times are in UTC", "X": "all times are in UTC",
}  # fmt: skip


def _tokens(pattern: str) -> list[tuple[str, str]]:
    """The pattern's parts: (letters, "") or ("", text)."""
    found = []
    for match in _TOKEN.finditer(pattern):
        part = match.group()
        if part == "'":
            raise NotPortable("a quote of the pattern is never closed")
        if match[1]:
            found.append((part, ""))
        elif part.startswith("'"):
            found.append(("", match[2].replace("''", "'") if match[2] else "'"))
        elif re.search(r"[\[\]#{}]", part):
            raise NotPortable(f"`{part}` in a date pattern is not portable")
        else:
            found.append(("", part))
    return found


def _unknown(letters: str, known: Iterable[str]) -> NotPortable:
    hint = _HINTS.get(letters[0])
    taken = f"this function takes {' '.join(known)}, and text in quotes"
    return NotPortable(f"`{letters}` in a date pattern is not portable", *([hint] if hint else []), taken)


@lru_cache(maxsize=500)
def written(pattern: str) -> str:
    """The strftime format that writes what a Spark pattern writes.

    Raises:
        NotPortable: for letters that the engines write differently.
    """
    out = []
    for letters, text in _tokens(pattern):
        if text:
            out.append(text.replace("%", "%%"))
        elif letters in WRITTEN:
            out.append(WRITTEN[letters])
        else:
            raise _unknown(letters, WRITTEN)
    return "".join(out)


@lru_cache(maxsize=500)
def read(pattern: str) -> tuple[str, tuple[str, ...]]:
    """A regular expression that matches what a Spark pattern reads, and the names of its groups.

    The names are those of the parts of a time: y, m, d, h, mi, s, f (of a second).

    Raises:
        NotPortable: for letters that aren't numbers, or that no other text separates from a number.
    """
    out: list[str] = []
    names: list[str] = []
    open_ended = False
    for letters, text in _tokens(pattern):
        if text:
            out.append(re.escape(text))
            open_ended = False
            continue
        if letters not in READ:
            raise _unknown(letters, READ)
        if open_ended:
            raise NotPortable(f"nothing separates `{letters}` from the number before it")
        open_ended = len(letters) == 1 and letters != "S"
        name, digits = READ[letters]
        if name in names:
            raise NotPortable(f"`{letters}` stands twice in the pattern")
        names.append(name)
        out.append(f"([0-9]{{{digits}}})")
    if "y" not in names:
        raise NotPortable("the pattern has no year", "write it with `yyyy`")
    return f"^{''.join(out)}$", tuple(names)
