"""What expressions of the fuzz mean, on single values: null is None, and so is unknown."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

Expr = tuple[Any, ...]
"""An operator and its operands: ("col", alias, name), ("lit", value), ("eq", a, b), ("agg", "sum", a), ..."""
Value = str | int | bool | float | Decimal | tuple[Any, ...] | None
"""A struct is the tuple of its fields, an array the tuple of its elements."""
ColumnRef = tuple[str | None, str]
Scope = Mapping[ColumnRef, Value]
FIELDS = ("mail", "n")
"""The fields of the fuzz's structs."""


def value(expr: Expr, scope: Scope, group: Sequence[Scope] = ()) -> Value:
    """What an expression is for a row, and for a group where it aggregates; None is null, and unknown."""
    op = expr[0]
    if op == "col":
        return scope[expr[1], expr[2]]
    if op == "lit":
        known: Value = expr[1]
        return known
    if op == "win" and expr[4]:
        return ordered(expr[1], expr[2], expr[4], scope, group)
    if op in ("agg", "win"):
        return aggregated(expr[1], expr[2], group)
    if op == "field":
        record: Any = value(expr[1], scope, group)
        return None if record is None else record[FIELDS.index(expr[2])]
    if op == "case":
        return value(expr[2 if value(expr[1], scope, group) is True else 3], scope, group)
    parts = [value(part, scope, group) for part in expr[1:]]
    if op in LAMBDAS:
        return None if parts[0] is None else LAMBDAS[op](*parts)
    if op in ("and", "or"):
        decisive = op == "or"
        return decisive if decisive in parts else None if None in parts else not decisive
    if op == "isnull":
        return parts[0] is None
    if op == "coalesce":
        return next((part for part in parts if part is not None), None)
    if op == "nseq":
        return parts[0] is parts[1] if None in parts else compared("eq", *parts)
    return None if None in parts else strict(op, parts)


def strict(op: str, parts: list[Any]) -> Value:
    """Operators that are null where an operand is."""
    if op in ("eq", "ne", "gt", "ge"):
        return compared(op, *parts)
    result: Value
    match op:
        case "not":
            result = not parts[0]
        case "lower":
            result = parts[0].lower()
        case "add":
            result = parts[0] + parts[1]
        case "double":
            result = float(parts[0])
        case "whole":
            result = int(parts[0])
        case "has":
            result = parts[1] in parts[0]
        case "size":
            result = len(parts[0])
        case _:
            raise AssertionError(op)
    return result


def alike(elements: Sequence[Value], word: Value) -> list[bool | None]:
    """Of each element whether it is this word; None where that isn't known."""
    return [None if None in (one, word) else one == word for one in elements]


def quantified(found: Sequence[bool | None], decisive: bool) -> bool | None:
    """What the first element decides that does; where none does, it is open if one of them is."""
    return decisive if decisive in found else None if None in found else not decisive


LAMBDAS: Mapping[str, Callable[..., Value]] = {
    "any": lambda elements, word: quantified(alike(elements, word), True),
    "all": lambda elements, word: quantified(
        [None if one is None else not one for one in alike(elements, word)], False
    ),
    "kept": lambda elements, word: tuple(
        one for one, same in zip(elements, alike(elements, word), strict=True) if same is True
    ),
    "filled": lambda elements, word: tuple(one if word is None else word for one in elements),
    "last": lambda elements, word: next((one for one in reversed(elements) if one is not None), word),
}
"""Operators on an array and a word that are written by lambdas; of an array that is null each is null."""


def compared(op: str, one: Any, other: Any) -> bool:
    """Numbers of which one is a double are compared as doubles: whole ones beyond 2^53 are rounded."""
    if isinstance(one, float) or isinstance(other, float):
        one, other = float(one), float(other)
    found: bool = {"eq": one == other, "ne": one != other}.get(op, False)
    return found or (op == "gt" and one > other) or (op == "ge" and one >= other)


def sortable(value: Value) -> tuple[bool, Any]:
    """Nulls come first."""
    return (value is not None, "" if value is None else value)


def ordered(
    function: str, argument: Expr | None, order: Sequence[ColumnRef], scope: Scope, group: Sequence[Scope]
) -> Value:
    """A window function that goes by the order of the partition's rows."""
    rows = sorted(group, key=lambda one: [sortable(one[column]) for column in order])
    at = next(index for index, one in enumerate(rows) if one is scope)
    if function == "row_number":
        return at + 1
    assert argument is not None
    if function == "lag":
        return value(argument, rows[at - 1]) if at else None
    return value(argument, rows[0])


def aggregated(function: str, argument: Expr | None, group: Sequence[Scope]) -> Value:
    if argument is None:
        return len(group)
    values: list[Any] = [known for scope in group if (known := value(argument, scope)) is not None]
    if function in ("count", "count_distinct"):
        return len(values if function == "count" else set(values))
    if not values:
        return () if function == "collect" else None
    if function == "collect":
        return tuple(sorted(values))
    functions: Mapping[str, Callable[[list[Any]], Value]] = {"sum": sum, "min": min, "max": max}
    return functions[function](values)
