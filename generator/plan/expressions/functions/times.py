"""Dates and timestamps; all in UTC."""

from __future__ import annotations

from collections.abc import Sequence

from generator.plan.expressions.casts import duckdb_cast, spark_cast
from generator.plan.expressions.date_formats import read, written
from generator.plan.expressions.functions.model import Call, Function
from generator.plan.expressions.functions.strings import quoted
from generator.plan.expressions.problem import NotPortable
from generator.plan.types import STRING, TIMESTAMP

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
    parts = {name: f"TRY_CAST(p.{name} AS BIGINT)" for name in names}
    if "h" in parts:
        parts["h"] = f"nullif({parts['h']}, 24)"
    numbers = ", ".join(parts.get(name, _DEFAULTS.get(name, "")) for name in ("y", "m", "d", "h", "mi"))
    seconds = parts.get("s", "0")
    fraction = " + to_microseconds(TRY_CAST(rpad(p.f, 6, '0') AS BIGINT))" if "f" in names else ""
    listed = ", ".join(quoted(name) for name in names)
    made = f"make_timestamp({numbers}, CAST({seconds} AS DOUBLE)){fraction}"
    found = f"regexp_extract({args[0]}, {quoted(pattern)}, [{listed}])"
    return f"list_transform([{found}], lambda p: CASE WHEN TRY_CAST(p.y AS BIGINT) > 0 THEN TRY({made}) END)[1]"


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
    return f"strftime({args[0]}, {quoted(written(call.text(1)))})"


def _from_seconds(call: Call, args: Sequence[str]) -> str:
    pattern = written(call.text(1) if len(args) > 1 else "yyyy-MM-dd HH:mm:ss")
    return f"strftime(make_timestamp({args[0]} * 1000000), {quoted(pattern)})"


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
    Function("date_add", "date, int", "date", "({0} + {1})",
             ("date_add(dt2, 1)", "date_add(ts2, -31)", "date_add(dt2, small)")),
    Function("date_sub", "date, int", "date", "({0} - {1})", ("date_sub(dt, 1)", "date_sub(dt, j)")),
    Function("datediff", "date, date", "int", "date_diff('day', {1}, {0})",
             ("datediff(dt, dt2)", "datediff(ts, dt)", "datediff(dt, date'2024-01-01')"),
             aliases=("date_diff",)),
    Function("add_months", "date, int", "date", "CAST({0} + to_months({1}) AS DATE)",
             ("add_months(dt2, 1)", "add_months(dt, -12)", "add_months(dt2, j)")),
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
             ("unix_seconds(ts)", "unix_seconds(ts2)")),
    Function("unix_millis", "timestamp", "bigint", f"date_diff('millisecond', {_EPOCH}, {{0}})",
             ("unix_millis(ts)", "unix_millis(ts2)")),
    Function("unix_micros", "timestamp", "bigint", "epoch_us({0})", ("unix_micros(ts)", "unix_micros(ts2)")),
    Function("unix_date", "date", "int", "date_diff('day', DATE '1970-01-01', {0})",
             ("unix_date(dt)", "unix_date(dt2)")),
    Function("date_from_unix_date", "int", "date", "(DATE '1970-01-01' + {0})",
             ("date_from_unix_date(j)", "date_from_unix_date(small)")),
    Function("timestamp_seconds", "bigint", "timestamp", "make_timestamp({0} * 1000000)",
             ("timestamp_seconds(i)", "timestamp_seconds(j)")),
    Function("timestamp_millis", "bigint", "timestamp", "make_timestamp({0} * 1000)",
             ("timestamp_millis(ms)", "timestamp_millis(i)")),
    Function("timestamp_micros", "bigint", "timestamp", "make_timestamp({0})", ("timestamp_micros(ms)",)),
    Function("from_unixtime", "bigint, string!?", "string", _from_seconds,
             ("from_unixtime(i)", "from_unixtime(j, 'yyyy-MM-dd')"),
             validate=lambda call: written(call.text(1)) if len(call.arguments) > 1 else None),
    Function("make_date", "int, int, int", "date", "spark_make_date({0}, {1}, {2})",
             ("make_date(2024, i, 1)", "make_date(2023, 2, 29)", "make_date(2024, 2, 29)",
             "make_date(2000 + small, j, 7)")),
    Function("current_date", "", "date", "CAST(make_timestamp(epoch_us(now())) AS DATE)",
             ("current_date() > date'2024-01-01'", "current_date = to_date(current_timestamp)"),
             aliases=("curdate",)),
    Function("current_timestamp", "", "timestamp", "make_timestamp(epoch_us(now()))",
             ("current_timestamp() > timestamp'2024-01-01 00:00:00'", "now() = current_timestamp"),
             aliases=("now",)),
)
# fmt: on
