"""What Spark makes of plain texts (`plain_texts.py`): its SQL of the values that they are in a column's spelling."""

from __future__ import annotations

from collections.abc import Iterable

from .columns import as_read, literal, spark_type
from .plain_times import plain_times
from .spelling import Spelling
from .time_patterns import EPOCHS, Epoch
from .types import Type


def spelled_value(text: str, kind: Type, spelling: Spelling) -> str:
    """Spark SQL of the value of a plain text, given its SQL; NULL of the empty text, unless that is a string."""
    if spelling.trim:
        text = f"trim({text})"
    null = ("", *spelling.null) if kind.kind == "string" and spelling.trim else spelling.null
    value = _value(text, kind, spelling)
    return f"CASE WHEN {text} NOT IN ({_listed(null)}) THEN {value} END" if null else value


def _value(text: str, kind: Type, spelling: Spelling) -> str:
    if kind.kind == "string":
        return text
    if kind.kind in ("date", "timestamp") and spelling.format:
        return _moment(text, kind, spelling)
    if kind.kind == "boolean" and (spelling.true or spelling.false):
        true, false = spelling.true or ("true",), spelling.false or ("false",)
        return f"CASE WHEN {text} IN ({_listed(true)}) THEN true WHEN {text} IN ({_listed(false)}) THEN false END"
    if spelling.thousands:
        text = f"replace({text}, {literal(spelling.thousands)}, '')"
    if spelling.decimal:
        text = f"replace({text}, {literal(spelling.decimal)}, '.')"
    return usual_value(text, kind)


def usual_value(text: str, kind: Type) -> str:
    """Spark SQL of the value of a text that is spelled as usual, given its SQL."""
    found = spark_type(str(kind))
    return f"CAST(CAST({text} AS {as_read(found).simpleString()}) AS {found.simpleString()})"


def counted_moment(number: str, epoch: Epoch) -> str:
    """Spark SQL of the moment that a whole number counts, given its SQL."""
    return f"timestamp_micros({epoch.micros(number, division='div')})"


def _moment(text: str, kind: Type, spelling: Spelling) -> str:
    if spelling.format[0] in EPOCHS:
        return counted_moment(f"CAST({text} AS bigint)", Epoch(spelling.format[0]))
    times = plain_times(spelling)
    if times is None:  # no text of it is plain
        return f"CAST(NULL AS {kind})"
    return f"{'to_date' if kind.kind == 'date' else 'to_timestamp'}({text}, {literal(times.java)})"


def _listed(words: Iterable[str]) -> str:
    return ", ".join(map(literal, words))
