"""Puts expressions in the place of columns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from sqlglot import exp

from generator.plan.expressions.columns import column_id
from generator.plan.expressions.nodes import type_of, typed
from generator.plan.relation import ColumnId

Node = TypeVar("Node", bound=exp.Expression)
_WHOLE = (exp.Column, exp.Literal, exp.Null, exp.Boolean, exp.Paren)


def copied(ast: exp.Expression) -> exp.Expression:
    """A copy of a checked expression; types stay known."""
    return substitute(ast, {})


def substitute(ast: exp.Expression, mapping: Mapping[ColumnId, exp.Expression]) -> exp.Expression:
    """A copy of a checked expression in which `mapping`'s columns are replaced; types stay known.

    The replacing expressions are copied at each use, so none of them ends up in two trees.
    """
    if isinstance(ast, exp.Column):
        found = mapping.get(column_id(ast)) if mapping else None
        if found is None:
            return _with_arguments(ast, {})
        inner = copied(found)
        return inner if isinstance(inner, _WHOLE) else typed(exp.Paren(this=inner), type_of(inner), ast)
    return _with_arguments(ast, mapping)


def _with_arguments(node: exp.Expression, mapping: Mapping[ColumnId, exp.Expression]) -> exp.Expression:
    arguments = {key: _argument(value, mapping) for key, value in node.args.items()}
    made = type(node)(**arguments)
    if node.meta:
        made.meta.update(node.meta)
    return made


def _argument(value: object, mapping: Mapping[ColumnId, exp.Expression]) -> object:
    if isinstance(value, exp.Expression):
        return substitute(value, mapping)
    if isinstance(value, list):
        return [_argument(item, mapping) for item in value]
    return value
