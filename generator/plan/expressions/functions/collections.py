"""Arrays, maps and JSON."""

from __future__ import annotations

from collections.abc import Sequence

from generator.plan.expressions.functions.model import Call, Function
from generator.plan.expressions.problem import NotPortable
from generator.plan.types import STRING, Type, array, common, duckdb_type

_ELEMENT = '"#element"'
"""The parameter of lambdas: a name that no spec can have."""


def _element(call: Call) -> Type:
    return call.kind(0).element


def _of_simple(call: Call) -> None:
    if call.kind(0).element.is_nested:
        raise NotPortable("only of simple values")


def _same_element(call: Call) -> None:
    _of_simple(call)
    if common(call.kind(0).element, call.kind(1)) != call.kind(0).element:
        raise NotPortable(
            f"the elements are {call.kind(0).element}, this is {call.kind(1)}",
            "cast it to the elements' type",
        )


def _same_key(call: Call) -> None:
    key = call.kind(0).fields[0][1]
    if common(key, call.kind(1)) != key:
        raise NotPortable(f"the keys are {key}, this is {call.kind(1)}", "cast it to the keys' type")


def _in_duckdb(call: Call, args: Sequence[str]) -> list[str]:
    inside = call.kind(0).fields[0][1] if call.kind(0).kind == "map" else call.kind(0).element
    return [args[0], args[1] if call.kind(1) == inside else f"CAST({args[1]} AS {duckdb_type(inside)})"]


def _in_spark(call: Call, args: Sequence[str]) -> str:
    """Spark's own call; it takes no value of a narrower type than what it looks for."""
    inside = call.kind(0).fields[0][1] if call.kind(0).kind == "map" else call.kind(0).element
    value = args[1] if call.kind(1) == inside else f"CAST({args[1]} AS {inside})"
    return f"{call.name}({args[0]}, {value})"


def _contains(call: Call, args: Sequence[str]) -> str:
    values, value = _in_duckdb(call, args)
    found = f"list_contains({values}, {value})"
    has_null = f"len({values}) <> len(list_filter({values}, lambda {_ELEMENT}: {_ELEMENT} IS NOT NULL))"
    return f"CASE WHEN {found} THEN true WHEN {value} IS NOT NULL AND NOT ({has_null}) THEN false END"


def _position(call: Call, args: Sequence[str]) -> str:
    values, value = _in_duckdb(call, args)
    return (
        f"CASE WHEN {values} IS NOT NULL AND {value} IS NOT NULL THEN coalesce(list_position({values}, {value}), 0) END"
    )


def _has_key(call: Call, args: Sequence[str]) -> str:
    values, value = _in_duckdb(call, args)
    return f"CASE WHEN {value} IS NOT NULL THEN map_contains({values}, {value}) END"


def _sorted(call: Call, args: Sequence[str]) -> str:
    down = len(args) > 1 and call.constant(1) is False
    order = "'DESC', 'NULLS LAST'" if down else "'ASC', 'NULLS FIRST'"
    return f"list_sort({args[0]}, {order})"


def _join(call: Call, args: Sequence[str]) -> str:
    if len(args) == 2:
        kept = f"list_filter({args[0]}, lambda {_ELEMENT}: {_ELEMENT} IS NOT NULL)"
    else:
        kept = f"list_transform({args[0]}, lambda {_ELEMENT}: coalesce({_ELEMENT}, {args[2]}))"
    given = " AND ".join(f"{arg} IS NOT NULL" for arg in args)
    if call.constant(1) is not None:
        joined = f"array_to_string({kept}, {args[1]})"
    else:  # DuckDB joins by constants only, so each is written after the separator, and the first of these cut off
        each = f"list_transform({kept}, lambda {_ELEMENT}: {args[1]} || {_ELEMENT})"
        joined = f"substring(array_to_string({each}, ''), length({args[1]}) + 1)"
    return f"CASE WHEN {given} THEN coalesce({joined}, '') END"


def _of_strings(call: Call) -> None:
    if call.kind(0).element != STRING:
        raise NotPortable("only of strings")


def _slice(call: Call, args: Sequence[str]) -> str:
    start, length = call.number(1), call.number(2)
    return f"{args[0]}[{start}:{start + length - 1}]"


def _valid_slice(call: Call) -> None:
    if call.number(1) < 1 or call.number(2) < 0:
        raise NotPortable("the start must be at least 1, the length not negative")


# fmt: off
FUNCTIONS = (
    Function("size", "array", "int", "len({0})",
             ("size(tags)", "size(nums)", "array_size(reals)"), aliases=("array_size",), ignores_order=True),
    Function("array_contains", "array, value", "boolean", _contains,
             ("array_contains(tags, 'a')", "array_contains(nums, 1)", "array_contains(nums, i)",
             "array_contains(reals, i)"),
             spark=_in_spark, validate=_same_element, ignores_order=True),
    Function("element_at", "array, int!", _element, "{0}[{1}]",
             ("element_at(tags, 1)", "element_at(tags, -1)", "element_at(nums, 9)"),
             validate=lambda call: _nonzero(call)),
    Function("sort_array", "array, boolean!?", "1", _sorted,
             ("sort_array(tags)", "sort_array(nums, false)", "sort_array(reals)", "sort_array(nums)"),
             validate=_of_simple, ignores_order=True),
    Function("array_join", "array, string, string?", "string", _join,
             ("array_join(tags, ',')", "array_join(tags, ',', '?')", "array_join(split(s, ','), '')",
             "array_join(tags, word, s2)", "array_join(tags, s2)"),
             validate=_of_strings),
    Function("array_max", "array", _element, "list_max({0})",
             ("array_max(nums)", "array_max(tags)", "array_max(reals)"),
             validate=_of_simple, ignores_order=True),
    Function("array_min", "array", _element, "list_min({0})",
             ("array_min(nums)", "array_min(tags)", "array_min(reals)"),
             validate=_of_simple, ignores_order=True),
    Function("array_position", "array, value", "bigint",
             _position,
             ("array_position(tags, 'b')", "array_position(nums, 9)", "array_position(nums, i)",
             "array_position(reals, dec)"),
             spark=_in_spark, validate=_same_element),
    Function("slice", "array, int!, int!", "1", _slice,
             ("slice(tags, 1, 2)", "slice(nums, 2, 5)", "slice(nums, 1, 0)"), validate=_valid_slice),
    Function("array", "A, A*", lambda call: _array_of(call), "[{all}]",
             ("array(i, j)", "array(s, 'x', null)")),
    Function("map_keys", "map", lambda call: array(call.kind(0).fields[0][1]), "map_keys({0})",
             ("sort_array(map_keys(prices))",), unordered=True),
    Function("map_values", "map", lambda call: array(call.kind(0).element), "map_values({0})",
             ("sort_array(map_values(prices))",), unordered=True),
    Function("map_contains_key", "map, value", "boolean", _has_key,
             ("map_contains_key(prices, 'a')", "map_contains_key(prices, s2)"), spark=_in_spark, validate=_same_key),
)
# fmt: on


def _nonzero(call: Call) -> None:
    if call.number(1) == 0:
        raise NotPortable("elements are counted from 1")


def _array_of(call: Call) -> Type:
    found = call.kind(0)
    for index in range(1, len(call.arguments)):
        found = common(found, call.kind(index)) or found
    return array(found)
