"""Which types the operators take, and what they give."""

from __future__ import annotations

from sqlglot import exp

from generator.plan.expressions.nodes import type_of
from generator.plan.types import (
    BOOLEAN,
    DATE,
    FLOAT,
    NULL,
    STRING,
    TIMESTAMP,
    UNKNOWN,
    Type,
    arithmetic,
    as_decimal,
    common,
    decimal,
)

SYMBOLS: dict[type[exp.Expr], str] = {
    exp.Add: "+", exp.Sub: "-", exp.Mul: "*", exp.Div: "/", exp.Mod: "%", exp.IntDiv: "div",
    exp.EQ: "=", exp.NEQ: "<>", exp.LT: "<", exp.LTE: "<=", exp.GT: ">", exp.GTE: ">=", exp.NullSafeEQ: "<=>",
    exp.BitwiseAnd: "&", exp.BitwiseOr: "|", exp.BitwiseXor: "^", exp.DPipe: "||",
    exp.And: "and", exp.Or: "or", exp.Like: "like", exp.ILike: "ilike", exp.RegexpLike: "rlike",
}  # fmt: skip
ARITHMETIC = (exp.Add, exp.Sub, exp.Mul, exp.Div, exp.Mod, exp.IntDiv)
COMPARISONS = (exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE, exp.NullSafeEQ)
BITWISE = (exp.BitwiseAnd, exp.BitwiseOr, exp.BitwiseXor)
MAX_DIGITS = 38
MOST_NEGATED = 34
"""Digits that Spark 4 keeps of a decimal that it negates, or takes the absolute value of."""
DATES = (DATE, TIMESTAMP)


def compare_types(a: Type, b: Type) -> bool:
    """Whether values of the two types may be compared without a cast, with the same result everywhere."""
    return comparable(a, b) is not None


def comparable(a: Type, b: Type) -> Type | None:
    """The type that two values are compared as, or None where a cast has to say so."""
    if UNKNOWN in (a, b):
        return UNKNOWN
    if {a, b} == {DATE, TIMESTAMP}:
        return TIMESTAMP
    found = common(a, b)
    return None if found is not None and found.is_nested else found


def unified(a: Type, b: Type) -> Type | None:
    """The type of a value that is either an `a` or a `b`: a branch of CASE, an argument of coalesce."""
    return common(a, b)


def whole_digits(node: exp.Expression) -> Type | None:
    """The decimal that Spark takes an integer constant for beside a decimal: only as wide as its digits."""
    literal = node.this if isinstance(node, exp.Neg) else node
    if isinstance(literal, exp.Literal) and not literal.is_string and type_of(literal).is_integer:
        return decimal(len(literal.this.rstrip("LlSsYy").lstrip("0") or "0"), 0)
    return None


def operand_types(left: exp.Expression, right: exp.Expression) -> tuple[Type, Type]:
    """The types of an arithmetic operator's sides, integer constants beside decimals narrowed."""
    a, b = type_of(left), type_of(right)
    if a.kind == "decimal" and b.is_integer:
        return a, whole_digits(right) or as_decimal(b)
    if b.kind == "decimal" and a.is_integer:
        return whole_digits(left) or as_decimal(a), b
    return a, b


def arithmetic_type(symbol: str, a: Type, b: Type) -> Type | None:
    """The result type of `+ - * / % div` on two numbers; None where it isn't defined."""
    if symbol == "div" and not all(kind.is_integer or kind == UNKNOWN for kind in (a, b)):
        return None
    if NULL in (a, b):
        return None
    if {a.kind, b.kind} & {"float"} and symbol != "/" and (a.is_integer or b.is_integer):
        return FLOAT
    return arithmetic(symbol, a, b)


def exact_digits(symbol: str, a: Type, b: Type) -> int:
    """Digits that the exact result of decimal arithmetic needs; more than 38 would be rounded silently."""
    a, b = as_decimal(a), as_decimal(b)
    whole_a, whole_b, scale = a.precision - a.scale, b.precision - b.scale, max(a.scale, b.scale)
    if symbol in "+-":
        return max(whole_a, whole_b) + scale + 1
    if symbol == "*":
        return a.precision + b.precision + 1
    if symbol == "/":
        return whole_a + b.scale + max(6, a.scale + b.precision + 1)
    return max(whole_a, whole_b) + scale


def literal_for(kind: Type, text: str) -> str | None:
    """The typed constant to write instead of a string beside a date or a timestamp."""
    if kind == DATE and len(text) == len("2020-01-01"):
        return f"date'{text}'"
    if kind == TIMESTAMP and len(text) >= len("2020-01-01"):
        return f"timestamp'{text}'"
    return None


def is_condition(kind: Type) -> bool:
    return kind in (BOOLEAN, NULL, UNKNOWN)


def is_text(kind: Type) -> bool:
    return kind in (STRING, NULL, UNKNOWN)
