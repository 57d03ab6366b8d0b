"""Aggregates."""

from __future__ import annotations

from collections.abc import Sequence

from generator.plan.expressions.functions.model import Call, Function, Kind, Personal
from generator.plan.expressions.functions.order_text import ORDER_TEXT
from generator.plan.expressions.functions.wide import MOST_DIGITS, digits, wide_sum
from generator.plan.expressions.problem import NotPortable
from generator.plan.types import BIGINT, DOUBLE, Type, array, decimal, duckdb_type

A = Kind.AGGREGATE
MAX_AVERAGED_DIGITS = 24


def _sum_type(call: Call) -> Type:
    kind = call.kind(0)
    if kind.kind == "decimal":
        return decimal(min(kind.precision + 10, 38), kind.scale)
    return BIGINT if kind.is_integer else DOUBLE


def _sum(call: Call, args: Sequence[str]) -> str:
    if call.kind(0).kind == "decimal" and call.kind(0).precision + 10 > MOST_DIGITS:
        return wide_sum(call, args)
    total = f"sum({args[0]}){{tail}}"
    return total if call.type == DOUBLE else f"TRY_CAST({total} AS {duckdb_type(call.type)})"


def _spark_sum(call: Call, args: Sequence[str]) -> str:
    """Of bigints NULL once the sum doesn't fit, even if later values would bring it back; never a wrong number."""
    return f"{'try_sum' if call.kind(0) == BIGINT else 'sum'}({args[0]})"


def _avg_type(call: Call) -> Type:
    kind = call.kind(0)
    return decimal(kind.precision + 4, kind.scale + 4) if kind.kind == "decimal" else DOUBLE


def _avg(call: Call, args: Sequence[str]) -> str:
    kind = call.kind(0)
    if kind.kind != "decimal":
        return f"avg({args[0]}){{tail}}"
    total = f"{digits(f'sum({args[0]}){{tail}}', decimal(MOST_DIGITS, kind.scale))} * 10000"
    quotient = f"spark_quotient({total}, nullif(count({args[0]}){{tail}}, 0), {call.type.scale})"
    return f"TRY_CAST({quotient} AS {duckdb_type(call.type)})"


def _averaged(call: Call) -> None:
    if call.kind(0).kind == "decimal" and call.kind(0).precision > MAX_AVERAGED_DIGITS:
        raise NotPortable(
            f"{call.kind(0)} has too many digits",
            f"cast to a decimal of at most {MAX_AVERAGED_DIGITS} digits, or to double",
        )


def _count(call: Call, args: Sequence[str]) -> str:
    if len(args) == 1:
        return f"count({args[0]}){{tail}}"
    first = args[0].removeprefix("DISTINCT ")
    values = (first, *args[1:])
    present = " AND ".join(f"{value} IS NOT NULL" for value in values)
    if first == args[0]:
        return f"count(CASE WHEN {present} THEN 1 END){{tail}}"
    return f"count(DISTINCT CASE WHEN {present} THEN row({', '.join(values)}) END){{tail}}"


def _fraction(call: Call) -> None:
    if not 0 <= float(call.constant(1) or 0) <= 1:
        raise NotPortable("the fraction must be between 0 and 1")


def _corr(call: Call, args: Sequence[str]) -> str:
    """NULL where one side is the same throughout, which DuckDB calls NaN."""
    sides = [(args[0], args[1]), (args[1], args[0])]
    ends = [
        [f"{word}(CASE WHEN {other} IS NOT NULL THEN {side} END){{tail}}" for word in ("min", "max")]
        for side, other in sides
    ]
    finite = " AND ".join(f"isfinite({end})" for pair in ends for end in pair)
    constant = " OR ".join(f"{low} = {high}" for low, high in ends)
    return f"CASE WHEN NOT ({finite} AND ({constant})) THEN corr({args[0]}, {args[1]}){{tail}} END"


def _no_doubles(call: Call) -> None:
    if call.kind(0).kind in ("float", "double"):
        raise NotPortable("of doubles Spark keeps every NaN", "cast to a decimal")


def _ordering(call: Call, args: Sequence[str]) -> str:
    """What `max_by` looks at: its order, and what breaks ties; each that may be null after whether it is.

    Rows whose order is null don't count. Engines differ on where nulls inside a row go, but not on equal ones.
    """
    if len(args) == 2:
        return args[1]
    parts = [args[1]]
    for node, text in zip(call.arguments[2:], args[2:], strict=True):
        parts += [text] if node.this == ORDER_TEXT else [f"{text} IS NOT NULL", text]
    return f"CASE WHEN {args[1]} IS NOT NULL THEN {{row}}({', '.join(parts)}) END"


def _by(call: Call, args: Sequence[str]) -> str:
    name = "arg_min_null" if call.name == "min_by" else "arg_max_null"
    return f"{name}({args[0]}, {_ordering(call, args).replace('{row}', 'row', 1)}){{tail}}"


def _spark_by(call: Call, args: Sequence[str]) -> str:
    return f"{call.name}({args[0]}, {_ordering(call, args).replace('{row}', 'struct', 1)})"


# fmt: off
FUNCTIONS = (
    Function("count", "any*", "bigint", _count,
             ("count(*)", "count(i)", "count(distinct i)", "count(distinct dbl)",
             "count(distinct dbl - dbl)", "count(distinct i, s)", "count(i, s)",
             "count(*) filter (where i > 0)", "count(1)", "count(*) over (partition by flag)",
             "count(i) over (order by id)"),
             kind=A, personal=Personal.CLEAR, distinct=True, over=True),
    Function("count_if", "boolean", "bigint", "count(CASE WHEN {0} THEN 1 END){tail}",
             ("count_if(i > 0)", "count_if(s is null)", "count_if(s = 'nope')",
             "count_if(cast(null as int) = i)"),
             kind=A, personal=Personal.CLEAR, over=True),
    Function("sum", "number", _sum_type, _sum,
             ("sum(i)", "sum(b % 1000)", "sum(dec)", "sum(half)", "sum(distinct i)",
             "sum(i) filter (where i > 0)", "sum(case when i > 0 then 1 else 0 end)", "sum(dbl)",
             "sum(tiny)", "sum(f)", "sum(big)", "sum(b) filter (where b > 0)", "sum(i) over (order by id)",
             "sum(dec) over (partition by flag)",
             "sum(i) over (partition by flag order by id rows between 1 preceding and current row)",
             "sum(j) over (order by id rows between 2 preceding and 1 following)",
             "sum(b) filter (where b > 999)", "sum(i) filter (where false)"),
             kind=A, spark=_spark_sum, distinct=True, over=True, last_digits=True),
    Function("avg", "number", _avg_type, _avg,
             ("avg(i)", "avg(half)", "avg(dec)", "avg(big)", "avg(distinct i)", "avg(dbl)", "avg(tiny)",
             "avg(dec) over (partition by flag)", "avg(dec) filter (where false)"),
             kind=A, aliases=("mean",), distinct=True, over=True, validate=_averaged, last_digits=True),
    Function("min", "value", "1", "min({0}){tail}",
             ("min(i)", "min(s)", "min(dbl)", "min(ts)", "min(dec)", "min(flag)", "min(dt)",
             "min(i) over (order by id)"),
             kind=A, distinct=True, over=True),
    Function("max", "value", "1", "max({0}){tail}",
             ("max(i)", "max(s)", "max(dbl)", "max(ts)", "max(dec)", "max(flag)", "max(dt)",
             "max(s) over (partition by flag)"),
             kind=A, distinct=True, over=True),
    Function("min_by", "any, value", "1", _by,
             ("min_by(s, id)", "min_by(i, id)"), kind=A, spark=_spark_by),
    Function("max_by", "any, value", "1", _by,
             ("max_by(s, id)", "max_by(dbl, id)", "max_by(i, -id)",
             "max_by(s, case when id = 4 then 9 end)"),
             kind=A, spark=_spark_by),
    Function("bool_and", "boolean", "boolean", "bool_and({0}){tail}",
             ("bool_and(flag)", "every(i > 0)", "bool_and(id > 0)"), kind=A, aliases=("every",), over=True),
    Function("bool_or", "boolean", "boolean", "bool_or({0}){tail}",
             ("bool_or(flag)", "some(i > 0)", "bool_or(id > 99)", "any(i > 0)"),
             kind=A, aliases=("any", "some"), over=True),
    Function("stddev", "double", "double", "stddev_samp({0}){tail}",
             ("stddev(j)", "stddev_samp(dec)", "std(half)", "stddev(i) filter (where id = 1)"),
             kind=A, aliases=("stddev_samp", "std"), last_digits=True),
    Function("stddev_pop", "double", "double", "stddev_pop({0}){tail}",
             ("stddev_pop(j)", "stddev_pop(half)"), kind=A, last_digits=True),
    Function("variance", "double", "double", "var_samp({0}){tail}",
             ("variance(j)", "var_samp(half)"), kind=A, aliases=("var_samp",), last_digits=True),
    Function("var_pop", "double", "double", "var_pop({0}){tail}",
             ("var_pop(j)", "var_pop(half)"), kind=A, last_digits=True),
    Function("corr", "double, double", "double", _corr,
             ("corr(j, half)", "corr(small, tiny)", "corr(j, 1)", "corr(j, dbl)", "corr(0.1, 0.1)",
             "corr(dbl, 2)", "corr(j, half) filter (where id = 1)"), kind=A, last_digits=True),
    Function("percentile", "double, double!", "double", "quantile_cont({0}, {1}){tail}",
             ("percentile(j, 0.5)", "percentile(dec, 0.25)", "percentile(i, 1)", "percentile(b, 0.1)"),
             kind=A, validate=_fraction, last_digits=True),
    Function("median", "double", "double", "quantile_cont({0}, 0.5){tail}",
             ("median(j)", "median(half)"), kind=A, last_digits=True),
    Function("collect_list", "any", lambda call: array(call.kind(0)),
             "coalesce(list({0}) FILTER (WHERE {0} IS NOT NULL), [])",
             ("sort_array(collect_list(i))", "array_join(sort_array(collect_list(s)), '|')",
             "size(collect_list(dbl))"),
             kind=A, aliases=("array_agg",), unordered=True),
    Function("collect_set", "any", lambda call: array(call.kind(0)),
             "coalesce(list(DISTINCT {0}) FILTER (WHERE {0} IS NOT NULL), [])",
             ("sort_array(collect_set(i))", "sort_array(collect_set(s))", "size(collect_set(dec))"),
             kind=A, validate=_no_doubles, unordered=True),
)
# fmt: on
