"""QUALIFY: windows are computed as columns, and rows filtered by them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlglot import exp

from generator.plan.expressions import Allow
from generator.plan.expressions.nodes import place, span_of
from generator.plan.relation import ColumnId
from generator.plan.sql.lowering import Lowering, same_text
from generator.plan.sql.syntax import Core, Item
from generator.plan.steps import StepBuilder


def qualified(lowering: Lowering, builder: StepBuilder, core: Core) -> dict[str, ColumnId]:
    """Adds the steps of a SELECT's QUALIFY, which may name columns that the SELECT computes.

    Returns:
        the columns that it computes to partition by, by the text of their expression: the SELECT has the same.
    """
    assert core.qualify is not None
    start, end = span_of(core.qualify)
    if core.group_by or core.having is not None:
        raise lowering.refuse("Q001", "QUALIFY beside GROUP BY", start, end, "group in a query in FROM")
    present = {column.name for column in builder.relation.columns}
    named = {item.name: item.ast for item in core.items if isinstance(item, Item) and item.name not in {None, *present}}
    condition: Any = core.qualify.transform(lambda node: _meant(node, named))
    if condition.find(exp.Window) is None:
        raise lowering.refuse("Q001", "QUALIFY without a window", start, end, "write it in WHERE")
    return keep_by_windows(lowering, builder, condition)


def keep_by_windows(lowering: Lowering, builder: StepBuilder, condition: Any) -> dict[str, ColumnId]:
    """Adds the steps that keep rows by a condition with windows; it is changed.

    Returns:
        the columns that are computed to partition by, by the text of their expression.
    """
    start, end = span_of(condition)
    windows = list(condition.find_all(exp.Window))
    parts = _partitions(lowering, builder, windows)
    typed = [lowering.certain(one, builder, Allow.WINDOWS) for one in windows]
    for number, (window, value) in enumerate(zip(windows, typed, strict=True)):
        span, node = span_of(window), _column(f"#qualify{number}", window)
        builder.extend({node.name: value}, lowering.place(*span), lowering.written(*span))
        if window is condition:
            condition = node
        window.replace(node)
    kept = lowering.condition(condition, builder.scope())
    builder.filter(kept.ast, lowering.place(start, end), lowering.written(start, end))
    return parts


def _partitions(lowering: Lowering, builder: StepBuilder, windows: Iterable[exp.Window]) -> dict[str, ColumnId]:
    """Makes columns of the expressions that windows are partitioned by, and has the windows name those."""
    found: dict[str, ColumnId] = {}
    for part in [part for window in windows for part in window.args.get("partition_by") or ()]:
        typed = lowering.typed(part, builder.scope())
        if typed.column is not None:
            continue
        text = same_text(typed.ast)
        if text not in found:
            found[text] = ColumnId(None, f"#part{len(found)}")
            span = span_of(part)
            builder.extend({found[text].name: typed}, lowering.place(*span), lowering.written(*span))
        part.replace(_column(found[text].name, part))
    return found


def _column(name: str, like: exp.Expression) -> exp.Column:
    """A column that a step made, at the place of what stands for it."""
    node = place(exp.column(exp.to_identifier(name, quoted=True)), *span_of(like))
    place(node.this, *span_of(like))
    return node


def _meant(node: exp.Expression, named: Mapping[str | None, exp.Expression]) -> exp.Expression:
    """What a plain name of the select list stands for; each time a tree of its own."""
    known = named.get(node.name.lower()) if isinstance(node, exp.Column) and not node.table else None
    return known.copy() if known is not None else node
