"""Words that begin something other than a name or a plain call: CASE, CAST, INTERVAL, typed literals, ...

Each form returns None where its word turns out to be an ordinary name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from sqlglot import exp

from generator.plan.expressions.nodes import place, typed
from generator.plan.expressions.type_names import parse_type_name
from generator.plan.types import DATE, TIMESTAMP, Type

if TYPE_CHECKING:
    from generator.plan.expressions.parser import Parser

Form = Callable[["Parser"], "exp.Expression | None"]


def _case(parser: Parser) -> exp.Expression | None:
    if not any(token.text == "when" and token.kind == "word" for token in parser.tokens[parser.at + 1 :]):
        return None
    parser.advance()
    subject = None if parser.matches("when") else parser.expression()
    branches = []
    while parser.matches("when"):
        start = parser.advance().start
        condition = parser.expression()
        parser.expect("then")
        branches.append(parser.close(exp.If(this=condition, true=parser.expression()), start))
    if not branches:
        parser.fail("expected `when` here")
    default = parser.expression() if parser.accept("else") else None
    parser.expect("end")
    return exp.Case(this=subject, ifs=branches, default=default)


def _cast(parser: Parser) -> exp.Expression | None:
    word = parser.advance().text
    if not parser.accept("("):
        parser.at -= 1
        return None
    value = parser.expression()
    parser.expect("as")
    target = parse_type_name(parser)
    parser.expect(")")
    return (exp.TryCast if word == "try_cast" else exp.Cast)(this=value, to=target)


def _typed_literal(kind: Type) -> Form:
    def form(parser: Parser) -> exp.Expression | None:
        if parser.following.kind != "string":
            return None
        word, text = parser.advance(), parser.advance()
        value = place(exp.Literal.string(text.value), text.start, text.end)
        return exp.Cast(this=value, to=typed(place(exp.Var(this=str(kind)), word.start, word.end), kind))

    return form


def _interval(parser: Parser) -> exp.Expression | None:
    following = parser.following
    if following.kind not in ("number", "string") and following.text != "-":
        return None
    parser.advance()
    sign = "-" if parser.accept("-") else ""
    amount = parser.advance()
    unit = parser.advance()
    if unit.kind != "word":
        parser.at -= unit.kind != "end"
        parser.fail("expected a unit such as `days` here")
    number = place(exp.Literal.string(sign + amount.value), amount.start, amount.end)
    return exp.Interval(this=number, unit=place(exp.Var(this=unit.text), unit.start, unit.end))


def _call(parser: Parser, name: str, *arguments: exp.Expression) -> exp.Expression:
    parser.expect(")")
    call = exp.Anonymous(this=name, expressions=list(arguments))
    return call


def _extract(parser: Parser) -> exp.Expression | None:
    tokens = parser.tokens[parser.at + 1 : parser.at + 4]
    if [token.text for token in tokens[::2]] != ["(", "from"]:
        return None
    field = tokens[1]
    parser.at += 4
    call = _call(parser, EXTRACTED.get(field.text, field.text), parser.expression())
    call.meta["name_span"] = (field.start, field.end)
    return call


def _trim(parser: Parser) -> exp.Expression | None:
    tokens = parser.tokens[parser.at + 1 : parser.at + 3]
    if tokens[0].text != "(" or tokens[-1].text not in TRIMS:
        return None
    parser.at += 3
    function = TRIMS[tokens[-1].text]
    characters = None if parser.matches("from") else parser.expression()
    parser.expect("from")
    text = parser.expression()
    return _call(parser, function, *([text] if characters is None else [text, characters]))


def _position(parser: Parser) -> exp.Expression | None:
    at = parser.at
    parser.advance()
    if parser.accept("("):
        part = parser.expression(above=4)
        if parser.accept("in"):
            return _call(parser, "locate", part, parser.expression())
    parser.at = at
    return None


EXTRACTED = {
    "dow": "dayofweek", "dayofweek": "dayofweek", "doy": "dayofyear", "week": "weekofyear", "days": "day",
    "years": "year", "months": "month", "hours": "hour", "minutes": "minute", "weeks": "weekofyear",
}  # fmt: skip
TRIMS = {"both": "btrim", "leading": "ltrim", "trailing": "rtrim"}
SPECIAL_FORMS: Mapping[str, Form] = {
    "case": _case, "cast": _cast, "try_cast": _cast, "interval": _interval, "date": _typed_literal(DATE),
    "timestamp": _typed_literal(TIMESTAMP), "extract": _extract, "trim": _trim, "position": _position,
}  # fmt: skip
