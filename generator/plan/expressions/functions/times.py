"""Dates and timestamps; all in UTC."""

from __future__ import annotations

from collections.abc import Sequence

from generator.plan.expressions.casts import duckdb_cast, spark_cast
from generator.plan.expressions.date_formats import read, written
from generator.plan.expressions.functions.model import Call, Function, Template
from generator.plan.expressions.functions.strings import quoted
from generator.plan.expressions.macros import PARTS
from generator.plan.expressions.problem import NotPortable
from generator.plan.types import DATE, STRING, TIMESTAMP
from generator.runtime.run_time import VARIABLE

_NOW = f"coalesce(getvariable('{VARIABLE}'), make_timestamp(epoch_us(now())))"
"""The time of the run, as every session of one is told; of a session that isn't, its own."""
_EPOCH = "TIMESTAMP '1970-01-01 00:00:00'"
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DATE_UNITS = {
    "year": "year", "yyyy": "year", "yy": "year", "quarter": "quarter", "month": "month", "mon": "month",
    "mm": "month", "week": "week",
}  # fmt: skip
_TIME_UNITS = {
    **_DATE_UNITS, "day": "day", "dd": "day", "hour": "hour", "minute": "minute", "second": "second",
    "millisecond": "millisecond", "microsecond": "microsecond",
}  # fmt: skip
_DEFAULTS = {"m": "1", "d": "1", "h": "0", "mi": "0", "s": "0"}


def _unit(units: dict[str, str], index: int, call: Call) -> str:
    unit = units.get(call.text(index).lower())
    if unit is None:
        raise NotPortable(
            f"unknown unit `{call.text(index)}`", f"write one of {', '.join(sorted(set(units.values())))}"
        )
    return unit


def _truncated_date(call: Call, args: Sequence[str]) -> str:
    return f"CAST(date_trunc('{_unit(_DATE_UNITS, 1, call)}', {args[0]}) AS DATE)"


def _truncated_time(call: Call, args: Sequence[str]) -> str:
    return f"date_trunc('{_unit(_TIME_UNITS, 0, call)}', {args[1]})"


def _weekday(call: Call) -> int:
    name = call.text(1).lower()
    for number, day in enumerate(_DAYS, 1):
        if name.startswith(day[:2]) and name in (day[:2], day, *(f"{day}{rest}" for rest in _REST)):
            return number
    raise NotPortable(f"unknown day `{call.text(1)}`", "write one of 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'")


_REST = ("day", "sday", "nesday", "rsday", "urday")


def _next_day(call: Call, args: Sequence[str]) -> str:
    return f"({args[0]} + CAST(({_weekday(call)} - isodow({args[0]}) + 6) % 7 + 1 AS INTEGER))"


def _parsed(call: Call, args: Sequence[str]) -> str:
    """A string read by a pattern: its parts by a regular expression, put together if they make a time."""
    pattern, names = read(call.text(1))
    parts = {name: f"TRY_CAST({PARTS}.{name} AS BIGINT)" for name in names}
    if "h" in parts:
        parts["h"] = f"nullif({parts['h']}, 24)"
    numbers = ", ".join(parts.get(name, _DEFAULTS.get(name, "")) for name in ("y", "m", "d", "h", "mi"))
    seconds = parts.get("s", "0")
    fraction = f" + to_microseconds(TRY_CAST(rpad({PARTS}.f, 6, '0') AS BIGINT))" if "f" in names else ""
    listed = ", ".join(quoted(name) for name in names)
    made = f"make_timestamp({numbers}, CAST({seconds} AS DOUBLE)){fraction}"
    found = f"regexp_extract({args[0]}, {quoted(pattern)}, [{listed}])"
    return f"list_transform([{found}], lambda {PARTS}: CASE WHEN {parts['y']} > 0 THEN TRY({made}) END)[1]"


def _moment(call: Call, args: Sequence[str]) -> str:
    if len(args) == 1:
        return duckdb_cast(args[0], call.kind(0), call.type)
    return _parsed(call, args) if call.type.kind == "timestamp" else f"CAST({_parsed(call, args)} AS DATE)"


def _spark_moment(call: Call, args: Sequence[str]) -> str:
    if len(args) == 1 and call.kind(0) == STRING and call.type == TIMESTAMP:
        return spark_cast(args[0], STRING, TIMESTAMP)
    return f"{call.name}({', '.join(args)})"


def _valid_pattern(call: Call) -> None:
    if len(call.arguments) < 2:
        return
    if call.kind(0) != STRING:
        raise NotPortable("only strings have a pattern")
    read(call.text(1))


def _format(call: Call, args: Sequence[str]) -> str:
    pattern = written(call.text(1))
    plain, signed = (f"strftime({args[0]}, {quoted(text)})" for text in (pattern, pattern.replace("%Y", "+%Y")))
    return plain if plain == signed else f"CASE WHEN year({args[0]}) > 9999 THEN {signed} ELSE {plain} END"


def _from_seconds(call: Call, args: Sequence[str]) -> str:
    pattern = written(call.text(1) if len(args) > 1 else "yyyy-MM-dd HH:mm:ss")
    text = f"strftime(make_timestamp({args[0]} * 1000000), {quoted(pattern)})"
    return _within(call, 0, _FIRST, _LAST, text, args)


_FIRST, _LAST = -62_135_596_800, 253_402_300_799
"""The seconds of the years 1 to 9999: other times have no place in many a program that reads tables."""
_MOST_DAYS, _MOST_MONTHS = 3_652_058, 119_987
"""From the first of them to the last."""


def _within(call: Call, index: int, low: int, high: int, text: str, args: Sequence[str]) -> str:
    """NULL where a number is out of range: one bad value must not fail a table, nor wrap around."""
    given = call.constant(index)
    if isinstance(given, int) and low <= given <= high:
        return text
    return f"CASE WHEN {args[index]} BETWEEN {low} AND {high} THEN {text} END"


def _epoch(unit: int) -> tuple[Template, Template]:
    """A moment from a number of units of which a second has so many: in DuckDB, and in Spark."""
    low, high = _FIRST * unit, (_LAST + 1) * unit - 1
    factor = "" if unit == 1_000_000 else f" * {1_000_000 // unit}"

    def duckdb(call: Call, args: Sequence[str]) -> str:
        return _within(call, 0, low, high, f"make_timestamp({args[0]}{factor})", args)

    def spark(call: Call, args: Sequence[str]) -> str:
        return _within(call, 0, low, high, f"{call.name}({args[0]})", args)

    return duckdb, spark


def _as_timestamp(call: Call, args: Sequence[str]) -> str:
    """Spark's own call, which takes no date."""
    return f"{call.name}({args[0] if call.kind(0) == TIMESTAMP else f'CAST({args[0]} AS timestamp)'})"


def _as_date(call: Call, args: Sequence[str]) -> str:
    """Spark's own call, which takes no timestamp."""
    return f"{call.name}({args[0] if call.kind(0) == DATE else f'CAST({args[0]} AS date)'})"


def _shifted(most: int, duckdb: str) -> tuple[Template, Template]:
    """A date some units later: in DuckDB, and in Spark."""

    def in_duckdb(call: Call, args: Sequence[str]) -> str:
        return _within(call, 1, -most, most, duckdb.format(*args), args)

    def in_spark(call: Call, args: Sequence[str]) -> str:
        return _within(call, 1, -most, most, f"{call.name}({args[0]}, {args[1]})", args)

    return in_duckdb, in_spark


def _spark_from_seconds(call: Call, args: Sequence[str]) -> str:
    return _within(call, 0, _FIRST, _LAST, f"from_unixtime({', '.join(args)})", args)


def _from_days(call: Call, args: Sequence[str]) -> str:
    return _within(call, 0, _FIRST // 86_400, _LAST // 86_400, f"(DATE '1970-01-01' + {args[0]})", args)


def _spark_from_days(call: Call, args: Sequence[str]) -> str:
    return _within(call, 0, _FIRST // 86_400, _LAST // 86_400, f"date_from_unix_date({args[0]})", args)


def _spark_make_date(call: Call, args: Sequence[str]) -> str:
    return _within(call, 0, 1, 9999, f"make_date({', '.join(args)})", args)


def _make_date(call: Call, args: Sequence[str]) -> str:
    return _within(call, 0, 1, 9999, f"spark_make_date({', '.join(args)})", args)


_SECONDS, _MILLIS, _MICROS = _epoch(1), _epoch(1_000), _epoch(1_000_000)
_ADDED = _shifted(_MOST_DAYS, "({0} + {1})")
_SUBTRACTED = _shifted(_MOST_DAYS, "({0} - {1})")
_MONTHS_LATER = _shifted(_MOST_MONTHS, "CAST({0} + to_months({1}) AS DATE)")

# fmt: off
FUNCTIONS = (
    Function("year", "date", "int", "year({0})", ("year(dt)", "year(ts)", "extract(year from dt)")),
    Function("quarter", "date", "int", "quarter({0})", ("quarter(dt)", "quarter(ts2)")),
    Function("month", "date", "int", "month({0})", ("month(dt)", "month(ts)")),
    Function("day", "date", "int", "day({0})", ("day(dt)", "dayofmonth(ts)"), aliases=("dayofmonth",)),
    Function("dayofweek", "date", "int", "dayofweek({0}) + 1", ("dayofweek(dt)", "extract(dow from dt2)")),
    Function("weekday", "date", "int", "isodow({0}) - 1", ("weekday(dt)", "weekday(ts)")),
    Function("dayofyear", "date", "int", "dayofyear({0})", ("dayofyear(dt)", "extract(doy from dt2)")),
    Function("weekofyear", "date", "int", "week({0})", ("weekofyear(dt)", "weekofyear(dt2)")),
    Function("hour", "timestamp", "int", "hour({0})", ("hour(ts)", "hour(dt)")),
    Function("minute", "timestamp", "int", "minute({0})", ("minute(ts)",)),
    Function("second", "timestamp", "int", "second({0})", ("second(ts)", "second(ts2)")),
    Function("date_add", "date, int", "date", _ADDED[0],
             ("date_add(dt2, 1)", "date_add(ts2, -31)", "date_add(dt2, small)", "date_add(dt2, i)"),
             spark=_ADDED[1]),
    Function("date_sub", "date, int", "date", _SUBTRACTED[0],
             ("date_sub(dt, 1)", "date_sub(dt, j)", "date_sub(dt, i)"), spark=_SUBTRACTED[1]),
    Function("datediff", "date, date", "int", "date_diff('day', {1}, {0})",
             ("datediff(dt, dt2)", "datediff(ts, dt)", "datediff(dt, date'2024-01-01')"),
             aliases=("date_diff",)),
    Function("add_months", "date, int", "date", _MONTHS_LATER[0],
             ("add_months(dt2, 1)", "add_months(dt, -12)", "add_months(dt2, j)", "add_months(dt, i)"),
             spark=_MONTHS_LATER[1]),
    Function("months_between", "timestamp, timestamp", "double", "round(spark_months_between({0}, {1}), 8)",
             ("months_between(dt, dt2)", "months_between(ts, ts2)", "months_between(dt, date'2024-01-31')")),
    Function("last_day", "date", "date", "last_day({0})", ("last_day(dt2)", "last_day(ts2)")),
    Function("next_day", "date, string!", "date", _next_day,
             ("next_day(dt2, 'MON')", "next_day(dt2, 'Sunday')"), validate=_weekday),
    Function("trunc", "date, string!", "date", _truncated_date,
             ("trunc(dt, 'MM')", "trunc(dt, 'week')", "trunc(dt, 'year')", "trunc(dt, 'QUARTER')"),
             validate=lambda call: _unit(_DATE_UNITS, 1, call)),
    Function("date_trunc", "string!, timestamp", "timestamp", _truncated_time,
             ("date_trunc('hour', ts)", "date_trunc('week', ts)", "date_trunc('day', dt)",
             "date_trunc('MONTH', ts)", "date_trunc('second', ts2)", "date_trunc('quarter', ts)",
             "date_trunc('millisecond', ts)"),
             validate=lambda call: _unit(_TIME_UNITS, 0, call)),
    Function("date_format", "timestamp, string!", "string", _format,
             ("date_format(ts, 'yyyy-MM-dd HH:mm:ss')", "date_format(ts, 'EEE d MMM yy')",
             "date_format(dt, 'yyyyMM')", "date_format(ts, 'EEEE, dd MMMM yyyy hh:mm a')",
             "date_format(ts, 'HH:mm:ss.SSS')", "date_format(ts, 'SSSSSS')", "date_format(ts, 'H-m-s h')",
             'date_format(ts, "yyyy-MM-dd\'T\'HH:mm:ss\'Z\'")', "date_format(dt2, 'M/d')"),
             validate=lambda call: written(call.text(1))),
    Function("to_date", "moment, string!?", "date", _moment,
             ("to_date(dstr)", "to_date(dstr, 'yyyy-MM-dd')", "to_date(ts)", "to_date(dstr, 'yyyyMMdd')",
             "to_date('3/12/2024', 'd/M/yyyy')", "to_date(dstr, 'yyyy-M-d')"),
             validate=_valid_pattern),
    Function("to_timestamp", "moment, string!?", "timestamp", _moment,
             ("to_timestamp(tstr)", "to_timestamp(tstr, 'yyyy-MM-dd HH:mm:ss')", "to_timestamp(dt)",
             "to_timestamp(tstr, 'yyyy-MM-dd HH:mm')", "to_timestamp(tstr, \"yyyy-MM-dd'T'HH:mm:ss.SSS\")"),
             spark=_spark_moment, validate=_valid_pattern),
    Function("date", "moment", "date", _moment, ("date(dstr)", "date(ts)")),
    Function("unix_timestamp", "timestamp", "bigint", "epoch_us({0}) // 1000000",
             ("unix_timestamp(ts)", "unix_timestamp(dt)", "to_unix_timestamp(ts2)"),
             aliases=("to_unix_timestamp",)),
    Function("unix_seconds", "timestamp", "bigint", f"date_diff('second', {_EPOCH}, {{0}})",
             ("unix_seconds(ts)", "unix_seconds(ts2)", "unix_seconds(dt)"), spark=_as_timestamp),
    Function("unix_millis", "timestamp", "bigint", f"date_diff('millisecond', {_EPOCH}, {{0}})",
             ("unix_millis(ts)", "unix_millis(ts2)", "unix_millis(dt)"), spark=_as_timestamp),
    Function("unix_micros", "timestamp", "bigint", "epoch_us({0})",
             ("unix_micros(ts)", "unix_micros(ts2)", "unix_micros(dt)"),
             spark=_as_timestamp),
    Function("unix_date", "date", "int", "date_diff('day', DATE '1970-01-01', {0})",
             ("unix_date(dt)", "unix_date(dt2)", "unix_date(ts2)"), spark=_as_date),
    Function("date_from_unix_date", "int", "date", _from_days,
             ("date_from_unix_date(j)", "date_from_unix_date(small)", "date_from_unix_date(i)"),
             spark=_spark_from_days),
    Function("timestamp_seconds", "bigint", "timestamp", _SECONDS[0],
             ("timestamp_seconds(i)", "timestamp_seconds(j)", "timestamp_seconds(b)", "timestamp_seconds(ms)"),
             spark=_SECONDS[1]),
    Function("timestamp_millis", "bigint", "timestamp", _MILLIS[0],
             ("timestamp_millis(ms)", "timestamp_millis(i)", "timestamp_millis(b)",
             "timestamp_millis(9000000000000000)"),
             spark=_MILLIS[1]),
    Function("timestamp_micros", "bigint", "timestamp", _MICROS[0],
             ("timestamp_micros(ms)", "timestamp_micros(b)"), spark=_MICROS[1]),
    Function("from_unixtime", "bigint, string!?", "string", _from_seconds,
             ("from_unixtime(i)", "from_unixtime(j, 'yyyy-MM-dd')", "from_unixtime(b)"),
             spark=_spark_from_seconds,
             validate=lambda call: written(call.text(1)) if len(call.arguments) > 1 else None),
    Function("make_date", "int, int, int", "date", _make_date,
             ("make_date(2024, i, 1)", "make_date(2023, 2, 29)", "make_date(2024, 2, 29)",
             "make_date(2000 + small, j, 7)", "make_date(i, 1, 1)"),
             spark=_spark_make_date),
    Function("current_date", "", "date", f"CAST({_NOW} AS DATE)",
             ("current_date() > date'2024-01-01'", "current_date = to_date(current_timestamp)"),
             aliases=("curdate",)),
    Function("current_timestamp", "", "timestamp", _NOW,
             ("current_timestamp() > timestamp'2024-01-01 00:00:00'", "now() = current_timestamp"),
             aliases=("now",)),
)
# fmt: on
