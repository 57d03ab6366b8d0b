"""Casts: which there are, and how DuckDB gives what Spark gives.

A value that doesn't convert is NULL in both engines. Where Spark's plain `cast` would wrap around or turn NaN
into 0, its `try_cast` is used instead. Casts on which the engines can't be made to agree are refused.
"""

from __future__ import annotations

from collections.abc import Callable

from generator.plan.types import (
    BINARY,
    BOOLEAN,
    DATE,
    DOUBLE,
    FLOAT,
    INTEGERS,
    NULL,
    STRING,
    TIMESTAMP,
    UNKNOWN,
    Type,
    duckdb_type,
)

Refusal = tuple[str, tuple[str, ...]]
MAX_PLAIN_SCALE = 6
EXACT_DOUBLE_DIGITS = 15

# Spark ignores all ASCII control characters and blanks around a value.
_BLANK = r"[\x00-\x20]*"
_INTEGER = rf"^{_BLANK}([+-]?[0-9]+)(?:\.[0-9]*)?{_BLANK}$"
_FRACTION = rf"^{_BLANK}[+-]?\.[0-9]*{_BLANK}$"
_NUMBER = rf"^{_BLANK}([+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)"
_TRUE, _FALSE = "('t', 'true', 'y', 'yes', '1')", "('f', 'false', 'n', 'no', '0')"


def cast_refusal(source: Type, target: Type, strict: bool) -> Refusal | None:
    """Why a cast isn't possible in the same way everywhere, with what to write instead; None if it is.

    Args:
        strict: the cast is written `try_cast`.
    """
    if source == target or UNKNOWN in (source, target) or source == NULL:
        return None
    if source.is_nested or target.is_nested:
        return f"cannot cast {source} to {target}", ("build the value from its fields or elements",)
    reason = _REFUSED.get((_group(source), _group(target)))
    if reason is not None:
        message, *help = reason
        return message, tuple(help)
    if source.kind == "decimal" and target == STRING and source.scale > MAX_PLAIN_SCALE:
        return "Spark writes small decimals with an exponent", (f"cast to decimal(…,{MAX_PLAIN_SCALE}) first",)
    if strict and source == STRING and (target.is_integer or target == BOOLEAN):
        return None
    return None


def _group(kind: Type) -> str:
    if kind.is_integer:
        return "integer"
    return "double" if kind == FLOAT else kind.kind


_TIMES = "engines differ on the unit of a number as a time"
_NO_TIME_NUMBER = ("a time has no number of its own", "write `unix_seconds(…)` or `unix_millis(…)`")
_FROM_NUMBER = (_TIMES, "say the unit: `timestamp_seconds(…)` or `timestamp_millis(…)`")
_NO_DATE_NUMBER = ("a date has no number of its own", "write `unix_date(…)` or `datediff(…)`")
_FROM_DAYS = ("a number is no date", "write `date_from_unix_date(…)`")
_NO_TRUTH = ("engines differ on which numbers are true", "write a comparison such as `… <> 0`")
_NONE = ("there is no such cast",)
_REFUSED: dict[tuple[str, str], tuple[str, ...]] = {
    ("double", "string"): (
        "engines write doubles differently", "round it first: `cast(cast(… as decimal(18,4)) as string)`",
    ),
    ("double", "boolean"): _NO_TRUTH, ("decimal", "boolean"): _NO_TRUTH,
    ("integer", "timestamp"): _FROM_NUMBER, ("decimal", "timestamp"): _FROM_NUMBER,
    ("double", "timestamp"): _FROM_NUMBER, ("boolean", "timestamp"): _NONE, ("boolean", "date"): _NONE,
    ("integer", "date"): _FROM_DAYS, ("decimal", "date"): _FROM_DAYS, ("double", "date"): _FROM_DAYS,
    **{("timestamp", kind): _NO_TIME_NUMBER for kind in ("integer", "decimal", "double", "boolean")},
    **{("date", kind): _NO_DATE_NUMBER for kind in ("integer", "decimal", "double", "boolean")},
    ("binary", "string"): ("engines differ on bytes that are no text",),
    **{("binary", kind): _NONE for kind in ("integer", "decimal", "double", "boolean", "date", "timestamp")},
    **{(kind, "binary"): _NONE for kind in ("integer", "decimal", "double", "boolean", "date", "timestamp")},
}  # fmt: skip


def spark_cast(source: Type, target: Type, strict: bool) -> str:
    """`cast`, or `try_cast` where Spark's cast would give a wrong number instead of NULL."""
    return "try_cast" if strict or (target.is_integer and source.is_numeric and source != target) else "cast"


def duckdb_cast(value: str, source: Type, target: Type, strict: bool = False) -> str:
    """The DuckDB expression for a cast of `value`, which stands as an operand."""
    name = duckdb_type(target)
    if source in (target, NULL, UNKNOWN):
        return f"CAST({value} AS {name})"
    if source == STRING:
        return _from_string(value, target, strict)
    if target.is_integer and source.kind in ("double", "float", "decimal"):
        return f"TRY_CAST(trunc({value}) AS {name})"
    if target.kind == "decimal" and source in (DOUBLE, FLOAT):
        return f"TRY_CAST(CAST({value} AS VARCHAR) AS {name})"
    if target == DOUBLE and source.kind == "decimal" and source.precision > EXACT_DOUBLE_DIGITS:
        return f"CAST(CAST({value} AS VARCHAR) AS DOUBLE)"
    if target == FLOAT and source == DOUBLE:
        return _to_float(value)
    if target == STRING and source.kind == "decimal" and source.precision == source.scale:
        return f"CAST(CAST({value} AS DECIMAL({source.precision + 1}, {source.scale})) AS VARCHAR)"
    if target.kind == "decimal" and source == BOOLEAN:
        return f"TRY_CAST(CAST({value} AS INTEGER) AS {name})"
    return f"{'CAST' if _always_fits(source, target) else 'TRY_CAST'}({value} AS {name})"


def _always_fits(source: Type, target: Type) -> bool:
    if source.is_integer and target.is_integer:
        return INTEGERS.index(source.kind) <= INTEGERS.index(target.kind)
    return target in (STRING, DOUBLE, FLOAT, BOOLEAN, DATE, TIMESTAMP) or source == BOOLEAN


def _to_float(value: str) -> str:
    return (
        f"CASE WHEN isfinite({value}) AND abs({value}) >= 3.4028235677973366e38::DOUBLE"
        f" THEN CAST(sign({value}) * 'inf'::DOUBLE AS FLOAT) ELSE TRY_CAST({value} AS FLOAT) END"
    )


def _from_string(value: str, target: Type, strict: bool) -> str:
    special = _FROM_STRING.get(target)
    if special is not None:
        return special(value)
    name = duckdb_type(target)
    if target.is_integer:
        pattern = _INTEGER.replace(r"(?:\.[0-9]*)?", "") if strict else _INTEGER
        whole = f"TRY_CAST(nullif(regexp_extract({value}, '{pattern}', 1), '') AS {name})"
        return whole if strict else f"coalesce({whole}, CASE WHEN regexp_matches({value}, '{_FRACTION}') THEN 0 END)"
    return f"TRY_CAST(nullif(regexp_extract({value}, '{_NUMBER}{_BLANK}$', 1), '') AS {name})"


def _double(value: str) -> str:
    number = f"TRY_CAST(nullif(regexp_extract({value}, '{_NUMBER}[dDfF]?{_BLANK}$', 1), '') AS DOUBLE)"
    word = f"lower(trim({value}, ' '))"
    infinite = f"CASE WHEN {word} IN ('inf', '+inf', 'infinity', '+infinity') THEN 'inf'::DOUBLE"
    return (
        f"coalesce({number}, {infinite} WHEN {word} IN ('-inf', '-infinity') THEN '-inf'::DOUBLE"
        f" WHEN {word} = 'nan' THEN 'nan'::DOUBLE END)"
    )


def _boolean(value: str) -> str:
    word = f"lower(regexp_replace({value}, '^{_BLANK}|{_BLANK}$', '', 'g'))"
    return f"CASE WHEN {word} IN {_TRUE} THEN true WHEN {word} IN {_FALSE} THEN false END"


_DAY = r"([0-9]{4})(?:-([0-9]{1,2})(?:-([0-9]{1,2})"
_DATE_PARTS = rf"^{_BLANK}{_DAY}(?:[ T](?s:.*))?)?)?{_BLANK}$"


def _parts(value: str, pattern: str, names: tuple[str, ...]) -> str:
    return f"regexp_extract({value}, '{pattern}', [{', '.join(repr(name) for name in names)}])"


def _date(value: str) -> str:
    found = _parts(value, _DATE_PARTS, ("y", "m", "d"))
    parts = "TRY_CAST(p.y AS BIGINT), coalesce(TRY_CAST(p.m AS BIGINT), 1), coalesce(TRY_CAST(p.d AS BIGINT), 1)"
    return f"list_transform([{found}], lambda p: TRY(make_date({parts})))[1]"


_FROM_STRING: dict[Type, Callable[[str], str]] = {
    DOUBLE: _double,
    FLOAT: lambda value: f"CAST({_double(value)} AS FLOAT)",
    BOOLEAN: _boolean,
    DATE: _date,
    BINARY: lambda value: f"encode({value})",
}
