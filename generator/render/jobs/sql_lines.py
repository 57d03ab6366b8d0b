"""SQL in lines that aren't too long, and without characters that nobody sees."""

from __future__ import annotations

import re
from collections.abc import Iterator

from generator.render.jobs.literals import width

_PART = re.compile(r"'(?:[^'\\]|\\.)*'|`[^`]*`|[^\s'`]+|\s+")
_CHARACTER = re.compile(r"\\u[0-9a-f]{4}|\\.|.", re.DOTALL)


def sql_lines(sql: str, room: int) -> Iterator[str]:
    """The lines of a query, none of them longer than `room` if that can be.

    Lines are broken at blanks; a string literal that is too long becomes several, which Spark puts together again.
    """
    for line in visible(sql).split("\n"):
        yield from _broken(line, room) if width(line) > room else (line,)


def visible(sql: str) -> str:
    """The query with escapes for what can't be seen, and for quotes that would end a Python string."""
    shown = "".join(char if char.isprintable() or char == "\n" else _escape(char) for char in sql)
    return shown.replace('"""', '""\\"')


def _escape(char: str) -> str:
    return f"\\u{ord(char):04x}" if ord(char) < 0x10000 else char


def _broken(line: str, room: int) -> Iterator[str]:
    indent = " " * (len(line) - len(line.lstrip()) + 2)
    present = ""
    for part in _parts(line, room - len(indent)):
        if present.strip() and width(present + part.rstrip()) > room:
            yield present.rstrip()
            present = indent + part.lstrip()
        else:
            present += part
    yield present.rstrip()


def _parts(line: str, room: int) -> Iterator[str]:
    """What has to stay together: words with what touches them, and pieces of literals that are too long."""
    whole = ""
    for match in _PART.finditer(line):
        part = match[0]
        if part.isspace():
            yield whole + part
            whole = ""
        elif part[0] == "'" and width(part) > room:
            *pieces, last = _pieces(part[1:-1], room - 3)
            yield from (f"{whole if number == 0 else ''}'{piece}' " for number, piece in enumerate(pieces))
            whole = f"'{last}'"
        else:
            whole += part
    yield whole


def _pieces(text: str, room: int) -> Iterator[str]:
    piece = ""
    for match in _CHARACTER.finditer(text):
        if width(piece + match[0]) > room:
            yield piece
            piece = ""
        piece += match[0]
    yield piece
