"""Functions that take a lambda: `transform(items, x -> x + 1)`.

A variable is written `"x#"` in DuckDB: there a column of the same name would be taken instead, and no name of a spec
has a `#`.
"""

from __future__ import annotations

from collections.abc import Sequence

from generator.plan.expressions.functions.model import Call, Function, Variables
from generator.plan.types import INT, Type, array

_ELEMENT, _FOUND = '"#element"', '"#found"'


def _elements(types: Sequence[Type]) -> Variables:
    return Variables((types[0].element,), 1)


def _counted(types: Sequence[Type]) -> Variables:
    return Variables((types[0].element, INT), 1, place=True)


def _accumulated(types: Sequence[Type]) -> Variables:
    """Of what joins an element to the accumulator, or of what is made of the accumulator in the end."""
    return Variables((types[1], types[0].element), 2) if len(types) == 2 else Variables((types[1],), 1)


def _aggregate(call: Call, args: Sequence[str]) -> str:
    reduced = f"list_reduce({args[0]}, {args[2]}, {args[1]})"
    if len(args) == 3:
        return reduced
    return f"CASE WHEN {args[0]} IS NOT NULL THEN list_transform([{reduced}], {args[3]})[1] END"


def _aggregate_in_spark(call: Call, args: Sequence[str]) -> str:
    """Spark takes an array without nulls for one that never gets any, and has a 0 for each; a cast says otherwise."""
    kind = call.kind(1)
    start = f"CAST({args[1]} AS {kind})" if kind.is_nested else args[1]
    return f"aggregate({', '.join((args[0], start, *args[2:]))})"


def _decided_by(truth: str) -> str:
    """DuckDB's SQL of what one element decides by a condition; where none does, a null leaves it open."""
    known = f"len({_FOUND}) = len(list_filter({_FOUND}, lambda {_ELEMENT}: {_ELEMENT} IS NOT NULL))"
    other = "false" if truth == "true" else "true"
    return (
        f"list_transform([list_transform({{0}}, {{1}})], lambda {_FOUND}:"
        f" CASE WHEN list_contains({_FOUND}, {truth}) THEN {truth} WHEN {known} THEN {other} END)[1]"
    )


# fmt: off
FUNCTIONS = (
    Function("transform", "array, lambda", lambda call: array(call.kind(1)), "list_transform({0}, {1})",
             ("transform(nums, x -> x + 1)", "transform(tags, (x, i) -> concat(x, cast(i as string)))",
             "transform(nums, x -> transform(tags, y -> concat(y, cast(x + i as string))))",
             "transform(nums, i -> i * 2 + j)", "transform(nums, t -> t + i)",
             "transform(tags, x -> case when x = s2 then upper(x) end)",
             "transform(nums, x -> transform(nums, x -> x + 1))", "transform(reals, x -> x / 2)"),
             variables=_counted),
    Function("filter", "array, predicate", "1", "list_filter({0}, {1})",
             ("filter(nums, x -> x > 1)", "filter(tags, x -> x is null or x = s2)", "filter(nums, (x, i) -> i > 0)",
             "filter(tags, x -> exists(tags, y -> y > x))", "filter(reals, x -> x > dbl)"),
             variables=_counted),
    Function("exists", "array, predicate", "boolean", _decided_by("true"),
             ("exists(nums, x -> x > 1)", "exists(tags, x -> x = s2)", "exists(nums, x -> x is null)",
             "exists(nums, x -> x > j)"),
             variables=_elements, ignores_order=True),
    Function("forall", "array, predicate", "boolean", _decided_by("false"),
             ("forall(nums, x -> x > 0)", "forall(tags, x -> length(x) < 2)", "forall(nums, x -> x is not null)",
             "forall(nums, x -> x > j)"),
             variables=_elements, ignores_order=True),
    Function("aggregate", "array, any, lambda, lambda?",
             lambda call: call.kind(len(call.arguments) - 1), _aggregate,
             ("aggregate(nums, 0, (acc, x) -> acc + x)", "aggregate(tags, '', (acc, x) -> concat(acc, x))",
             "aggregate(nums, 0, (acc, x) -> acc + coalesce(x, i), acc -> coalesce(acc, -1) / 2)",
             "aggregate(reals, cast(null as double), (acc, x) -> coalesce(acc, x) + x)",
             "aggregate(tags, 0, (acc, x) -> acc + length(x), acc -> concat('n', cast(acc as string)))",
             "aggregate(nums, array(0), (acc, x) -> slice(array(x, acc[0]), 1, 2))"),
             aliases=("reduce",), spark=_aggregate_in_spark, variables=_accumulated),
)
# fmt: on
