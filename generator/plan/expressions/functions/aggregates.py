"""Aggregates."""

from __future__ import annotations

from collections.abc import Sequence

from generator.plan.expressions.functions.model import Call, Function, Kind, Personal
from generator.plan.types import BIGINT, DOUBLE, Type, array, bounded_decimal, decimal, duckdb_type

A = Kind.AGGREGATE


def _sum_type(call: Call) -> Type:
    kind = call.kind(0)
    if kind.kind == "decimal":
        return decimal(min(kind.precision + 10, 38), kind.scale)
    return BIGINT if kind.is_integer else DOUBLE


def _sum(call: Call, arguments: Sequence[str]) -> str:
    total = f"sum({arguments[0]}){{tail}}"
    return total if call.type == DOUBLE else f"TRY_CAST({total} AS {duckdb_type(call.type)})"


def _spark_sum(call: Call, arguments: Sequence[str]) -> str:
    return f"{'try_sum' if call.type == BIGINT else 'sum'}({arguments[0]})"


def _avg_type(call: Call) -> Type:
    kind = call.kind(0)
    return bounded_decimal(kind.precision + 4, kind.scale + 4) if kind.kind == "decimal" else DOUBLE


def _count(call: Call, arguments: Sequence[str]) -> str:
    if not arguments or len(arguments) == 1:
        return f"count({''.join(arguments)}){{tail}}"
    present = " AND ".join(f"{value.removeprefix('DISTINCT ')} IS NOT NULL" for value in arguments)
    if not arguments[0].startswith("DISTINCT "):
        return f"count(CASE WHEN {present} THEN 1 END){{tail}}"
    values = ", ".join([arguments[0].removeprefix("DISTINCT "), *arguments[1:]])
    return f"count(DISTINCT CASE WHEN {present} THEN row({values}) END){{tail}}"


FUNCTIONS = (
    Function("count", "any*", "bigint", _count, ("count(*)", "count(i)", "count(distinct i)", "count(distinct dbl)",
             "count(distinct i, s)", "count(i, s)", "count(*) filter (where i > 0)", "count(1)"),
             kind=A, personal=Personal.CLEAR, distinct=True, over=True),
    Function("count_if", "boolean", "bigint", "count_if({0}){tail}",
             ("count_if(i > 0)", "count_if(s is null)"), kind=A, personal=Personal.CLEAR, over=True),
    Function("sum", "number", _sum_type, _sum, ("sum(i)", "sum(b)", "sum(dec)", "sum(half)", "sum(distinct i)",
             "sum(i) filter (where i > 0)", "sum(case when i > 0 then 1 else 0 end)", "sum(dbl)", "sum(tiny)"),
             kind=A, spark=_spark_sum, distinct=True, over=True),
    Function("avg", "number", _avg_type, "avg({0}){tail}", ("avg(i)", "avg(half)", "avg(distinct i)", "avg(dbl)"),
             kind=A, aliases=("mean",), distinct=True, over=True),
    Function("min", "value", "1", "min({0}){tail}", ("min(i)", "min(s)", "min(dbl)", "min(ts)", "min(dec)",
             "min(flag)", "min(dt)"), kind=A, distinct=True, over=True),
    Function("max", "value", "1", "max({0}){tail}", ("max(i)", "max(s)", "max(dbl)", "max(ts)", "max(dec)",
             "max(flag)", "max(dt)"), kind=A, distinct=True, over=True),
    Function("min_by", "any, value", "1", "arg_min_null({0}, {1}){tail}", ("min_by(s, id)", "min_by(i, id)"), kind=A),
    Function("max_by", "any, value", "1", "arg_max_null({0}, {1}){tail}", ("max_by(s, id)", "max_by(dbl, id)"),
             kind=A),
    Function("bool_and", "boolean", "boolean", "bool_and({0}){tail}", ("bool_and(flag)", "every(i > 0)"),
             kind=A, aliases=("every",), over=True),
    Function("bool_or", "boolean", "boolean", "bool_or({0}){tail}", ("bool_or(flag)", "some(i > 0)", "any(i > 0)"),
             kind=A, aliases=("any", "some"), over=True),
    Function("collect_list", "any", lambda call: array(call.kind(0)),
             "coalesce(list({0}){tail}, [])", (), kind=A, unordered=True),
)  # fmt: skip
