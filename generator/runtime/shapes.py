"""What lines of JSON look like: which keys, in which order, with which spacing.

A shape is a guess from a few lines. It decides how fast the other lines are read, never what they become.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from json import JSONDecodeError, JSONDecoder

from .json_lines import JsonLines
from .rules import Rejected

MOST_MEMBERS = 2_000
"""A line with more keys is read by the rules: an expression for it would cost more than it saves."""
_KEY = re.compile(r'([{,] *)("[^"\\]*")( *: *)')
_VALUES = JSONDecoder()
_KINDS = {'"': "string", "t": "boolean", "f": "boolean", "n": "null", "{": "nested", "[": "nested"}


@dataclass(frozen=True, slots=True)
class Member:
    """One key of a line.

    Attributes:
        before: the text between the last value and this one's key.
        key: with its quotes, as spelled.
        colon: the text between key and value.
        value: `string`, `number`, `boolean`, `null` or `nested`.
    """

    before: str
    key: str
    colon: str
    value: str


Shape = tuple[Member, ...]


def shapes_of(contents: Iterable[bytes], decoder: JsonLines) -> Iterator[Shape]:
    """The shapes of those lines that become rows; not of lines with very many keys."""
    for content in contents:
        try:
            decoder.decode(content)
        except Rejected:
            continue
        shape = _shape(content.decode().strip())
        if shape and len(shape) <= MOST_MEMBERS:
            yield shape


def _shape(text: str) -> Shape | None:
    """The shape of a line that is known to be an object; None if it is too odd to be one."""
    members: list[Member] = []
    position = 0
    while match := _KEY.match(text, position):
        start = match.end()
        try:
            _, position = _VALUES.raw_decode(text, start)
        except JSONDecodeError:
            return None
        members.append(Member(match[1], match[2], match[3], _KINDS.get(text[start], "number")))
    return tuple(members) if text[position:] == "}" else None
