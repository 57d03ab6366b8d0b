"""Which conditions follow from which: what a filter has to say for a consent's condition to be known.

A condition on one column leaves it some values: a set, all but a set, or a range. It implies another that leaves it
those and more. Only constants that are compared exactly count. One of several conditions follows where one of them
does, and from one of several follows what follows from each.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial, reduce
from typing import Any

from sqlglot import exp

from generator.plan.conditions import canonical, not_null, null_rejected
from generator.plan.expressions import conjuncts as conjuncts_of
from generator.plan.expressions.columns import column_id, column_nodes
from generator.plan.expressions.nodes import type_of, typed
from generator.plan.relation import ColumnId
from generator.plan.types import BOOLEAN, DATE, STRING

Constant = bool | int | str
NameOf = Callable[[exp.Column], str | None]
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


def shown_goals(
    conjuncts: Sequence[exp.Expression], known: Mapping[ColumnId, str], goals: Mapping[str, exp.Expression]
) -> set[str]:
    """The goals that hold where all conjuncts are true.

    Args:
        known: the raw column that each column is.
        goals: conditions over raw columns, by their canonical text.
    """
    parts = [part for one in conjuncts for part in told(one)]
    certain = _Certain(parts, known)
    shown = {text for text, goal in goals.items() if certain.shows(text, goal)}
    for either in (disjuncts(one) for one in parts if isinstance(one, exp.Or)):
        left = {text: goal for text, goal in goals.items() if text not in shown}
        for one in either if len(either) <= MOST else ():
            left = {text: left[text] for text in shown_goals((one,), known, left)} if left else left
        shown |= left.keys() if len(either) <= MOST else set()
    return shown


MOST = 50
"""Of one of more conditions than these only the same is implied: each costs as much as a condition alone."""


class _Certain:
    """What conditions show that are all true, without looking into those that are one of several."""

    def __init__(self, parts: Sequence[exp.Expression], known: Mapping[ColumnId, str]) -> None:
        texts = (canonical(weaker, known) for one in parts for weaker in _weaker(one))
        self.have = {text for text in texts if text is not None}
        self.have |= {not_null(known[column]) for column in null_rejected(parts) if column in known}
        found = (_values(one, lambda node: known.get(column_id(node))) for one in parts)
        self.left = [one for one in found if one is not None]
        self.have |= {not_null(one.column) for one in self.left}

    def shows(self, text: str, goal: exp.Expression) -> bool:
        if text in self.have or _follows(goal, self.left):
            return True
        sides = disjuncts(goal) if isinstance(goal, exp.Or) else []
        wanted = (goals_of(side) for side in sides if len(sides) <= MOST)
        return any(all(self.shows(*one) for one in side.items()) for side in wanted)


def disjuncts(ast: exp.Expression) -> list[exp.Expression]:
    """The conditions of which one has to hold: ORs taken apart, in order."""
    found: list[exp.Expression] = []
    waiting: list[Any] = [ast]
    while waiting:
        node = waiting.pop().unnest()
        if isinstance(node, exp.Or):
            waiting += (node.expression, node.this)
        else:
            found.append(node)
    return found


def goals_of(condition: exp.Expression) -> dict[str, exp.Expression]:
    """What has to be shown for a condition over raw columns to be true, by its canonical text."""
    raw = {column_id(node): node.name for node in column_nodes(condition)}
    return {canonical(one, raw) or "": one for one in told(condition)}


def told(condition: exp.Expression) -> list[exp.Expression]:
    """The conditions that are all true where one is: ANDs and BETWEEN taken apart, and what NOT turns round."""
    found: list[exp.Expression] = []
    for one in conjuncts_of(condition):
        bare, wanted = _bare(one)
        if bare is not one:
            found += told(bare) if wanted else _denied(bare)
        else:
            found += _bounds(one) if isinstance(one, exp.Between) else [one]
    return found


def _bare(ast: exp.Expression) -> tuple[exp.Expression, bool]:
    """The condition within `not`, `= true`, `is false` or `coalesce(…, false)`, and whether it is true or false."""
    inner, wanted = ast, True
    while (found := _within(inner, wanted)) is not None:
        inner, wanted = found
    return inner, wanted


def _within(ast: exp.Expression, wanted: bool) -> tuple[exp.Expression, bool] | None:
    if isinstance(ast, exp.Paren):
        return ast.this, wanted
    if isinstance(ast, exp.Not):
        return ast.this, not wanted
    if isinstance(ast, exp.In) and len(ast.expressions) == 1 and isinstance(ast.expressions[0], exp.Boolean):
        return ast.this, wanted == bool(ast.expressions[0].this)
    if isinstance(ast, exp.Anonymous) and str(ast.this) in ("coalesce", "nvl", "ifnull") and len(ast.expressions) == 2:
        one, other = ast.expressions
        return (one, wanted) if isinstance(other, exp.Boolean) and bool(other.this) != wanted else None
    if isinstance(ast, exp.Anonymous) and str(ast.this) == "if" and wanted:
        one, *others = ast.expressions
        is_test = [bool(other.this) for other in others if isinstance(other, exp.Boolean)] == [True, False]
        return (one, True) if is_test else None
    sides = (ast.this, ast.args.get("expression"))
    if type(ast) in (exp.EQ, exp.NEQ, exp.NullSafeEQ) and isinstance(sides[0], exp.Boolean):
        sides = (sides[1], sides[0])
    if not isinstance(sides[1], exp.Boolean) or type_of(sides[0]) != BOOLEAN:
        return None
    if type(ast) in (exp.EQ, exp.NEQ):
        return sides[0], wanted == (bool(sides[1].this) != isinstance(ast, exp.NEQ))
    if type(ast) in (exp.NullSafeEQ, exp.Is) and wanted:  # false of a null as well
        return sides[0], bool(sides[1].this)
    return None


def _denied(ast: exp.Expression) -> list[exp.Expression]:
    """The conditions that are all true where one is false: not null either."""
    if isinstance(ast, exp.Or):
        return [part for side in disjuncts(ast) for part in told(_not(side))]
    if isinstance(ast, exp.And):
        return [reduce(partial(_made, exp.Or), map(_not, conjuncts_of(ast)))]
    if isinstance(ast, exp.Between):
        return [_made(exp.Or, *(_turned(bound) for bound in _bounds(ast)))]
    return [_turned(ast) if type(ast) in _TURNED else _not(ast)]


def _bounds(between: exp.Between) -> list[exp.Expression]:
    return [_made(kind, between.this, between.args[end]) for kind, end in ((exp.GTE, "low"), (exp.LTE, "high"))]


def _turned(compared: exp.Expression) -> exp.Expression:
    return _made(_TURNED[type(compared)], compared.this, compared.expression)


def _not(ast: exp.Expression) -> exp.Expression:
    return _node(exp.Not, this=ast)


def _made(kind: type[exp.Expression], left: exp.Expression, right: exp.Expression) -> exp.Expression:
    return _node(kind, this=left, expression=right)


def _node(kind: type[exp.Expression], **parts: exp.Expression) -> exp.Expression:
    """A condition over parts of another, to be read alone: the parts stay in their own tree."""
    made = kind()
    made.args = dict(parts)
    return typed(made, BOOLEAN)


_TURNED: dict[type[exp.Expression], type[exp.Expression]] = {
    exp.LT: exp.GTE, exp.GTE: exp.LT, exp.GT: exp.LTE, exp.LTE: exp.GT, exp.EQ: exp.NEQ, exp.NEQ: exp.EQ,
}  # fmt: skip


def _weaker(one: exp.Expression) -> list[exp.Expression]:
    """A comparison, and those of the same two values that follow from it."""
    weaker = _WEAKER.get(type(one), ())
    return [one, *(_made(kind, one.this, one.expression) for kind in weaker)]


_WEAKER: dict[type[exp.Expression], tuple[type[exp.Expression], ...]] = {
    exp.LT: (exp.LTE, exp.NEQ), exp.GT: (exp.GTE, exp.NEQ), exp.EQ: (exp.LTE, exp.GTE),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Values:
    """The values that a true condition leaves a column: null is none of them.

    Attributes:
        among: these alone; `besides`: any but these; else those from `low` to `high`, both included.
    """

    column: str
    among: frozenset[Constant] | None = None
    besides: frozenset[Constant] | None = None
    low: Constant | None = None
    high: Constant | None = None

    @property
    def is_range(self) -> bool:
        return self.among is None and self.besides is None

    def has(self, value: Constant) -> bool:
        if self.among is not None:
            return value in self.among
        if self.besides is not None:
            return value not in self.besides
        above = self.low is None or self.low <= value  # type: ignore[operator]
        return above and (self.high is None or value <= self.high)  # type: ignore[operator]


def _follows(goal: exp.Expression, left: Iterable[_Values]) -> bool:
    wanted = _values(goal, lambda node: node.name)
    return wanted is not None and any(one.column == wanted.column and _implies(one, wanted) for one in left)


def _implies(one: _Values, wanted: _Values) -> bool:
    if one.among is not None:
        return all(wanted.has(value) for value in one.among)
    if one.besides is not None:
        return wanted.besides is not None and wanted.besides <= one.besides
    if wanted.besides is not None:
        return not any(one.has(value) for value in wanted.besides)
    return wanted.is_range and _reaches(one, wanted)


def _reaches(one: _Values, wanted: _Values) -> bool:
    """Whether a range lies within the wanted one."""
    low = wanted.low is None or (one.low is not None and wanted.low <= one.low)  # type: ignore[operator]
    return low and (wanted.high is None or (one.high is not None and one.high <= wanted.high))  # type: ignore[operator]


def _values(ast: exp.Expression, name_of: NameOf) -> _Values | None:
    """What a true condition leaves of one column, if it is about one column and constants."""
    truth = _truth(ast, name_of)
    if truth is not None:
        return _Values(truth[0], among=frozenset((truth[1],)))
    inner = ast.this.unnest() if isinstance(ast, exp.Not) else ast
    if isinstance(inner, exp.In):
        found = _listed(inner, name_of)
        if found is None or inner is ast:
            return found
        return _Values(found.column, besides=found.among)
    if inner is not ast:
        return None
    return _compared(ast, name_of)


def _listed(ast: exp.In, name_of: NameOf) -> _Values | None:
    column = _name(ast.this, name_of)
    values = [_constant(one, ast.this) for one in ast.expressions]
    if column is None or not values or None in values:
        return None
    return _Values(column, among=frozenset(one for one in values if one is not None))


def _compared(ast: exp.Expression, name_of: NameOf) -> _Values | None:
    if type(ast) not in _FLIPPED:
        return None
    kind, one, other = type(ast), ast.this.unnest(), ast.expression.unnest()
    if not isinstance(one, exp.Column):
        kind, one, other = _FLIPPED[kind], other, one
    column, value = _name(one, name_of), _constant(other, one)
    if column is None or value is None:
        return None
    if kind in (exp.EQ, exp.NullSafeEQ):
        return _Values(column, among=frozenset((value,)))
    if kind is exp.NEQ:
        return _Values(column, besides=frozenset((value,)))
    if isinstance(value, str) and type_of(one) == STRING:
        return None
    above = kind in (exp.GT, exp.GTE)
    end = value if kind in (exp.GTE, exp.LTE) else _next(value, 1 if above else -1)
    return None if end is None else _Values(column, low=end) if above else _Values(column, high=end)


def _next(value: Constant, step: int) -> Constant | None:
    """The next whole number, or day, if there is one."""
    if not isinstance(value, str):
        return value + step
    try:
        return (date.fromisoformat(value) + timedelta(days=step)).isoformat()
    except (ValueError, OverflowError):
        return None


_FLIPPED: dict[type[exp.Expression], type[exp.Expression]] = {
    exp.EQ: exp.EQ, exp.NEQ: exp.NEQ, exp.NullSafeEQ: exp.NullSafeEQ,
    exp.GT: exp.LT, exp.LT: exp.GT, exp.GTE: exp.LTE, exp.LTE: exp.GTE,
}  # fmt: skip


def _name(ast: exp.Expr, name_of: NameOf) -> str | None:
    inner = ast.unnest()
    return name_of(inner) if isinstance(inner, exp.Column) else None


def _constant(ast: exp.Expr, column: exp.Expr) -> Constant | None:
    """A constant of the very type of the column that it is compared with."""
    kind = type_of(column.unnest())
    inner = ast.unnest()
    if isinstance(inner, exp.Neg):
        value = _constant(inner.this, column)
        return -value if isinstance(value, int) else None
    if isinstance(inner, exp.Cast):
        is_day = kind == DATE and type_of(inner) == DATE and isinstance(inner.this, exp.Literal)
        return inner.this.name if is_day and _DAY.fullmatch(inner.this.name) else None
    if not isinstance(inner, exp.Literal):
        return None
    if inner.is_string:
        return str(inner.this) if kind == STRING else None
    return int(inner.this) if kind.is_integer and type_of(inner).is_integer and str(inner.this).isdigit() else None


def _truth(ast: exp.Expr, name_of: NameOf) -> tuple[str, bool] | None:
    """The boolean column that is a condition, or whose negation is, and the value that makes it true."""
    inner = ast.unnest()
    column = inner.this.unnest() if isinstance(inner, exp.Not) else inner
    name = name_of(column) if isinstance(column, exp.Column) and type_of(column) == BOOLEAN else None
    return None if name is None else (name, column is inner)
