"""How a table is kept: which queries find the addresses that changes of its inputs reach, and make their rows again.

At addresses that nothing reaches, the rows are what they were. So a new version is the old one without the affected
addresses, and the table's query over the base rows that have them. What is affected is found from the inside out: rows
that left or came where a query starts, and rows on the left of a join that match a changed row of its right. Rows of
the left that changed themselves are affected already, so it is enough to match the left as it is now. Where the address
is what the join compares, the changed rows of the right tell it by themselves.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import reduce

from sqlglot import exp

from generator.plan.expressions import copied, to_spark
from generator.plan.expressions.columns import column_node, column_nodes
from generator.plan.expressions.nodes import type_of
from generator.plan.lake import (
    CompiledLake,
    CompiledTable,
    Computed,
    Filter,
    Inline,
    Input,
    Join,
    Place,
    Query,
    Scan,
    Select,
    Step,
    Union,
)
from generator.plan.maintenance.addresses import Trace, address, compared, inner_address, told_columns, trace
from generator.plan.maintenance.loose import carried, is_linear, loosened, row_by_row
from generator.plan.maintenance.readings import (
    Reading,
    columns_of,
    inputs_of,
    names_in,
    renamed,
    with_queries,
    with_readings,
    without_rows_of_the_spec,
)
from generator.plan.relation import Column, ColumnId, Relation
from generator.plan.types import BOOLEAN
from generator.runtime.maintenance.names import AFFECTED, CHANGED


@dataclass(frozen=True, slots=True)
class Base:
    """A place where rows start from, which can be restricted to some addresses.

    Attributes:
        alias: how `address` calls the place's columns.
        address: the address of a row there.
    """

    reading: str
    alias: str
    address: tuple[exp.Expression, ...]


@dataclass(frozen=True, slots=True)
class Touch:
    """How what changed reaches rows.

    Attributes:
        changed: the places, or the query, that it is about.
        join: the join that matches it; None where rows start from.
        query: the addresses that are affected; it reads what changed by its name with `CHANGED`.
    """

    changed: tuple[str, ...]
    join: Join | None
    query: Query


@dataclass(frozen=True, slots=True)
class Matched:
    """Another way to keep a table, for where rows that its joins match changed, and none that it starts from left.

    Where all its joins compare the same of its columns, these are an address too, and nothing has to be looked through
    for what is affected. The attributes are those of `Kept`.
    """

    address: tuple[str, ...]
    bases: tuple[Base, ...]
    touches: tuple[Touch, ...]


@dataclass(frozen=True, slots=True)
class Kept:
    """How the rows of a query are kept.

    Attributes:
        name: what those call it that read it; empty for a table's own.
        address: output columns; none where all of it has to be made again.
        grouped: rows are made of several others, so that what comes affects rows that are there.
        held: the query, where it starts from rows of the spec: those held to the affected addresses.
        matched: of a table: the other way; None where there is none, or it spares nothing.
    """

    name: str
    query: Query
    address: tuple[str, ...] = ()
    grouped: bool = True
    bases: tuple[Base, ...] = ()
    touches: tuple[Touch, ...] = ()
    held: Query | None = None
    matched: Matched | None = None


@dataclass(frozen=True, slots=True)
class Delta:
    """How a table is kept.

    Attributes:
        readings: the places where it takes rows of its inputs.
        inner: queries that are joined and are more than rows of inputs; each after those that it reads.
    """

    readings: tuple[Reading, ...]
    inner: tuple[Kept, ...]
    table: Kept


def delta(lake: CompiledLake, table: CompiledTable) -> Delta:
    """How a table is kept.

    Raises:
        TooManyReadings: it takes rows in too many places.
    """
    query, places = with_readings(lake, table.query)
    builder = _Builder()
    kept = builder.kept("", query)
    return Delta(places, tuple(builder.inner), replace(kept, matched=builder.matched_way(kept)))


def restricted(base: Base, columns: Sequence[str]) -> Query:
    """The rows of the place whose addresses are affected."""
    nodes = [column_node(ColumnId(base.alias, name), BOOLEAN) for name in columns]
    scan = _scan(base.alias, base.reading, (*base.address, *nodes))
    join = _at_affected(scan, base.address)
    computed = tuple(Computed(Column(name, BOOLEAN), node) for name, node in zip(columns, nodes, strict=True))
    after = Relation({ColumnId(None, one.column.name): one.column for one in computed})
    return Query((scan, join, Select(after, scan.place, "", computed)))


def restricted_in(query: Query, source: str, *, affected: bool = True) -> Query:
    """What `restricted` gives, of another source; or those rows of it whose addresses aren't affected."""
    scan, join, *others = query.steps
    assert isinstance(scan, Scan) and isinstance(join, Join)
    return Query((replace(scan, input=source), replace(join, kind="semi" if affected else "anti"), *others))


def _at_affected(first: Step, address: Sequence[exp.Expression]) -> Join:
    """The join that keeps the rows of a first step whose addresses are affected."""
    found = ((ast, column_node(ColumnId(AFFECTED, f"_{i}"), type_of(ast))) for i, ast in enumerate(address))
    equal: list[exp.Expression] = [exp.NullSafeEQ(this=copied(ast), expression=other) for ast, other in found]
    condition = reduce(lambda one, other: exp.And(this=one, expression=other), equal[1:], equal[0])
    return Join(
        after=first.after, place=first.place, text="", kind="semi", input=AFFECTED, alias=AFFECTED,
        condition=condition, pairs=(), exact=False, left_unique=False, right_unique=False,
    )  # fmt: skip


def _held(query: Query, asts: tuple[exp.Expression, ...]) -> Query:
    """The query with the rows of the spec that it starts from held to the affected addresses.

    They are no input, of which a run makes the rows that it needs: the query itself has to leave the others out.
    """
    first, *rest = query.steps
    if isinstance(first, Inline):
        return Query((first, _at_affected(first, asts), *rest))
    inner = {
        id(one): _held(one, inner_address(first, index, asts))
        for index, one in enumerate(inputs_of(first))
        if isinstance(one, Query)
    }
    if all(id(one) not in inner or inner[id(one)] is one for one in inputs_of(first)):
        return query
    return Query((with_queries(first, lambda one: inner[id(one)]), *rest))


@dataclass(slots=True)
class _Builder:
    """Plans a table.

    Attributes:
        inner: the queries that it joins.
        names: what those are called, by the id of each.
        traces: what is known of queries' columns, by the id of each.
        equal: what joins compare, by the id of each.
    """

    inner: list[Kept] = field(default_factory=list)
    names: dict[int, str] = field(default_factory=dict)
    traces: dict[int, Trace] = field(default_factory=dict)
    equal: dict[int, dict[str, exp.Expression]] = field(default_factory=dict)

    def kept(self, name: str, query: Query) -> Kept:
        found = self.traces[id(query)] = trace(query)
        names = address(query, found)
        if not names:
            return Kept(name, query)
        asts = tuple(found.told[ColumnId(None, column)] for column in names)
        touches = tuple(self.touches(query, asts))
        bases, held = tuple(_bases(query, asts)), _held(query, asts)
        return Kept(name, query, names, found.grouped, bases, touches, held if held is not query else None)

    def touches(self, query: Query, asts: tuple[exp.Expression, ...], *, starts: bool = True) -> Iterator[Touch]:
        """How changes reach rows: of what the query starts from as well, or of what joins match alone."""
        first = query.steps[0]
        for index, one in enumerate(inputs_of(first)):
            if isinstance(one, Query):
                yield from self.touches(one, inner_address(first, index, asts), starts=starts)
            elif starts:
                scan = Scan(first.after, first.place, "", CHANGED + one, _alias(first))
                steps, columns = carried((scan, *row_by_row(query.steps[1:])), asts)
                yield Touch((one,), None, _selected(loosened(steps, set(columns_of(*columns))), columns))
        for position, step in enumerate(query.steps):
            if isinstance(step, Join) and any(names_in(step)):
                yield self.matched(query.steps[:position], step, asts)

    def matched(self, before: Sequence[Step], join: Join, asts: tuple[exp.Expression, ...]) -> Touch:
        """The rows of the left that match a changed row of the right."""
        source = join.input
        changed: Input
        names: tuple[str, ...]
        if isinstance(source, str):
            names, changed = (source,), CHANGED + source
        elif is_linear(source):
            names = tuple(names_in(*source.steps))
            changed = renamed(without_rows_of_the_spec(source), {name: CHANGED + name for name in names})
        else:
            names = (self.joined(source),)
            changed = CHANGED + names[0]
        equal = self.compared(before, join)
        if all(to_spark(ast) in equal for ast in asts):
            return Touch(names, join, _told_by_right(join, changed, [equal[to_spark(ast)] for ast in asts]))
        steps, columns = carried(before, asts)
        loose = loosened(steps, {*columns_of(join.condition), *columns_of(*columns)})
        semi = replace(join, kind="semi", input=changed, after=loose[-1].after)
        return Touch(names, join, _selected((*loose, semi), columns))

    def joined(self, query: Query) -> str:
        if id(query) not in self.names:
            self.names[id(query)] = name = f"#query {len(self.names)}"
            self.inner.append(self.kept(name, query))
        return self.names[id(query)]

    def matched_way(self, kept: Kept) -> Matched | None:
        """Another way to keep a table; None where its joins compare different columns, or nothing is spared."""
        query = kept.query
        if kept.held is not None or all(touch.join is None or _tells_by_itself(touch) for touch in kept.touches):
            return None
        known = self.traces[id(query)]
        columns = {to_spark(ast): (name, ast) for name, ast in reversed(told_columns(query, known).items())}
        told = dict(reversed(columns.values()))
        first, *others = self.compared_by_all(query, told)
        if not first or any(one != first for one in others):
            return None
        asts = tuple(told[name] for name in first)
        return Matched(first, tuple(_bases(query, asts)), tuple(self.touches(query, asts, starts=False)))

    def compared_by_all(self, query: Query, told: Mapping[str, exp.Expression]) -> Iterator[tuple[str, ...]]:
        """Of each join which columns it compares of the rows on its left; none where others than these are compared.

        Args:
            told: the columns, as expressions over the first step's.
        """
        first = query.steps[0]
        for index, one in enumerate(inputs_of(first)):
            if isinstance(one, Query):
                asts = inner_address(first, index, told.values())
                yield from self.compared_by_all(one, dict(zip(told, asts, strict=True)))
        texts = {name: to_spark(ast) for name, ast in told.items()}
        for position, step in enumerate(query.steps):
            if isinstance(step, Join) and any(names_in(step)):
                equal = self.compared(query.steps[:position], step)
                found = tuple(name for name, text in texts.items() if text in equal)
                yield found if len(found) == len({pair.left for pair in step.pairs}) else ()

    def compared(self, before: Sequence[Step], join: Join) -> dict[str, exp.Expression]:
        """As `addresses.compared` tells, found once a join."""
        if id(join) not in self.equal:
            self.equal[id(join)] = compared(before, join)
        return self.equal[id(join)]


def _tells_by_itself(touch: Touch) -> bool:
    """Whether nothing but what changed is looked through for the addresses."""
    return all(name.startswith(CHANGED) for name in names_in(*touch.query.steps))


def _told_by_right(join: Join, changed: Input, columns: Sequence[exp.Expression]) -> Query:
    """The addresses that changed rows of a join's right tell by the columns that it compares."""
    scan = _scan(join.alias, changed, columns)
    known: list[exp.Expression] = [exp.Not(this=exp.Is(this=copied(one), expression=exp.Null())) for one in columns]
    condition = reduce(lambda one, other: exp.And(this=one, expression=other), known[1:], known[0])
    return _selected((scan, Filter(scan.after, scan.place, "", condition)), columns)


def _bases(query: Query, asts: tuple[exp.Expression, ...]) -> Iterator[Base]:
    first = query.steps[0]
    for index, one in enumerate(inputs_of(first)):
        if isinstance(one, Query):
            yield from _bases(one, inner_address(first, index, asts))
        else:
            yield Base(one, _alias(first), asts)


def _alias(first: Step) -> str:
    assert isinstance(first, (Scan, Union))
    return first.alias


def _scan(alias: str, source: Input, asts: Sequence[exp.Expression]) -> Scan:
    """Takes the columns that expressions read from a relation."""
    nodes = {ColumnId(alias, node.this.this): type_of(node) for ast in asts for node in column_nodes(ast)}
    columns = {column: Column(column.name, kind) for column, kind in nodes.items()}
    return Scan(Relation(columns), Place(()), "", source, alias)


def _selected(steps: Sequence[Step], asts: Sequence[exp.Expression]) -> Query:
    """Different values of expressions, as columns `_0`, `_1`, …"""
    computed = tuple(Computed(Column(f"_{i}", type_of(ast)), ast) for i, ast in enumerate(asts))
    after = Relation({ColumnId(None, one.column.name): one.column for one in computed})
    return Query((*steps, Select(after, steps[0].place, "", computed, distinct=True)))
