"""Columns in checked expressions."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from generator.plan.expressions.nodes import typed
from generator.plan.relation import ColumnId
from generator.plan.types import Type


def column_id(node: exp.Column) -> ColumnId:
    """The id of a resolved column."""
    table = node.args.get("table")
    return ColumnId(table.this if table is not None else None, node.this.this)


def column_node(id: ColumnId, kind: Type) -> exp.Column:
    """A resolved reference to a column."""
    table = exp.Identifier(this=id.alias, quoted=True) if id.alias is not None else None
    return typed(exp.Column(this=exp.Identifier(this=id.name, quoted=True), table=table), kind)


def column_nodes(ast: exp.Expr) -> Iterator[exp.Column]:
    """The columns in an expression, level by level, as `find_all` gives them, which takes two to six times as long."""
    level = [ast]
    while level:
        parts: list[exp.Expr] = []
        for node in level:
            if isinstance(node, exp.Column):
                yield node
            else:
                parts += _parts(node)
        level = parts


def _parts(node: exp.Expr) -> Iterator[exp.Expr]:
    for value in node.args.values():
        if isinstance(value, exp.Expr):
            yield value
        elif isinstance(value, list):
            yield from (one for one in value if isinstance(one, exp.Expr))
