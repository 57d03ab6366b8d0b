"""Arrays, maps and JSON."""

from __future__ import annotations

from collections.abc import Sequence

from generator.plan.expressions.functions.model import Call, Function
from generator.plan.expressions.problem import NotPortable
from generator.plan.types import STRING, Type, array, common


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


def _contains(call: Call, args: Sequence[str]) -> str:
    values, value = args
    found = f"list_contains({values}, {value})"
    has_null = f"len({values}) <> len(list_filter({values}, lambda x: x IS NOT NULL))"
    return f"CASE WHEN {found} THEN true WHEN {value} IS NOT NULL AND NOT ({has_null}) THEN false END"


def _sorted(call: Call, args: Sequence[str]) -> str:
    down = len(args) > 1 and call.constant(1) is False
    order = "'DESC', 'NULLS LAST'" if down else "'ASC', 'NULLS FIRST'"
    return f"list_sort({args[0]}, {order})"


def _join(call: Call, args: Sequence[str]) -> str:
    if len(args) == 2:
        kept = f"list_filter({args[0]}, lambda x: x IS NOT NULL)"
    else:
        kept = f"list_transform({args[0]}, lambda x: coalesce(x, {args[2]}))"
    return f"CASE WHEN {args[0]} IS NOT NULL THEN coalesce(array_to_string({kept}, {args[1]}), '') END"


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
             ("array_contains(tags, 'a')", "array_contains(nums, 1)", "array_contains(nums, i)"),
             validate=_same_element, ignores_order=True),
    Function("element_at", "array, int!", _element, "{0}[{1}]",
             ("element_at(tags, 1)", "element_at(tags, -1)", "element_at(nums, 9)"),
             validate=lambda call: _nonzero(call)),
    Function("sort_array", "array, boolean!?", "1", _sorted,
             ("sort_array(tags)", "sort_array(nums, false)", "sort_array(reals)", "sort_array(nums)"),
             validate=_of_simple, ignores_order=True),
    Function("array_join", "array, string, string?", "string", _join,
             ("array_join(tags, ',')", "array_join(tags, ',', '?')", "array_join(split(s, ','), '')"),
             validate=_of_strings),
    Function("array_max", "array", _element, "list_max({0})",
             ("array_max(nums)", "array_max(tags)", "array_max(reals)"),
             validate=_of_simple, ignores_order=True),
    Function("array_min", "array", _element, "list_min({0})",
             ("array_min(nums)", "array_min(tags)", "array_min(reals)"),
             validate=_of_simple, ignores_order=True),
    Function("array_position", "array, value", "bigint",
             "coalesce(list_position({0}, {1}), CASE WHEN {0} IS NOT NULL AND {1} IS NOT NULL THEN 0 END)",
             ("array_position(tags, 'b')", "array_position(nums, 9)", "array_position(nums, i)"),
             validate=_same_element),
    Function("slice", "array, int!, int!", "1", _slice,
             ("slice(tags, 1, 2)", "slice(nums, 2, 5)", "slice(nums, 1, 0)"), validate=_valid_slice),
    Function("array", "A, A*", lambda call: _array_of(call), "[{all}]",
             ("array(i, j)", "array(s, 'x', null)")),
    Function("map_keys", "map", lambda call: array(call.kind(0).fields[0][1]), "map_keys({0})",
             ("sort_array(map_keys(prices))",), unordered=True),
    Function("map_values", "map", lambda call: array(call.kind(0).element), "map_values({0})",
             ("sort_array(map_values(prices))",), unordered=True),
    Function("map_contains_key", "map, value", "boolean", "map_contains({0}, {1})",
             ("map_contains_key(prices, 'a')", "map_contains_key(prices, s2)")),
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
