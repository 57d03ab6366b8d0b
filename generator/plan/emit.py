"""A query as the SQL of an engine: one SELECT for as many steps as one SELECT can say, subqueries for the rest."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count

from sqlglot import exp

from generator.plan.expressions import substitute, to_duckdb, to_spark
from generator.plan.expressions.nodes import type_of
from generator.plan.lake import (
    Aggregate,
    Computed,
    Dedupe,
    Extend,
    Filter,
    Input,
    Join,
    Order,
    Query,
    Scan,
    Select,
    Step,
    Union,
)
from generator.plan.relation import Column, ColumnId
from generator.plan.steps import node_of
from generator.plan.types import Type, duckdb_type


@dataclass(frozen=True, slots=True)
class Dialect:
    """How an engine's SQL differs.

    Attributes:
        expression: the SQL of a resolved expression.
        quote: the character around names.
        semi, anti: the words for these joins.
        cast: the SQL of a computed value as a type, or None where the engine's own type is right.
    """

    expression: Callable[[exp.Expression], str]
    quote: str
    semi: str
    anti: str
    cast: Callable[[str, Type], str] | None = None

    def name(self, name: str) -> str:
        return f"{self.quote}{name.replace(self.quote, self.quote * 2)}{self.quote}"


def _duckdb_cast(sql: str, kind: Type) -> str:
    return f"CAST({sql} AS {duckdb_type(kind)})"


DUCKDB = Dialect(to_duckdb, '"', "SEMI JOIN", "ANTI JOIN", _duckdb_cast)
SPARK = Dialect(to_spark, "`", "LEFT SEMI JOIN", "LEFT ANTI JOIN")


def emit(query: Query, dialect: Dialect) -> str:
    """The SQL of a whole query. Its columns are the relation's, in order."""
    return _Emitter(dialect).query(query)


def emit_count(steps: Sequence[Step], dialect: Dialect) -> str:
    """The SQL that counts the rows after the last of some first steps of a query."""
    return _Emitter(dialect).count(steps)


@dataclass(slots=True)
class _Frame:
    """The SELECT under construction: what it reads, and what each column of the relation is in its terms."""

    source: str
    bindings: dict[ColumnId, exp.Expression]
    joins: list[str] = field(default_factory=list)
    where: list[str] = field(default_factory=list)
    computed: bool = False

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

    def frame(self, steps: Sequence[Step]) -> _Frame:
        first, *rest = steps
        frame = self.start(first)
        for step in rest:
            frame = self.step(frame, step)
        return frame

    def start(self, step: Step) -> _Frame:
        if isinstance(step, Scan):
            source = self.source(step.input, step.alias)
        else:
            assert isinstance(step, Union)
            names = ", ".join(self.dialect.name(column.name) for column in step.after.columns)
            branches = (f"SELECT {names} FROM {self.source(one, f'_{i}')}" for i, one in enumerate(step.inputs))
            source = self.nested("\nUNION ALL\n".join(branches), step.alias)
        return _Frame(source, {column: node_of(column, known) for column, known in step.after.columns.items()})

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
        if isinstance(step, Filter):
            frame = self.wrapped(frame) if frame.computed else frame
            frame.where.append(self.expression(frame, step.condition, within="and"))
            return frame
        if isinstance(step, Extend):
            return self.extend(frame, step)
        if isinstance(step, Dedupe):
            return self.dedupe(frame, step)
        if isinstance(step, Aggregate):
            return self.aggregate(frame, step)
        assert isinstance(step, Select)
        alias = f"_{next(self.numbers)}"
        bindings = {column: _column(alias, column.name, known) for column, known in step.after.columns.items()}
        return _Frame(self.nested(self.select(frame, step), alias), bindings)

    def expression(self, frame: _Frame, ast: exp.Expression, within: str = "") -> str:
        bound = substitute(ast, frame.bindings)
        sql = self.dialect.expression(bound)
        return f"({sql})" if within and isinstance(bound, (exp.Or, exp.Not)) else sql

    def join(self, frame: _Frame, step: Join) -> _Frame:
        frame = self.wrapped(frame) if frame.computed or frame.where else frame
        words = {"inner": "INNER JOIN", "left": "LEFT JOIN", "semi": self.dialect.semi, "anti": self.dialect.anti}
        bindings = dict(frame.bindings)
        for column, known in step.after.columns.items():
            bindings.setdefault(column, node_of(column, known))
        condition = self.dialect.expression(substitute(step.condition, frame.bindings))
        frame.joins.append(f"{words[step.kind]} {self.source(step.input, step.alias)} ON {condition}")
        frame.bindings = {column: bindings[column] for column in step.after.columns}
        return frame

    def extend(self, frame: _Frame, step: Extend) -> _Frame:
        frame = self.wrapped(frame) if frame.computed else frame
        added = {ColumnId(None, one.column.name): substitute(one.ast, frame.bindings) for one in step.columns}
        known = {**frame.bindings, **added}
        frame.bindings = {column: known[column] for column in step.after.columns}
        frame.computed = True
        return frame

    def wrapped(self, frame: _Frame) -> _Frame:
        """The frame as a subquery, its columns under names of their own."""
        alias = f"_{next(self.numbers)}"
        names = _unique_names(frame.bindings)
        items = [self.item(ast, type_of(ast), names[column]) for column, ast in frame.bindings.items()]
        sql = f"SELECT\n  {_lines(items)}\n{frame.body()}"
        bindings: dict[ColumnId, exp.Expression] = {
            column: _typed_column(alias, names[column], type_of(ast)) for column, ast in frame.bindings.items()
        }
        return _Frame(self.nested(sql, alias), bindings)

    def dedupe(self, frame: _Frame, step: Dedupe) -> _Frame:
        frame = self.wrapped(frame) if frame.computed else frame
        by = ", ".join(self.dialect.expression(frame.bindings[column]) for column in step.by)
        order = ", ".join(self.order(frame, term) for term in step.order)
        window = f"row_number() OVER (PARTITION BY {by}" + (f" ORDER BY {order})" if order else ")")
        if not order:  # all columns are equal within a group: any row will do
            window = f"row_number() OVER (PARTITION BY {by} ORDER BY {by})"
        alias, row = f"_{next(self.numbers)}", self.dialect.name("_row")
        names = _unique_names(frame.bindings)
        items = [self.item(ast, type_of(ast), names[column]) for column, ast in frame.bindings.items()]
        sql = f"SELECT\n  {_lines([*items, f'{window} AS {row}'])}\n{frame.body()}"
        bindings: dict[ColumnId, exp.Expression] = {
            column: _typed_column(alias, names[column], type_of(ast)) for column, ast in frame.bindings.items()
        }
        return _Frame(self.nested(sql, alias), bindings, where=[f"{self.dialect.name(alias)}.{row} = 1"])

    def order(self, frame: _Frame, term: Order) -> str:
        direction = "DESC NULLS LAST" if term.descending else "ASC NULLS FIRST"
        return f"{self.dialect.expression(frame.bindings[term.column])} {direction}"

    def aggregate(self, frame: _Frame, step: Aggregate) -> _Frame:
        frame = self.wrapped(frame) if frame.computed else frame
        groups = [self.dialect.expression(frame.bindings[column]) for column in step.by]
        items = [
            self.item(frame.bindings[column], type_of(frame.bindings[column]), column.name) for column in step.by
        ]
        items += [self.computed(frame, one) for one in step.aggregates]
        sql = f"SELECT\n  {_lines(items)}\n{frame.body()}"
        if groups:
            sql += f"\nGROUP BY {', '.join(groups)}"
        alias = f"_{next(self.numbers)}"
        bindings = {column: _column(alias, column.name, known) for column, known in step.after.columns.items()}
        return _Frame(self.nested(sql, alias), bindings)

    def select(self, frame: _Frame, step: Select) -> str:
        items = [self.computed(frame, one) for one in step.columns]
        word = "SELECT DISTINCT" if step.distinct else "SELECT"
        return f"{word}\n  {_lines(items)}\n{frame.body()}"

    def computed(self, frame: _Frame, one: Computed) -> str:
        return self.item(substitute(one.ast, frame.bindings), one.column.type, one.column.name)

    def item(self, ast: exp.Expression, kind: Type, name: str) -> str:
        sql = self.dialect.expression(ast)
        if isinstance(ast, exp.Column):
            return sql if ast.name == name else f"{sql} AS {self.dialect.name(name)}"
        if self.dialect.cast is not None and kind.kind not in ("unknown",):
            sql = self.dialect.cast(sql, kind)
        return f"{sql} AS {self.dialect.name(name)}"


def _lines(items: Sequence[str]) -> str:
    return ",\n  ".join(items)


def _unique_names(bindings: Mapping[ColumnId, object]) -> dict[ColumnId, str]:
    taken: dict[str, int] = {}
    for column in bindings:
        taken[column.name] = taken.get(column.name, 0) + 1
    return {c: c.name if taken[c.name] == 1 else f"{c.alias or ''}__{c.name}" for c in bindings}


def _column(alias: str, name: str, known: Column) -> exp.Expression:
    return node_of(ColumnId(alias, name), known)


def _typed_column(alias: str, name: str, kind: Type) -> exp.Expression:
    return node_of(ColumnId(alias, name), Column(name, kind))

