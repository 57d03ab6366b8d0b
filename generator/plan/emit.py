"""A query as the SQL of an engine: one SELECT for as many steps as one SELECT can say, subqueries for the rest."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from typing import Any

from sqlglot import exp

from generator.plan.conditions import has_window
from generator.plan.expressions import substitute, to_duckdb, to_spark
from generator.plan.expressions.columns import column_id, column_node, column_nodes
from generator.plan.expressions.nodes import type_of, typed
from generator.plan.expressions.parse import conjuncts
from generator.plan.lake import (
    WIDE_JOINS,
    Aggregate,
    Computed,
    Dedupe,
    Extend,
    Filter,
    Inline,
    Input,
    Join,
    Order,
    Query,
    Scan,
    Select,
    Step,
    Union,
    Unnest,
)
from generator.plan.order import order_key
from generator.plan.relation import Column, ColumnId
from generator.plan.types import BIGINT, INT, Type
from generator.plan.value_sql import duckdb_value, spark_value


@dataclass(frozen=True, slots=True)
class Dialect:
    """How an engine's SQL differs.

    Attributes:
        expression: the SQL of a resolved expression.
        output: the same as a column of a SELECT, of the type that was computed for it.
        quote: the character around names.
        semi, anti: the words for these joins.
        matching: the SQL of the condition of such a join.
        unnest: the items of a SELECT that make rows of elements: of the step, what it unnests, and its columns' names.
        value: a value of a type that stands in the spec.
    """

    expression: Callable[[exp.Expression], str]
    output: Callable[[exp.Expression], str]
    quote: str
    semi: str
    anti: str
    matching: Callable[[exp.Expression], str]
    unnest: Callable[[Unnest, str, Sequence[str]], Sequence[str]]
    value: Callable[[Any, Type], str]

    def name(self, name: str) -> str:
        return f"{self.quote}{name.replace(self.quote, self.quote * 2)}{self.quote}"


WORDS = {"inner": "INNER JOIN", "left": "LEFT JOIN", "full": "FULL JOIN"}

ELEMENT = "#element"
"""An element whose fields come out: a name that no spec can have."""


def _duckdb_unnest(step: Unnest, value: str, names: Sequence[str]) -> Sequence[str]:
    """Lists of the same length, side by side."""
    is_map = type_of(step.value).kind == "map"
    lists = [f"map_keys({value})", f"map_values({value})"] if is_map else [value]
    size = f"len({lists[0]})"
    lists = [f"range({size})", *lists] if step.position else lists
    if step.outer:
        lists = [f"CASE WHEN {size} > 0 THEN {one} ELSE [NULL] END" for one in lists]
    items = [f"unnest({one})" for one in lists]
    items = [f"CAST({items[0]} AS INTEGER)", *items[1:]] if step.position else items
    return [f"{item} AS {name}" for item, name in zip(items, names, strict=True)]


RANGES = (exp.LT, exp.LTE, exp.GT, exp.GTE, exp.Between)


def _duckdb_matching(condition: exp.Expression) -> str:
    """The condition with one comparison at most by which DuckDB might sort both sides, however it rewrites the others.

    With two of them and any other part, DuckDB 2.0 gives rows of semi joins whose nulls are numbers and whose texts are
    somebody else's memory, and rows of anti joins that have a match.
    """
    parts = conjuncts(condition)
    sorted_by = next((part for part in parts if isinstance(part, RANGES) and not isinstance(part, exp.Between)), None)
    hidden = {id(part) for part in parts if part is not sorted_by and part.find(*RANGES)}
    if not hidden or all(map(_is_of_columns, parts)):
        return to_duckdb(condition)
    return " AND ".join(f"({to_duckdb(part)}){' IS TRUE' if id(part) in hidden else ''}" for part in parts)


def _is_of_columns(part: exp.Expression) -> bool:
    """Whether a part of a condition compares two columns, and nothing else."""
    return isinstance(part, (*RANGES, exp.EQ, exp.NEQ)) and all(
        isinstance(side, exp.Column) for side in (part.this, part.args.get("expression"))
    )


def _spark_unnest(step: Unnest, value: str, names: Sequence[str]) -> Sequence[str]:
    named = names[0] if len(names) == 1 else f"({', '.join(names)})"
    return [f"{step.function}({value}) AS {named}"]


DUCKDB = Dialect(
    to_duckdb,
    partial(to_duckdb, output=True),
    '"',
    "SEMI JOIN",
    "ANTI JOIN",
    _duckdb_matching,
    _duckdb_unnest,
    duckdb_value,
)
SPARK = Dialect(to_spark, to_spark, "`", "LEFT SEMI JOIN", "LEFT ANTI JOIN", to_spark, _spark_unnest, spark_value)


def emit(query: Query, dialect: Dialect) -> str:
    """The SQL of a whole query. Its columns are the relation's, in order.

    Names of its own have a `#` in them, which no name of a spec can have.
    """
    return _Emitter(dialect).query(query)


def emit_rows(step: Inline, dialect: Dialect) -> str:
    """The SQL of rows that stand in the spec, as a query."""
    return f"SELECT *\nFROM {_Emitter(dialect).inline(step)}"


def emit_count(steps: Sequence[Step], dialect: Dialect) -> str:
    """The SQL that counts the rows after the last of some first steps of a query."""
    return _Emitter(dialect).count(steps)


def emit_columns(steps: Sequence[Step], columns: Sequence[ColumnId], dialect: Dialect) -> str:
    """The SQL of some columns of the relation after some first steps of a query, named `_0`, `_1`, ..."""
    return _Emitter(dialect).columns(steps, columns)


@dataclass(slots=True)
class _Frame:
    """The SELECT under construction.

    Attributes:
        columns: the columns of the relation so far.
        bindings: what those are in terms of the FROM clause that aren't just columns of it by the same id.
        computed: those of them that are more than another name; to use one twice would compute it twice.
    """

    source: str
    columns: Mapping[ColumnId, Column]
    bindings: dict[ColumnId, exp.Expression] = field(default_factory=dict)
    joins: list[str] = field(default_factory=list)
    where: list[str] = field(default_factory=list)
    computed: frozenset[ColumnId] = frozenset()

    def ast(self, column: ColumnId) -> exp.Expression:
        """What a column of the relation is in terms of the FROM clause."""
        bound = self.bindings.get(column)
        return bound if bound is not None else column_node(column, self.columns[column].type)

    def bound(self, ast: exp.Expression) -> exp.Expression:
        """An expression over the relation, in terms of the FROM clause; not always a copy."""
        if not self.bindings:
            return ast
        if isinstance(ast, exp.Column):  # most are just one, and another name of it
            found = self.bindings.get(column_id(ast), ast)
            if isinstance(found, exp.Column):
                return found
        return substitute(ast, self.bindings)

    def body(self) -> str:
        lines = [f"FROM {self.source}", *self.joins]
        if self.where:
            lines.append("WHERE " + "\n  AND ".join(self.where))
        return "\n".join(lines)


class _Emitter:
    def __init__(self, dialect: Dialect) -> None:
        self.dialect = dialect
        self.numbers = count(1)

    def query(self, query: Query) -> str:
        *steps, last = query.steps
        frame = self.frame(steps)
        assert isinstance(last, Select)
        return self.select(frame, last)

    def count(self, steps: Sequence[Step]) -> str:
        return f"SELECT count(*)\n{self.frame(steps).body()}"

    def columns(self, steps: Sequence[Step], columns: Sequence[ColumnId]) -> str:
        frame = self.frame(steps)
        items = [self.item(frame.ast(column), f"_{number}") for number, column in enumerate(columns)]
        return f"SELECT {', '.join(items)}\n{frame.body()}"

    def frame(self, steps: Sequence[Step]) -> _Frame:
        first, *rest = steps
        frame = self.start(first)
        for step in rest:
            frame = self.step(frame, step)
        return frame

    def start(self, step: Step) -> _Frame:
        if isinstance(step, Scan):
            source = self.source(step.input, step.alias)
        elif isinstance(step, Inline):
            source = self.inline(step)
        else:
            assert isinstance(step, Union)
            names = ", ".join(self.dialect.name(column.name) for column in step.after.columns)
            branches = (f"SELECT {names} FROM {self.source(one, f'#{i}')}" for i, one in enumerate(step.inputs))
            source = self.nested("\nUNION ALL\n".join(branches), step.alias)
        return _Frame(source, step.after.columns)

    def inline(self, step: Inline) -> str:
        """Rows that stand in the spec. The first one says of which types they are: there nulls are cast."""
        kinds = [column.type for column in step.after.columns.values()]
        names = ", ".join(self.dialect.name(column.name) for column in step.after.columns)
        rows = step.rows or ((None,) * len(kinds),)
        lines = [f"({', '.join(map(self.dialect.value, rows[0], kinds))})"]
        for row in rows[1:]:
            cells = (
                "NULL" if one is None else self.dialect.value(one, kind) for one, kind in zip(row, kinds, strict=True)
            )
            lines.append(f"({', '.join(cells)})")
        alias = self.dialect.name(step.alias)
        if step.rows:
            return f"(\n  VALUES\n    {_listed(lines)}\n) AS {alias}({names})"
        none = self.dialect.name("#none")
        return self.nested(f"SELECT *\nFROM (VALUES {lines[0]}) AS {none}({names})\nWHERE false", step.alias)

    def source(self, source: Input, alias: str) -> str:
        if isinstance(source, Query):
            return self.nested(self.query(source), alias)
        name = self.dialect.name(source)
        return name if source == alias else f"{name} AS {self.dialect.name(alias)}"

    def nested(self, sql: str, alias: str) -> str:
        inner = sql.replace("\n", "\n  ")
        return f"(\n  {inner}\n) AS {self.dialect.name(alias)}"

    def step(self, frame: _Frame, step: Step) -> _Frame:
        if isinstance(step, Join):
            return self.join(frame, step)
        if isinstance(step, Unnest):
            return self.unnest(frame, step)
        if isinstance(step, Filter):
            frame = self.wrapped(frame) if frame.computed else frame
            frame.where.append(self.dialect.expression(frame.bound(step.condition)))
            return frame
        if isinstance(step, Extend):
            return self.extend(frame, step)
        if isinstance(step, Dedupe):
            return self.dedupe(frame, step)
        if isinstance(step, Aggregate):
            return self.aggregate(frame, step)
        assert isinstance(step, Select)
        return self.subquery(self.select(frame, step), step.after.columns)

    def subquery(self, sql: str, columns: Mapping[ColumnId, Column], names: Mapping[ColumnId, str] = {}) -> _Frame:
        """A frame over a finished SELECT, whose columns go by `names`, or by their own."""
        alias = f"#{next(self.numbers)}"
        bindings: dict[ColumnId, exp.Expression] = {
            column: column_node(ColumnId(alias, names.get(column, column.name)), known.type)
            for column, known in columns.items()
        }
        return _Frame(self.nested(sql, alias), columns, bindings)

    def join(self, frame: _Frame, step: Join) -> _Frame:
        frame = self.wrapped(frame) if frame.computed or frame.where else frame
        words = {**WORDS, "semi": self.dialect.semi, "anti": self.dialect.anti}
        write = self.dialect.expression if step.kind in WIDE_JOINS else self.dialect.matching
        condition = write(frame.bound(step.condition))
        frame.joins.append(f"{words[step.kind]} {self.source(step.input, step.alias)} ON {condition}")
        frame.columns = step.after.columns
        return frame

    def unnest(self, frame: _Frame, step: Unnest) -> _Frame:
        frame = self.wrapped(frame) if frame.computed else frame
        kept = [column for column in frame.columns if column in step.after.columns and column not in step.new]
        names = _unique_names([*kept, *step.new])
        items = [self.item(frame.ast(column), names[column]) for column in kept]
        new = [ELEMENT] if step.fields else [names[column] for column in step.made]
        new = [names[step.position], *new] if step.position is not None else new
        value = self.dialect.expression(frame.bound(step.value))
        items += self.dialect.unnest(step, value, [self.dialect.name(name) for name in new])
        inner = f"SELECT\n  {_lines(items)}\n{frame.body()}"
        found = self.subquery(inner, step.after.columns, names)
        found.bindings |= _of_element(step, found.bindings)
        return found

    def extend(self, frame: _Frame, step: Extend) -> _Frame:
        if any(_reads(one.ast, frame.computed) for one in step.columns):
            frame = self.wrapped(frame)
        added = {ColumnId(None, one.column.name): frame.bound(one.ast) for one in step.columns}
        frame.bindings = {**frame.bindings, **added}
        frame.columns = step.after.columns
        frame.computed |= frozenset(added)
        return frame

    def wrapped(self, frame: _Frame) -> _Frame:
        """The frame as a subquery, its columns under names of their own."""
        names = _unique_names(frame.columns)
        return self.subquery(f"SELECT\n  {_lines(self.items(frame, names))}\n{frame.body()}", frame.columns, names)

    def items(self, frame: _Frame, names: Mapping[ColumnId, str]) -> list[str]:
        return [self.item(frame.ast(column), names[column]) for column in frame.columns]

    def dedupe(self, frame: _Frame, step: Dedupe) -> _Frame:
        frame = self.wrapped(frame) if frame.computed else frame
        by = ", ".join(self.dialect.expression(frame.ast(column)) for column in step.by)
        order = ", ".join(self.order(frame, term) for term in (*step.order, *step.ties)) or by
        row = self.dialect.name("#row")
        window = f"row_number() OVER (PARTITION BY {by} ORDER BY {order}) AS {row}"
        names = _unique_names(frame.columns)
        sql = f"SELECT\n  {_lines([*self.items(frame, names), window])}\n{frame.body()}"
        kept = self.subquery(sql, frame.columns, names)
        kept.where.append(f"{row} = 1")
        return kept

    def order(self, frame: _Frame, term: Order) -> str:
        direction = "DESC NULLS LAST" if term.descending else "ASC NULLS FIRST"
        key = frame.bound(order_key(term.column, frame.columns[term.column].type))
        return f"{self.dialect.expression(key)} {direction}"

    def aggregate(self, frame: _Frame, step: Aggregate) -> _Frame:
        frame = self.wrapped(frame) if frame.computed else frame
        groups = [self.dialect.expression(frame.ast(column)) for column in step.by]
        items = [self.item(frame.ast(column), column.name) for column in step.by]
        items += [self.computed(frame, one) for one in step.aggregates]
        sql = f"SELECT\n  {_lines(items)}\n{frame.body()}"
        if groups:
            sql += f"\nGROUP BY {', '.join(groups)}"
        return self.subquery(sql, step.after.columns)

    def select(self, frame: _Frame, step: Select) -> str:
        if any(_reads(one.ast, frame.computed) and has_window(one.ast) for one in step.columns):
            frame = self.wrapped(frame)  # a window can't stand inside another
        items = [self.computed(frame, one) for one in step.columns]
        word = "SELECT DISTINCT" if step.distinct else "SELECT"
        return f"{word}\n  {_lines(items)}\n{frame.body()}"

    def computed(self, frame: _Frame, one: Computed) -> str:
        return self.item(frame.bound(one.ast), one.column.name)

    def item(self, ast: exp.Expression, name: str) -> str:
        sql = self.dialect.output(ast)
        if isinstance(ast, exp.Column):
            return sql if ast.this.this == name else f"{sql} AS {self.dialect.name(name)}"
        return f"{sql} AS {self.dialect.name(name)}"


def _of_element(step: Unnest, bound: Mapping[ColumnId, exp.Expression]) -> dict[ColumnId, exp.Expression]:
    """What of an unnested element's columns is more than a column of the subquery: its fields, and a place from 1."""
    found: dict[ColumnId, exp.Expression] = {}
    if step.fields:
        element = type_of(step.value).element
        for column, (field, kind) in zip(step.made, element.fields, strict=True):
            if column in bound:
                node = column_node(ColumnId(bound[column].args["table"].name, ELEMENT), element)
                found[column] = typed(exp.Dot(this=node, expression=exp.to_identifier(field, quoted=True)), kind)
    if step.ordinality and step.position is not None and step.position in bound:
        place = typed(exp.Cast(this=bound[step.position], to=exp.DataType.build("bigint")), BIGINT)
        one = typed(exp.Literal.number(1), INT)
        found[step.position] = typed(exp.Paren(this=typed(exp.Add(this=place, expression=one), BIGINT)), BIGINT)
    return found


def _reads(ast: exp.Expression, columns: frozenset[ColumnId]) -> bool:
    return bool(columns) and any(column_id(node) in columns for node in column_nodes(ast))


def _lines(items: Sequence[str]) -> str:
    return ",\n  ".join(items)


def _listed(rows: Sequence[str]) -> str:
    return ",\n    ".join(rows)


def _unique_names(columns: Collection[ColumnId]) -> dict[ColumnId, str]:
    taken: dict[str, int] = {}
    for column in columns:
        taken[column.name] = taken.get(column.name, 0) + 1
    return {c: c.name if taken[c.name] == 1 else f"{c.alias or ''}#{c.name}" for c in columns}
