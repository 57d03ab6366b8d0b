"""CSV fields with a spelling of their own, in SQL: those that surely are values, and the values that they are.

What isn't proven here, such as weekdays and white space, is left to the exact rules.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from generator.plan.types import Type, duckdb_type
from generator.run.landing.regular import csv_field, quoted
from generator.run.landing.sql import literal
from generator.runtime.options import ReadOptions
from generator.runtime.plain_times import PlainTimes, plain_times
from generator.runtime.rules import LandingColumn
from generator.runtime.spelling import Spelling
from generator.runtime.time_patterns import Epoch

_WHOLE_DIGITS = {"tinyint": 2, "smallint": 4, "int": 9, "bigint": 15, "double": 15, "float": 15}
_EXACT_DIGITS = 15
_NEVER_PLAIN = frozenset('"\r\n\0')


@dataclass(frozen=True, slots=True)
class SpelledField:
    """A field.

    Attributes:
        pattern: what it matches, empty or not; in it is no delimiter and no quote.
        value: given SQL of its text, SQL of its value; NULL for the empty field.
    """

    pattern: str
    value: Callable[[str], str]


def spelled_field(column: LandingColumn, options: ReadOptions) -> SpelledField | None:
    """How fields of a column are proven; None if they can't be."""
    kind, spelling = column.type, column.spelling
    words = (*spelling.null, *spelling.true, *spelling.false)
    marks = {options.delimiter, options.quote}
    if spelling.trim or any(set(word) & (_NEVER_PLAIN | marks) for word in words):
        return None
    found: SpelledField | None = None
    if column.epoch:
        found = _epoch(column.epoch)
    elif kind.kind in ("date", "timestamp") and spelling.format:
        found = _time(kind, spelling, marks)
    elif kind.is_numeric and (spelling.decimal or spelling.thousands):
        found = _number(kind, spelling, marks)
    elif kind.kind == "boolean" and (spelling.true or spelling.false):
        found = _boolean(spelling)
    elif kind.kind == "string":
        pattern = csv_field(kind, options)
        found = SpelledField(pattern, lambda text: f"nullif({text}, '')") if pattern else None
    return _or_null(found, spelling.null) if found and spelling.null else found


def _or_null(field: SpelledField, words: Sequence[str]) -> SpelledField:
    """The field, or one of the words that stand for null."""
    pattern = f"(?:{field.pattern}|{'|'.join(map(quoted, words))})"
    listed = ", ".join(map(literal, words))
    return SpelledField(pattern, lambda text: f"CASE WHEN {text} NOT IN ({listed}) THEN {field.value(text)} END")


def _time(kind: Type, spelling: Spelling, marks: set[str]) -> SpelledField | None:
    times = plain_times(spelling)
    if times is None or not times.strptime or times.marks & marks:
        return None
    moment = partial(plain_moment, times=times)
    return SpelledField(f"(?:{times.expression})?", lambda text: f"{moment(_or_empty(text))}::{duckdb_type(kind)}")


def _or_empty(text: str) -> str:
    return f"nullif({text}, '')"


def plain_moment(text: str, times: PlainTimes) -> str:
    """SQL of the moment, in UTC, that a text of plain times says."""
    formats = f"[{', '.join(map(literal, times.strptime))}]"
    if not times.has_offset:
        return f"strptime({text}, {formats})"
    return f"make_timestamp(epoch_us(strptime(replace({text}, 'Z', '+00'), {formats})))"


def _epoch(epoch: Epoch) -> SpelledField:
    def value(text: str) -> str:
        number = f"{_or_empty(text)}::BIGINT"
        return f"make_timestamp({epoch.micros(number, division='//')})"

    return SpelledField(f"(?:{epoch.whole})?", value)


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
