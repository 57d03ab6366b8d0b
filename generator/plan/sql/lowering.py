"""What the parts of lowering share: places in the text, typed expressions, and how a problem ends it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence

from sqlglot import exp

from generator.plan import facts
from generator.plan.context import Context, one_line
from generator.plan.expressions import Allow, Problem, Scope, Typed, check_ast, to_spark
from generator.plan.expressions.nodes import span_of, typed
from generator.plan.lake import Input, Place, Query
from generator.plan.order import made_certain
from generator.plan.relation import Column, ColumnId, Relation
from generator.plan.sql.syntax import Source, Statement
from generator.plan.steps import StepBuilder
from generator.plan.types import BOOLEAN, NULL, UNKNOWN

Path = tuple[str | int, ...]
Named = Mapping[str, Query]


class Refused(Exception):
    """Ends the lowering of one query; the problem is reported already."""


def same_text(ast: exp.Expression) -> str:
    """The text of a checked expression, however it was spelled, to find it again in the select list."""
    return to_spark(ast.unnest())


class Lowering(ABC):
    """One text of a spec on its way to steps."""

    def __init__(self, context: Context, path: Path, text: str, relation_of: Callable[[str], Relation]) -> None:
        self.context = context
        self.path = path
        self.text = text
        self.relation_of = relation_of

    @abstractmethod
    def statement(self, statement: Statement, named: Named) -> Query:
        """A whole query as steps."""

    def refuse(self, code: str, message: str, start: int, end: int, *help: str) -> Refused:
        self.context.report_problems(self.path, [Problem(code, message, start, end, help=help)])
        return Refused(message)

    def place(self, start: int, end: int) -> Place:
        return Place(self.path, start, end)

    def written(self, start: int, end: int) -> str:
        return one_line(self.text[start:end])

    def typed(self, ast: exp.Expression, scope: Scope, allow: Allow = Allow.NOTHING) -> Typed:
        found, problems = check_ast(ast, scope, allow)
        self.context.report_problems(self.path, problems)
        if found is None or problems:
            raise Refused(str(ast))
        self.context.report_losses(self.path, found.ast)
        return found

    def certain(
        self, ast: exp.Expression, builder: StepBuilder, allow: Allow = Allow.NOTHING, by: Sequence[ColumnId] = ()
    ) -> Typed:
        """Like `typed`, for what may choose among rows: which it chooses mustn't be left to chance."""
        found, problems = made_certain(self.typed(ast, builder.scope(), allow), builder.relation, by)
        self.context.report_problems(self.path, problems)
        if found is None:
            raise Refused(str(ast))
        return found

    def condition(self, ast: exp.Expression, scope: Scope) -> Typed:
        found = self.typed(ast, scope)
        if found.type not in (BOOLEAN, NULL, UNKNOWN):
            raise self.refuse("T002", f"a condition is needed here, found {found.type}", *span_of(ast))
        return found

    def input(self, source: Source, named: Named) -> tuple[Input, Relation]:
        query = self.statement(source.query, named) if source.query else named.get(source.table or "")
        if query is not None:
            return query, query.relation
        return source.table or "", self.relation_of(source.table or "")

    def occurrence(self, builder: StepBuilder, source: Source, named: Named) -> tuple[Input, Relation]:
        """A table as a join reads it: what it is, and its relation under an alias that must be new."""
        read, relation = self.input(source, named)
        if any(column.alias == source.alias for column in builder.relation.columns):
            message = f"`{source.alias}` is already in this query"
            raise self.refuse("N005", message, source.start, source.end, "give one of them another name")
        table = read if isinstance(read, str) else None
        return read, facts.occurrence(relation, table, source.alias, self.context.subjects)


def names_of(relation: Relation) -> dict[str, Column]:
    return {column.name: known for column, known in relation.columns.items()}


def all_of(conditions: list[exp.Expression]) -> exp.Expression:
    """Conditions as one; there must be some."""
    first, *others = [
        typed(exp.Paren(this=one), BOOLEAN, one) if isinstance(one, exp.Or) else one for one in conditions
    ]
    for other in others:
        first = exp.And(this=first, expression=other)
    return first
