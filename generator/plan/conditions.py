"""What conditions say, read from their syntax alone: nothing here evaluates anything."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from sqlglot import exp

from generator.plan.expressions.columns import column_id, column_nodes
from generator.plan.expressions.nodes import type_of
from generator.plan.relation import ColumnId, Relation
from generator.plan.types import Type


def has_window(ast: exp.Expression) -> bool:
    """Whether there is a window function in an expression."""
    return not isinstance(ast, exp.Column) and ast.find(exp.Window) is not None


def equal_sides(conjuncts: Iterable[exp.Expression]) -> list[tuple[exp.Expression, exp.Expression]]:
    """The sides of the conjuncts that compare with `=`, and hold for equal values only.

    Compared as another type, such as bigint with double, different values can come out equal.
    """
    return [
        (one.this, one.expression)
        for one in conjuncts
        if type(one) is exp.EQ and compared_exactly(type_of(one.this.unnest()), type_of(one.expression.unnest()))
    ]


def equalities(conjuncts: Iterable[exp.Expression]) -> list[tuple[ColumnId, ColumnId]]:
    """The conjuncts that compare two plain columns with `=`, and hold for equal values only."""
    return [
        (column_id(one), column_id(other))
        for one, other in equal_sides(conjuncts)
        if isinstance(one, exp.Column) and isinstance(other, exp.Column)
    ]


def compared_exactly(a: Type, b: Type) -> bool:
    """Whether values of these types that come out equal are the same: 0.0 and -0.0 aren't, nor 2^53 + 1 as a double."""
    return (a == b and not any(kind in str(a) for kind in ("float", "double"))) or (a.is_integer and b.is_integer)


def null_rejected(conjuncts: Iterable[exp.Expression]) -> set[ColumnId]:
    """Columns that aren't null where the conjuncts are true."""
    found: set[ColumnId] = set()
    for one in conjuncts:
        inner = one.unnest()
        negated = isinstance(inner, exp.Not)
        tested = inner.this.unnest() if negated else inner
        if isinstance(tested, exp.Is):
            sides = [tested.this] if _leaves_no_null(tested.expression, negated) else []
        elif isinstance(tested, exp.Anonymous) and str(tested.this) == ("isnull" if negated else "isnotnull"):
            sides = tested.expressions
        elif type(tested) in _STRICT:
            sides = [tested.this, tested.args.get("expression")]
        else:
            sides = [tested]
        for side in sides:
            found |= _strict(side)
    return found


def _leaves_no_null(test: exp.Expr, negated: bool) -> bool:
    """Whether what fulfils `is` a test, or `is not`, isn't null."""
    return isinstance(test, exp.Null) if negated else isinstance(test, exp.Boolean)


def _strict(value: exp.Expr | None) -> set[ColumnId]:
    """The columns that aren't null where a value isn't."""
    if isinstance(value, exp.Column):
        return {column_id(value)}
    if isinstance(value, _NULL_IN_NULL_OUT) or (isinstance(value, exp.Anonymous) and str(value.this) in _STRICT_CALLS):
        return set[ColumnId]().union(*(_strict(part) for part in value.iter_expressions()))
    return set()


_STRICT = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Like, exp.ILike, exp.Between, exp.In)
_NULL_IN_NULL_OUT = (exp.Paren, exp.Not, exp.Neg, exp.Cast, exp.TryCast, exp.Add, exp.Sub, exp.Mul, *_STRICT[:6])
_STRICT_CALLS = frozenset(
    "lower upper trim ltrim rtrim length year month day dayofmonth quarter hour minute second to_date date_add"
    " date_sub datediff abs".split()
)
"""Functions that give null wherever an argument is null."""


def lower_bounds(conjuncts: Iterable[exp.Expression]) -> Iterator[tuple[ColumnId, ColumnId]]:
    """Pairs of columns of which the first is not before the second."""
    for one in conjuncts:
        if not isinstance(one, exp.Binary) or not isinstance(one.this, exp.Column):
            continue
        if not isinstance(one.expression, exp.Column):
            continue
        kinds = type_of(one.this), type_of(one.expression)
        if kinds[0] != kinds[1] and not compared_exactly(*kinds):
            continue
        left, right = column_id(one.this), column_id(one.expression)
        if isinstance(one, (exp.GTE, exp.GT, exp.EQ)):
            yield left, right
        if isinstance(one, (exp.LTE, exp.LT, exp.EQ)):
            yield right, left


def reads_only(ast: exp.Expression, relation: Relation) -> bool:
    """Whether a condition is about this relation's columns alone."""
    return all(column_id(node) in relation.columns for node in column_nodes(ast))


def not_null(column: str) -> str:
    """The canonical text of a raw column's `is not null`."""
    return f"Not(Is(Null(),#{column}))"


def canonical(ast: exp.Expr, columns: Mapping[ColumnId, str]) -> str | None:
    """A condition's text over raw columns, the same for conditions that only look different.

    Args:
        columns: the raw column that each column is; None is returned when the condition reads any other.
    """
    if isinstance(ast, exp.Paren):
        return canonical(ast.this, columns)
    if isinstance(ast, exp.Anonymous) and str(ast.this) in ("isnull", "isnotnull"):
        test = exp.Is(this=ast.expressions[0].copy(), expression=exp.Null())
        return canonical(test if ast.this == "isnull" else exp.Not(this=test), columns)
    if isinstance(ast, exp.Column):
        raw = columns.get(column_id(ast))
        return None if raw is None else f"#{raw}"
    if isinstance(ast, exp.Literal):
        return f"Literal({ast.this!r}, {ast.is_string})"
    if isinstance(ast, (exp.DataType, exp.Identifier)):
        return f"{type(ast).__name__}({ast.sql()!r})"
    parts: list[str] = []
    for key, value in sorted(ast.args.items()):
        for item in value if isinstance(value, list) else [value]:
            if isinstance(item, exp.Expression):
                part = canonical(item, columns)
                if part is None:
                    return None
                parts.append(part)
            elif item is not None and item is not False:
                parts.append(f"{key}={item!r}")
    name = type(ast).__name__
    if name in _FLIPPED:
        name = _FLIPPED[name]
        parts.reverse()
    if name in ("EQ", "NEQ", "NullSafeEQ", "Or", "And"):
        parts.sort()
    return f"{name}({','.join(parts)})"


_FLIPPED = {"GT": "LT", "GTE": "LTE"}
