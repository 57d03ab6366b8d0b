"""What all parts of the checker share: where names are looked up, and where problems are noted."""

from __future__ import annotations

from abc import ABC, abstractmethod

from sqlglot import exp

from generator.plan.expressions.nodes import span_of, typed
from generator.plan.expressions.problem import Problem
from generator.plan.expressions.scope import Scope
from generator.plan.expressions.typed import NO_PERSONAL, Allow, Typed, recognised
from generator.plan.relation import PersonalData
from generator.plan.types import UNKNOWN, Type

UNKNOWN_VALUE = Typed(typed(exp.Var(this="unknown"), UNKNOWN), UNKNOWN)


class Checker(ABC):
    """A visit to one expression. What is wrong is noted once; its type is unknown, and nothing follows."""

    def __init__(self, scope: Scope, allow: Allow) -> None:
        self.scope = scope
        self.allow = allow
        self.problems: list[Problem] = []

    @abstractmethod
    def visit(self, node: exp.Expression) -> Typed:
        """The node resolved and typed, as a new node: parsed trees are shared and never changed."""

    @abstractmethod
    def condition(self, node: exp.Expression) -> Typed:
        """A part that must be true or false."""

    @abstractmethod
    def test(self, node: exp.Expression) -> Typed:
        """A condition that must not be a bare NULL."""

    def wrong(
        self, code: str, message: str, at: exp.Expression | tuple[int, int], label: str = "",
        *, notes: tuple[str, ...] = (), help: tuple[str, ...] = (),
    ) -> Typed:  # fmt: skip
        """Notes a problem; the result has an unknown type, so that nothing follows from it."""
        start, end = at if isinstance(at, tuple) else span_of(at)
        self.problems.append(Problem(code, message, start, end, label, notes, help))
        return UNKNOWN_VALUE

    def spelled(self, node: exp.Expression) -> str:
        """A part as its author would write it, for help texts."""
        if isinstance(node, exp.Column):
            return f"{node.table}.{node.name}" if node.table and len(self.scope.relations) > 1 else node.name
        return "…"


def value_of(node: exp.Expression, kind: Type, like: exp.Expression) -> Typed:
    """A value that depends on no column."""
    return Typed(typed(node, kind, like), kind)


def is_plain_value(ast: exp.Expression, scope: Scope) -> bool:
    """Whether an expression is null only where the data is: `nullif(email, 'x') is null` would tell who x is."""
    if isinstance(ast, (exp.Paren, exp.Dot)):
        return is_plain_value(ast.this, scope)
    if isinstance(ast, exp.Column):
        columns = scope.relations.get(ast.table, {}) if ast.table else scope.computed
        return ast.name in columns and columns[ast.name].raw
    return isinstance(ast, (exp.Literal, exp.Star))


def told_by_null(ast: exp.Expr, scope: Scope) -> frozenset[PersonalData]:
    """What it tells that a plain value is null."""
    if isinstance(ast, (exp.Paren, exp.Dot)):
        return told_by_null(ast.this, scope)
    if isinstance(ast, exp.Column):
        columns = scope.relations.get(ast.table, {}) if ast.table else scope.computed
        return recognised(columns[ast.name].told)
    return NO_PERSONAL


def without_personal(value: Typed, told: frozenset[PersonalData] = NO_PERSONAL) -> Typed:
    """The same for what tells nothing of the value itself."""
    return Typed(value.ast, value.type, told, value.origins, None, value.aggregate, value.window)
