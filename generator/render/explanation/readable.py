"""Expressions and steps as people write them: not for an engine to run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from sqlglot import exp

from generator.plan.expressions import substitute
from generator.plan.expressions.columns import column_nodes
from generator.plan.expressions.emit import methods_of
from generator.plan.expressions.functions.order_text import ORDER_TEXT
from generator.plan.expressions.spark import SparkEmitter
from generator.plan.lake import (
    EXPLODES,
    Aggregate,
    Computed,
    Dedupe,
    Extend,
    Filter,
    Inline,
    Input,
    Join,
    Query,
    Scan,
    Select,
    Step,
    Union,
    Unnest,
)
from generator.plan.order import BY
from generator.plan.relation import ColumnId

_CUT, _HAVING = "…", "#having"


class _ReadableEmitter(SparkEmitter):
    """Spark SQL without what only an engine needs: quotes, overflow guards, the default order of nulls."""

    def __init__(self, *, qualified: bool) -> None:
        self.qualified = qualified

    def quoted(self, name: str) -> str:
        return name

    def column(self, node: exp.Column) -> str:
        table = node.args.get("table")
        return f"{table.this}.{node.name}" if table is not None and self.qualified else node.name

    def arithmetic(self, node: exp.Expression) -> str:
        return self.infix(node)

    def negation(self, node: exp.Neg) -> str:
        return f"-{self.operand(node.this)}"

    def call(self, node: exp.Expression, over: str = "") -> str:
        """Without what breaks ties in engines, and with what an element is made of."""
        if node.this in EXPLODES:
            return f"{node.this}({self.sql(node.expressions[0])})"
        if node.this == ORDER_TEXT:
            return self.sql(node.expressions[0])
        if node.this in BY and not over:
            kept = [*node.expressions[:2], *(one for one in node.expressions[2:] if isinstance(one, exp.Where))]
            node = type(node)(this=node.this, expressions=kept)
        return super().call(node, over)

    def ordered(self, node: exp.Ordered) -> str:
        return f"{self.sql(node.this)} DESC" if node.args["desc"] else self.sql(node.this)


_ReadableEmitter.methods = methods_of(_ReadableEmitter)


def expression_text(ast: exp.Expression) -> str:
    """An expression, its columns qualified where they come from more than one table."""
    aliases = {node.table for node in column_nodes(ast)}
    return _ReadableEmitter(qualified=len(aliases) > 1).sql(ast)


def condition_text(step: Filter) -> str:
    """A filter as the spec has it; written anew where that was cut off for being long."""
    return expression_text(step.condition) if step.text.endswith(_CUT) else step.text


def input_name(step_input: Input, alias: str) -> str:
    """How to call the rows that a step takes: by their table, or, of a nested query, by their alias."""
    return step_input if isinstance(step_input, str) else alias


def on_text(step: Join) -> str:
    """A join's condition, every column with its table."""
    return _ReadableEmitter(qualified=True).sql(step.condition)


def join_text(step: Join) -> str:
    return f"{step.kind} join {input_name(step.input, step.alias)} on {on_text(step)}"


def told_steps(query: Query) -> Iterator[Step]:
    """The steps of a query, with what was computed for a condition alone put into it: it has no name of its own."""
    made: dict[ColumnId, exp.Expression] = {}
    for step in query.steps:
        if isinstance(step, Extend) and step.columns[0].column.name.startswith("#"):
            made |= {ColumnId(None, one.column.name): substitute(one.ast, made) for one in step.columns}
        elif made and isinstance(step, Filter):
            yield replace(step, condition=substitute(step.condition, made))
        elif made and isinstance(step, Select):
            yield replace(step, columns=tuple(replace(one, ast=substitute(one.ast, made)) for one in step.columns))
        else:
            yield step


def step_text(step: Step) -> str:
    """A step in one line."""
    match step:
        case Scan():
            return f"take every row of {input_name(step.input, f'the query {step.alias}')}"
        case Inline():
            return f"take the rows that stand in the spec: {_names(tuple(step.after.columns))}"
        case Union():
            branches = [_branch(one, position) for position, one in enumerate(step.inputs, 1)]
            return f"put the rows of {_and(branches)} together"
        case Unnest():
            return _unnest_text(step)
        case Join():
            return _JOINS[step.kind].format(input_name(step.input, step.alias), on_text(step))
        case Filter():
            return f"keep the rows where {condition_text(step)}"
        case Extend():
            return f"add {_extend_text(step)}"
        case Dedupe():
            return _dedupe_text(step)
        case Aggregate():
            return _aggregate_text(step)
        case Select():
            return _select_text(step)
    raise AssertionError(f"unknown step {type(step).__name__}")


_JOINS = {
    "inner": "join {0} where {1}",
    "left": "add what {0} has where {1}, or nulls",
    "full": "add what {0} has where {1}, or nulls, and its rows without a match",
    "semi": "keep the rows that have a match in {0}: {1}",
    "anti": "keep the rows that have no match in {0}: {1}",
}


def _unnest_text(step: Unnest) -> str:
    what = "entry" if len(step.made) > 1 else "element"
    named = f"as {_names(step.made)}" + (f", counted by {step.position.name}" if step.position else "")
    kept = ", or one with nulls where there is none" if step.outer else ""
    return f"make a row of each {what} of {expression_text(step.value)} {named}{kept}"


def _and(parts: list[str]) -> str:
    return " and ".join(filter(None, (", ".join(parts[:-1]), parts[-1])))


def _branch(step_input: Input, position: int) -> str:
    return step_input if isinstance(step_input, str) else f"query {position}"


def _extend_text(step: Extend) -> str:
    is_written = step.text.startswith(f"{step.columns[0].column.name}: ") and not step.text.endswith(_CUT)
    return step.text if is_written else "; ".join(_definition(column) for column in step.columns)


def _definition(computed: Computed) -> str:
    return f"{computed.column.name}: {expression_text(computed.ast)}"


def _dedupe_text(step: Dedupe) -> str:
    order = ", ".join(one.column.name + (" desc" if one.descending else "") for one in step.order)
    return f"keep one row for each {_names(step.by)}" + (f": the first by {order}" if order else "")


def _aggregate_text(step: Aggregate) -> str:
    made = "; ".join(_aggregate(one) for one in step.aggregates if one.column.name != _HAVING)
    head = f"sum up to one row for each {_names(step.by)}" if step.by else "sum all rows up to one"
    return f"{head}, with {made}" if made else head


def _aggregate(computed: Computed) -> str:
    """Of a query the aggregates get their names later."""
    return expression_text(computed.ast) if computed.column.name.startswith("#") else _definition(computed)


def _select_text(step: Select) -> str:
    names = ", ".join(_selected(computed) for computed in step.columns)
    return f"{'each different row once, ' if step.distinct else ''}columns: {names}"


def _selected(computed: Computed) -> str:
    is_plain = isinstance(computed.ast, exp.Column) and (
        computed.ast.name == computed.column.name or computed.ast.name.startswith("#")
    )
    return computed.column.name if is_plain else f"{computed.column.name} ({expression_text(computed.ast)})"


def _names(columns: tuple[ColumnId, ...]) -> str:
    return ", ".join(column.name for column in columns)


def nested_queries(step: Step) -> list[tuple[str, Query]]:
    """The queries that a step takes rows from, with what they are called."""
    if isinstance(step, (Scan, Join)):
        return [(step.alias, step.input)] if isinstance(step.input, Query) else []
    if isinstance(step, Union):
        return [(_branch(one, i), one) for i, one in enumerate(step.inputs, 1) if isinstance(one, Query)]
    return []
