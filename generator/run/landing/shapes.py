"""What the lines of JSON files look like: which keys, in which order, with which spacing.

A shape is a guess from a few lines. It decides how fast the other lines are read, never what they become.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from json import JSONDecodeError, JSONDecoder
from pathlib import Path

from generator.run.landing.files import lines
from generator.runtime.lake_json import JsonLines
from generator.runtime.lake_rules import Rejected

SAMPLED_LINES = 100
MAX_SHAPES = 8
_KEY = re.compile(r'([{,] *)("[^"\\]*")( *: *)')
_VALUES = JSONDecoder()


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
_KINDS = {'"': "string", "t": "boolean", "f": "boolean", "n": "null", "{": "nested", "[": "nested"}


def sniff(paths: Sequence[Path], decoder: JsonLines) -> list[Shape]:
    """Shapes of the first lines of each file that become rows, the most common ones first."""
    each = max(SAMPLED_LINES // max(len(paths), 1), 1)
    found: Counter[Shape] = Counter()
    for path in paths[:SAMPLED_LINES]:
        found.update(_shapes((line.content for line in islice(lines(path), each)), decoder))
    return [shape for shape, _ in found.most_common(MAX_SHAPES)]


def _shapes(contents: Iterable[bytes], decoder: JsonLines) -> Iterable[Shape]:
    for content in contents:
        try:
            decoder.decode(content)
        except Rejected:
            continue
        if shape := _shape(content.decode().strip()):
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
