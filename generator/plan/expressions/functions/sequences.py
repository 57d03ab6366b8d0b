"""`sequence(start, stop, step)`: whole numbers, days or times one after the other.

Where Spark's own call would fail a whole job, because the step leads away from the end or there are too many elements,
it is null.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from sqlglot import exp

from generator.plan.expressions.functions.model import Call, Function
from generator.plan.expressions.problem import NotPortable
from generator.plan.types import DATE, TIMESTAMP, Type, array, common, duckdb_type

MOST_ELEMENTS = 1_000_000
_NUMBER = '"#number"'
_MONTHS = {"month": 1, "year": 12}
_DAYS = {"day": 1, "week": 7}
_MICROSECONDS = {"day": 86_400_000_000, "week": 604_800_000_000, "hour": 3_600_000_000, "minute": 60_000_000,
                 "second": 1_000_000}  # fmt: skip


class _Step(NamedTuple):
    """A step: so many numbers, days, months or microseconds; none is one number or day towards the end."""

    unit: str
    size: int | None


def _kind(call: Call) -> Type:
    """The type of the elements: a step of integers counts too."""
    kind = common(call.kind(0), call.kind(1)) or call.kind(0)
    return (common(kind, call.kind(2)) or kind) if kind.is_integer and len(call.arguments) > 2 else kind


def _step(call: Call) -> _Step:
    kind = _kind(call)
    step = call.arguments[2] if len(call.arguments) > 2 else None
    if kind.is_integer:
        return _Step("number", int(call.number(2)) if step is not None else None)
    if not isinstance(step, exp.Interval):
        return _Step("day", None) if kind == DATE else _Step("microsecond", None)
    amount, unit = int(step.this.this), step.args["unit"].name.lower()
    if unit in _MONTHS:
        return _Step("month", amount * _MONTHS[unit])
    return _Step("day", amount * _DAYS[unit]) if kind == DATE else _Step("microsecond", amount * _MICROSECONDS[unit])


def _valid(call: Call) -> None:
    kinds, step = (call.kind(0), call.kind(1)), call.arguments[2] if len(call.arguments) > 2 else None
    if not all(kind.is_integer for kind in kinds) and (kinds[0] != kinds[1] or kinds[0] not in (DATE, TIMESTAMP)):
        raise NotPortable(f"from {kinds[0]} to {kinds[1]}", "both must be integers, dates or timestamps")
    if step is None:
        return
    if kinds[0].is_integer:
        if not isinstance(call.constant(2), int):
            raise NotPortable("its step must be a constant integer")
    elif not isinstance(step, exp.Interval):
        raise NotPortable("its step must be an interval", "such as `interval 1 day`")
    elif kinds[0] == DATE and step.args["unit"].name.lower() not in (*_MONTHS, *_DAYS):
        raise NotPortable("a date has no time to shift", "cast it to a timestamp first")
    if _step(call).size == 0:
        raise NotPortable("its step is 0")


def _in_duckdb(call: Call, args: Sequence[str]) -> str:
    (unit, size), (start, stop) = _step(call), args[:2]
    kind = duckdb_type(_kind(call))
    if unit == "month":
        order = _order(size)
        series = f"generate_series(0, date_diff('month', {start}, {stop}), {size})"
        made = f"list_transform({series}, lambda {_NUMBER}: CAST({start} + to_months({_NUMBER}::INTEGER) AS {kind}))"
        return (
            f"CASE WHEN {start} {order} {stop} THEN list_filter({made}, lambda {_NUMBER}: {_NUMBER} {order} {stop}) END"
        )
    distance, element = {
        "number": (f"({stop}::HUGEINT - {start})", f"CAST({start}::HUGEINT + {_NUMBER} AS {kind})"),
        "day": (f"({stop} - {start})", f"{start} + {_NUMBER}::INTEGER"),
        "microsecond": (f"(epoch_us({stop}) - epoch_us({start}))", f"{start} + to_microseconds({_NUMBER})"),
    }[unit]
    series = f"generate_series(0, {distance}::BIGINT, {_signed(size, start, stop, unit)})"
    made = f"list_transform({series}, lambda {_NUMBER}: {element})"
    return f"CASE WHEN {_sound(size, distance, unit)} THEN {made} END"


def _in_spark(call: Call, args: Sequence[str]) -> str:
    (unit, size), kind = _step(call), _kind(call)
    start, stop = (f"CAST({one} AS {kind})" if kind.is_integer else one for one in args[:2])
    made = f"sequence({', '.join((start, stop, *_spark_step(call)))})"
    if unit == "month":
        return f"CASE WHEN {start} {_order(size)} {stop} THEN {made} END"
    distance = {
        "number": f"(CAST({stop} AS decimal(20,0)) - CAST({start} AS decimal(20,0)))",
        "day": f"datediff({stop}, {start})",
        "microsecond": f"(unix_micros({stop}) - unix_micros({start}))",
    }[unit]
    return f"CASE WHEN {_sound(size, distance, unit)} THEN {made} END"


def _spark_step(call: Call) -> Iterator[str]:
    unit, size = _step(call)
    if size is not None and unit == "number":
        yield f"CAST({size} AS {_kind(call)})"
    elif size is not None and unit == "microsecond":
        yield f"INTERVAL '{size // _MICROSECONDS['second']}' SECOND"
    elif size is not None:
        yield f"INTERVAL '{size}' {unit.upper()}"


def _order(size: int | None) -> str:
    return ">=" if size is not None and size < 0 else "<="


def _signed(size: int | None, start: str, stop: str, unit: str) -> str:
    if size is not None:
        return str(size)
    one = _MICROSECONDS["day"] if unit == "microsecond" else 1
    return f"CASE WHEN {start} <= {stop} THEN {one} ELSE {-one} END"


def _sound(size: int | None, distance: str, unit: str) -> str:
    """Whether the step leads to the end, and not by too many elements."""
    one = _MICROSECONDS["day"] if unit == "microsecond" else 1
    most = min(abs(one if size is None else size) * MOST_ELEMENTS, 2**62)
    if size is None:
        return f"abs({distance}) < {most}"
    return f"{distance} BETWEEN 0 AND {most - 1}" if size > 0 else f"{distance} BETWEEN {1 - most} AND 0"


def _some(call: str) -> str:
    """Evidence of few of many elements: the first ones, and one of each 997."""
    chosen = "(one, i) -> case when i < 9 or i % 997 = 0 then cast(one as string) end"
    return f"array_join(filter(transform({call}, {chosen}), one -> one is not null), ',')"


# fmt: off
FUNCTIONS = (
    Function("sequence", "T, T, step?", lambda call: array(_kind(call)), _in_duckdb,
             (_some("sequence(dt2, dt)"), _some("sequence(dt, dt2, interval -1 month)"), _some("sequence(ts2, ts)"),
             "sequence(1, j)", "sequence(j, small)", "sequence(j, 1, -2)", "sequence(0L, id, 3)",
             "sequence(tiny, small, 300)", "sequence(tiny, tiny)",
             "sequence(date'2024-01-31', least(dt, date'2024-12-01'), interval 1 month)",
             "sequence(date'2023-01-01', least(dt, date'2024-12-01'), interval 2 weeks)",
             "sequence(timestamp'2024-01-31 23:00:00', least(ts, timestamp'2025-01-01'), interval 1 month)",
             "sequence(ts, timestamp'2024-02-29', interval 1 year)",
             "sequence(least(ts, timestamp'2025-01-01'), greatest(ts2, timestamp'2023-12-01'), interval -6 hours)",
             "sequence(timestamp'2024-02-29 23:59:30', least(ts, timestamp'2024-03-01'), interval 10 seconds)"),
             spark=_in_spark, validate=_valid),
)
# fmt: on
