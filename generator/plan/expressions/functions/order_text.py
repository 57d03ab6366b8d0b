"""Text by which nested values are ordered: engines don't agree where nulls inside them go.

The text tells every two values apart, and is the same in DuckDB and Spark. No expression can call the function: its
name has a `#` in it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import count

from generator.plan.expressions.casts import MAX_PLAIN_SCALE, duckdb_cast, spark_cast
from generator.plan.expressions.functions.model import Call, Function
from generator.plan.types import BINARY, STRING, Type

ORDER_TEXT = "#order_text"
_NULL = "'~'"


def has_order_text(kind: Type) -> bool:
    """Whether all values in it are exact, so that engines write them alike."""
    if kind.is_nested:
        return all(has_order_text(part) for _, part in kind.fields)
    return kind.kind not in ("float", "double") and not (kind.kind == "decimal" and kind.scale > MAX_PLAIN_SCALE)


@dataclass(frozen=True, slots=True)
class _Words:
    """How an engine says it; `{0}` and so on are what it is about.

    Attributes:
        cast: a simple value as a string.
        field: a field of a struct, by its name.
        each, sorted_keys: the texts of all elements, and of all entries of a map, joined; `{1}` is the parameter's name
            and `{2}` the text made of it.
        value: of a key in a map.
    """

    cast: Callable[[str, Type], str]
    field: Callable[[str, str], str]
    each: str
    sorted_keys: str
    value: str
    quote: str


_DUCKDB = _Words(
    lambda value, kind: f"hex({value})" if kind == BINARY else duckdb_cast(value, kind, STRING),
    lambda value, name: f"struct_extract({value}, '{name}')",
    "array_to_string(list_transform({0}, lambda {1}: {2}), ',')",
    "array_to_string(list_sort(list_transform(map_keys({0}), lambda {1}: {2})), ',')",
    "map_extract_value({0}, {1})",
    '"',
)
_SPARK = _Words(
    lambda value, kind: f"hex({value})" if kind == BINARY else spark_cast(value, kind, STRING),
    lambda value, name: f"({value}).`{name}`",
    "array_join(transform({0}, {1} -> {2}), ',')",
    "array_join(sort_array(transform(map_keys({0}), {1} -> {2})), ',')",
    "element_at({0}, {1})",
    "`",
)


def _text(words: _Words, value: str, kind: Type, depth: count[int]) -> str:
    if kind == STRING:
        return f"coalesce(length({value}) || ':' || {value}, {_NULL})"
    if not kind.is_nested:
        return f"coalesce({words.cast(value, kind)}, {_NULL})"
    if kind.kind == "struct":
        fields = (_text(words, words.field(value, name), part, depth) for name, part in kind.fields)
        inner = " || ',' || ".join(fields)
    else:
        parameter = f"{words.quote}#{next(depth)}{words.quote}"
        if kind.kind == "array":
            inner = words.each.format(value, parameter, _text(words, parameter, kind.element, depth))
        else:
            key = _text(words, parameter, kind.fields[0][1], depth)
            of_key = words.value.format(value, parameter)
            entry = f"{key} || '=' || {_text(words, of_key, kind.element, depth)}"
            inner = words.sorted_keys.format(value, parameter, entry)
    return f"CASE WHEN {value} IS NULL THEN {_NULL} ELSE '(' || {inner} || ')' END"


def _duckdb(call: Call, args: Sequence[str]) -> str:
    return _text(_DUCKDB, args[0], call.kind(0), count(1))


def _spark(call: Call, args: Sequence[str]) -> str:
    return _text(_SPARK, args[0], call.kind(0), count(1))


FUNCTION = Function(ORDER_TEXT, "any", "string", _duckdb, spark=_spark)
