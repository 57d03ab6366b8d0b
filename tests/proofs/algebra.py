"""Queries as data, and what they mean: an evaluator over lists of rows that shares nothing with the generator.

Each row carries its provenance: the raw rows that contributed to it. So the people whose data a row holds are known
from the data alone, whatever the proofs say.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

Expr = tuple[Any, ...]
"""An operator and its operands: ("col", alias, name), ("lit", value), ("eq", a, b), ("agg", "sum", a), ..."""
Value = str | int | bool | None
ColumnRef = tuple[str | None, str]
Scope = Mapping[ColumnRef, Value]
Provenance = frozenset[tuple[str, int]]
MOST_ROWS = 300


class TooManyRows(Exception):
    """The rows of a query multiply beyond what is worth looking at."""


class Row(NamedTuple):
    """Values by column name, in order, and the raw rows (source, index) that they come from."""

    values: dict[str, Value]
    made_of: Provenance


class Bound(NamedTuple):
    """A row inside a query, its columns addressed by alias."""

    scope: dict[ColumnRef, Value]
    made_of: Provenance


@dataclass(frozen=True)
class JoinOp:
    kind: str
    input: Input
    alias: str
    columns: tuple[str, ...]
    on: Expr


@dataclass(frozen=True)
class Core:
    """One SELECT, or a table written by keys: the parts apply in the order in which they stand here.

    Attributes:
        inputs: what the rows come from; several tables are put together by name.
        items: the columns that come out; `star` where they are simply all that there are.
        form: `keys`, `sql`, or `with` for a nested query that is written as a named one.
    """

    inputs: tuple[Input, ...]
    alias: str
    joins: tuple[JoinOp, ...] = ()
    where: Expr | None = None
    adds: tuple[tuple[str, Expr], ...] = ()
    dedupe: tuple[ColumnRef, ...] | None = None
    by: tuple[ColumnRef, ...] | None = None
    aggregates: tuple[tuple[str, Expr], ...] = ()
    having: Expr | None = None
    items: tuple[tuple[str, Expr], ...] = ()
    star: bool = False
    distinct: bool = False
    form: str = "keys"


@dataclass(frozen=True)
class UnionOp:
    """Queries put together by position."""

    branches: tuple[Core, ...]
    distinct: bool


Query = Core | UnionOp
Input = str | Core | UnionOp
Tables = Mapping[str, Sequence[Row]]
JoinTrace = list[tuple[list[Bound], list[Bound]]]


def evaluate(query: Input, tables: Tables, trace: JoinTrace | None = None) -> list[Row]:
    """The rows of a query.

    Args:
        trace: takes the rows of both sides of each join of the outermost SELECT.
    """
    if isinstance(query, str):
        return list(tables[query])
    if isinstance(query, UnionOp):
        branches = [evaluate(branch, tables) for branch in query.branches]
        names = [name for name, _ in query.branches[0].items]
        rows = [Row(dict(zip(names, r.values.values(), strict=True)), r.made_of) for b in branches for r in b]
        return merged(rows) if query.distinct else rows
    rows = evaluate_core(query, tables, trace)
    return merged(rows) if query.distinct else rows


def evaluate_core(core: Core, tables: Tables, trace: JoinTrace | None) -> list[Row]:
    rows = [bound(row, core.alias) for one in core.inputs for row in evaluate(one, tables)]
    for join in core.joins:
        right = [bound(row, join.alias) for row in evaluate(join.input, tables)]
        if trace is not None:
            trace.append((rows, right))
        rows = joined(join, rows, right)
        if len(rows) > MOST_ROWS:
            raise TooManyRows
    if core.where is not None:
        rows = [row for row in rows if value(core.where, row.scope) is True]
    for name, expr in core.adds:
        rows = extended(rows, name, expr)
    if core.dedupe is not None:
        rows = deduplicated(rows, core.dedupe)
    if core.by is not None:
        rows = grouped(core, rows, core.by)
    return selected(core, rows)


def bound(row: Row, alias: str) -> Bound:
    return Bound({(alias, name): value for name, value in row.values.items()}, row.made_of)


def joined(join: JoinOp, left: list[Bound], right: list[Bound]) -> list[Bound]:
    found: list[Bound] = []
    for row in left:
        matches = [other for other in right if value(join.on, {**row.scope, **other.scope}) is True]
        if join.kind in ("semi", "anti"):
            found += [row] if bool(matches) == (join.kind == "semi") else []
            continue
        found += [Bound({**row.scope, **other.scope}, row.made_of | other.made_of) for other in matches]
        if join.kind == "left" and not matches:
            found.append(Bound({**row.scope, **{(join.alias, name): None for name in join.columns}}, row.made_of))
    return found


def extended(rows: list[Bound], name: str, expr: Expr) -> list[Bound]:
    """Rows with a computed column, in the place of any of the same name."""
    found = []
    for row in rows:
        seen = partition(rows, row, expr)
        kept = {key: known for key, known in row.scope.items() if key[1] != name}
        kept[None, name] = value(expr, row.scope, [other.scope for other in seen])
        found.append(Bound(kept, together([row, *seen])))
    return found


def partition(rows: list[Bound], row: Bound, expr: Expr) -> list[Bound]:
    """The rows that a window function looks at; none for an expression without one."""
    if expr[0] != "win":
        return []
    keys = expr[3]
    return [other for other in rows if all(other.scope[key] == row.scope[key] for key in keys)]


def together(rows: Sequence[Bound] | Sequence[Row]) -> Provenance:
    return frozenset[tuple[str, int]]().union(*(row.made_of for row in rows))


def deduplicated(rows: list[Bound], by: Sequence[ColumnRef]) -> list[Bound]:
    """The first row of each group, in the order of all other columns, nulls first."""
    others = [key for key in rows[0].scope if key not in by] if rows else []
    groups: dict[tuple[Value, ...], Bound] = {}
    for row in sorted(rows, key=lambda row: [sortable(row.scope[key]) for key in others]):
        groups.setdefault(tuple(row.scope[key] for key in by), row)
    return list(groups.values())


def sortable(value: Value) -> tuple[bool, Any]:
    return (value is not None, "" if value is None else value)


def grouped(core: Core, rows: list[Bound], by: Sequence[ColumnRef]) -> list[Bound]:
    groups: dict[tuple[Value, ...], list[Bound]] = {} if by else {(): []}
    for row in rows:
        groups.setdefault(tuple(row.scope[key] for key in by), []).append(row)
    found = []
    for keys, members in groups.items():
        scopes = [member.scope for member in members]
        scope: dict[ColumnRef, Value] = {(None, key[1]): known for key, known in zip(by, keys, strict=True)}
        for name, expr in core.aggregates:
            scope[None, name] = value(expr, {}, scopes)
        if core.having is None or value(core.having, {}, scopes) is True:
            found.append(Bound(scope, together(members)))
    return found


def selected(core: Core, rows: list[Bound]) -> list[Row]:
    found = []
    for row in rows:
        seen = [other for _, expr in core.items for other in partition(rows, row, expr)]
        values = {}
        for name, expr in core.items:
            scopes = [other.scope for other in partition(rows, row, expr)]
            values[name] = value(expr, row.scope, scopes)
        found.append(Row(values, together([row, *seen])))
    return found


def merged(rows: Sequence[Row]) -> list[Row]:
    """Distinct rows; each is made of all that are equal."""
    groups: dict[tuple[Value, ...], list[Row]] = {}
    for row in rows:
        groups.setdefault(tuple(row.values.values()), []).append(row)
    return [Row(members[0].values, together(members)) for members in groups.values()]


def value(expr: Expr, scope: Scope, group: Sequence[Scope] = ()) -> Value:
    """What an expression is for a row, and for a group where it aggregates; None is null, and unknown."""
    op = expr[0]
    if op == "col":
        return scope[expr[1], expr[2]]
    if op == "lit":
        known: Value = expr[1]
        return known
    if op in ("agg", "win"):
        return aggregated(expr[1], expr[2], group)
    if op == "case":
        return value(expr[2 if value(expr[1], scope, group) is True else 3], scope, group)
    parts = [value(part, scope, group) for part in expr[1:]]
    if op in ("and", "or"):
        decisive = op == "or"
        return decisive if decisive in parts else None if None in parts else not decisive
    if op == "isnull":
        return parts[0] is None
    if op == "coalesce":
        return next((part for part in parts if part is not None), None)
    if op == "nseq":
        return parts[0] == parts[1]
    return None if None in parts else strict(op, parts)


def strict(op: str, parts: list[Any]) -> Value:
    """Operators that are null where an operand is."""
    result: Value
    match op:
        case "eq":
            result = parts[0] == parts[1]
        case "ne":
            result = parts[0] != parts[1]
        case "gt":
            result = parts[0] > parts[1]
        case "ge":
            result = parts[0] >= parts[1]
        case "not":
            result = not parts[0]
        case "lower":
            result = parts[0].lower()
        case "add":
            result = parts[0] + parts[1]
        case _:
            raise AssertionError(op)
    return result


def aggregated(function: str, argument: Expr | None, group: Sequence[Scope]) -> Value:
    if argument is None:
        return len(group)
    values: list[Any] = [known for scope in group if (known := value(argument, scope)) is not None]
    if function in ("count", "count_distinct"):
        return len(values if function == "count" else set(values))
    if not values:
        return None
    functions: Mapping[str, Callable[[list[Any]], Value]] = {"sum": sum, "min": min, "max": max}
    return functions[function](values)


def bag(rows: Sequence[Row], names: Sequence[str]) -> Counter[tuple[Value, ...]]:
    """Rows as a multiset of some of their columns."""
    return Counter(tuple(row.values[name] for name in names) for row in rows)
