"""Conditions that ask another query: `exists` and `in` as semi joins, their negation as anti joins.

`x not in (…)` is true of no row once a null is among the values, and of no null; it becomes an anti join where
neither can be null.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import count

from sqlglot import exp

from generator.plan import facts
from generator.plan.expressions import Scope, Typed, compare_types
from generator.plan.expressions.nodes import place, span_of
from generator.plan.lake import Input, Query
from generator.plan.nulls import never_null, never_null_after
from generator.plan.relation import Column, ColumnId, Relation
from generator.plan.sql.lowering import Lowering, Named, all_of, names_of
from generator.plan.sql.syntax import Core, Item, Statement, Tested
from generator.plan.steps import StepBuilder
from generator.runtime.words import plural

VALUE = "#value"
"""A column after `in`; names with a `#` are none that a spec can have."""


class Subqueries:
    """The subqueries of one WHERE."""

    def __init__(self, lowering: Lowering, builder: StepBuilder, named: Named) -> None:
        self.lowering = lowering
        self.builder = builder
        self.named = named
        self.numbers = count()

    def apply(self, test: Tested) -> None:
        core = test.query.body if not test.query.named and isinstance(test.query.body, Core) else None
        if test.value is None:
            self.exists(test, core)
        elif core is not None and _reads_one_table(core) and not self.is_there(core.source.alias):
            self.within_table(test, test.value, core)
        else:
            self.within_query(test, test.value)

    def is_there(self, alias: str) -> bool:
        return any(column.alias == alias for column in self.builder.relation.columns)

    def exists(self, test: Tested, core: Core | None) -> None:
        if core is None or core.joins or _is_more(core) or not core.where.plain:
            help = "keep one table and a `where` inside, or join the query as `left semi join (select …) x on …`"
            message = "`exists` over more than the rows of one table that fulfil a condition"
            raise self.lowering.refuse("Q001", message, test.start, test.end, help)
        read, right = self.lowering.occurrence(self.builder, core.source, self.named)
        self.join(test, read, right, core.source.alias, self.inner_conditions(core, right))

    def within_table(self, test: Tested, value: exp.Expression, core: Core) -> None:
        (item,) = core.items
        assert isinstance(item, Item)
        outer = self.lowering.typed(value, self.builder.scope())
        read, right = self.lowering.occurrence(self.builder, core.source, self.named)
        names = names_of(right)
        inner = self.lowering.typed(item.ast, Scope({core.source.alias: names}))
        conditions = [self.equal(test, outer, inner), *(self.inner_conditions(core, right) if core.where.plain else ())]
        subjects = self.lowering.context.subjects
        known = never_null(right, conditions[1:], subjects)
        if isinstance(read, Query):
            known |= never_null_after(read, core.source.alias, subjects)
        self.refuse_nulls(test, outer, inner, known)
        self.join(test, read, right, core.source.alias, conditions)

    def within_query(self, test: Tested, value: exp.Expression) -> None:
        outer = self.lowering.typed(value, self.builder.scope())
        query = self.lowering.statement(_with_a_name(test.query), self.named)
        if len(query.relation.columns) != 1:
            message = f"the query after `in` has {plural(query.relation.columns, 'column')}"
            raise self.lowering.refuse("Q001", message, test.start, test.end, "select the one to compare with")
        alias = f"#in{next(self.numbers)}"
        right = facts.occurrence(query.relation, None, alias, self.lowering.context.subjects)
        name = exp.to_identifier(next(iter(right.columns)).name, quoted=True)
        inner = self.lowering.typed(exp.column(name), Scope({alias: names_of(right)}))
        known = never_null_after(query, alias, self.lowering.context.subjects)
        self.refuse_nulls(test, outer, inner, known)
        self.join(test, query, right, alias, [self.equal(test, outer, inner)])

    def inner_conditions(self, core: Core, right: Relation) -> list[exp.Expression]:
        """The conditions of the inner query: its own names come first, as SQL has it."""
        alias, names = core.source.alias, names_of(right)
        scope = Scope({**self.builder.relation.by_alias(), alias: names}, self.builder.relation.computed())
        return [self.lowering.condition(_inner_first(one, alias, names), scope).ast for one in core.where.plain]

    def equal(self, test: Tested, outer: Typed, inner: Typed) -> exp.Expression:
        if not compare_types(outer.type, inner.type):
            message = f"cannot compare {outer.type} with {inner.type}"
            raise self.lowering.refuse("T001", message, test.start, test.end, "cast one side")
        return place(exp.EQ(this=outer.ast, expression=inner.ast), test.start, test.end)

    def refuse_nulls(self, test: Tested, outer: Typed, inner: Typed, of_inner: set[ColumnId]) -> None:
        """`not in` is a join only where neither side can be null."""
        if not test.negated:
            return
        of_outer = never_null_after(self.builder, None, self.lowering.context.subjects)
        for side, known, where in ((outer, of_outer, "before it"), (inner, of_inner, "in its query")):
            if side.column is None or side.column not in known:
                name = side.column.name if side.column else "the value"
                message = f"`not in` where `{name}` may be null: a null makes it true of no row"
                help = f"write `{name} is not null and …` {where}, or `not exists (… where a = b)`"
                raise self.lowering.refuse("Q001", message, test.start, test.end, help)

    def join(self, test: Tested, read: Input, right: Relation, alias: str, conditions: list[exp.Expression]) -> None:
        kind = "anti" if test.negated else "semi"
        where = self.lowering.place(test.start, test.end)
        table = read if isinstance(read, str) else "a query"
        text = f"{kind} join {table} on {self.lowering.written(test.start, test.end)}"
        self.builder.join(kind, read, right, alias, all_of(conditions), where, text)


def _with_a_name(query: Statement) -> Statement:
    """The only column after `in` needs no name of its own."""
    body = query.body
    if isinstance(body, Core) and len(body.items) == 1 and isinstance(body.items[0], Item):
        body = replace(body, items=(replace(body.items[0], name=body.items[0].name or VALUE),))
    return replace(query, body=body)


def _is_more(core: Core) -> bool:
    """Whether a query is more than rows that fulfil conditions."""
    return bool(core.where.tested or core.group_by or core.having is not None or core.qualify is not None)


def _reads_one_table(core: Core) -> bool:
    plain = len(core.items) == 1 and isinstance(core.items[0], Item) and isinstance(core.items[0].ast, exp.Column)
    return plain and not core.joins and not _is_more(core)


def _inner_first(ast: exp.Expression, alias: str, names: Mapping[str, Column]) -> exp.Expression:
    """A condition whose plain names are the inner table's, where it has them."""

    def qualified(node: exp.Expression) -> exp.Expression:
        if not isinstance(node, exp.Column) or node.table or node.name.lower() not in names:
            return node
        found = exp.column(exp.to_identifier(node.this.name, quoted=True), table=exp.to_identifier(alias, quoted=True))
        for part in (found, found.this, found.args["table"]):
            place(part, *span_of(node))
        return found

    return ast.transform(qualified)
