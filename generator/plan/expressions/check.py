"""Checks one expression: what its names mean, which types its parts have, what may stand where."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from sqlglot import exp

from generator.diagnostics import suggestion
from generator.plan.expressions import operators
from generator.plan.expressions.arithmetic import INTERVAL, ArithmeticChecks
from generator.plan.expressions.branches import BranchChecks
from generator.plan.expressions.calls import CallChecks
from generator.plan.expressions.checker import UNKNOWN_VALUE, value_of
from generator.plan.expressions.columns import column_node
from generator.plan.expressions.nodes import place, span_of, typed
from generator.plan.expressions.parse import parse, parse_name
from generator.plan.expressions.problem import Problem
from generator.plan.expressions.scope import Name, Scope
from generator.plan.expressions.typed import Allow, Typed, combine
from generator.plan.types import BOOLEAN, NULL, STRING

Checked = tuple[Typed | None, list[Problem]]


def check(text: str, scope: Scope, allow: Allow = Allow.NOTHING) -> Checked:
    """Resolves and type-checks an expression.

    Returns:
        The typed expression, or None where there are problems, and all of them in the order of the text.
    """
    name = parse_name(text)
    if name is not None:
        simple = scope.find(name[1].lower())
        if simple is not None:
            node = place(column_node(simple.id, simple.column.type), *name.span(1))
            known = simple.column
            return Typed(node, known.type, known.personal, known.origins, simple.id), []
    tree = parse(text)
    if isinstance(tree, Problem):
        return None, [tree]
    return check_ast(tree, scope, allow)


def check_ast(ast: exp.Expression, scope: Scope, allow: Allow = Allow.NOTHING, text_offset: int = 0) -> Checked:
    """Like `check`, for a tree that `parse` made; it is not changed.

    Args:
        text_offset: is added to the offsets of all problems.
    """
    checker = _Checker(scope, allow)
    try:
        found = checker.visit(ast)
    except RecursionError:
        found = checker.wrong("E001", "the expression is nested too deeply", ast)
    if found.type == INTERVAL:
        checker.wrong("T006", "an interval is no value of a column", ast, help=("add it to a date or timestamp",))
    problems = sorted(checker.problems, key=lambda problem: (problem.start, problem.end))
    if text_offset:
        problems = [replace(one, start=one.start + text_offset, end=one.end + text_offset) for one in problems]
    return (None if problems else found), problems


class _Checker(CallChecks, BranchChecks, ArithmeticChecks):
    def visit(self, node: exp.Expression) -> Typed:
        method = _METHODS.get(type(node))
        if method is None:
            return self.wrong("E001", f"`{node.key}` is not supported here", node)
        return method(self, node)

    def column(self, node: exp.Column) -> Typed:
        parts = [Name(part.name, *span_of(part)) for part in node.parts]
        found = self.scope.resolve(parts)
        if isinstance(found, Problem):
            call = self.call_without_parentheses(node) if len(parts) == 1 else None
            if call is not None:
                return call
            meant = suggestion(parts[0].text, self.variables) if self.variables else ()
            self.problems.append(replace(found, help=meant) if meant and "did you mean" in meant[0] else found)
            return UNKNOWN_VALUE
        known = found.column
        resolved = typed(column_node(found.id, known.type), known.type, node)
        value = Typed(resolved, known.type, known.personal, known.origins, found.id)
        for part in parts[found.parts :]:
            value = self.field(value, part, node)
        return value

    def variable(self, node: exp.Parameter) -> Typed:
        known = self.variables[node.name]
        return replace(known, ast=typed(known.ast.copy(), known.type, node))

    def literal(self, node: exp.Literal) -> Typed:
        return value_of(exp.Literal.string(node.this), STRING, node) if node.is_string else self.number(node)

    def null(self, node: exp.Null) -> Typed:
        return value_of(exp.Null(), NULL, node)

    def boolean(self, node: exp.Boolean) -> Typed:
        return value_of(exp.Boolean(this=node.this), BOOLEAN, node)

    def paren(self, node: exp.Paren) -> Typed:
        inner = self.visit(node.this)
        return inner if inner.column else combine(exp.Paren(this=inner.ast), inner.type, (inner,), like=node)


_METHODS: dict[type[exp.Expr], Callable[..., Typed]] = {
    exp.Column: _Checker.column, exp.Parameter: _Checker.variable, exp.Dot: _Checker.dot, exp.Literal: _Checker.literal,
    exp.Null: _Checker.null, exp.Boolean: _Checker.boolean, exp.Paren: _Checker.paren,
    exp.And: _Checker.connector, exp.Or: _Checker.connector, exp.Not: _Checker.not_,
    exp.Is: _Checker.is_, exp.In: _Checker.in_, exp.Between: _Checker.between, exp.Case: _Checker.case,
    exp.Cast: _Checker.cast, exp.TryCast: _Checker.cast, exp.Bracket: _Checker.bracket,
    exp.Neg: _Checker.negation, exp.Interval: _Checker.interval, exp.DPipe: _Checker.concatenation,
    exp.BitwiseNot: _Checker.bitwise_not, exp.Anonymous: _Checker.call, exp.Filter: _Checker.filtered,
    exp.Window: _Checker.windowed, **dict.fromkeys(operators.ARITHMETIC, _Checker.arithmetic),
    **dict.fromkeys(operators.COMPARISONS, _Checker.comparison),
    **dict.fromkeys(operators.BITWISE, _Checker.bitwise),
    **dict.fromkeys((exp.Like, exp.ILike, exp.RegexpLike), _Checker.pattern),
}  # fmt: skip
