"""The type after `cast(... as`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from generator.plan.expressions.nodes import place, typed
from generator.plan.expressions.problem import syntax_error
from generator.plan.types import TypeSyntaxError, parse_type

if TYPE_CHECKING:
    from generator.plan.expressions.parser import Parser

_OPEN, _CLOSE = ("<", "("), (">", ")")


def parse_type_name(parser: Parser) -> exp.Expression:
    """Reads a type; the node is a `Var` spelled as Spark spells it, with the `Type` as its type."""
    start, depth = parser.current.start, 0
    while parser.current.kind != "end":
        text = parser.current.text
        if depth == 0 and parser.at and text not in _OPEN and parser.tokens[parser.at - 1].start >= start:
            break
        depth += (text in _OPEN) - (text in _CLOSE)
        if depth < 0:
            break
        parser.advance()
    end = max(parser.last_end, start)
    text = parser.text[start:end]
    try:
        kind = parse_type(text)
    except TypeSyntaxError as error:
        raise syntax_error(str(error), start + error.start, start + error.end, code="T007", help=error.help) from None
    return typed(place(exp.Var(this=str(kind)), start, end), kind)
