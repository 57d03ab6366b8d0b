"""What conditions compare for being equal, in whatever words: equal values are equally personal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from sqlglot import exp

from generator.plan.expressions.nodes import type_of
from generator.plan.types import BOOLEAN, STRING

Pair = tuple[exp.Expression, exp.Expression]
Holds = bool | None
"""Whether a condition is true or false where the whole one is true; None where it may be either."""


def compared_equal(conjuncts: Iterable[exp.Expression]) -> Iterator[Pair]:
    """The two sides of all that is compared for being equal: `a >= b and a <= b` is one of them.

    It may be so of some rows only, by one of several conditions. Columns that one function reads, or that are compared
    with a constant together, count as compared with each other: `contains(a, b)`, `concat(a, b) = 'x'`.
    """
    bounds: set[tuple[str, str]] = set()
    for atom, holds in (found for one in conjuncts for found in _atoms(one, True)):
        if type(atom) in _BOUNDS:
            for low, high in _ordered(atom, holds):
                bounds.add((low.sql(), high.sql()))
                if (high.sql(), low.sql()) in bounds:
                    yield low, high
            yield from _found_within(atom)
        elif isinstance(atom, _EQUAL):
            yield from _equal(atom) if holds is not False else ()
        elif isinstance(atom, exp.NEQ):
            yield from _sides(atom.this, atom.expression) if holds is not True else ()
        elif not _asks_for_null(atom):
            yield from _together(atom)


_BOUNDS = (exp.GT, exp.GTE, exp.LT, exp.LTE)
_EQUAL = (exp.EQ, exp.NullSafeEQ, exp.Like, exp.ILike, exp.In, exp.Between)
_CHOICES = ("coalesce", "nvl", "ifnull", "if")


def _atoms(condition: exp.Expr, holds: Holds) -> Iterator[tuple[exp.Expression, Holds]]:
    """The conditions that a condition is put together of."""
    waiting: list[tuple[Any, Holds]] = [(condition, holds)]
    while waiting:
        one, holds = waiting.pop()
        inner: Any = one.unnest()
        if isinstance(inner, exp.Not):
            waiting.append((inner.this, None if holds is None else not holds))
        elif isinstance(inner, (exp.And, exp.Or)):
            waiting += ((inner.expression, holds), (inner.this, holds))
        elif parts := list(_chosen(inner)):
            waiting += ((part, None) for part in reversed(parts))
        else:
            yield inner, holds


def _chosen(ast: exp.Expression) -> Iterator[exp.Expr]:
    """The conditions among the parts of what is true or false by them: of CASE, or `(…) = true`."""
    if isinstance(ast, exp.Case):
        for branch in ast.args["ifs"]:
            yield exp.EQ(this=ast.this.copy(), expression=branch.this.copy()) if ast.this else branch.this
            yield from (branch.args["true"],) if type_of(branch.args["true"]) == BOOLEAN else ()
        return
    sides = (ast.this, ast.args.get("expression"))
    with_constant = isinstance(ast, (exp.EQ, exp.NEQ, exp.NullSafeEQ, exp.Is)) and any(
        isinstance(side, exp.Boolean) for side in sides
    )
    if with_constant or (isinstance(ast, exp.Anonymous) and str(ast.this) in _CHOICES):
        yield from (part for part in ast.iter_expressions() if type_of(part.unnest()) == BOOLEAN)


def _ordered(compared: exp.Expression, holds: Holds) -> Iterator[Pair]:
    """What a comparison leaves in order, and perhaps equal: the lower side first."""
    left, right = compared.this, compared.expression
    up = (left, right) if isinstance(compared, (exp.LT, exp.LTE)) else (right, left)
    if holds is not False and isinstance(compared, (exp.LTE, exp.GTE)):
        yield up
    if holds is not True and isinstance(compared, (exp.LT, exp.GT)):
        yield up[::-1]


def _equal(atom: exp.Expression) -> Iterator[Pair]:
    if isinstance(atom, exp.In):
        others = atom.expressions
    elif isinstance(atom, exp.Between):
        others = [atom.args["low"], atom.args["high"]]
    else:
        others = [atom.expression]
    for other in others:
        yield from _sides(atom.this, other)


def _sides(one: exp.Expression, other: exp.Expression) -> Iterator[Pair]:
    if one.find(exp.Column) and other.find(exp.Column):
        yield one, other
    else:
        yield from _together(one)
        yield from _together(other)


def _found_within(atom: exp.Expression) -> Iterator[Pair]:
    """Texts that one function reads, compared with a constant: `instr(a, b) > 0`."""
    for one, other in ((atom.this, atom.expression), (atom.expression, atom.this)):
        if not other.find(exp.Column):
            yield from (pair for pair in _together(one) if all(type_of(side) == STRING for side in pair))


def _together(ast: exp.Expression) -> Iterator[Pair]:
    """The columns that an expression reads, each with the first."""
    first, *others = {node.sql(): node for node in ast.find_all(exp.Column)}.values() or (None,)
    yield from ((first, other) for other in others if first is not None)


def _asks_for_null(atom: exp.Expression) -> bool:
    """Whether a condition tells of values only that they are null, not what they are: `nullif(a, b) is null` does."""
    if not isinstance(atom, exp.Is) and not (isinstance(atom, exp.Anonymous) and str(atom.this) in _NULL_TESTS):
        return False
    calls = {str(call.this) for call in atom.find_all(exp.Anonymous)}
    return atom.find(exp.Case) is None and not calls & {"nullif", "if"}


_NULL_TESTS = ("isnull", "isnotnull")
