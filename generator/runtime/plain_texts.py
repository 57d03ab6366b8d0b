"""Texts that surely are moments or numbers in a column's spelling, which engines then read by themselves.

RE2 and Java understand the expressions alike. What these leave out, such as weekdays and the 29th of February, takes
the slow path to the same value.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from .spelling import Spelling
from .time_patterns import EPOCHS, MONTHS, Epoch
from .types import Type

_WHOLE_DIGITS = {"tinyint": 2, "smallint": 4, "int": 9, "bigint": 15, "double": 15, "float": 15}
_EXACT_DIGITS, _MOST_SCALE = 15, 9
_NEVER_PLAIN = frozenset('"\r\n\0')
_SEPARATORS = frozenset("-./:, ")
_MOST_CHOICES, _MICROSECONDS = 8, 6
_USUAL = {"date": ("yyyy-MM-dd",), "timestamp": ("yyyy-MM-dd'T'HH:mm:ss[.SSSSSS][XXX]",)}
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
_OF_30, _OF_31 = (0, *range(2, 12)), (0, 2, 4, 6, 7, 9, 11)
"""Months of so many days, or more."""


@dataclass(frozen=True, slots=True)
class PlainText:
    """Texts that surely are values.

    Attributes:
        expression: what matches such a text that isn't empty; nothing for strings: all texts are some.
        marks: characters in them that are no letters or digits.
        is_trimmed: whether spaces around them don't count. Other white space isn't trimmed by engines.
    """

    expression: str
    marks: frozenset[str] = frozenset()
    is_trimmed: bool = False


def plain_text(kind: Type, spelling: Spelling) -> PlainText | None:
    """The texts that surely are values of a type in a spelling; None if they can't be told."""
    words = (*spelling.null, *spelling.true, *spelling.false)
    if any(set(word) & _NEVER_PLAIN for word in words):
        return None
    found = PlainText("") if kind.kind == "string" else _spelled(kind, spelling)
    if found is None:
        return None
    null = [word for word in spelling.null if word] if found.expression else []
    expression = "|".join([*filter(None, [found.expression]), *map(literal_expression, null)])
    return PlainText(expression, found.marks | _marks(null), spelling.trim)


def _spelled(kind: Type, spelling: Spelling) -> PlainText | None:
    """The same without the words for null."""
    if kind.kind in ("date", "timestamp"):
        return _moments(spelling.format or _USUAL[kind.kind])
    if kind.is_numeric:
        expression = number_expression(kind, spelling)
        return (
            PlainText(expression, frozenset((spelling.decimal or ".", *spelling.thousands, "-")))
            if expression
            else None
        )
    if kind.kind == "boolean":
        words = (*(spelling.true or ("true",)), *(spelling.false or ("false",)))
        return PlainText("|".join(map(literal_expression, words)), _marks(words))
    return None


def _moments(formats: Sequence[str]) -> PlainText | None:
    if len(formats) == 1 and formats[0] in EPOCHS:
        return PlainText(Epoch(formats[0]).whole, frozenset("-"))
    times = plain_times(Spelling(format=tuple(formats)))
    return PlainText(times.expression, times.marks) if times else None


def _marks(words: Iterable[str]) -> frozenset[str]:
    return frozenset(character for word in words for character in word if not character.isalnum())


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
    needed, offsets = list(_outside(pieces)), [one for one in pieces if one.token in _OFFSETS]
    day, month = (next((one for one in needed if one.token in of), None) for of in (_DAYS, _MONTHS))
    if day is None or month is None or not any(one.token in ("yyyy", "uuuu", "yy") for one in needed):
        return None
    if offsets:  # a day later or earlier is still within the years 1 to 9999
        pieces = [
            replace(one, expression=one.expression.replace("[1-9]", "[1-8]", 1))
            if one.token in ("yyyy", "uuuu")
            else one
            for one in pieces
        ]
    is_read = (not offsets or offsets[0] in needed) and not any(one.is_text and "Z" in one.java for one in pieces)
    formats = tuple(dict.fromkeys(_choices(iter(pieces)))) if is_read else ()
    texts = "".join(one.strptime for one in pieces if one.is_text)
    return PlainTimes(
        "".join(_with_days(pieces, pieces.index(day), pieces.index(month))),
        "".join(_java(pieces)),
        formats if len(formats) <= _MOST_CHOICES else (),
        bool(offsets),
        frozenset(texts) | frozenset("-+:" if offsets else ""),
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


def number_expression(kind: Type, spelling: Spelling) -> str:
    """The expression, of RE2 and Java, of numbers that a type surely holds; empty for those with spaces in them."""
    point, group = spelling.decimal or ".", spelling.thousands
    if group == " ":
        return ""
    scale = min(kind.scale, _MOST_SCALE) if kind.kind == "decimal" else 0 if kind.is_integer else _EXACT_DIGITS
    whole = _WHOLE_DIGITS.get(kind.kind) or min(kind.precision - kind.scale, _EXACT_DIGITS - scale)
    if whole < 1:
        return ""
    digits = f"0|[1-9][0-9]{{0,{whole - 1}}}"
    if group and whole > 3:
        digits += f"|[1-9][0-9]{{0,2}}(?:{literal_expression(group)}[0-9]{{3}}){{1,{(whole - 3) // 3}}}"
    fraction = f"(?:{literal_expression(point)}[0-9]{{1,{scale}}})?" if scale else ""
    return f"-?(?:{digits}){fraction}"


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
        if one.token == "]" and not one.is_text:
            break
        more = [*_choices(pieces), ""] if one.token == "[" else [one.strptime]
        found = [before + after for before in found for after in more]
    return found


def _with_days(pieces: Sequence[_Piece], day: int, month: int) -> list[str]:
    """The expressions, with all days that months have where the two stand together; else with the first 28."""
    first, last = min(day, month), max(day, month)
    between = pieces[first + 1 : last]
    expressions = [one.expression for one in pieces]
    if len(between) > 1 or any(not one.is_text for one in between):
        return expressions
    separator, months = "".join(one.expression for one in between), _MONTHS[pieces[month].token]
    pairs = [
        (pieces[day].expression, pieces[month].expression),
        ("(?:29|30)", f"(?:{'|'.join(months[number] for number in _OF_30)})"),
        ("31", f"(?:{'|'.join(months[number] for number in _OF_31)})"),
    ]
    together = (f"{d}{separator}{m}" if day < month else f"{m}{separator}{d}" for d, m in pairs)
    return [*expressions[:first], f"(?:{'|'.join(together)})", *expressions[last + 1 :]]
