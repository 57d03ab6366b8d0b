"""JSON that isn't an object a line: documents over several lines, arrays, objects one behind the other.

A file is cut into pieces, each the text of one JSON value, which the exact rules then decode like a line. Nothing is
decoded here, so nothing is invented: what can't be cut safely stays one piece, and the rules refuse it.

A broken value ends where its brackets close. If they don't, it reaches to the next object that can't be a part of it:
one behind neither a colon, a comma nor an opening bracket, and before another object or the end of the file.
"""

from __future__ import annotations

import json
import re
from collections.abc import Generator, Iterator, Sequence
from typing import Any, NamedTuple

from .json_lines import WHITE_SPACE
from .rules import Reason, Rejected

_SPACE = re.compile(r"[ \t\n\r\v\f]*")
_RECORD_SEPARATOR = "\x1e"
"""What stands before each document of a JSON text sequence (RFC 7464)."""
_BETWEEN = re.compile(rf"[ \t\n\r\v\f{_RECORD_SEPARATOR}]*")
_TOKEN = re.compile(r'"(?:[^"\\\r\n]|\\.)*"|[][{}"]')
_OBJECT = re.compile(r'(?<![:,\[ \t\n\r])[ \t\n\r]*(\{[ \t\n\r]*")')
_LINE_ENDS = str.maketrans("\r\n", "  ")
_MARK = "\ufeff"
_FIRST, _MORE, _MOST_OF_BROKEN = 1 << 12, 16, 1 << 20
_LONGEST_WORD = 16
_CLOSING = {"{": "}", "[": "]"}

Span = tuple[int, int, str]
"""Where a piece begins and ends, and why it can't be a record, if that is known."""


class Piece(NamedTuple):
    """A record as it stands in a file, or something that is none.

    Attributes:
        line: the number of the line that it begins on, from 1.
        content: its text on one line: line ends, which no JSON string holds, are spaces.
        problem: why it is no record, where its text alone doesn't tell: a `Rejected` as text.
    """

    line: int
    content: bytes
    problem: str = ""


class _BrokenError(Exception):
    """There is no JSON value where one belongs."""

    def __init__(self, position: int) -> None:
        self.position = position


def pieces(content: bytes, path: Sequence[str] = ()) -> Iterator[Piece]:
    """The records of a file, and whatever else is in it.

    Args:
        content: of the whole file.
        path: keys that lead to the records inside of each document, through arrays too. Without them a document is a
            record. The elements of an array are records, not the array.
    """
    text = content.decode(errors="surrogateescape")
    line, counted = 1, 0
    for start, end, problem in _Cutter(text, path).spans():
        if start < counted:
            line, counted = 1, 0
        line, counted = line + text.count("\n", counted, start), start
        piece = text[start:end]
        if "\n" in piece or "\r" in piece:
            piece = piece.translate(_LINE_ENDS)
        piece = piece.strip(WHITE_SPACE + _RECORD_SEPARATOR)
        told = str(Rejected(Reason.NO_RECORDS, problem)) if problem else ""
        yield Piece(line, piece.encode(errors="surrogateescape"), told)


class _Cutter:
    def __init__(self, text: str, path: Sequence[str]) -> None:
        self._text, self._path = text, tuple(path)
        self._scan = json.JSONDecoder().raw_decode
        self._brackets_fit = True
        self._fit_until = 0  # brackets are known to fit up to here
        self._open: list[str] = []  # the brackets that close what is around a value

    def spans(self) -> Iterator[Span]:
        """All that is in the file but white space, the brackets and commas of arrays, and what separates documents."""
        start = len(_MARK) if self._text.startswith(_MARK) else 0
        while (start := self._skip(_BETWEEN, start)) < len(self._text):
            opened = self._text[start]
            try:
                if opened not in _CLOSING:
                    raise _BrokenError(start)
                start = self._behind_separator((yield from self._found(start, self._path)))
            except _BrokenError as broken:
                self._open.clear()
                end = self._end_of_broken(start, broken.position)
                if self._text[broken.position : end].strip(WHITE_SPACE + _RECORD_SEPARATOR):
                    yield broken.position, end, ""
                else:  # nothing but the end of the value is missing: its beginning stands for it
                    yield start, start + 1, ""
                start = self._behind_separator(end)

    def _behind_separator(self, position: int) -> int:
        """Where what follows a document begins: a comma between two isn't JSON, but says nothing either."""
        comma = self._skip(_SPACE, position)
        return comma + 1 if self._text[comma : comma + 1] == "," else position

    def _found(self, start: int, path: tuple[str, ...]) -> Generator[Span, None, int]:
        """The records in the value at `start`; returns where that ends."""
        opened = self._text[start : start + 1]
        if opened == "[" or (opened == "{" and path):
            self._open.append(_CLOSING[opened])
            end = yield from self._elements(start, path) if opened == "[" else self._members(start, path)
            self._open.pop()
            return end
        end = self._value(start)
        yield start, end, f"no object with `{path[0]}`" if path else ""
        return end

    def _elements(self, start: int, path: tuple[str, ...]) -> Generator[Span, None, int]:
        position = self._skip(_SPACE, start + 1)
        while self._text[position : position + 1] != "]":
            position = yield from self._element(position, path)
            position = self._behind_comma(position, "]")
        return position + 1

    def _element(self, start: int, path: tuple[str, ...]) -> Generator[Span, None, int]:
        """An element: a record, or with records in it. An array in an array is none."""
        if path:
            return (yield from self._found(start, path))
        try:
            end = self._value(start)
        except _BrokenError:
            fits = self._brackets_fit and self._text[start : start + 1] == "{"
            closed = self._end_by_brackets(start) if fits else None
            if closed is None:
                raise
            end = closed
        yield start, end, ""
        return end

    def _behind_comma(self, position: int, closing: str) -> int:
        """Where the next part of an array or object begins, or the bracket that closes it."""
        position = self._skip(_SPACE, position)
        found = self._text[position : position + 1]
        if found != "," and found != closing:
            raise _BrokenError(position)
        behind = self._skip(_SPACE, position + 1)
        return behind if found == "," and self._text[behind : behind + 1] != closing else position

    def _members(self, start: int, path: tuple[str, ...]) -> Generator[Span, None, int]:
        """Goes through an object, without decoding it, to the member that the path names."""
        there = False
        position = self._skip(_SPACE, start + 1)
        while self._text[position : position + 1] != "}":
            key, position = self._key(position)
            if key != path[0]:
                position = self._value(position)
            elif there:
                raise _BrokenError(position)
            elif self._text.startswith("null", position):
                there, position = True, position + 4
            else:
                there = True
                position = yield from self._found(position, path[1:])
            position = self._behind_comma(position, "}")
        if not there:
            yield start, position + 1, f"no `{path[0]}` in the document"
        return position + 1

    def _key(self, position: int) -> tuple[str, int]:
        """A member's key, and where its value begins."""
        if self._text[position : position + 1] != '"':
            raise _BrokenError(position)
        key, end = self._decoded(position)
        colon = self._skip(_SPACE, end)
        if self._text[colon : colon + 1] != ":":
            raise _BrokenError(position)
        return str(key), self._skip(_SPACE, colon + 1)

    def _value(self, start: int) -> int:
        """Where the JSON value at `start` ends."""
        return self._decoded(start)[1]

    def _decoded(self, start: int) -> tuple[Any, int]:
        """The JSON value at `start`, and where it ends.

        Looks at a part of the text, at more of it while that ends too early: an error costs as much as is looked at.
        """
        size, rest = _FIRST, len(self._text) - start
        while True:
            part = self._text[start : start + size]
            try:
                value, end = self._scan(part)
            except RecursionError:
                raise _BrokenError(start) from None
            except json.JSONDecodeError as error:
                cut = error.pos > len(part) - _LONGEST_WORD or error.msg.startswith("Unterminated string")
                if not cut or size >= rest or (size >= _MOST_OF_BROKEN and not self._brackets_fit):
                    raise _BrokenError(start) from None
            else:
                if end < len(part) or size >= rest:
                    return value, start + end
            size *= _MORE

    def _end_of_broken(self, start: int, broken: int) -> int:
        """Where a value ends that is broken at some place: by its brackets, else by what follows it."""
        end = self._end_by_brackets(start) if self._brackets_fit and self._text[start] in _CLOSING else None
        if end is None or end <= broken:
            return self._next_object(broken if broken > start else start + 1)
        return end

    def _end_by_brackets(self, start: int) -> int | None:
        """Where the value's brackets close; None unless those of all that is around it do, too.

        If they don't, nor do those of what follows: looking again would take forever.
        """
        expected, around, end = [*self._open], len(self._open), None
        for token in _TOKEN.finditer(self._text, start):
            mark = token.group()
            if mark in _CLOSING:
                expected.append(_CLOSING[mark])
            elif mark == '"' or (mark in "]}" and mark != expected.pop()):
                break
            if end is None and len(expected) == around:
                end = token.end()
            if end is not None and end <= self._fit_until:
                return end
            if not expected:
                follows = self._skip(_BETWEEN, self._behind_separator(token.end()))
                if self._text[follows : follows + 1] not in ("", *_CLOSING):
                    break
                self._fit_until = token.end()
                return end
        self._brackets_fit = False
        return None

    def _next_object(self, start: int) -> int:
        """The next object that can't be a part of what is around it, or the end of the file."""
        for found in _OBJECT.finditer(self._text, start):
            try:
                end = self._skip(_BETWEEN, self._value(found.start(1)))
            except _BrokenError:
                continue
            if self._text[end : end + 1] in ("", "{"):
                return found.start(1)
        return len(self._text)

    def _skip(self, what: re.Pattern[str], position: int) -> int:
        found = what.match(self._text, position)
        return found.end() if found else position
