"""From text to a syntax tree, and the trees that parsing is asked for most at no cost."""

from __future__ import annotations

import re
from functools import lru_cache

from sqlglot import exp

from generator.plan.expressions.nodes import place
from generator.plan.expressions.parser import NEVER_NAMES, Parser
from generator.plan.expressions.problem import Problem, SyntaxProblem

_NAME = re.compile(r"\s*([A-Za-z_][A-Za-z0-9_]*)\s*\Z")
_LITERALS = frozenset(("null", "true", "false", "not"))


def parse_name(text: str) -> re.Match[str] | None:
    """The match, with the name as group 1, of a text that is nothing but one column's name."""
    match = _NAME.match(text)
    if match is None or (word := match[1].lower()) in _LITERALS or word in NEVER_NAMES:
        return None
    return match


@lru_cache(maxsize=20_000)
def parse(text: str) -> exp.Expression | Problem:
    """The syntax tree of an expression, names as spelled; or its first syntax problem.

    The tree is shared by all who ask for the same text: it must not be changed.
    """
    name = parse_name(text)
    if name is not None:
        identifier = place(exp.Identifier(this=name[1], quoted=False), *name.span(1))
        return place(exp.Column(this=identifier), *name.span(1))
    try:
        return Parser(text).whole()
    except SyntaxProblem as error:
        return error.problem
    except RecursionError:
        return Problem("E001", "the expression is nested too deeply", 0, len(text))


def conjuncts(ast: exp.Expression) -> list[exp.Expression]:
    """The conditions that must all hold for `ast` to hold: its top-level ANDs taken apart, in order."""
    found: list[exp.Expression] = []
    waiting = [ast]
    while waiting:
        node = waiting.pop()
        while isinstance(node, exp.Paren):
            node = node.this
        if isinstance(node, exp.And):
            waiting += (node.expression, node.this)
        else:
            found.append(node)
    return found
