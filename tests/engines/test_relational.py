"""Tables written by keys and by `sql:` give the rows that a small evaluator in plain Python gives, on random data.

The evaluator (`evaluate`) knows nothing of the compiler: it runs a random `Plan` over lists of dictionaries. The same
plan is written once as the keys of a table and once as a query. What the compiler claims of each step (unique keys,
sides of joins, numbers of rows) is checked on the rows that are there after it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import duckdb
import pytest
import yaml
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from generator.checks import check_spec
from generator.diagnostics import SourceText
from generator.plan.emit import DUCKDB, emit, emit_count
from generator.plan.expressions import DUCKDB_SETTINGS
from generator.plan.expressions.check import column_node
from generator.plan.lake import CompiledLake, Computed, Join, Query, Scan, Select, Step, Union
from generator.plan.relation import ColumnId, Relation

Row = dict[str, Any]
Tables = dict[str, list[Row]]
Types = dict[str, str]
Expr = tuple[Any, ...]

SOURCES: dict[str, Types] = {
    "a": {"k": "bigint", "g": "string", "x": "bigint"},
    "b": {"k": "bigint", "g": "string", "y": "bigint"},
    "c": {"x": "bigint", "k": "bigint", "g": "string"},
}
UNIQUE: dict[str, list[str]] = {"b": ["k"], "c": ["g", "k"]}
VALUES: dict[str, list[Any]] = {"bigint": [None, 0, 1, 2], "string": [None, "", "p", "q"]}

# The evaluator -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class JoinPlan:
    kind: str
    table: str
    alias: str
    on: Expr | None = None
    using: tuple[str, ...] = ()


@dataclass(frozen=True)
class Plan:
    """A table. Columns go by `alias.name`, or by their name where the table computed them.

    Attributes:
        inputs: one table, or several to unite.
        dedupe: the columns that make duplicates, None for all; and the order, each with whether it descends.
        group: columns, and aggregates as (name, function, column or None).
        output: names and expressions, in order.
        drop, rename: says the same as `output`, where the table is to be written with these keys.
    """

    inputs: tuple[str, ...]
    alias: str
    joins: tuple[JoinPlan, ...] = ()
    filter: Expr | None = None
    add: tuple[tuple[str, Expr], ...] = ()
    dedupe: tuple[tuple[str, ...] | None, tuple[tuple[str, bool], ...]] | None = None
    group: tuple[tuple[str, ...], tuple[tuple[str, str, str | None], ...]] | None = None
    output: tuple[tuple[str, Expr], ...] = ()
    drop: tuple[str, ...] | None = None
    rename: tuple[tuple[str, str], ...] = ()
    view: bool = False


def value(expr: Expr, row: Mapping[str, Any]) -> Any:
    """What an expression is for a row; None is NULL and unknown."""
    kind, *parts = expr
    if kind == "column":
        return row[parts[0]]
    if kind == "literal":
        return parts[0]
    found = [value(part, row) for part in parts]
    if kind in ("and", "or"):
        decisive = kind == "or"
        return decisive if decisive in found else None if None in found else not decisive
    if kind == "case":
        return found[1] if found[0] is True else found[2]
    if kind in ("coalesce", "is null", "<=>"):
        first, *rest = found
        return first is None if kind == "is null" else first == rest[0] if kind == "<=>" else rest[0] if first is None else first
    if None in found:
        return None
    first, *rest = found
    return not first if kind == "not" else first + rest[0] if kind == "+" else first < rest[0] if kind == "<" else first == rest[0]


def text(expr: Expr, name: Callable[[str], str] = str) -> str:
    """An expression as Spark SQL, its columns spelled by `name`."""
    kind, *parts = expr
    if kind == "column":
        return name(parts[0])
    if kind == "literal":
        return f"'{parts[0]}'" if isinstance(parts[0], str) else str(parts[0])
    found = [text(part, name) for part in parts]
    if kind == "case":
        return f"case when {found[0]} then {found[1]} else {found[2]} end"
    if kind == "coalesce":
        return f"coalesce({', '.join(found)})"
    if kind in ("is null", "not"):
        return f"(not {found[0]})" if kind == "not" else f"({found[0]} is null)"
    return f"({found[0]} {kind} {found[1]})"


def evaluate(plan: Plan, tables: Tables) -> tuple[list[int], list[Row]]:
    """The number of rows after each step of the plan, and the result."""
    rows = [{f"{plan.alias}.{name}": row[name] for name in row} for table in plan.inputs for row in tables[table]]
    counts = [len(rows)]
    for join in plan.joins:
        rows = joined(rows, join, tables[join.table])
        assume(len(rows) <= 500)
        counts.append(len(rows))
    if plan.filter is not None:
        rows = [row for row in rows if value(plan.filter, row) is True]
        counts.append(len(rows))
    for name, expr in plan.add:
        rows = [{**{ref: row[ref] for ref in row if plain(ref) != name}, name: value(expr, row)} for row in rows]
        counts.append(len(rows))
    if plan.dedupe is not None:
        rows = deduped(rows, *plan.dedupe)
        counts.append(len(rows))
    if plan.group is not None:
        rows = aggregated(rows, *plan.group)
        counts.append(len(rows))
    return [*counts, len(rows)], [{name: value(expr, row) for name, expr in plan.output} for row in rows]


def plain(ref: str) -> str:
    return ref.split(".")[-1]


def joined(rows: list[Row], join: JoinPlan, table: list[Row]) -> list[Row]:
    others = [{f"{join.alias}.{name}": row[name] for name in row} for row in table]
    nothing = dict.fromkeys((f"{join.alias}.{name}" for name in COLUMNS[join.table]), None)
    merged = {f"{join.alias}.{name}" for name in join.using}
    result = []
    for row in rows:
        matches = [other for other in others if matched(row, other, join)]
        if join.kind in ("semi", "anti"):
            result += [row] if bool(matches) == (join.kind == "semi") else []
            continue
        for other in matches or ([nothing] if join.kind == "left" else []):
            result.append(row | {ref: other[ref] for ref in other if ref not in merged})
    return result


def matched(row: Row, other: Row, join: JoinPlan) -> bool:
    if join.on is not None:
        return value(join.on, row | other) is True
    pairs = [(next(row[ref] for ref in row if plain(ref) == name), other[f"{join.alias}.{name}"]) for name in join.using]
    return all(left is not None and left == right for left, right in pairs)


def deduped(rows: list[Row], by: tuple[str, ...] | None, order: Sequence[tuple[str, bool]]) -> list[Row]:
    """The first row of each group; nulls are first, or last where the order descends, and all columns break ties."""
    ordered = sorted(rows, key=lambda row: [(v is not None, v or type(v)()) if v is not None else (False,) for v in row.values()])
    for ref, descending in reversed(order):
        ordered.sort(key=lambda row: (row[ref] is not None, row[ref] or ""), reverse=descending) if any(
            isinstance(row[ref], str) for row in rows
        ) else ordered.sort(key=lambda row: (row[ref] is not None, row[ref] or 0), reverse=descending)
    first: dict[tuple[Any, ...], Row] = {}
    for row in ordered:
        first.setdefault(tuple(row[ref] for ref in (by or row)), row)
    return list(first.values())


def aggregated(rows: list[Row], by: tuple[str, ...], aggregates: Iterable[tuple[str, str, str | None]]) -> list[Row]:
    groups: dict[tuple[Any, ...], list[Row]] = {} if by else {(): []}
    for row in rows:
        groups.setdefault(tuple(row[ref] for ref in by), []).append(row)
    return [
        {plain(ref): part for ref, part in zip(by, key, strict=True)}
        | {name: aggregate(function, [row[ref] if ref else 1 for row in members]) for name, function, ref in aggregates}
        for key, members in groups.items()
    ]
