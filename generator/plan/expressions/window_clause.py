"""What may follow a call: FILTER (WHERE ...) and OVER (...)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from generator.plan.expressions.nodes import span_of

if TYPE_CHECKING:
    from generator.plan.expressions.parser import Parser


def parse_filter(parser: Parser, call: exp.Expression, start: int) -> exp.Expression:
    if not parser.accept("filter", "("):
        return call
    parser.expect("where")
    condition = parser.expression()
    parser.expect(")")
    where = parser.close(exp.Where(this=condition), span_of(condition)[0])
    return parser.close(exp.Filter(this=call, expression=where), start)


def parse_over(parser: Parser, call: exp.Expression, start: int) -> exp.Expression:
    if not parser.matches("over"):
        return call
    parser.advance()
    parser.expect("(")
    partition = _expressions(parser) if parser.accept("partition", "by") else []
    order = exp.Order(expressions=_sort_keys(parser)) if parser.accept("order", "by") else None
    frame = _frame(parser)
    parser.expect(")")
    return parser.close(exp.Window(this=call, partition_by=partition, order=order, spec=frame), start)


def _expressions(parser: Parser) -> list[exp.Expression]:
    found = [parser.expression()]
    while parser.accept(","):
        found.append(parser.expression())
    return found


def _sort_keys(parser: Parser) -> list[exp.Expression]:
    found = [_sort_key(parser)]
    while parser.accept(","):
        found.append(_sort_key(parser))
    return found


def _sort_key(parser: Parser) -> exp.Expression:
    key = parser.expression()
    descending = parser.accept("desc")
    if not descending:
        parser.accept("asc")
    nulls_first = not descending
    if parser.accept("nulls"):
        nulls_first = parser.accept("first")
        if not nulls_first:
            parser.expect("last")
    return parser.close(exp.Ordered(this=key, desc=descending, nulls_first=nulls_first), span_of(key)[0])


def _frame(parser: Parser) -> exp.Expression | None:
    start = parser.current
    if start.kind != "word" or start.text not in ("rows", "range"):
        return None
    parser.advance()
    between = parser.accept("between")
    low, low_side = _bound(parser)
    high, high_side = "CURRENT ROW", ""
    if between:
        parser.expect("and")
        high, high_side = _bound(parser)
    frame = exp.WindowSpec(kind=start.text.upper(), start=low, start_side=low_side, end=high, end_side=high_side)
    return parser.close(frame, start.start)


def _bound(parser: Parser) -> tuple[str, str]:
    if parser.accept("current", "row"):
        return "CURRENT ROW", ""
    if parser.accept("unbounded"):
        amount = "UNBOUNDED"
    elif parser.current.kind == "number" and parser.current.text.isdigit():
        amount = parser.advance().text
    else:
        parser.fail("expected `unbounded`, `current row` or a number here")
    for side in ("preceding", "following"):
        if parser.accept(side):
            return amount, side.upper()
    parser.fail("expected `preceding` or `following` here")
