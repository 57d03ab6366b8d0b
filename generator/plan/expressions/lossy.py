"""Conversions that make null of a value without a word, where nothing says that this is meant."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal, InvalidOperation

from sqlglot import exp

from generator.plan.expressions.literals import constant, is_date_literal
from generator.plan.expressions.nodes import span_of, type_of
from generator.plan.expressions.problem import Problem
from generator.plan.types import BINARY, DATE, INTEGERS, NULL, STRING, TIMESTAMP, UNKNOWN, Type

_READING = {"to_date": DATE, "to_timestamp": TIMESTAMP, "date": DATE}
_REPLACING = ("coalesce", "nvl", "ifnull")
_TESTING = ("isnull", "isnotnull")
_FITTING_DIGITS = {"tinyint": 2, "smallint": 4, "int": 9, "bigint": 18}
"""Numbers of so many digits fit whatever the digits are; those of one more may."""
_TRUTHS = frozenset(("t", "true", "y", "yes", "1", "f", "false", "n", "no", "0"))


def losses(ast: exp.Expr) -> Iterator[Problem]:
    """Where a checked expression can make null of a value.

    `try_cast` says that it's meant; so does whatever replaces the null, or asks for it.
    """
    name = str(ast.this) if isinstance(ast, exp.Anonymous) else ""
    if isinstance(ast, exp.Is) or name in _TESTING:
        return
    if name in _REPLACING:
        yield from losses(ast.expressions[-1])
        return
    found = _loss(ast)
    if found is not None:
        yield found
    for part in ast.iter_expressions():
        yield from losses(part)


def _loss(node: exp.Expr) -> Problem | None:
    if isinstance(node, exp.Cast) and not isinstance(node, exp.TryCast) and not is_date_literal(node):
        source, target = type_of(node.this), type_of(node)
        if can_be_lost(source, target) and not _fits(constant(node.this), target):
            return _problem(node, source, target, f"`try_cast(… as {target})`")
    elif isinstance(node, exp.Anonymous) and str(node.this) in _READING:
        first, kind = node.expressions[0], _READING[str(node.this)]
        if type_of(first) == STRING and constant(first) is None:
            return _problem(node, STRING, kind, f"`try_cast(… as {kind})`" if len(node.expressions) == 1 else None)
    return None


def _problem(node: exp.Expr, source: Type, target: Type, meant: str | None) -> Problem:
    start, end = span_of(node)
    declare = "declare the type where the data lands: what doesn't fit is quarantined there, with its file and line"
    say = f"if it is meant, say so: {f'{meant}, or ' if meant else ''}`coalesce(…, …)` with what stands for it"
    return Problem(
        "T013", f"a {source} that is no {target} becomes null without a word", start, end, f"{source} to {target}",
        help=(declare, say),
    )  # fmt: skip


def can_be_lost(source: Type, target: Type) -> bool:
    """Whether a cast has no value for some values of a type."""
    if source in (target, NULL, UNKNOWN) or target in (STRING, BINARY, UNKNOWN):
        return False
    if source == STRING:
        return True
    if not source.is_numeric or not target.is_numeric or target.kind in ("float", "double"):
        return False
    if source.kind in ("float", "double"):
        return True
    if source.is_integer and target.is_integer:
        return INTEGERS.index(source.kind) > INTEGERS.index(target.kind)
    whole = source.precision - source.scale if source.kind == "decimal" else _FITTING_DIGITS[source.kind] + 1
    if target.is_integer:
        return whole > _FITTING_DIGITS[target.kind]
    return whole + (target.scale < source.scale) > target.precision - target.scale


def _fits(value: str | float | bool | None, target: Type) -> bool:
    """Whether a constant is a value of a type."""
    if value is None:
        return False
    if target.kind == "boolean":
        return str(value).strip().lower() in _TRUTHS
    try:
        number = Decimal(str(value).strip())
    except InvalidOperation:
        return False
    if target.is_integer:
        bits = {"tinyint": 8, "smallint": 16, "int": 32, "bigint": 64}[target.kind]
        return -(1 << bits - 1) <= int(number) < 1 << bits - 1
    return target.kind != "decimal" or abs(number) < Decimal(f"1e{target.precision - target.scale}")
