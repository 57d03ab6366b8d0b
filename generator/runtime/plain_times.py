"""The texts of time patterns that engines read by themselves.

RE2 and Java understand the expressions alike.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from .spelling import Spelling
from .time_patterns import EPOCHS, MONTHS

_SEPARATORS = frozenset("-./:, ")
_MOST_CHOICES, _MICROSECONDS = 8, 6
_TOKEN = re.compile(r"([A-Za-z])\1*|'((?:[^']|'')*)'|.", re.DOTALL)
_HOURS = r"(?:\+0[0-9]|-0[1-9]|[-+]1[0-4])"
_OFFSETS = {
    "X": _HOURS, "x": _HOURS, "XX": f"{_HOURS}[0-5][0-9]", "xx": f"{_HOURS}[0-5][0-9]", "Z": f"{_HOURS}[0-5][0-9]",
    "XXX": f"{_HOURS}:[0-5][0-9]", "xxx": f"{_HOURS}:[0-5][0-9]",
}  # fmt: skip
_PARTS = {
    "yyyy": ("[1-9][0-9]{3}", "%Y"), "uuuu": ("[1-9][0-9]{3}", "%Y"), "yy": ("[0-5][0-9]", "%y"),
    "HH": ("(?:[01][0-9]|2[0-3])", "%H"), "H": ("(?:[01]?[0-9]|2[0-3])", "%H"), "hh": ("(?:0[1-9]|1[0-2])", "%I"),
    "h": ("(?:0?[1-9]|1[0-2])", "%I"), "a": ("[AP]M", "%p"), "mm": ("[0-5][0-9]", "%M"), "m": ("[0-5]?[0-9]", "%M"),
    "ss": ("[0-5][0-9]", "%S"), "s": ("[0-5]?[0-9]", "%S"),
}  # fmt: skip
_DAYS = {"dd": "(?:0[1-9]|1[0-9]|2[0-8])", "d": "(?:0?[1-9]|1[0-9]|2[0-8])"}
"""Days that each month has."""
_MONTHS = {
    "MM": [f"{number:02}" for number in range(1, 13)],
    "M": [f"0?{number}" if number < 10 else str(number) for number in range(1, 13)],
    "MMM": [month[:3].title() for month in MONTHS],
    "MMMM": [month.title() for month in MONTHS],
}
_FEBRUARY, _OF_30, _OF_31 = 1, (0, *range(2, 12)), (0, 2, 4, 6, 7, 9, 11)
"""The shortest month, and those of so many days or more."""
_LEAP_YEAR = "(?:[1-9][0-9](?:0[48]|[2468][048]|[13579][26])|(?:[2468][048]|[13579][26])00)"
_LEAP_YEARS = {"yyyy": _LEAP_YEAR, "uuuu": _LEAP_YEAR, "yy": "(?:[024][048]|[135][26])"}
_PARTS_OF_DATE = (_DAYS, _MONTHS, _LEAP_YEARS)

_DAY = "(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])|(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31)"
_CLOCK = r"[ T](?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]{1,6})?"
_OFFSET = "[-+](?:0[0-9]|1[0-4]):[0-5][0-9]"
DATE = f"(?:[1-9][0-9]{{3}}-{_DAY}|{_LEAP_YEAR}-02-29)"
TIMESTAMP = f"{DATE}{_CLOCK}Z?"
OFFSET_TIMESTAMP = f"(?:{TIMESTAMP}|(?:[1-8][0-9]{{3}}-{_DAY}|{_LEAP_YEAR}-02-29){_CLOCK}{_OFFSET})"
"""The usual texts, of columns without a pattern."""


@dataclass(frozen=True, slots=True)
class PlainTimes:
    """The texts of a pattern.

    Attributes:
        expression: what matches such a text.
        java: the pattern, as Java reads it.
        strptime: formats of DuckDB's function, one for each choice of what may be missing; none if it can't read them.
        has_offset: whether all bring an offset, `Z` or hours with a sign.
        marks: characters in them that are no letters or digits.
    """

    expression: str
    java: str
    strptime: tuple[str, ...]
    has_offset: bool
    marks: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Piece:
    """A letter and its repetitions, a text, or a bracket."""

    token: str
    expression: str
    java: str
    strptime: str = ""
    is_text: bool = False


def plain_times(spelling: Spelling) -> PlainTimes | None:
    """The texts of a spelling's only pattern; None if that has parts that engines don't read by themselves."""
    if len(spelling.format) != 1 or spelling.format[0] in EPOCHS:
        return None
    pieces: list[_Piece] = []
    for match in _TOKEN.finditer(spelling.format[0]):
        piece = _piece(match, pieces)
        if piece is None:
            return None
        pieces.append(piece)
    needed = list(_outside(pieces))
    if not all(any(one.token in parts for one in needed) for parts in _PARTS_OF_DATE):
        return None
    offset = next((one for one in pieces if one.token in _OFFSETS), None)
    is_read = (offset is None or offset in needed) and not any(one.is_text and "Z" in one.java for one in pieces)
    formats = tuple(dict.fromkeys(_choices(iter(pieces)))) if is_read else ()
    texts = "".join(one.strptime for one in pieces if one.is_text)
    return PlainTimes(
        "".join(_expressions(pieces, has_offset=offset is not None)),
        "".join(_java(pieces)),
        formats if len(formats) <= _MOST_CHOICES else (),
        offset is not None,
        frozenset(texts) | frozenset("-+:" if offset else ""),
    )


def _piece(match: re.Match[str], before: Sequence[_Piece]) -> _Piece | None:
    token = match[0]
    if token in "[]":
        return _Piece(token, "(?:" if token == "[" else ")?", token)
    if match[1] is None or token == "T":
        text = token if match[2] is None else match[2].replace("''", "'") or "'"
        if match[2] is None and token != "T" and token not in _SEPARATORS:
            return None
        java, strptime = text.replace("'", "''"), text.replace("%", "%%")
        return _Piece(token, literal_expression(text), java, strptime, is_text=True)
    if token[0] == "S" and before and before[-1].is_text:
        return _Piece(token, f"[0-9]{{1,{min(len(token), _MICROSECONDS)}}}", token, "%f")
    if token in _OFFSETS:
        utc = "Z|" if token[0] == "X" else ""
        return _Piece(token, f"(?:{utc}{_OFFSETS[token]})", token, "%z")
    if token in _DAYS:
        return _Piece(token, _DAYS[token], token, "%d")
    if token in _MONTHS:
        name = {"MMM": "%b", "MMMM": "%B"}.get(token, "%m")
        return _Piece(token, f"(?:{'|'.join(_MONTHS[token])})", token, name)
    part = _PARTS.get(token)
    return _Piece(token, part[0], token, part[1]) if part else None


def literal_expression(text: str) -> str:
    """The expression, of RE2 and Java, that matches a text and nothing else."""
    return re.sub(r"[^\w]", lambda match: f"\\x{{{ord(match[0]):x}}}", text)


def _java(pieces: Sequence[_Piece]) -> Iterator[str]:
    """The parts of Java's pattern. Texts that follow one another share quotes, of which two would be one in a text."""
    for is_text, some in groupby(pieces, lambda one: one.is_text):
        part = "".join(one.java for one in some)
        yield f"'{part}'" if is_text else part


def _outside(pieces: Sequence[_Piece]) -> Iterator[_Piece]:
    """The pieces that may not be missing."""
    depth = 0
    for one in pieces:
        depth += (one.token == "[") - (one.token == "]")
        if not depth and one.token != "]":
            yield one


def _choices(pieces: Iterator[_Piece]) -> list[str]:
    """DuckDB's formats up to the end, or to the bracket that closes."""
    found = [""]
    for one in pieces:
        if one.token == "]":
            break
        more = [*_choices(pieces), ""] if one.token == "[" else [one.strptime]
        found = [before + after for before in found for after in more]
    return found


def _expressions(pieces: Sequence[_Piece], *, has_offset: bool) -> list[str]:
    """The expressions of all days that there are, where just texts stand between their parts; else of fewer days."""
    if has_offset:  # a day later or earlier is still within the years 1 to 9999
        pieces = [
            replace(one, expression=one.expression.replace("[1-9]", "[1-8]", 1)) if one.token in _LEAP_YEARS else one
            for one in pieces
        ]
    day, month, year = (
        next(place for place, one in enumerate(pieces) if one.token in parts) for parts in _PARTS_OF_DATE
    )
    months = _MONTHS[pieces[month].token]
    days: list[dict[int, str]] = [
        {},
        {day: "(?:29|30)", month: f"(?:{'|'.join(months[number] for number in _OF_30)})"},
        {day: "31", month: f"(?:{'|'.join(months[number] for number in _OF_31)})"},
    ]
    leap_day = {day: "29", month: f"(?:{months[_FEBRUARY]})", year: _LEAP_YEARS[pieces[year].token]}
    expressions = [one.expression for one in pieces]
    for parts, choices in (((day, month, year), [*days, leap_day]), ((day, month), days)):
        first, last = min(parts), max(parts)
        if all(pieces[place].is_text for place in range(first, last) if place not in parts):
            span = range(first, last + 1)
            ways = ("".join(way.get(place, expressions[place]) for place in span) for way in choices)
            return [*expressions[:first], f"(?:{'|'.join(ways)})", *expressions[last + 1 :]]
    return expressions
