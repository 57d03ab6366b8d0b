"""Which output columns tell, of each row, the rows of the inputs that it was made of.

Restricting a query to some values of such columns gives the same as restricting the rows that it starts from: the
columns are computed from a base row alone, and where rows are put together (groups, duplicates, partitions) all of
them share these columns' values.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlglot import exp

from generator.plan.conditions import has_window
from generator.plan.expressions import substitute, to_spark
from generator.plan.expressions.columns import column_id, column_node, column_nodes
from generator.plan.expressions.nodes import type_of
from generator.plan.lake import (
    Aggregate,
    Computed,
    Dedupe,
    Extend,
    Filter,
    Inline,
    Join,
    Place,
    Query,
    Scan,
    Select,
    Step,
    Union,
    Unnest,
)
from generator.plan.maintenance.readings import columns_of, expressions_of
from generator.plan.relation import ColumnId
from generator.plan.types import Type

MOST_COLUMNS = 8
_EXACT = frozenset(("string", "boolean", "tinyint", "smallint", "int", "bigint", "date", "timestamp", "decimal"))
Asts = Mapping[ColumnId, exp.Expression]


def is_exact(kind: Type) -> bool:
    """Whether two values of a type that compare equal are the same value."""
    return kind.kind in _EXACT


@dataclass(frozen=True, slots=True)
class Lost:
    """Where a query loses every column that tells of which rows a row was made, and why."""

    place: Place
    reason: str


@dataclass(slots=True)
class Trace:
    """What is known of a query's columns.

    Attributes:
        told: the columns that tell, each as an expression over the columns of the first step.
        grouped: rows are made of several others.
        lost: the first step that left none.
    """

    told: dict[ColumnId, exp.Expression] = field(default_factory=dict)
    grouped: bool = False
    lost: Lost | None = None

    def keep(self, step: Step, told: dict[ColumnId, exp.Expression], reason: str) -> None:
        if self.lost is None and not any(map(_reads_columns, told.values())):
            self.lost = Lost(step.place, reason)
        self.told = told


def trace(query: Query) -> Trace:
    """Follows the columns of the first step's rows through a query."""
    found = _first(query.steps[0])
    for step in query.steps[1:]:
        _STEPS[type(step)](found, step)
    return found


def told_columns(query: Query, found: Trace) -> dict[str, exp.Expression]:
    """The output columns that tell and compare exactly, each as an expression over the columns of the first step."""
    return {
        key.name: found.told[key]
        for key, column in query.relation.columns.items()
        if key in found.told and is_exact(column.type) and _reads_columns(found.told[key])
    }


def address(query: Query, found: Trace) -> tuple[str, ...]:
    """The output columns that rows are found again by; empty where none tells."""
    known = told_columns(query, found)
    every = query.relation.keys
    keys = sorted((sorted(column.name for column in key) for key in every), key=lambda key: (len(key), key))
    unique = next((key for key in keys if key and known.keys() >= set(key)), None)
    names = {to_spark(known[name]): name for name in reversed(known) if unique is None or name in unique}
    return tuple(reversed(names.values()))[:MOST_COLUMNS]


def compared(before: Sequence[Step], join: Join) -> dict[str, exp.Expression]:
    """What a join compares of the rows on its left, and the column of its right that each is equal to.

    Args:
        before: the steps that lead to it.

    Returns:
        By the text of an expression over the first step's columns, as far as that is known and compares exactly.
    """
    told = trace(Query(tuple(before))).told
    nodes = {column_id(node): node for node in column_nodes(join.condition)}
    found: dict[str, exp.Expression] = {}
    for pair in join.pairs:
        left, right = told.get(pair.left), nodes.get(pair.right)
        if left is not None and right is not None and type_of(left) == type_of(right) and is_exact(type_of(right)):
            found[to_spark(left)] = right
    return found


def inner_address(step: Step, index: int, asts: Iterable[exp.Expression]) -> tuple[exp.Expression, ...]:
    """The expressions of an address over the first step of a query that a first step takes rows from."""
    inner = (step.inputs if isinstance(step, Union) else (step.input,) if isinstance(step, Scan) else ())[index]
    assert isinstance(inner, Query) and isinstance(step, (Scan, Union))
    told = {ColumnId(step.alias, key.name): ast for key, ast in trace(inner).told.items()}
    return tuple(substitute(ast, told) for ast in asts)


def _reads_columns(ast: exp.Expression) -> bool:
    return next(column_nodes(ast), None) is not None


def _first(step: Step) -> Trace:
    assert isinstance(step, (Scan, Union, Inline))
    inputs = step.inputs if isinstance(step, Union) else (step.input,) if isinstance(step, Scan) else ()
    traces = [trace(one) for one in inputs if isinstance(one, Query)]
    names = [{key.name for key, ast in one.told.items() if _reads_columns(ast)} for one in traces]
    told: dict[ColumnId, exp.Expression] = {
        key: column_node(key, column.type)
        for key, column in step.after.columns.items()
        if all(key.name in one for one in names)
    }
    found = Trace(told, any(one.grouped for one in traces), next((one.lost for one in traces if one.lost), None))
    found.keep(step, told, "no column of all its inputs tells of which rows a row was made")
    return found


def _filter(found: Trace, step: Filter) -> None:
    pass


def _unnest(found: Trace, step: Unnest) -> None:
    told = {key: ast for key, ast in found.told.items() if key in step.after.columns and key not in step.new}
    found.keep(step, told, f"`{step.text}` takes the place of the last column of a base row")


def _join(found: Trace, step: Join) -> None:
    if step.kind == "full":
        found.keep(step, {}, f"`{step.text}` keeps rows of which only its right side tells")
        return
    told = {key: ast for key, ast in found.told.items() if key in step.after.columns}
    if step.kind == "inner":
        for pair in step.pairs:
            known, other = found.told.get(pair.left), step.after.columns.get(pair.right)
            if known is not None and other is not None and type_of(known) == other.type and is_exact(other.type):
                told[pair.right] = known
    found.keep(step, told, f"`{step.text}` leaves no column of the rows on its left")


def _extend(found: Trace, step: Extend) -> None:
    _windows(found, step)
    told = {key: ast for key, ast in found.told.items() if key in step.after.columns}
    found.keep(step, {**told, **_computed(found, step.columns)}, f"`{step.text}` takes the place of the last one")


def _computed(found: Trace, columns: Iterable[Computed]) -> dict[ColumnId, exp.Expression]:
    return {
        ColumnId(None, one.column.name): _in_terms_of(found.told, one.ast)
        for one in columns
        if not has_window(one.ast) and all(column in found.told for column in columns_of(one.ast))
    }


def _in_terms_of(told: Asts, ast: exp.Expression) -> exp.Expression:
    """An expression over the first step's columns; of a plain column, which most are, what is known of it."""
    return told[column_id(ast)] if isinstance(ast, exp.Column) else substitute(ast, told)


def _windows(found: Trace, step: Step) -> None:
    for window in (window for ast in expressions_of(step) if has_window(ast) for window in ast.find_all(exp.Window)):
        parts = [part.unnest() for part in window.args.get("partition_by") or ()]
        known = [substitute(part, found.told) for part in parts if _is_told(found, part)]
        reason = "a window over all rows" if not parts else "a window's `partition by` has no column of a base row"
        _grouped(found, step, [one for one in known if is_exact(type_of(one))], reason)


def _is_told(found: Trace, ast: exp.Expression) -> bool:
    return all(column in found.told for column in columns_of(ast))


def _dedupe(found: Trace, step: Dedupe) -> None:
    by = _told_of(found, step.by)
    _grouped(found, step, by, "`dedupe` has no exact column of a base row in `by`")


def _told_of(found: Trace, by: Iterable[ColumnId]) -> list[exp.Expression]:
    return [found.told[one] for one in by if one in found.told and is_exact(type_of(found.told[one]))]


def _aggregate(found: Trace, step: Aggregate) -> None:
    reason = "`group by` has no exact column of a base row" if step.by else "one row is made of all rows"
    _grouped(found, step, _told_of(found, step.by), reason)
    told = {ColumnId(None, one.name): found.told[one] for one in step.by if one in found.told}
    found.keep(step, told, reason)


def _grouped(found: Trace, step: Step, by: list[exp.Expression], reason: str) -> None:
    """Only what all rows of a group share still tells of which rows a row was made."""
    found.grouped = True
    texts = {to_spark(ast) for ast in by}
    plain = {column_id(ast) for ast in by if isinstance(ast, exp.Column)}
    told = {
        key: ast
        for key, ast in found.told.items()
        if to_spark(ast) in texts or (_reads_columns(ast) and plain.issuperset(columns_of(ast)))
    }
    found.keep(step, told, reason)


def _select(found: Trace, step: Select) -> None:
    _windows(found, step)
    found.keep(step, _computed(found, step.columns), "no column that comes out is one of a base row")
    if step.distinct:
        exact = [ast for ast in found.told.values() if is_exact(type_of(ast))]
        _grouped(found, step, exact, "`distinct` has no exact column of a base row")


_STEPS: dict[type[Step], Callable[[Trace, Any], None]] = {
    Filter: _filter,
    Unnest: _unnest,
    Join: _join,
    Extend: _extend,
    Dedupe: _dedupe,
    Aggregate: _aggregate,
    Select: _select,
}
