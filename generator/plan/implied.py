"""Which conditions follow from which: what a filter has to say for a consent's condition to be known.

A condition on one column leaves it some values: a set, all but a set, or a range. It implies another that leaves it
those and more. Only constants that are compared exactly count.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlglot import exp

from generator.plan.conditions import canonical, column_id, not_null, null_rejected
from generator.plan.expressions.nodes import type_of
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
    have = {text for one in conjuncts if (text := canonical(one, known)) is not None}
    have |= {not_null(known[column]) for column in null_rejected(conjuncts) if column in known}
    left = [found for one in conjuncts if (found := _values(one, lambda node: known.get(column_id(node)))) is not None]
    have |= {not_null(one.column) for one in left if one.among is not None or one.is_range}
    return {text for text, goal in goals.items() if text in have or _follows(goal, left)}


@dataclass(frozen=True, slots=True)
class _Values:
    """The values that a true condition leaves a column: null is none of them.

    Attributes:
        among: these alone; `besides`: any but these; else those from `low` to `high`, both themselves included or not.
    """

    column: str
    among: frozenset[Constant] | None = None
    besides: frozenset[Constant] | None = None
    low: Constant | None = None
    high: Constant | None = None
    with_low: bool = True
    with_high: bool = True

    @property
    def is_range(self) -> bool:
        return self.among is None and self.besides is None

    def has(self, value: Constant) -> bool:
        if self.among is not None:
            return value in self.among
        if self.besides is not None:
            return value not in self.besides
        above = self.low is None or self.low < value or (self.with_low and self.low == value)  # type: ignore[operator]
        below = self.high is None or value < self.high or (self.with_high and self.high == value)  # type: ignore[operator]
        return above and below


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
    low = wanted.low is None or (
        one.low is not None
        and (wanted.has(one.low) or (one.low == wanted.low and not one.with_low) or one.low > wanted.low)  # type: ignore[operator]
    )
    high = wanted.high is None or (
        one.high is not None
        and (wanted.has(one.high) or (one.high == wanted.high and not one.with_high) or one.high < wanted.high)  # type: ignore[operator]
    )
    return low and high


def _values(ast: exp.Expression, name_of: NameOf) -> _Values | None:
    """What a true condition leaves of one column, if it is about one column and constants."""
    told = _truth(ast, True, name_of)
    if told is not None:
        return _Values(told[0], among=frozenset((told[1],)))
    inner = ast.this.unnest() if isinstance(ast, exp.Not) else ast
    if isinstance(inner, exp.In):
        found = _listed(inner, name_of)
        if found is None or inner is ast:
            return found
        return _Values(found.column, besides=found.among)
    if inner is not ast:
        return None
    if isinstance(ast, exp.Between):
        column, low, high = _name(ast.this, name_of), *(_constant(ast.args[end], ast.this) for end in ("low", "high"))
        ordered = column is not None and low is not None and high is not None and type_of(ast.this) != STRING
        return _Values(column or "", low=low, high=high) if ordered else None
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
    if kind in (exp.GT, exp.GTE):
        return _Values(column, low=value, with_low=kind is exp.GTE)
    return _Values(column, high=value, with_high=kind is exp.LTE)


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


def _truth(ast: exp.Expr, wanted: bool, name_of: NameOf) -> tuple[str, bool] | None:
    """The boolean column, and its value, that make a condition come out as wanted: true or false, and not null."""
    inner = ast.unnest()
    if isinstance(inner, exp.Column):
        name = name_of(inner) if type_of(inner) == BOOLEAN else None
        return None if name is None else (name, wanted)
    if isinstance(inner, exp.Not):
        return _truth(inner.this, not wanted, name_of)
    if isinstance(inner, exp.Anonymous) and str(inner.this) in ("coalesce", "nvl", "ifnull"):
        one, *others = inner.expressions
        fallback = others[0] if len(others) == 1 else None
        certain = isinstance(fallback, exp.Boolean) and bool(fallback.this) != wanted
        return _truth(one, wanted, name_of) if certain else None
    if type(inner) not in (exp.EQ, exp.NEQ, exp.NullSafeEQ, exp.Is) or not isinstance(inner.expression, exp.Boolean):
        return None
    if not wanted and isinstance(inner, (exp.NullSafeEQ, exp.Is)):  # false of a null as well
        return None
    same = bool(inner.expression.this) != isinstance(inner, exp.NEQ)
    return _truth(inner.this, wanted == same, name_of)
