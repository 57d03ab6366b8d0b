"""CSV fields in SQL: those that surely are values, however they are spelled, and the values that they are.

What isn't proven here, such as weekdays and spaces between digits, is left to the exact rules.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial

from generator.plan.types import Type, duckdb_type
from generator.run.landing.regular import csv_field
from generator.run.landing.sql import literal
from generator.runtime.options import ReadOptions
from generator.runtime.plain_texts import PlainText, plain_text
from generator.runtime.plain_times import PlainTimes, plain_times
from generator.runtime.rules import LandingColumn
from generator.runtime.spelling import Spelling
from generator.runtime.time_patterns import EPOCHS, Epoch


@dataclass(frozen=True, slots=True)
class CsvField:
    """A field.

    Attributes:
        pattern: what it matches, empty or not; in it is no delimiter and no quote.
        value: given SQL of its text, SQL of its value; NULL for the empty field.
    """

    pattern: str
    value: Callable[[str], str]


def csv_column(column: LandingColumn, options: ReadOptions) -> CsvField | None:
    """How fields of a column are proven; None if they can't be."""
    kind, spelling = column.type, column.spelling
    if spelling.is_usual:
        pattern = csv_field(kind, options)
        return CsvField(pattern, partial(usual_value, kind=kind)) if pattern else None
    plain = plain_text(kind, spelling)
    pattern = _pattern(plain, options) if plain and _is_read(kind, spelling) else None
    return CsvField(pattern, partial(spelled_value, kind=kind, spelling=spelling)) if pattern else None


def _is_read(kind: Type, spelling: Spelling) -> bool:
    """Whether DuckDB reads moments of the pattern, if there is one."""
    times = plain_times(spelling) if kind.kind in ("date", "timestamp") else None
    return times is None or bool(times.strptime)


def _pattern(plain: PlainText, options: ReadOptions) -> str | None:
    if plain.marks & {options.delimiter, options.quote}:
        return None
    if plain.expression:
        return f" *(?:{plain.expression})? *" if plain.is_trimmed else f"(?:{plain.expression})?"
    return csv_field(None, options, ascii_alone=plain.is_trimmed)


def spelled_value(text: str, kind: Type, spelling: Spelling) -> str:
    """SQL of the value of a plain text in a spelling, given its SQL."""
    text = f"trim({text}, ' ')" if spelling.trim else text
    value = _value(text, kind, spelling)
    if not spelling.null:
        return value
    return f"CASE WHEN {text} NOT IN ({_listed(spelling.null)}) THEN {value} END"


def _value(text: str, kind: Type, spelling: Spelling) -> str:
    if kind.kind in ("date", "timestamp") and spelling.format:
        return _moment(f"nullif({text}, '')", kind, spelling)
    if kind.kind == "boolean":
        return f"(nullif({text}, '') IN ({_listed(spelling.true or ('true',))}))"
    if spelling.thousands:
        text = f"replace({text}, {literal(spelling.thousands)}, '')"
    if spelling.decimal:
        text = f"replace({text}, {literal(spelling.decimal)}, '.')"
    return usual_value(text, kind)


def usual_value(text: str, kind: Type) -> str:
    """SQL of the value of a text that is spelled as usual, given its SQL; NULL of the empty text."""
    value = f"nullif({text}, '')"
    if kind.kind == "timestamp":
        return utc_timestamp(value)
    if kind.kind == "float":
        return f"{value}::DOUBLE::FLOAT"
    return f"{value}::{duckdb_type(kind)}"


def utc_timestamp(text: str) -> str:
    """SQL of a valid timestamp text, with or without offset, as TIMESTAMP in UTC."""
    return (
        f"CASE WHEN {text}[-6] IN ('+', '-') THEN make_timestamp(epoch_us({text}::TIMESTAMPTZ))"
        f" ELSE {text}::TIMESTAMP END"
    )


def _moment(text: str, kind: Type, spelling: Spelling) -> str:
    if spelling.format[0] in EPOCHS:
        return counted_moment(f"{text}::BIGINT", Epoch(spelling.format[0]))
    times = plain_times(spelling)
    assert times is not None
    return f"{plain_moment(text, times)}::{duckdb_type(kind)}"


def counted_moment(number: str, epoch: Epoch) -> str:
    """SQL of the moment that a whole number counts, given its SQL."""
    return f"make_timestamp({epoch.micros(number, division='//')})"


def plain_moment(text: str, times: PlainTimes) -> str:
    """SQL of the moment, in UTC, that a text of plain times says, given its SQL."""
    formats = f"[{', '.join(map(literal, times.strptime))}]"
    if not times.has_offset:
        return f"strptime({text}, {formats})"
    return f"make_timestamp(epoch_us(strptime(replace({text}, 'Z', '+00'), {formats})))"


def _listed(words: Iterable[str]) -> str:
    return ", ".join(map(literal, words))
