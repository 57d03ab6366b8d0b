"""Queries as data, and what they mean: an evaluator over lists of rows that shares nothing with the generator.

Each row carries its provenance: the raw rows that contributed to it. So the people whose data a row holds are known
from the data alone, whatever the proofs say.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from tests.proofs.values import ColumnRef, Expr, Value, sortable, value

Provenance = frozenset[tuple[str, int]]
MOST_ROWS = 300


class TooManyRows(Exception):
    """The rows of a query multiply beyond what is worth looking at."""


class BrokenDeclaration(Exception):
    """A declared cardinality isn't so: a run would fail, and publish nothing."""


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
    """A join.

    Attributes:
        columns: of the right side.
        using: of those the ones that are compared with the left side's of the same name, and don't come out.
        cardinality: what is declared of it.
        worded: how SQL says it instead: `exists`, `in`, or a `comma` with the condition in WHERE.
        others: the columns of the left side, for a right or full join.
    """

    kind: str
    input: Input
    alias: str
    columns: tuple[str, ...]
    on: Expr
    using: tuple[ColumnRef, ...] = ()
    cardinality: str | None = None
    worded: str = ""
    others: tuple[ColumnRef, ...] = ()


@dataclass(frozen=True)
class UnnestOp:
    """A row for each element of an array: columns `name` and `position`, addressed by `alias`."""

    array: Expr
    alias: str | None
    name: str
    position: str | None
    outer: bool

    @property
    def columns(self) -> tuple[str, ...]:
        return (self.position, self.name) if self.position else (self.name,)


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
    unnest: UnnestOp | None = None
    joins: tuple[JoinOp, ...] = ()
    where: Expr | None = None
    adds: tuple[tuple[str, Expr], ...] = ()
    dedupe: tuple[ColumnRef, ...] | None = None
    by: tuple[ColumnRef, ...] | None = None
    aggregates: tuple[tuple[str, Expr], ...] = ()
    having: Expr | None = None
    qualify: Expr | None = None
    items: tuple[tuple[str, Expr], ...] = ()
    star: bool = False
    distinct: bool = False
    form: str = "keys"


@dataclass(frozen=True)
class UnionOp:
    """Queries put together by position; `kind` is union, intersect or except."""

    branches: tuple[Core, ...]
    distinct: bool
    kind: str = "union"


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
        if query.kind != "union":
            return matched(query.kind, *branches)
        names = [name for name, _ in query.branches[0].items]
        rows = [Row(dict(zip(names, r.values.values(), strict=True)), r.made_of) for b in branches for r in b]
        return merged(rows) if query.distinct else rows
    rows = evaluate_core(query, tables, trace)
    return merged(rows) if query.distinct else rows


def evaluate_core(core: Core, tables: Tables, trace: JoinTrace | None) -> list[Row]:
    rows = [bound(row, core.alias) for one in core.inputs for row in evaluate(one, tables)]
    if core.unnest is not None:
        rows = unnested(core.unnest, rows)
    for join in core.joins:
        right = [bound(row, join.alias) for row in evaluate(join.input, tables)]
        if trace is not None:
            trace.append((right, rows) if join.kind == "right" else (rows, right))
        rows = joined(join, rows, right)
        if len(rows) > MOST_ROWS:
            raise TooManyRows
    if core.where is not None:
        rows = [row for row in rows if value(core.where, row.scope) is True]
    for name, expr in core.adds:
        rows = extended(rows, name, expr)
    if core.dedupe is not None:
        rows = deduplicated(rows, core.dedupe)
    if core.qualify is not None:
        wanted = ("eq", ("col", None, "#"), core.qualify[2])
        rows = [row for row in extended(rows, "#", core.qualify[1]) if value(wanted, row.scope) is True]
    if core.by is not None:
        rows = grouped(core, rows, core.by)
    return selected(core, rows)


def unnested(op: UnnestOp, rows: list[Bound]) -> list[Bound]:
    found = []
    for row in rows:
        elements: Any = value(op.array, row.scope) or ()
        counted: list[tuple[Value, Value]] = list(enumerate(elements)) or ([(None, None)] if op.outer else [])
        for at, element in counted:
            cells = dict(zip(op.columns, (at, element) if op.position else (element,), strict=True))
            made = {(op.alias, name): cell for name, cell in cells.items()}
            found.append(Bound({**row.scope, **made}, row.made_of))
    if len(found) > MOST_ROWS:
        raise TooManyRows
    return found


def bound(row: Row, alias: str) -> Bound:
    return Bound({(alias, name): value for name, value in row.values.items()}, row.made_of)


def matched(kind: str, left: list[Row], right: list[Row]) -> list[Row]:
    """The different rows of the left side that are, or aren't, among the right side's."""
    there = {tuple(row.values.values()) for row in right}
    return merged([row for row in left if (tuple(row.values.values()) in there) == (kind == "intersect")])


def joined(join: JoinOp, left: list[Bound], right: list[Bound]) -> list[Bound]:
    if join.kind == "right":
        missing = JoinOp("left", join.input, "", (), join.on)
        rows = joined(missing, right, left)
        return [Bound({**dict.fromkeys(join.others), **row.scope}, row.made_of) for row in rows]
    found: list[Bound] = []
    matched = [[other for other in right if value(join.on, {**row.scope, **other.scope}) is True] for row in left]
    if join.cardinality is not None:
        must_be_so(join, left, right, matched)
    for row, matches in zip(left, matched, strict=True):
        if join.kind in ("semi", "anti"):
            found += [row] if bool(matches) == (join.kind == "semi") else []
            continue
        found += [Bound({**row.scope, **other.scope}, row.made_of | other.made_of) for other in matches]
        if join.kind in ("left", "full") and not matches:
            found.append(Bound({**row.scope, **{(join.alias, name): None for name in join.columns}}, row.made_of))
    if join.kind == "full":
        met = {id(other) for matches in matched for other in matches}
        nulls = dict.fromkeys(join.others)
        found += [Bound({**nulls, **other.scope}, other.made_of) for other in right if id(other) not in met]
        return [coalesced(join, row) for row in found]
    gone = {(join.alias, name) for _, name in join.using}
    return [Bound({c: known for c, known in r.scope.items() if c not in gone}, r.made_of) for r in found]


def coalesced(join: JoinOp, row: Bound) -> Bound:
    """A row of a full join with one column instead of two that `using` compares."""
    scope = dict(row.scope)
    for column in join.using:
        one, other = scope.pop(column), scope.pop((join.alias, column[1]))
        scope[None, column[1]] = one if one is not None else other
    return Bound(scope, row.made_of)


def must_be_so(join: JoinOp, left: list[Bound], right: list[Bound], matched: list[list[Bound]]) -> None:
    """What a run looks at: by plain `=` alone the compared values, otherwise how often each row is matched."""
    sides = [(one[1:3], other[1:3]) for one, other in equal_columns(join.on)]
    pairs = [pair if pair[1][0] == join.alias else pair[::-1] for pair in sides]
    if any(a[0] == join.alias or b[0] != join.alias for a, b in pairs):
        pairs = []
    if any(inexact({row.scope[a] for row in left} | {row.scope[b] for row in right}) for a, b in pairs):
        pairs = []
    times = Counter(id(other) for matches in matched for other in matches)
    for words, rows, columns, counts in (
        (("one_to_one", "many_to_one"), right, [b for _, b in pairs], [len(matches) for matches in matched]),
        (("one_to_one", "one_to_many"), left, [a for a, _ in pairs], list(times.values())),
    ):
        values = Counter(tuple(row.scope[column] for column in columns) for row in rows)
        repeated = any(many > 1 and None not in known for known, many in values.items())
        if join.cardinality in words and (repeated if pairs else any(many > 1 for many in counts)):
            raise BrokenDeclaration


def inexact(values: set[Value]) -> bool:
    """Whether values are compared as another type, or as doubles."""
    kinds = {type(known) for known in values if known is not None}
    return len(kinds) > 1 or float in kinds


def equal_columns(on: Expr) -> list[tuple[Expr, Expr]]:
    """The columns of a condition that is nothing but plain equalities; otherwise none."""
    if on[0] == "and":
        parts = [equal_columns(one) for one in on[1:]]
        return [pair for part in parts for pair in part] if all(parts) else []
    return [(on[1], on[2])] if on[0] == "eq" and on[1][0] == on[2][0] == "col" else []


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


def bag(rows: Sequence[Row], names: Sequence[str]) -> Counter[tuple[Value, ...]]:
    """Rows as a multiset of some of their columns."""
    return Counter(tuple(row.values[name] for name in names) for row in rows)
