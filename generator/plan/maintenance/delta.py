"""How a table is kept: which queries find the addresses that changes of its inputs reach, and make their rows again.

At addresses that nothing reaches, the rows are what they were. So a new version is the old one without the affected
addresses, and the table's query over the base rows that have them. What is affected is found from the inside out: rows
that left or came where a query starts, and rows on the left of a join that match a changed row of its right. Rows of
the left that changed themselves are affected already, so it is enough to match the left as it is now.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import reduce

from sqlglot import exp

from generator.plan.conditions import column_nodes
from generator.plan.expressions.check import column_node
from generator.plan.expressions.nodes import type_of
from generator.plan.lake import (
    CompiledLake,
    CompiledTable,
    Computed,
    Inline,
    Join,
    Place,
    Query,
    Scan,
    Select,
    Step,
    Union,
)
from generator.plan.maintenance.addresses import address, inner_address, trace
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
class Kept:
    """How the rows of a query are kept.

    Attributes:
        name: what those call it that read it; empty for a table's own.
        address: output columns; none where all of it has to be made again.
        grouped: rows are made of several others, so that what comes affects rows that are there.
        held: the query, where it starts from rows of the spec: those held to the affected addresses.
    """

    name: str
    query: Query
    address: tuple[str, ...] = ()
    grouped: bool = True
    bases: tuple[Base, ...] = ()
    touches: tuple[Touch, ...] = ()
    held: Query | None = None


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
    return Delta(places, tuple(builder.inner), kept)


def restricted(base: Base, columns: Sequence[str], source: str, *, to: bool) -> Query:
    """The rows of `source` whose addresses are affected, or those whose addresses aren't."""
    asts = [*base.address, *(column_node(ColumnId(base.alias, name), BOOLEAN) for name in columns)]
    scan = _scan(base.alias, source, asts)
    join = _at_affected(scan, base.address, "semi" if to else "anti")
    kept = {name: scan.after.columns[ColumnId(base.alias, name)] for name in columns}
    computed = tuple(Computed(one, column_node(ColumnId(base.alias, name), one.type)) for name, one in kept.items())
    after = Relation({ColumnId(None, name): one for name, one in kept.items()})
    return Query((scan, join, Select(after, scan.place, "", computed)))


def _at_affected(first: Step, address: Sequence[exp.Expression], kind: str) -> Join:
    """The join that keeps the rows of a first step whose addresses are affected, or the others."""
    found = ((ast, column_node(ColumnId(AFFECTED, f"_{i}"), type_of(ast))) for i, ast in enumerate(address))
    equal: list[exp.Expression] = [exp.NullSafeEQ(this=ast.copy(), expression=other) for ast, other in found]
    condition = reduce(lambda one, other: exp.And(this=one, expression=other), equal[1:], equal[0])
    return Join(
        after=first.after, place=first.place, text="", kind=kind, input=AFFECTED, alias=AFFECTED,
        condition=condition, pairs=(), exact=False, left_unique=False, right_unique=False,
    )  # fmt: skip


def _held(query: Query, asts: tuple[exp.Expression, ...]) -> Query:
    """The query with the rows of the spec that it starts from held to the affected addresses.

    They are no input, of which a run makes the rows that it needs: the query itself has to leave the others out.
    """
    first, *rest = query.steps
    if isinstance(first, Inline):
        return Query((first, _at_affected(first, asts, "semi"), *rest))
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
    inner: list[Kept] = field(default_factory=list)
    names: int = 0

    def kept(self, name: str, query: Query) -> Kept:
        found = trace(query)
        names = address(query, found)
        if not names:
            return Kept(name, query)
        asts = tuple(found.told[ColumnId(None, column)] for column in names)
        touches = tuple(self.touches(query, asts))
        bases, held = tuple(_bases(query, asts)), _held(query, asts)
        return Kept(name, query, names, found.grouped, bases, touches, held if held is not query else None)

    def touches(self, query: Query, asts: tuple[exp.Expression, ...]) -> Iterator[Touch]:
        first = query.steps[0]
        for index, one in enumerate(inputs_of(first)):
            if isinstance(one, Query):
                yield from self.touches(one, inner_address(first, index, asts))
            else:
                scan = Scan(first.after, first.place, "", CHANGED + one, _alias(first))
                steps, columns = carried((scan, *row_by_row(query.steps[1:])), asts)
                yield Touch((one,), None, _selected(loosened(steps, set(columns_of(*columns))), columns))
        for position, step in enumerate(query.steps):
            if isinstance(step, Join) and any(names_in(step)):
                yield self.matched(query.steps[:position], step, asts)

    def matched(self, before: Sequence[Step], join: Join, asts: tuple[exp.Expression, ...]) -> Touch:
        """The rows of the left that match a changed row of the right."""
        source = join.input
        changed: str | Query
        names: tuple[str, ...]
        if isinstance(source, str):
            names, changed = (source,), CHANGED + source
        elif is_linear(source):
            names = tuple(names_in(*source.steps))
            changed = renamed(without_rows_of_the_spec(source), {name: CHANGED + name for name in names})
        else:
            names = (self.joined(source),)
            changed = CHANGED + names[0]
        steps, columns = carried(before, asts)
        loose = loosened(steps, {*columns_of(join.condition), *columns_of(*columns)})
        semi = replace(join, kind="semi", input=changed, after=loose[-1].after)
        return Touch(names, join, _selected((*loose, semi), columns))

    def joined(self, query: Query) -> str:
        name = f"#query {self.names}"
        self.names += 1
        self.inner.append(self.kept(name, query))
        return name


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


def _scan(alias: str, source: str, asts: Sequence[exp.Expression]) -> Scan:
    """Takes the columns that expressions read from a relation."""
    nodes = {ColumnId(alias, node.name): type_of(node) for ast in asts for node in column_nodes(ast)}
    columns = {column: Column(column.name, kind) for column, kind in nodes.items()}
    return Scan(Relation(columns), Place(()), "", source, alias)


def _selected(steps: Sequence[Step], asts: Sequence[exp.Expression]) -> Query:
    """Different values of expressions, as columns `_0`, `_1`, …"""
    computed = tuple(Computed(Column(f"_{i}", type_of(ast)), ast) for i, ast in enumerate(asts))
    after = Relation({ColumnId(None, one.column.name): one.column for one in computed})
    return Query((*steps, Select(after, steps[0].place, "", computed, distinct=True)))
