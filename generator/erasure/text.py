"""A person's keys as they may stand in text: in lines that are no rows, in notes, in logs."""

from __future__ import annotations

import json
import re
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import IO

_PIECE = 4 << 20
_LEAST, _LEAST_DIGITS = 5, 7
_BEFORE = r"(?:^|[^\w.+@-]|\\[nrtbf])"
_AFTER = r"(?:$|[^\w.+@-]|[.+-](?:$|\W))"
"""What isn't a part of the same word: `ada@example.com` isn't in `lada@example.com`, nor in `ada@example.com.au`."""


class TooLong(Exception):
    """A line that is too long to be one."""


def is_telling(text: str) -> bool:
    """Whether a text can be looked for anywhere: a short one, such as `17`, stands in everybody's data."""
    return len(text) >= (_LEAST_DIGITS if text.isdigit() else _LEAST)


@dataclass(frozen=True, slots=True)
class Texts:
    """What to look for.

    Attributes:
        telling: texts that are found wherever they stand.
        short: texts that count only as the value of a field of one of `names`.
        names: of fields, as landing data and tables call them.
        any_case: whether upper and lower case are the same.
    """

    telling: tuple[str, ...]
    short: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    any_case: bool = False

    @property
    def is_none(self) -> bool:
        return not (self.telling or (self.short and self.names))

    def pattern(self, *, fields: bool = False, separated: bool = False) -> str:
        """A regular expression of Python and of RE2; empty where there is nothing to look for.

        Args:
            fields: whether short texts are looked for in fields by name, as in JSON.
            separated: whether a short text counts between delimiters, as in CSV.
        """
        parts = []
        if self.telling:
            parts.append(f"{_BEFORE}(?:{_any(_variants(self.telling))}){_AFTER}")
        if fields and self.short and self.names:
            parts.append(rf"""["']?(?:{_any(self.names)})["']?\s*[:=]\s*["']?(?:{_any(self.short)}){_AFTER}""")
        if separated and self.short:
            parts.append(rf"""(?:^|[,;|\t\n])\s*"?(?:{_any(self.short)})"?\s*(?:$|[,;|\t\r\n])""")
        mark = "(?i)" if self.any_case and parts else ""
        return mark + "|".join(parts)

    def is_in_name(self, name: str) -> bool:
        """Whether a telling text stands in the name of a file, with or without its suffixes."""
        pattern = re.compile(self.pattern() or r"(?!)")
        stems = (name, name.rpartition(".")[0], name.rpartition(".")[0].rpartition(".")[0])
        return any(pattern.search(stem) for stem in stems)

    def of_field(self, name: str, values: Iterable[str]) -> str:
        """A regular expression of a field of JSON that has one of some values."""
        return rf""""{re.escape(name)}"\s*:\s*"?(?:{_any(_variants(values))})"?\s*[,}}\]\r\n]"""

    def lines(self, stream: IO[bytes], most: int) -> Iterator[int]:
        """The numbers of the lines of a file in which a telling text stands, from 1.

        Args:
            most: how many bytes a line may have.

        Raises:
            TooLong: a line has more.
        """
        variants = [text.encode("utf-8", "surrogatepass") for text in _variants(self.telling)]
        found = re.compile(self.pattern().encode("utf-8", "surrogatepass"))
        if not variants:
            deque(_pieces(stream, most), maxlen=0)
            return
        if self.any_case:
            variants = [text.lower() for text in variants]
        overlap = max(1024, *(4 * len(text) for text in variants))
        number, last, block, is_first = 1, 0, b"", True
        for piece, is_last in _pieces(stream, most):
            block += piece
            for line in _hits(block, found, variants, (is_first, is_last), any_case=self.any_case):
                if number + line > last:
                    last = number + line
                    yield last
            done = max(len(block) - overlap, 0)
            number += block.count(b"\n", 0, done)
            block, is_first = block[done:], False


def _pieces(stream: IO[bytes], most: int) -> Iterator[tuple[bytes, bool]]:
    """The pieces of a file, and whether each is the last one."""
    piece, begun = stream.read(_PIECE), 0
    while piece:
        begun = len(piece) - at - 1 if (at := piece.rfind(b"\n")) >= 0 else begun + len(piece)
        if begun > most:
            raise TooLong
        following = stream.read(_PIECE)
        yield piece, not following
        piece = following


def _hits(
    block: bytes, found: re.Pattern[bytes], variants: list[bytes], ends: tuple[bool, bool], *, any_case: bool
) -> Iterator[int]:
    """How many lines before them, of the places that match.

    Args:
        ends: whether the block is the first one, and whether it is the last one. What touches another end has been
            found whole in the block before, or will be in the next.
    """
    searched = block.lower() if any_case else block
    if not any(text in searched for text in variants):
        return
    at, lines, (is_first, is_last) = 0, 0, ends
    for match in found.finditer(block):
        if (match.start() == 0 and not is_first) or (match.end() == len(block) and not is_last):
            continue
        start = match.start() + (block[match.start() : match.start() + 1] == b"\n")
        lines, at = lines + block.count(b"\n", at, start), start
        yield lines


def _variants(texts: Iterable[str]) -> list[str]:
    """Texts as they are, and as JSON writes them."""
    found: dict[str, None] = {}
    for text in texts:
        for one in (text, json.dumps(text)[1:-1], json.dumps(text, ensure_ascii=False)[1:-1]):
            found |= dict.fromkeys((one, one.replace("/", r"\/")))
    return list(found)


def _any(texts: Iterable[str]) -> str:
    return "|".join(map(re.escape, texts))
