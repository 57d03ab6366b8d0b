"""A regular expression that proves a whole line regular: the general fast path.

Types have bounded depth, so their values are a regular language: one expression in RE2 can prove that a
line holds known keys in a known order, each at most once, with a literal of its type or null. It rests on
one fact: DuckDB's reader has parsed the line as JSON, if leniently (a trailing comma, NaN and Infinity
pass). Where it is narrower than the rules, at the far end of a type's range, say, lines take the slow path
to the same row.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from generator.plan.types import Type
from generator.runtime.options import ReadOptions
from generator.runtime.plain_times import DATE, OFFSET_TIMESTAMP, TIMESTAMP, literal_expression
from generator.runtime.rules import LandingColumn
from generator.runtime.shapes import Shape

_HEX = "[0-9a-fA-F]"
_PAIR = rf"[dD][89abAB]{_HEX}{{2}}\\u[dD][c-fC-F]{_HEX}{{2}}"
_UNICODE = rf"(?:[0-9a-ce-fA-CE-F]{_HEX}{{3}}|[dD][0-7]{_HEX}{{2}}|{_PAIR})"
_STRING = rf'"(?:[^"\\\x00-\x1f]|\\["\\/bfnrt]|\\u{_UNICODE})*"'
_ASCII_STRING = r'"[ !#-\[\]-~]*"'
_NUMBER = r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?"
_SCALAR = f"(?:{_STRING}|{_NUMBER}|true|false|null)"

_INTEGERS = {
    "tinyint": "(?:[1-9]?[0-9]|1[01][0-9])",
    "smallint": "(?:0|[1-9][0-9]{0,3}|[12][0-9]{4})",
    "int": "(?:0|[1-9][0-9]{0,8}|1[0-9]{9})",
    "bigint": "(?:0|[1-9][0-9]{0,14})",
}
_DEPTH_OF_EXTRAS = 2
_EXACT_DIGITS = 15


def number(kind: Type) -> str:
    """Numbers that surely are in the range of a numeric type."""
    if kind.kind == "bigint":
        return rf"-?(?:{_INTEGERS['bigint']}(?:\.0+)?|[1-9][0-9]{{15,17}}|[1-8][0-9]{{18}})"
    if kind.is_integer:
        return rf"-?{_INTEGERS[kind.kind]}(?:\.0+)?"
    if kind.kind == "double":
        return r"-?(?:0|[1-9][0-9]{0,30})(?:\.[0-9]+)?(?:[eE](?:-[0-9]+|\+?[0-9]{1,2}))?"
    if kind.kind == "float":
        return rf"-?(?:0|[1-9][0-9]{{0,{_EXACT_DIGITS - 1}}})(?:\.[0-9]+)?"
    fraction = min(kind.scale, 9)
    whole = min(kind.precision - kind.scale, _EXACT_DIGITS - fraction)
    return (
        "-?(?:0" + (f"|[1-9][0-9]{{0,{whole - 1}}}" if whole else "") + ")"
        + (rf"(?:\.[0-9]{{1,{fraction}}})?" if fraction else "")
    )  # fmt: skip


def _value(kind: Type, *, nested: bool) -> str | None:
    """JSON values of a type, or None for a type that always takes the slow path."""
    if kind.is_numeric:
        return number(kind)
    if kind.kind == "timestamp":
        return f'"{TIMESTAMP if nested else OFFSET_TIMESTAMP}"'
    if kind.kind == "array":
        element = _value(kind.element, nested=True)
        return _array(f"(?:{element}|null)") if element else None
    if kind.kind == "struct":
        return _struct(kind)
    return {"string": _STRING, "boolean": "(?:true|false)", "date": f'"{DATE}"'}.get(kind.kind)


def _array(element: str) -> str:
    return rf"\[ *(?:{element} *(?:, *{element} *)*)?\]"


def _struct(kind: Type) -> str | None:
    members: list[str] = []
    for key, part in kind.fields:
        value = _value(part, nested=True)
        if value is None:
            return None
        members.append(_member(f'"{key}"', value))
    return _object(members)


def _member(key: str, value: str) -> str:
    return f"{literal_expression(key)} *: *(?:{value}|null)"


def _object(members: Sequence[str]) -> str:
    """Members in this order, each of them optional; that commas are in place is known from the reader."""
    return r"\{ *" + "".join(f"(?:,? *{member} *)?" for member in members) + r"\}"


def _anything(depth: int) -> str:
    if depth == 0:
        return _SCALAR
    inner = _anything(depth - 1)
    member = f"{_STRING} *: *{inner}"
    return rf"(?:{_SCALAR}|{_array(inner)}|\{{ *(?:{member} *(?:, *{member} *)*)?\}})"


def line_pattern(columns: Sequence[LandingColumn], shapes: Sequence[Shape]) -> str | None:
    """What a regular line matches as a whole, or None if some column's type can't be proven this way."""
    values: dict[str, str] = {}
    for column in columns:
        value = _column(column)
        if value is None:
            return None
        values[f'"{column.key}"'] = value
    nested = {member.key for shape in shapes for member in shape if member.value == "nested"}
    orders = _longest([tuple(member.key for member in shape) for shape in shapes] or [tuple(values)])
    return "|".join(_object([_member(key, _known(key, values, nested)) for key in order]) for order in orders)


def _column(column: LandingColumn) -> str | None:
    if column.epoch:
        return column.epoch.whole
    if column.times:
        return f'"(?:{column.times.expression})"' if column.times.strptime else None
    if column.type.kind == "string":
        return _ASCII_STRING if column.spelling.trim else _STRING
    return _value(column.type, nested=False) if column.spelling.is_usual else None


def _known(key: str, values: Mapping[str, str], nested: set[str]) -> str:
    return values.get(key) or _anything(_DEPTH_OF_EXTRAS if key in nested else 0)


def _longest(orders: Sequence[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """The orders that no other one contains."""
    kept: list[tuple[str, ...]] = []
    for order in sorted(set(orders), key=lambda order: (-len(order), order)):
        if not any(_is_within(order, longer) for longer in kept):
            kept.append(order)
    return kept


def _is_within(short: tuple[str, ...], long: tuple[str, ...]) -> bool:
    rest = iter(long)
    return all(key in rest for key in short)


def csv_field(kind: Type | None, options: ReadOptions, *, ascii_alone: bool = False) -> str | None:
    """Fields without quotes, empty or of a type (None: any); None for a type that can't be proven."""
    if kind is None or kind.kind == "string":
        others = r"\x00-\x1f\x7f-\x{10ffff}" if ascii_alone else r"\r\x00"
        return rf'[^"{others}{literal_expression(options.quote)}{literal_expression(options.delimiter)}]*'
    if kind.is_numeric:
        return f"(?:{number(kind)})?"
    known = {"boolean": "true|false", "date": DATE, "timestamp": OFFSET_TIMESTAMP}.get(kind.kind)
    return f"(?:{known})?" if known else None
