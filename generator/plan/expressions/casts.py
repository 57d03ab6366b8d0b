"""Casts: which there are, and how DuckDB gives what Spark gives.

A value that doesn't convert is NULL in both engines. Where Spark's plain `cast` would wrap around or turn NaN
into 0, its `try_cast` is used instead. Casts on which the engines can't be made to agree are refused.
"""

from __future__ import annotations

from generator.plan.types import (
    BIGINT,
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


def cast_refusal(source: Type, target: Type) -> Refusal | None:
    """Why a cast isn't possible in the same way everywhere, with what to write instead; None if it is."""
    if source in (target, NULL, UNKNOWN) or target == UNKNOWN:
        return None
    if source.is_nested or target.is_nested:
        return f"cannot cast {source} to {target}", ("build the value from its fields or elements",)
    reason = _REFUSED.get((_group(source), _group(target)))
    if reason is not None:
        message, *help = reason
        return message, tuple(help)
    if source.kind == "decimal" and target == STRING and source.scale > MAX_PLAIN_SCALE:
        return "Spark writes small decimals with an exponent", (f"cast to decimal(…,{MAX_PLAIN_SCALE}) first",)
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


# Spark takes `12:30` for a time of the present day, and knows the names of time zones; here both are NULL.
_ASCII = r"'^[\\x00-\\x7F]*$'"
"""Of other scripts Spark takes the digits for decimals, but not for other numbers."""
_TIMESTAMP = r"'^\\s*[+-]?\\d{4,6}(-[-+:.TZUC\\d ]*)?\\s*$'"


def spark_cast(value: str, source: Type, target: Type, strict: bool = False) -> str:
    """The Spark expression for a cast; `try_cast` where `cast` would give a wrong number instead of NULL."""
    if target.is_integer and target != BIGINT and source.kind == "decimal" and source.precision > EXACT_DOUBLE_DIGITS:
        return f"try_cast(try_cast({value} AS bigint) AS {target})"  # not by way of a double, as Spark does it
    word = "try_cast" if strict or (target.is_integer and source.is_numeric and source != target) else "cast"
    converted = f"{word}({value} AS {target})"
    if source == STRING and target == TIMESTAMP:
        return f"CASE WHEN {value} RLIKE {_TIMESTAMP} THEN {converted} END"
    if source == STRING and target.kind == "decimal":
        return f"CASE WHEN {value} RLIKE {_ASCII} THEN {converted} END"
    return converted


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
        return f"spark_float({value})"
    if target == STRING and source in (DATE, TIMESTAMP):
        return f"spark_time_text({value})"
    if target == STRING and source.kind == "decimal" and source.precision == source.scale:
        return f"CAST(CAST({value} AS DECIMAL({source.precision + 1}, {source.scale})) AS VARCHAR)"
    if target.kind == "decimal" and source == BOOLEAN:
        return f"TRY_CAST(CAST({value} AS INTEGER) AS {name})"
    return f"{'CAST' if _always_fits(source, target) else 'TRY_CAST'}({value} AS {name})"


def _always_fits(source: Type, target: Type) -> bool:
    if source.is_integer and target.is_integer:
        return INTEGERS.index(source.kind) <= INTEGERS.index(target.kind)
    return target in (STRING, DOUBLE, FLOAT, BOOLEAN, DATE, TIMESTAMP) or source == BOOLEAN


def _from_string(value: str, target: Type, strict: bool) -> str:
    template = _FROM_STRING.get(target)
    if template is not None:
        return template.format(value)
    parse = "spark_number" if target.kind == "decimal" else "spark_strict_int" if strict else "spark_int"
    return f"TRY_CAST({parse}({value}) AS {duckdb_type(target)})"


_FROM_STRING = {
    DOUBLE: "spark_double({})",
    FLOAT: "CAST(spark_double({}) AS FLOAT)",
    BOOLEAN: "spark_boolean({})",
    DATE: "spark_date({})",
    TIMESTAMP: "spark_timestamp({})",
    BINARY: "encode({})",
}
