"""Lowers rows that stand in a query: constants, of the types that Spark infers over all rows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time
from decimal import Decimal
from typing import Any

from sqlglot import exp

from generator.plan.expressions import Scope, Typed, check_ast
from generator.plan.expressions.literals import number_text
from generator.plan.expressions.nodes import span_of, type_of
from generator.plan.inline import MOST_ROWS, TOO_MANY
from generator.plan.lake import Query
from generator.plan.row_values import of_text
from generator.plan.sql.lowering import Lowering, Refused
from generator.plan.sql.syntax import Listed, ListedRow
from generator.plan.sql.values_parser import NO_NAMES
from generator.plan.steps import StepBuilder
from generator.plan.types import BINARY, DATE, DOUBLE, FLOAT, NULL, STRING, TIMESTAMP, Type, common
from generator.runtime.literals import number_decoder
from generator.runtime.rules import Rejected
from generator.runtime.words import plural

ROWS = "#values"
"""The alias of rows; names with a `#` are none that a spec can have."""


def listed_rows(lowering: Lowering, listed: Listed) -> Query:
    """The query that gives the rows of VALUES."""
    names = _names(lowering, listed)
    cells = [_cells(lowering, row, len(names)) for row in listed.rows]
    kinds = [_kind(lowering, name, [row[place] for row in cells]) for place, name in enumerate(names)]
    rows = tuple(tuple(_cell(lowering, one, kind) for one, kind in zip(row, kinds, strict=True)) for row in cells)
    builder = StepBuilder(lowering.context)
    where = lowering.place(listed.start, listed.end)
    builder.inline(dict(zip(names, kinds, strict=True)), rows, ROWS, where)
    builder.select({column.name: builder.plain(column) for column in builder.relation.columns}, where, ", ".join(names))
    return builder.query()


def _names(lowering: Lowering, listed: Listed) -> tuple[str, ...]:
    cells = len(listed.rows[0].cells)
    if not listed.names:
        help = f"write `as t ({', '.join(('a', 'b', 'c')[:cells])}{', …' if cells > 3 else ''})` after the rows"
        raise lowering.refuse("C007", NO_NAMES, listed.start, listed.end, help)
    if len(listed.names) != cells:
        message = (
            f"the first row has {plural(listed.rows[0].cells, 'value')}, and there are {plural(listed.names, 'name')}"
        )
        raise lowering.refuse("V005", message, listed.rows[0].start, listed.rows[0].end)
    twice = next((name for place, name in enumerate(listed.names) if name in listed.names[:place]), None)
    if twice is not None:
        raise lowering.refuse("C003", f"column `{twice}` comes out twice", listed.start, listed.end)
    if len(listed.rows) > MOST_ROWS:
        message = f"{len(listed.rows):,} rows are too many to stand in a spec"
        raise lowering.refuse("V005", message, listed.start, listed.end, TOO_MANY)
    return listed.names


def _cells(lowering: Lowering, row: ListedRow, wanted: int) -> list[Typed]:
    if len(row.cells) != wanted:
        message = f"this row has {plural(row.cells, 'value')}, and the first one has {wanted}"
        raise lowering.refuse("V005", message, row.start, row.end, "write `null` for what isn't known")
    return [_typed(lowering, one) for one in row.cells]


def _typed(lowering: Lowering, ast: exp.Expression) -> Typed:
    """A checked expression; what a cast would lose isn't told, since it is refused where that happens."""
    found, problems = check_ast(ast, Scope({}))
    lowering.context.report_problems(lowering.path, problems)
    if found is None:
        raise Refused(str(ast))
    return found


def _kind(lowering: Lowering, name: str, cells: Sequence[Typed]) -> Type:
    """The type that all values of a column convert to."""
    found = NULL
    for one in cells:
        both = common(found, one.type)
        if both is None:
            message = f"`{name}` is {found} in the rows above, and {one.type} here"
            raise lowering.refuse("T001", message, *span_of(one.ast), f"cast one of them: `cast(… as {found})`")
        found = both
    if found == NULL or (found.is_nested and "null" in str(found.element)):
        span = span_of(cells[0].ast)
        help = "say which type it has in one of the rows: `cast(null as string)`"
        raise lowering.refuse("T011", f"column `{name}` is always null and has no type", *span, help)
    return found


def _cell(lowering: Lowering, typed: Typed, kind: Type) -> Any:
    span = span_of(typed.ast)
    try:
        return _converted(_constant(typed.ast), type_of(typed.ast), kind)
    except _NoConstant:
        help = "write the value itself, or compute it in a `select` from these rows"
        raise lowering.refuse("Q001", "`values` takes constants, and this is computed", *span, help) from None
    except (Rejected, ValueError, OverflowError) as error:
        detail = (error.detail,) if isinstance(error, Rejected) else ()
        shown = lowering.written(*span)
        raise lowering.refuse("V001", f"`{shown}` is no {kind}", *span, *detail) from None


class _NoConstant(Exception):
    """An expression that has to be computed."""


def _constant(ast: exp.Expr) -> Any:
    """The value of a checked constant.

    Raises:
        _NoConstant: it has to be computed.
        Rejected, ValueError, OverflowError: it is cast to a type that it is no value of.
    """
    ast, kind = ast.unnest(), type_of(ast.unnest())
    if isinstance(ast, exp.Null):
        return None
    if isinstance(ast, exp.Boolean):
        return bool(ast.this)
    if isinstance(ast, exp.Literal):
        return str(ast.this) if ast.is_string else _number(str(ast.this), kind)
    if isinstance(ast, exp.Neg):
        inner = ast.this.unnest()
        if isinstance(inner, exp.Literal) and not inner.is_string:
            return -_number(str(inner.this), kind)
    if isinstance(ast, exp.Cast):
        return _converted(_constant(ast.this), type_of(ast.this), kind)
    if isinstance(ast, exp.Anonymous) and ast.this == "array":
        return [_converted(_constant(one), type_of(one), kind.element) for one in ast.expressions]
    raise _NoConstant


def _number(text: str, kind: Type) -> Any:
    text = number_text(text)
    if kind.is_integer:
        return int(text)
    if kind.kind == "decimal":
        return Decimal(text)
    return float(number_decoder(kind)(text)) if kind == FLOAT else float(text)


def _converted(value: Any, of: Type, to: Type) -> Any:
    """A value as one of another type, exactly; but a double is the nearest.

    Raises:
        _NoConstant, Rejected, ValueError, OverflowError: it isn't that easy.
    """
    if value is None or of == to:
        return value
    if of == STRING:
        return value.encode() if to == BINARY else of_text(value, to)
    if of.kind == to.kind == "array":
        return [_converted(one, of.element, to.element) for one in value]
    if of == DATE and to == TIMESTAMP:
        return datetime.combine(value, time())
    if not (of.is_numeric and to.is_numeric) or (of in (DOUBLE, FLOAT) and to not in (DOUBLE, FLOAT)):
        raise _NoConstant
    if to in (DOUBLE, FLOAT):
        return float(number_decoder(to)(repr(float(value))))
    exact = number_decoder(to)(format(Decimal(value), "f"))
    return int(exact) if to.is_integer else Decimal(exact)
