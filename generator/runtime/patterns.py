r"""Java regular expressions that prove a line regular, so that Spark's own parsers may decode it.

Types have bounded depth, so their values are a regular language. A line of JSON that matches is an object of
known keys, in any order, each declared one at most once, whose values are literals of their types or null; a
line of CSV that matches has the right number of fields, each a literal of its type. Where an expression is
narrower than the rules (at the far end of a type's range, say), lines take the slow path to the same row.

They are written for speed: quantifiers are possessive, so nothing is tried twice and long lines don't recurse.
U+FFFD is excluded because invalid UTF-8 looks like it once it is decoded.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from .options import ReadOptions
from .plain_texts import PlainText
from .plain_times import DATE, OFFSET_TIMESTAMP
from .rules import LandingColumn
from .shapes import Member, Shape
from .types import Type

_WHITE_SPACE = r"[ \t\r\x0B\f]*+"
BLANK = rf"\A{_WHITE_SPACE}\z"
MAX_LINE = 1_000_000
"""Lines of more bytes are never proven: parsers have limits of their own."""

MAX_PARTS = 300
"""No expression has more values, parts of nested ones among them: Java's recurse once for each, and where the stack
ends, so does the JVM.
"""

_BASE64 = "(?:[A-Za-z0-9+/]{4})*+(?:[A-Za-z0-9+/][AQgw]==|[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=)?+"

_QUOTING = '"\\'
# A class of single ASCII characters is one look into a table; each range in it costs another test.
_ASCII = f"[{''.join(re.escape(chr(code)) for code in range(0x20, 0x7F) if chr(code) not in _QUOTING)}]*"
_ASCII_STRING = f'"{_ASCII}"'
_OTHERS = r"[^\x00-~\uFFFD]++"
_HEX = "[0-9a-fA-F]"
_PAIR = rf"[dD][89abAB]{_HEX}{{2}}\\u[dD][c-fC-F]{_HEX}{{2}}"
_ESCAPE = rf'\\(?:["\\/bfnrt]|u(?:[0-9a-ce-fA-CE-F]{_HEX}{{3}}|[dD][0-7]{_HEX}{{2}}|{_PAIR}))'
_STRING = f'"{_ASCII}+(?:(?:{_OTHERS}|{_ESCAPE}){_ASCII}+)*+"'
_NUMBER = r"-?(?!0[0-9])[0-9]{1,300}+(?:\.[0-9]{1,300}+)?+(?:[eE][-+]?[0-9]{1,4}+)?+"
_SPACE = r"[ \t]*+"
_DEPTH_OF_EXTRAS = 2

# Digits of an integer type, and those numbers of so many digits that may be too large for it.
_INTEGERS = {
    "tinyint": (3, "[2-9][0-9]{2}|1[2-9][0-9]"),
    "smallint": (5, "[3-9][0-9]{4}"),
    "int": (10, "[3-9][0-9]{9}|2[1-9][0-9]{8}"),
    "bigint": (19, "9[0-9]{18}"),
}
_EXACT_DIGITS = 15
# Delimiters that no number, time or quote holds.
_SAFE_DELIMITERS = ",;|\t^~"


def number(kind: Type, *, fractions: bool = False, short: bool = False) -> str:
    """Numbers that surely are in the range of a numeric type.

    Args:
        fractions: whether whole numbers may be spelled as `12.0`; they have to be exact as doubles then.
        short: only those without an exponent and with a digit less than the longest: faster.
    """
    if kind.is_integer:
        digits, large = _INTEGERS[kind.kind]
        if short and not fractions:
            return f"-?(?!0[0-9])[0-9]{{1,{digits - 1}}}+"
        tail = r"(?:\.0{1,30}+)?+" if fractions else ""
        return f"-?(?!0[0-9]|{large})[0-9]{{1,{min(digits, _EXACT_DIGITS) if fractions else digits}}}+{tail}"
    if kind.kind == "double":  # `-0` is read as a whole number, which has no sign
        plain = r"-?(?!0[0-9])[0-9]{1,30}+(?:\.[0-9]{1,300}+|(?<!-0)"
        return f"{plain})" if short else rf"{plain}|(?=[eE]))(?:[eE](?:-[0-9]{{1,3}}+|\+?[0-9]{{1,2}}+))?+"
    if kind.kind == "float":
        return rf"-?(?!0[0-9])[0-9]{{1,{_EXACT_DIGITS}}}+(?:\.[0-9]{{1,300}}+|(?<!-0))"
    whole = kind.precision - kind.scale
    fraction = rf"(?:\.[0-9]{{1,{kind.scale}}}+)?+" if kind.scale else ""
    return f"-?(?!0[0-9])[0-9]{{1,{whole}}}+{fraction}" if whole else f"-?0{fraction}"


def _value(kind: Type, *, fractions: bool = False, simple: bool = False) -> str | None:
    """JSON values of a type, null aside, or None for a type whose values no expression describes."""
    if kind.is_numeric:
        return number(kind, fractions=fractions, short=simple)
    if kind.kind == "string":
        return _ASCII_STRING if simple else _STRING
    if kind.kind == "array":
        element = _value(kind.element)
        return _list(rf"\[{_SPACE}", f"(?:{element}|null)", r"\]") if element else None
    if kind.kind == "struct":
        return _struct(kind)
    known = {"date": f'"{DATE}"', "timestamp": f'"{OFFSET_TIMESTAMP}"', "binary": f'"{_BASE64}"'}
    return {"boolean": "(?:true|false)", **known}.get(kind.kind)


def _list(start: str, item: str, end: str) -> str:
    """Items with commas between them."""
    return f"{start}(?:{item}{_SPACE}(?:,{_SPACE}{item}{_SPACE})*+)?+{end}"


def _struct(kind: Type) -> str | None:
    """Fields in their order, each of them optional."""
    members = []
    for name, part in kind.fields:
        value = _value(part)
        if value is None or not _is_plain(name):
            return None
        members.append(rf"(?:{_pair(_quoted(name), value)}(?:,{_SPACE}(?=\")|(?=\}})))?+")
    return rf"\{{{_SPACE}{''.join(members)}\}}"


def _pair(key: str, value: str) -> str:
    return f"{key}{_SPACE}:{_SPACE}(?:{value}|null){_SPACE}"


def _is_plain(key: str) -> bool:
    """Whether JSON spells a key as it is; so that nothing else in a line could be this key."""
    return bool(key) and not re.search(r'["\\\x00-\x1f\ufffd]', key)


def _quoted(key: str) -> str:
    return f'"{re.escape(key)}"'


def _anything(depth: int) -> str:
    scalar = f"(?:{_STRING}|{_NUMBER}|true|false|null)"
    if depth == 0:
        return scalar
    inner = _anything(depth - 1)
    items = _list(rf"\[{_SPACE}", inner, r"\]")
    members = _list(rf"\{{{_SPACE}", f"{_STRING}{_SPACE}:{_SPACE}{inner}", r"\}")
    return f"(?:{scalar}|{items}|{members})"


def _parts(kind: Type) -> int:
    return 1 + sum(_parts(part) for _, part in kind.fields)


def json_values(
    columns: Sequence[LandingColumn], fractional: Iterable[str], *, simple: bool = False
) -> dict[str, str] | None:
    """Expression of each column's values, by key; None if they can't all be proven.

    Args:
        fractional: keys of whole numbers that may be spelled with a fraction.
        simple: only what most values are, such as strings of ASCII without escapes: faster.
    """
    values: dict[str, str] = {}
    for column in columns:
        value = _column(column, fractions=column.key in fractional, simple=simple)
        if value is None or not _is_plain(column.key):
            return None
        if _parts(column.type) > MAX_PARTS:
            return None
        values[column.key] = value
    return values if len({key.lower() for key in values}) == len(columns) else None


def _column(column: LandingColumn, *, fractions: bool, simple: bool) -> str | None:
    if column.epoch:
        return f"(?:{column.epoch.whole})"
    if column.times:
        return f'"(?:{column.times.expression})"'
    if column.type.kind == "string":
        return _ASCII_STRING if simple or column.spelling.trim else _STRING
    return _value(column.type, fractions=fractions, simple=simple) if column.spelling.is_usual else None


def parts_of(columns: Sequence[LandingColumn]) -> dict[str, int]:
    """How many values each column's value has, itself one of them, by key."""
    return {column.key: _parts(column.type) for column in columns}


def usual_line(values: Mapping[str, str], shapes: Sequence[Shape], parts: Mapping[str, int]) -> str | None:
    """Lines of exactly these shapes, but for wide ones, values aside: what most lines match, fast."""
    alternatives = dict.fromkeys(
        "".join(_members(shape, values, shapes)) for shape in shapes if not is_wide(shape, parts)
    )
    return rf"\A(?:{'|'.join(alternatives)})\}}\r?+\z" if alternatives else None


def is_wide(shape: Shape, parts: Mapping[str, int]) -> bool:
    """Whether a line has too many values for one expression."""
    return sum(parts.get(member.key[1:-1], 1) for member in shape) > MAX_PARTS


@dataclass(frozen=True, slots=True)
class WideLine:
    """Lines of one wide shape, in sections, each of them found in the line.

    Each of the seams has to be in the line once. So a section, which begins with a seam and ends before the next one,
    begins where the section before it ends.

    Attributes:
        sections: expressions.
        seams: texts.
    """

    sections: tuple[str, ...]
    seams: tuple[str, ...]


def wide_line(values: Mapping[str, str], shape: Shape, shapes: Sequence[Shape], parts: Mapping[str, int]) -> WideLine:
    """Lines of a wide shape, one of `shapes`."""
    members = _members(shape, values, shapes)
    starts, weight = [0], 0
    for place, member in enumerate(shape):
        weight += parts.get(member.key[1:-1], 1)
        if weight > MAX_PARTS and place > starts[-1]:
            starts.append(place)
            weight = parts.get(member.key[1:-1], 1)
    seams = [_start(shape[place]) for place in starts[1:]]
    sections = ["".join(members[start:end]) for start, end in zip_longest(starts, starts[1:])]
    before = [r"\A", *[""] * len(seams)]
    after = [*(f"(?={re.escape(seam)})" for seam in seams), r"\}\r?+\z"]
    return WideLine(tuple(map("".join, zip(before, sections, after, strict=True))), tuple(seams))


def is_sound(shape: Shape) -> bool:
    """Whether a line of a shape has each key once, spelled as it is."""
    return len({member.key for member in shape}) == len(shape) and all(_is_plain(one.key[1:-1]) for one in shape)


def _members(shape: Shape, values: Mapping[str, str], shapes: Sequence[Shape]) -> list[str]:
    """Expressions of a shape's members."""
    nullable = {member.key[1:-1] for shape in shapes for member in shape if member.value == "null"}
    nested = _nested(shapes)
    return [re.escape(_start(member)) + _usual(member.key[1:-1], values, nullable, nested) for member in shape]


def _start(member: Member) -> str:
    """The text of a member before its value."""
    return member.before + member.key + member.colon


def _usual(key: str, values: Mapping[str, str], nullable: set[str], nested: set[str]) -> str:
    value = values.get(key)
    if value is None:
        return _anything(_DEPTH_OF_EXTRAS if key in nested else 0)
    return f"(?:{value}|null)" if key in nullable else value


def _nested(shapes: Sequence[Shape]) -> set[str]:
    return {member.key[1:-1] for shape in shapes for member in shape if member.value == "nested"}


def any_line(values: Mapping[str, str], shapes: Sequence[Shape]) -> str:
    """Lines of declared keys, each at most once, and of those undeclared ones that the shapes have.

    An empty group marks a declared key as used. A key that comes next must not be one whose group has matched; this
    stands behind all groups, since Java takes a reference to a later group of two digits for one of a single digit.
    """
    declared = [f"{_pair(_quoted(key), value)}()" for key, value in values.items()]
    used = "|".join(rf"{_quoted(key)}\{group}" for group, key in enumerate(values, 1))
    nested = _nested(shapes)
    extras = {key for shape in shapes for member in shape if _is_plain(key := member.key[1:-1])} - set(values)
    others = [_pair(_quoted(key), _anything(_DEPTH_OF_EXTRAS if key in nested else 0)) for key in sorted(extras)]
    member = rf"(?:{'|'.join(declared + others)})(?:,{_SPACE}(?=\")(?!{used})|(?=\}}))"
    return rf"\A[ \t\r]*+\{{{_SPACE}(?:{member})*+\}}[ \t\r]*+\z"


def csv_line(kinds: Sequence[Type | PlainText | None], options: ReadOptions) -> str | None:
    """Records on one line, none of them blank, of fields of these types (None: any); None if they can't be proven."""
    fields = [_field(kind, options) for kind in kinds]
    if options.delimiter not in _SAFE_DELIMITERS or None in fields or len(fields) > MAX_PARTS:
        return None
    return rf"\A(?!{_WHITE_SPACE}\z){re.escape(options.delimiter).join(filter(None, fields))}\r?+\z"


def _field(kind: Type | PlainText | None, options: ReadOptions) -> str | None:
    """A field, in quotes only where these are the usual ones: Spark's parser is told of no others."""
    usual = options.quote == '"' and options.escape in ("", '"')
    if isinstance(kind, PlainText) and kind.expression:
        return _plain_field(kind, usual, options)
    if kind is None or isinstance(kind, PlainText) or kind.kind == "string":
        # Spark trims spaces alone, so in what it trims there may be no other white space.
        others = r"\x00-\x1f\x7f-\x{10ffff}" if isinstance(kind, PlainText) and kind.is_trimmed else r"\r\n\x00\uFFFD"
        inner = rf'[^"{others}]*+'
        plain = rf'[^"{re.escape(options.quote)}{others}{re.escape(options.delimiter)}]*+'
        return rf'(?:"{inner}(?:""{inner})*+"|{plain})' if usual else plain
    known = {"boolean": "(?:true|false)", "date": DATE, "timestamp": OFFSET_TIMESTAMP}
    value = number(kind) if kind.is_numeric else known.get(kind.kind)
    if value is None:
        return None
    return f'(?:{value}|"{value}")?+' if usual else f"(?:{value})?+"


def _plain_field(text: PlainText, usual: bool, options: ReadOptions) -> str | None:
    """A field of plain texts; one that holds the delimiter stands in quotes."""
    if options.quote in text.marks:
        return None
    value = rf" *+(?:{text.expression})? *+" if text.is_trimmed else f"(?:{text.expression})"
    ways = [*([value] if options.delimiter not in text.marks else []), *([f'"{value}"'] if usual else [])]
    return f"(?:{'|'.join(ways)})?" if ways else None
