"""CSV fields with a spelling of their own, in SQL: those that surely are values, and the values that they are.

What isn't proven here, such as names of months, offsets and white space, is left to the exact rules.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from generator.plan.types import Type, duckdb_type
from generator.run.landing.regular import csv_field, quoted
from generator.run.landing.sql import literal
from generator.runtime.options import ReadOptions
from generator.runtime.rules import LandingColumn
from generator.runtime.spelling import Spelling

_WHOLE_DIGITS = {"tinyint": 2, "smallint": 4, "int": 9, "bigint": 15, "double": 15, "float": 15}
_EXACT_DIGITS = 15
_PARTS = {
    "yyyy": ("%Y", "[1-9][0-9]{3}"), "MM": ("%m", "[0-9]{2}"), "M": ("%m", "[0-9]{1,2}"), "dd": ("%d", "[0-9]{2}"),
    "d": ("%d", "[0-9]{1,2}"), "HH": ("%H", "[0-9]{2}"), "H": ("%H", "[0-9]{1,2}"), "mm": ("%M", "[0-9]{2}"),
    "m": ("%M", "[0-9]{1,2}"), "ss": ("%S", "[0-9]{2}"), "s": ("%S", "[0-9]{1,2}"),
}  # fmt: skip
_NEVER_PLAIN = frozenset('"\r\n\0')
_TOKEN = re.compile(r"([A-Za-z])\1*|[-./:]|[^A-Za-z]")


@dataclass(frozen=True, slots=True)
class SpelledField:
    """A field.

    Attributes:
        pattern: what it matches, empty or not; in it is no delimiter and no quote.
        value: given SQL of its text, SQL of its value; NULL for the empty field.
        test: given the same, SQL of what has to hold besides the pattern; None if nothing has to.
    """

    pattern: str
    value: Callable[[str], str]
    test: Callable[[str], str] | None = None


def spelled_field(column: LandingColumn, options: ReadOptions) -> SpelledField | None:
    """How fields of a column are proven; None if they can't be."""
    kind, spelling = column.type, column.spelling
    words = (*spelling.null, *spelling.true, *spelling.false)
    marks = {options.delimiter, options.quote}
    if spelling.trim or any(set(word) & (_NEVER_PLAIN | marks) for word in words):
        return None
    if kind.kind in ("date", "timestamp") and spelling.format:
        found = _time(kind, spelling.format)
    elif kind.is_numeric and (spelling.decimal or spelling.thousands):
        found = _number(kind, spelling, marks)
    elif kind.kind == "boolean" and (spelling.true or spelling.false):
        found = _boolean(spelling)
    elif kind.kind == "string":
        pattern = csv_field(kind, options)
        found = SpelledField(pattern, lambda text: f"nullif({text}, '')") if pattern else None
    else:
        found = None
    return _or_null(found, spelling.null) if found and spelling.null else found


def _or_null(field: SpelledField, words: Sequence[str]) -> SpelledField:
    """The field, or one of the words that stand for null."""
    pattern = f"(?:{field.pattern}|{'|'.join(map(quoted, words))})"
    listed = ", ".join(map(literal, words))
    test = field.test
    return SpelledField(
        pattern,
        lambda text: f"CASE WHEN {text} NOT IN ({listed}) THEN {field.value(text)} END",
        (lambda text: f"({text} IN ({listed}) OR {test(text)})") if test else None,
    )


def _time(kind: Type, patterns: Sequence[str]) -> SpelledField | None:
    """Times of numbers alone: the pattern says how they look, DuckDB whether there is such a time."""
    if len(patterns) != 1 or "'" in patterns[0] or "[" in patterns[0]:
        return None
    regex, format = "", ""
    for match in _TOKEN.finditer(patterns[0]):
        token = match.group()
        if match[1] and token not in _PARTS:
            return None
        part = _PARTS.get(token, (token.replace("%", "%%"), quoted(token)))
        format, regex = format + part[0], regex + part[1]
    read = f", {literal(format)})"
    return SpelledField(
        f"(?:{regex})?",
        lambda text: f"try_strptime(nullif({text}, ''){read}::{duckdb_type(kind)}",
        lambda text: f"({text} = '' OR try_strptime({text}{read} IS NOT NULL)",
    )


def _number(kind: Type, spelling: Spelling, marks: set[str]) -> SpelledField | None:
    point, group = spelling.decimal or ".", spelling.thousands
    if group == " " or marks & {point, group}:
        return None
    scale = min(kind.scale, 9) if kind.kind == "decimal" else 0 if kind.is_integer else _EXACT_DIGITS
    whole = _WHOLE_DIGITS.get(kind.kind) or min(kind.precision - kind.scale, _EXACT_DIGITS - scale)
    if whole < 1:
        return None
    digits = f"0|[1-9][0-9]{{0,{whole - 1}}}"
    if group and whole > 3:
        digits += f"|[1-9][0-9]{{0,2}}(?:{quoted(group)}[0-9]{{3}}){{1,{(whole - 3) // 3}}}"
    fraction = f"(?:{quoted(point)}[0-9]{{1,{scale}}})?" if scale else ""
    cast = "DOUBLE::FLOAT" if kind.kind == "float" else duckdb_type(kind)

    def value(text: str) -> str:
        plain = f"replace({text}, {literal(group)}, '')" if group else text
        return f"nullif(replace({plain}, {literal(point)}, '.'), '')::{cast}"

    return SpelledField(f"(?:-?(?:{digits}){fraction})?", value)


def _boolean(spelling: Spelling) -> SpelledField:
    true, false = spelling.true or ("true",), spelling.false or ("false",)
    listed = ", ".join(map(literal, true))
    words = "|".join(map(quoted, (*true, *false)))
    return SpelledField(f"(?:{words})?", lambda text: f"(nullif({text}, '') IN ({listed}))")
