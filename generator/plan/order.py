"""Order that leaves nothing to chance: what rows that an order leaves equal are ordered by.

Which row is first must not depend on the engine, nor on the run. So where an order isn't known to tell all rows apart,
the columns that it doesn't name break its ties, one after the other until a key tells the rows apart; or those of the
key alone, where another column has no order. Rows that even all columns leave equal are the same row several times, and
it doesn't matter which is taken.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from sqlglot import exp

from generator.plan import facts
from generator.plan.expressions import Problem, Typed, copied
from generator.plan.expressions.columns import column_id, column_node
from generator.plan.expressions.functions.order_text import ORDER_TEXT, has_order_text
from generator.plan.expressions.nodes import span_of, type_of, typed
from generator.plan.lake import Order
from generator.plan.relation import ColumnId, Relation
from generator.plan.types import STRING, Type

PICKING = frozenset(("row_number", "ntile", "lag", "lead", "first_value", "last_value", "nth_value"))
"""Window functions that tell rows apart which the order leaves equal. `rank` and its like don't."""
BY = frozenset(("min_by", "max_by"))
_INEXACT = ("float", "double")
_WHOLE = {
    "kind": "ROWS",
    "start": "UNBOUNDED",
    "start_side": "PRECEDING",
    "end": "UNBOUNDED",
    "end_side": "FOLLOWING",
}


class NoOrder(Exception):
    """The rows of a relation can't be told apart by an order that all engines have.

    Attributes:
        columns: those that stand in the way.
    """

    def __init__(self, columns: Sequence[str]) -> None:
        self.columns = columns
        super().__init__(f"no order of {', '.join(columns)}")


def ties(relation: Relation, named: Iterable[ColumnId]) -> tuple[Order, ...]:
    """The columns that order the rows which agree on `named`, exact ones first.

    Raises:
        NoOrder: there is no key, and some other column has no order that is the same everywhere.
    """
    given = frozenset(named)
    others = [column for column in relation.columns if column not in given]
    others.sort(key=lambda column: relation.columns[column].type.kind in _INEXACT)
    chosen: list[ColumnId] = []
    for column in others:
        if facts.covers(relation.keys, {*given, *chosen}):
            break
        chosen.append(column)
    unordered = [column for column in chosen if not _orderable(relation.columns[column].type)]
    if unordered:
        chosen = _of_a_key(relation, given)
    if unordered and not chosen:
        raise NoOrder([column.name for column in unordered])
    return tuple(Order(column, False) for column in chosen)


def _of_a_key(relation: Relation, given: frozenset[ColumnId]) -> list[ColumnId]:
    """What the shortest key adds whose columns all have an order; nothing where there is none."""
    keys = (key for key in relation.keys if all(_orderable(relation.columns[column].type) for column in key))
    key = min(keys, key=lambda key: (len(key), sorted((alias or "", name) for alias, name in key)), default=frozenset())
    return [column for column in relation.columns if column in key and column not in given]


def _orderable(kind: Type) -> bool:
    return has_order_text(kind) if kind.is_nested else True


def order_key(column: ColumnId, kind: Type) -> exp.Expression:
    """What a column is ordered by: itself, or a text for nested values, whose nulls engines order differently."""
    node = column_node(column, kind)
    return typed(exp.Anonymous(this=ORDER_TEXT, expressions=[node]), STRING) if kind.is_nested else node


def made_certain(found: Typed, relation: Relation, by: Iterable[ColumnId] = ()) -> tuple[Typed | None, list[Problem]]:
    """An expression over a relation in which no window function and no `max_by` leaves its choice to chance.

    Args:
        by: the columns that the rows are grouped by.

    Returns:
        None where there are problems.
    """
    picks = [node for node in found.ast.find_all(exp.Window, exp.AnonymousAggFunc) if _picks(node)]
    if not picks:
        return found, []
    ast = copied(found.ast)
    problems = []
    for node in list(ast.find_all(exp.Window, exp.AnonymousAggFunc)):
        if not _picks(node):
            continue
        try:
            _break_ties(node, relation, frozenset(by))
        except NoOrder as error:
            problems.append(_problem(node, error))
    return (None, problems) if problems else (replace(found, ast=ast), [])


def _picks(node: exp.Expression) -> bool:
    if isinstance(node, exp.AnonymousAggFunc):
        return node.this in BY
    order, spec = node.args["order"], node.args["spec"]
    return order is not None and (str(node.this.this) in PICKING or (spec is not None and spec.args["kind"] == "ROWS"))


def _break_ties(node: exp.Expression, relation: Relation, by: frozenset[ColumnId]) -> None:
    if isinstance(node, exp.AnonymousAggFunc):
        order = node.expressions[1]
        node.set("expressions", _with_ties(node.expressions, _keys(relation, {*by, *_columns([order])})))
        return
    terms = node.args["order"].expressions
    named = _columns([*node.args["partition_by"], *(term.this for term in terms)])
    keys = _keys(relation, named)
    if not keys:
        return
    broken = [exp.Ordered(this=key, desc=False, nulls_first=True) for key in keys]
    if _of_peers(node):
        node.set("partition_by", [*node.args["partition_by"], *(term.this for term in terms)])
        node.set("order", exp.Order(expressions=broken))
        node.set("spec", exp.WindowSpec(**_WHOLE))
    else:
        node.set("order", exp.Order(expressions=[*terms, *broken]))


def _of_peers(node: exp.Expression) -> bool:
    """Whether a window asks for the first or last of the rows that the order leaves equal to the present one.

    These are then a partition of their own: with its ties broken, the order would leave no other row equal.

    Raises:
        NoOrder: for the n-th row of a frame that ends with them.
    """
    spec = node.args["spec"].args if node.args["spec"] is not None else {}
    name = str(node.this.this)
    if spec.get("kind", "RANGE") != "RANGE" or name not in ("first_value", "last_value", "nth_value"):
        return False
    starts, ends = spec.get("start", "UNBOUNDED") == "CURRENT ROW", spec.get("end", "CURRENT ROW") == "CURRENT ROW"
    if name == "nth_value" and (starts or ends):
        raise NoOrder(())
    return bool(starts if name == "first_value" else ends)


def _with_ties(arguments: Sequence[exp.Expression], keys: Sequence[exp.Expression]) -> list[exp.Expression]:
    """The arguments of `max_by`, with what breaks ties before the condition of a FILTER."""
    where = [one for one in arguments if isinstance(one, exp.Where)]
    return [*(one for one in arguments if not isinstance(one, exp.Where)), *keys, *where]


def _keys(relation: Relation, named: Iterable[ColumnId]) -> list[exp.Expression]:
    return [order_key(one.column, relation.columns[one.column].type) for one in ties(relation, named)]


def _columns(nodes: Iterable[exp.Expression]) -> Iterator[ColumnId]:
    """The columns that stand alone among some expressions: only these tell as much as they are."""
    for node in nodes:
        bare = node.unnest()
        if isinstance(bare, exp.Column) and not type_of(bare).is_nested:
            yield column_id(bare)


def _problem(node: exp.Expression, error: NoOrder) -> Problem:
    name = str(node.this.this) if isinstance(node, exp.Window) else str(node.this)
    start, end = span_of(node)
    if not error.columns:
        return Problem(
            "A005", f"`{name}` counts rows that its order leaves equal", start, end, "differs from run to run",
            help=("write `rows between unbounded preceding and current row` after the order",
                  "or order by columns that are `unique`"),
        )  # fmt: skip
    shown = ", ".join(f"`{column}`" for column in error.columns)
    return Problem(
        "A005", f"which row comes first in `{name}` is not certain", start, end, "differs from run to run",
        notes=(f"rows that the order leaves equal can differ in {shown}, which has no order",),
        help=("order by columns that are `unique` in the source", f"or drop {shown} in a table before"),
    )  # fmt: skip
