"""Expectations of a table: their columns exist, and their constants are of the columns' types."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from generator.diagnostics import suggestion
from generator.plan.context import Context, one_line
from generator.plan.expressions import Problem, Scope, check, compare_types
from generator.plan.expressions.problem import NotPortable
from generator.plan.expressions.regex import to_re2
from generator.plan.lake import CompiledExpectation, Place
from generator.plan.relation import Column, Relation
from generator.plan.types import BOOLEAN, STRING, Type
from generator.spec.model import Expectation

Path = tuple[str | int, ...]


def compile_expectations(
    context: Context, table: str, relation: Relation, relation_of: Callable[[str], Relation | None]
) -> tuple[CompiledExpectation, ...]:
    """The table's expectations; what is wrong with them is reported."""
    columns = {column.name: column for column in relation.columns.values()}
    return tuple(
        _Checker(context, table, columns, relation_of).compile(expectation, ("tables", table, "expect", index))
        for index, expectation in enumerate(context.spec.tables[table].expect)
    )


def check_later(context: Context, relation_of: Callable[[str], Relation | None]) -> None:
    """Reports what is wrong with `references` to what comes after their table, once all of it is compiled."""
    for (table, index), found in context.later.items():
        relation = relation_of(table)
        if relation is None:
            continue
        columns = {column.name: column for column in relation.columns.values()}
        checker = _Checker(context, table, columns, relation_of)
        wanted = context.spec.tables[table].expect[index].references or {}
        for name in found:
            if name in columns:
                checker.references(columns[name], wanted[name], ("tables", table, "expect", index, "references", name))


class _Checker:
    def __init__(
        self,
        context: Context,
        table: str,
        columns: Mapping[str, Column],
        relation_of: Callable[[str], Relation | None],
    ) -> None:
        self.context = context
        self.table = table
        self.columns = columns
        self.relation_of = relation_of

    def compile(self, expectation: Expectation, path: Path) -> CompiledExpectation:
        kind = expectation.kind
        argument = getattr(expectation, kind)
        place: Path = (*path, kind)
        condition = None
        if kind in ("not_null", "unique"):
            for index, name in enumerate(argument):
                self.column(name, (*place, index) if self.context.document.has((*place, index)) else place)
        elif kind == "sql":
            condition = self.condition(argument, place)
        elif kind != "rows":
            for name, wanted in argument.items():
                column = self.column(name, (*place, name))
                if column is not None:
                    getattr(self, kind)(column, wanted, (*place, name))
        name = expectation.name or f"{kind}: {one_line(_shown(argument), 60)}"
        blocking, later = expectation.severity == "error", self.context.later.get((self.table, int(path[-1])), {})
        return CompiledExpectation(kind, argument, name, blocking, Place(place), condition, later)

    def column(self, name: str, path: Path) -> Column | None:
        found = self.columns.get(name)
        if found is None:
            message = f"unknown column `{name}` in `{self.table}`"
            span = self.context.document.key_span(path) if path[-1] == name else Place(path)
            self.context.report("C001", message, span, "not found", help=suggestion(name, self.columns))
            self.context.broken.add(self.table)
        return found

    def condition(self, text: str, path: Path) -> Any:
        typed, problems = check(text, Scope({}, self.columns))
        if typed is not None and not problems and typed.type != BOOLEAN:
            problems = [Problem("T002", f"`sql` must be a condition, found {typed.type}", 0, len(text))]
        self.context.report_problems(path, problems)
        return typed.ast if typed is not None else None

    def values(self, column: Column, wanted: list[Any], path: Path) -> None:
        for index, value in enumerate(wanted):
            self.constant(column, value, (*path, index))

    def between(self, column: Column, wanted: Any, path: Path) -> None:
        given = [value for value in (wanted.min, wanted.max) if value is not None]
        for value in given:
            self.constant(column, value, path)
        if len(given) == 2 and all(fits(value, column.type) for value in given) and given[0] > given[1]:
            message = f"nothing lies between {given[0]} and {given[1]}"
            self.context.report("X003", message, Place(path), help=("write the smaller bound first",))

    def constant(self, column: Column, value: Any, path: Path) -> None:
        if not fits(value, column.type):
            message = f"`{value}` is no {column.type}, as `{column.name}` is"
            self.context.report("X002", message, Place(path))

    def matches(self, column: Column, pattern: str, path: Path) -> None:
        if column.type != STRING:
            message = f"`matches` needs a string, `{column.name}` is {column.type}"
            self.context.report("X002", message, Place(path))
        try:
            to_re2(pattern, consuming=True)
        except NotPortable as problem:
            message = f"this pattern does not mean the same everywhere: {problem}"
            self.context.report("X001", message, Place(path, 0, len(pattern)), help=problem.help)

    def references(self, column: Column, reference: str, path: Path) -> None:
        table, name = reference.split(".")
        relation = self.relation_of(table) if table != self.table else None
        known = self.columns if table == self.table else None
        if relation is not None:
            known = {other.name: other for other in relation.columns.values()}
        if known is None:
            return
        if name not in known:
            message = f"unknown column `{name}` in `{table}`"
            self.context.report("C001", message, Place(path), "not found", help=suggestion(name, known))
        elif not compare_types(column.type, known[name].type):
            message = f"cannot compare {column.type} with {known[name].type}"
            self.context.report("T001", message, Place(path))


def _shown(argument: Any) -> str:
    return ", ".join(_parts(argument))


def _parts(argument: Any) -> Iterator[str]:
    if isinstance(argument, list):
        yield from map(str, argument)
    elif isinstance(argument, dict):
        for name, value in argument.items():
            inner = ", ".join(map(str, value)) if isinstance(value, list) else _bounds(value)
            yield f"{name} [{inner}]" if isinstance(value, list) else f"{name} {inner}"
    else:
        yield _bounds(argument)


def _bounds(value: Any) -> str:
    if not hasattr(value, "min"):
        return str(value)
    if value.min is not None and value.min == value.max:
        return str(value.min)
    return f"{'' if value.min is None else value.min}..{'' if value.max is None else value.max}"


def fits(value: Any, kind: Type) -> bool:
    """Whether a constant of the spec is a value of a column's type."""
    if kind == BOOLEAN:
        return isinstance(value, bool)
    if kind.is_numeric:
        whole = isinstance(value, int) or (isinstance(value, Decimal) and value == value.to_integral_value())
        return not isinstance(value, (bool, str)) and (whole or not kind.is_integer)
    if kind.kind in ("date", "timestamp"):
        try:
            (date if kind.kind == "date" else datetime).fromisoformat(str(value))
        except ValueError:
            return False
        return isinstance(value, str)
    return kind == STRING and isinstance(value, str)
