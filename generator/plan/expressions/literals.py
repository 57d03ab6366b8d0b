"""Constants: their types, and the values that functions want to know while compiling."""

from __future__ import annotations

import datetime
import math
import re

from sqlglot import exp

from generator.plan.expressions.nodes import type_of
from generator.plan.types import BIGINT, DATE, DOUBLE, FLOAT, INT, SMALLINT, TIMESTAMP, TINYINT, Type, decimal

_NUMBER = re.compile(r"(\d*)(?:\.(\d*))?([eE][+-]?\d+)?(bd|[a-z])?\Z", re.IGNORECASE)
_SUFFIXES = {"l": BIGINT, "s": SMALLINT, "y": TINYINT, "f": FLOAT, "d": DOUBLE}
_LIMITS = {"tinyint": 2**7, "smallint": 2**15, "int": 2**31, "bigint": 2**63}
_MOST_DIGITS = 38
_DATE = re.compile(r"(\d{4})-(\d\d)-(\d\d)\Z")
_TIMESTAMP = re.compile(r"(\d{4}-\d\d-\d\d)(?:[ T](\d\d):(\d\d)(?::(\d\d)(?:\.\d{1,6})?)?)?\Z")


def number_type(text: str, negative: bool = False) -> Type | None:
    """The type of a number as Spark reads it, or None for what is no number or doesn't fit its type.

    `1` is an int, `3000000000` a bigint, `0.1` a decimal(1,1), `1e3` a double.
    """
    match = _NUMBER.match(text)
    if match is None:
        return None
    whole, fraction, exponent, suffix = match.groups()
    suffix = (suffix or "").lower()
    if suffix in ("f", "d") or (exponent and not suffix):
        if math.isinf(float(number_text(text))):
            return None
        return _SUFFIXES.get(suffix, DOUBLE)
    if exponent or (fraction is not None and suffix not in ("", "bd")):
        return None
    if fraction is None and suffix != "bd":
        if len(whole) > _MOST_DIGITS:
            return None
        return _integer_type(int(whole), suffix, negative)
    scale = len(fraction or "")
    precision = max(len((whole or "0").lstrip("0")) + scale, scale, 1)
    return decimal(precision, scale) if precision <= _MOST_DIGITS else None


def _integer_type(value: int, suffix: str, negative: bool) -> Type | None:
    fits = value if negative else value + 1
    if suffix:
        kind = _SUFFIXES.get(suffix)
        return kind if kind is not None and fits <= _LIMITS[kind.kind] else None
    for kind in (INT, BIGINT):
        if fits <= _LIMITS[kind.kind]:
            return kind
    digits = len(str(value))
    return decimal(digits, 0) if digits <= _MOST_DIGITS else None


def number_text(text: str) -> str:
    """A number without the suffix that names its type."""
    match = _NUMBER.match(text)
    return text if match is None or match[4] is None else text[: match.start(4)]


def date_literal(kind: Type, text: str) -> str | None:
    """The text of a `date'...'` or `timestamp'...'` in full, or None where it isn't one.

    Spark takes shorter forms and time zones as well; here a constant says it all.
    """
    try:
        if kind == DATE:
            return text if _DATE.match(text) and datetime.date.fromisoformat(text) else None
        match = _TIMESTAMP.match(text)
        if match is None:
            return None
        datetime.datetime.fromisoformat(text[:19] if match[4] else match[1])
        if match[2] and (int(match[2]) > 23 or int(match[3]) > 59):
            return None
    except ValueError:
        return None
    if match[2] is None:
        return f"{match[1]} 00:00:00"
    return text.replace("T", " ") + ("" if match[4] else ":00")


def is_date_literal(node: exp.Cast) -> bool:
    """Whether a checked cast is a `date'...'` or `timestamp'...'`."""
    value = node.this
    if not isinstance(value, exp.Literal) or not value.is_string or isinstance(node, exp.TryCast):
        return False
    kind = type_of(node)
    return kind in (DATE, TIMESTAMP) and date_literal(kind, value.this) == value.this


def constant(node: exp.Expr | None) -> str | int | float | bool | None:
    """The value of a constant, or None where the node isn't one."""
    if isinstance(node, exp.Paren):
        return constant(node.this)
    if isinstance(node, exp.Boolean):
        return bool(node.this)
    if isinstance(node, exp.Neg):
        inner = constant(node.this)
        return -inner if isinstance(inner, int | float) else None
    if not isinstance(node, exp.Literal):
        return None
    if node.is_string:
        return str(node.this)
    text = number_text(node.this)
    return int(text) if text.isdigit() and len(text) <= _MOST_DIGITS else float(text)
