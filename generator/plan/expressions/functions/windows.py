"""Window functions."""

from __future__ import annotations

from collections.abc import Sequence

from generator.plan.expressions.functions.model import Call, Function, Kind
from generator.plan.expressions.problem import NotPortable
from generator.plan.types import NULL

W = Kind.WINDOW


def _positive(index: int, call: Call) -> None:
    if len(call.arguments) > index and call.number(index) < 1:
        raise NotPortable("the number must be at least 1")


def _offset(call: Call) -> None:
    if len(call.arguments) > 1 and call.number(1) < 0:
        raise NotPortable("a negative offset", f"write `{'lead' if call.name == 'lag' else 'lag'}`")


def _spark_shift(call: Call, args: Sequence[str]) -> str:
    """Spark makes a default of the first argument's type, so that argument gets the type of both."""
    first = args[0] if call.kind(0) in (call.type, NULL) else f"CAST({args[0]} AS {call.type})"
    return f"{call.name}({', '.join((first, *args[1:]))})"


# fmt: off
FUNCTIONS = (
    Function("row_number", "", "int", "row_number(){tail}",
             ("row_number() over (order by i, id)", "row_number() over (order by i desc, id)",
             "row_number() over (order by dbl, id)", "row_number() over (order by s, id)",
             "row_number() over (partition by flag order by id desc)",
             "row_number() over (order by dec nulls last, id)"),
             kind=W),
    Function("rank", "", "int", "rank(){tail}",
             ("rank() over (order by i)", "rank() over (order by flag, s desc)"), kind=W),
    Function("dense_rank", "", "int", "dense_rank(){tail}", ("dense_rank() over (order by i desc)",), kind=W),
    Function("percent_rank", "", "double", "percent_rank(){tail}",
             ("percent_rank() over (order by id)",), kind=W),
    Function("cume_dist", "", "double", "cume_dist(){tail}", ("cume_dist() over (order by i)",), kind=W),
    Function("ntile", "int!", "int", "ntile({0}){tail}",
             ("ntile(3) over (order by id)",), kind=W, validate=lambda call: _positive(0, call)),
    Function("lag", "A, int!?, A?", "T", "lag({all}){tail}",
             ("lag(i) over (order by id)", "lag(s, 2) over (order by id)",
             "lag(i, 1, 0) over (order by id)", "lag(tags) over (order by id)",
             "lag(i, 1, dec) over (order by id)", "lag(dec, 2, dbl) over (order by id)"),
             kind=W, spark=_spark_shift, validate=_offset),
    Function("lead", "A, int!?, A?", "T", "lead({all}){tail}",
             ("lead(i, 1, 0) over (order by id)", "lead(dec) over (partition by flag order by id)"),
             kind=W, spark=_spark_shift, validate=_offset),
    Function("first_value", "any", "1", "first_value({0}){tail}",
             ("first_value(i) over (order by id)",
             "first_value(s) over (partition by flag order by id desc)"),
             kind=W),
    Function("last_value", "any", "1", "last_value({0}){tail}",
             ("last_value(i) over (order by id)",
             "last_value(i) over (order by id rows between unbounded preceding and unbounded following)"),
             kind=W),
    Function("nth_value", "any, int!", "1", "nth_value({0}, {1}){tail}",
             ("nth_value(i, 2) over (order by id)", "nth_value(id, 2) over (partition by flag order by id)"),
             kind=W, validate=lambda call: _positive(1, call)),
)
# fmt: on
