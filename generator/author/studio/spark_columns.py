"""Columns of Spark: what `pyspark.sql.functions` and the operators between columns mean in SQL."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from typing import Any

from generator.author.studio.arguments import Arguments
from generator.author.studio.predicates import UntranslatableError, literal
from generator.author.studio.values import UNKNOWN, ColumnValue, Condition, Function, Hole

_FUNCTIONS = frozenset(
    "upper lower trim ltrim rtrim abs length concat coalesce round year month dayofmonth to_date to_timestamp".split()
)


_OF_ELEMENTS = frozenset("transform filter exists forall aggregate reduce".split())


_COMPARED: dict[type[ast.cmpop], str] = {
    ast.Eq: "=", ast.NotEq: "<>", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=",
}  # fmt: skip


_BINARY: dict[type[ast.operator], str] = {
    ast.BitAnd: "AND", ast.BitOr: "OR", ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/",
}  # fmt: skip


AGGREGATES = {
    "count": "count",
    "sum": "sum",
    "avg": "avg",
    "mean": "avg",
    "min": "min",
    "max": "max",
    "countDistinct": "countDistinct",
}


def as_sql(value: Any) -> str | None:
    """A value in an expression of columns: a column, or a constant."""
    if isinstance(value, ColumnValue):
        return value.sql
    try:
        return literal(value) if value is not UNKNOWN and not isinstance(value, Hole) else None
    except UntranslatableError:
        return None


def binary(left: Any, op: ast.operator, right: Any) -> Any:
    """An operator between columns; None if none of the two is one."""
    if isinstance(left, Condition) and isinstance(right, Condition) and isinstance(op, ast.BitAnd):
        return Condition(left.pairs + right.pairs)
    if isinstance(left, Condition):
        left = equality(left)
    if isinstance(right, Condition):
        right = equality(right)
    if not (isinstance(left, ColumnValue) or isinstance(right, ColumnValue)):
        return None
    one, other = as_sql(left), as_sql(right)
    if type(op) not in _BINARY or one is None or other is None:
        return UNKNOWN
    return ColumnValue(f"({one} {_BINARY[type(op)]} {other})")


def compare(left: Any, op: ast.cmpop, right: Any) -> Any:
    """A comparison of columns; None if none of the two is one."""
    if not (isinstance(left, ColumnValue) or isinstance(right, ColumnValue)):
        return None
    if (
        isinstance(left, ColumnValue)
        and isinstance(right, ColumnValue)
        and isinstance(op, ast.Eq)
        and left.name
        and right.name
    ):
        return Condition(((left, right),))
    one, other = as_sql(left), as_sql(right)
    if type(op) not in _COMPARED or one is None or other is None:
        return UNKNOWN
    return ColumnValue(f"({one} {_COMPARED[type(op)]} {other})")


def equality(condition: Condition) -> ColumnValue:
    return ColumnValue(" AND ".join(f"({one.sql} = {other.sql})" for one, other in condition.pairs))


def function(name: str, arguments: Arguments) -> Any:
    """A function of pyspark.sql.functions; None if it isn't one that is known."""
    last = name.rpartition(".")[2]
    if last in ("col", "column") and len(arguments.places) == 1 and isinstance(arguments.places[0], str):
        named = arguments.places[0]
        return ColumnValue(".".join(f"`{part}`" for part in named.split(".")) if "`" not in named else named, named)
    if last == "expr" and len(arguments.places) == 1 and isinstance(arguments.places[0], str):
        return ColumnValue(f"({arguments.places[0]})")
    if last == "lit" and len(arguments.places) == 1:
        text = as_sql(arguments.places[0])
        return ColumnValue(text) if text is not None else UNKNOWN
    if (
        last in AGGREGATES
        and name.split(".")[0] in ("F", "f", "func", "functions", "SqlFuncs", "sf", "fn", last)
        and arguments.places
    ):
        column = arguments.places[0]
        named = column.name if isinstance(column, ColumnValue) else column
        return ColumnValue(f"{last}:{named}", "") if isinstance(named, str) else UNKNOWN
    if last in _FUNCTIONS and arguments.places and not arguments.keywords:
        values = [
            ColumnValue(f"`{one}`") if isinstance(one, str) and at == 0 else one
            for at, one in enumerate(arguments.places)
        ]
        texts = [as_sql(one) for one in values]
        if any(isinstance(one, ColumnValue) for one in values) and None not in texts:
            return ColumnValue(f"{last}({', '.join(map(str, texts))})")
    return None


def of_elements(name: str, arguments: Arguments, body: Callable[[Function, Mapping[str, Any]], Any]) -> Any:
    """A function of pyspark.sql.functions that takes lambdas; None if it isn't one.

    Args:
        body: evaluates the body of a lambda whose parameters are these columns.
    """
    last = name.rpartition(".")[2]
    if last not in _OF_ELEMENTS or not any(isinstance(one, Function) for one in arguments.places):
        return None
    first, *others = arguments.places
    texts = [f"`{first}`" if isinstance(first, str) else as_sql(first)]
    for one in others:
        if isinstance(one, Function) and isinstance(one.node, ast.Lambda):
            names = [parameter.arg for parameter in one.node.args.args]
            made = as_sql(body(one, {each: ColumnValue(f"`{each}`") for each in names}))
            heads = ", ".join(f"`{each}`" for each in names)
            texts.append(made and f"({heads}) -> {made}")
        else:
            texts.append(as_sql(one))
    return UNKNOWN if None in texts else ColumnValue(f"{last}({', '.join(map(str, texts))})")


def column_method(column: ColumnValue, method: str, arguments: Arguments) -> Any:
    """A method of a column."""
    values = [as_sql(one) for one in arguments.places]
    match method:
        case "isNull":
            return ColumnValue(f"({column.sql} IS NULL)")
        case "isNotNull":
            return ColumnValue(f"({column.sql} IS NOT NULL)")
        case "alias" | "name" if arguments.places and isinstance(arguments.places[0], str):
            return ColumnValue(column.sql, arguments.places[0], column.frame)
        case "cast" | "astype" if arguments.places and isinstance(arguments.places[0], str):
            return ColumnValue(f"TRY_CAST({column.sql} AS {arguments.places[0]})", column.name)
        case "isin":
            items = (
                arguments.places[0]
                if len(arguments.places) == 1 and isinstance(arguments.places[0], (list, tuple))
                else arguments.places
            )
            texts = [as_sql(one) for one in items]
            return (
                ColumnValue(f"({column.sql} IN ({', '.join(map(str, texts))}))")
                if texts and None not in texts
                else UNKNOWN
            )
        case "between" if len(values) == 2 and None not in values:
            return ColumnValue(f"({column.sql} BETWEEN {values[0]} AND {values[1]})")
        case "like" | "rlike" if len(values) == 1 and values[0] is not None:
            return ColumnValue(f"({column.sql} {method.upper()} {values[0]})")
        case "asc" | "desc":
            return column
    return UNKNOWN
