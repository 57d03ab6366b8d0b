"""A `sql:` query as steps of the plan, so that it is checked, proven and run like a table written by keys."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from sqlglot import exp

from generator.plan.context import Context
from generator.plan.expressions import Allow, Problem, Scope, Typed, check_ast, compare_types, parse
from generator.plan.expressions.columns import column_node, column_nodes
from generator.plan.expressions.nodes import hull, place, span_of
from generator.plan.lake import Query
from generator.plan.queries import ungrouped
from generator.plan.relation import Column, ColumnId, Relation
from generator.plan.sql.elements import add_elements
from generator.plan.sql.lowering import Lowering, Named, Path, Refused, all_of, names_of, same_text
from generator.plan.sql.parse import parse_conditions, parse_statement
from generator.plan.sql.qualify import keep_by_windows, qualified
from generator.plan.sql.sets import put_together
from generator.plan.sql.subqueries import Subqueries
from generator.plan.sql.syntax import Body, Conditions, Core, Item, Joined, Listed, Star, Statement, Unnested
from generator.plan.sql.values import listed_rows
from generator.plan.steps import StepBuilder
from generator.plan.types import BOOLEAN, NULL

HAVING = "#having"
"""The condition of HAVING as a column; names with a `#` are none that a spec can have."""


def compile_sql(context: Context, name: str, text: str, relation_of: Callable[[str], Relation]) -> Query | None:
    """The query of a table written as SQL, or None where it has errors; those are reported."""
    statement = parse_statement(text)
    if isinstance(statement, Problem):  # reported when the names were checked
        return None
    return lower_statement(context, ("tables", name, "sql"), text, statement, relation_of)


def lower_statement(
    context: Context, path: Path, text: str, statement: Statement, relation_of: Callable[[str], Relation]
) -> Query | None:
    """A parsed query as steps, or None where it has errors; those are reported."""
    try:
        return _Lowering(context, path, text, relation_of).statement(statement, {})
    except Refused:
        return None


def add_conditions(
    context: Context, path: Path, text: str, builder: StepBuilder, relation_of: Callable[[str], Relation]
) -> bool:
    """Adds the condition of a `filter:` that asks other queries to a table's steps; False where it has errors."""
    conditions = parse_conditions(text)
    if isinstance(conditions, Problem):
        context.report_problems(path, [conditions])
        return False
    try:
        _Lowering(context, path, text, relation_of).where(builder, conditions, {})
    except Refused:
        return False
    return True


def add_qualify(
    context: Context, path: Path, text: str, builder: StepBuilder, relation_of: Callable[[str], Relation]
) -> bool:
    """Adds the condition of a `qualify:` to a table's steps; False where it has errors."""
    condition = parse(text)
    if isinstance(condition, Problem):
        context.report_problems(path, [condition])
        return False
    lowering = _Lowering(context, path, text, relation_of)
    if condition.find(exp.Window) is None:
        help = "write it under `filter`, or name the window: `row_number() over (partition by … order by …) = 1`"
        context.report("A004", "`qualify` has no window function", lowering.place(*span_of(condition)), help=(help,))
        return False
    try:
        keep_by_windows(lowering, builder, condition.copy())
    except Refused:
        return False
    return True


class _Lowering(Lowering):
    def statement(self, statement: Statement, named: Named) -> Query:
        known = dict(named)
        for name, query in statement.named:
            known[name] = self.statement(query, known)
        return self.body(statement.body, known)

    def body(self, body: Body, named: Named) -> Query:
        if isinstance(body, Core):
            return self.core(body, named)
        if isinstance(body, Listed):
            return listed_rows(self, body)
        first, *rest = body.branches
        branches = [self.body(first, named)]
        names = [column.name for column in branches[0].relation.columns]
        branches += [self.body(_as_branch(one, names), named) for one in rest]
        return put_together(self, body, branches)

    def core(self, core: Core, named: Named) -> Query:
        builder = StepBuilder(self.context)
        source, relation = self.input(core.source, named)
        first, joins = core.source, list(core.joins)
        if joins and isinstance(joins[0], Joined) and joins[0].kind == "right":
            swapped = joins[0]
            joins.pop(0)
            joins.insert(0, replace(swapped, kind="left", source=core.source))
            first, (source, relation) = swapped.source, self.input(swapped.source, named)
        builder.scan(source, relation, first.alias, self.place(first.start, first.end))
        waiting = list(core.where.plain)
        self.refuse_late_full(joins)
        for number, join in enumerate(joins):
            if isinstance(join, Unnested):
                add_elements(self, builder, join, alias_of(join, number))
                continue
            self.join(builder, self.with_condition(builder, join, waiting, named), named)
        moved = len(waiting) < len(core.where.plain)
        for one in core.where.plain if moved else ():
            self.condition(one, builder.scope())  # what joins is checked once more beside all tables
        self.where(builder, Conditions(None, tuple(waiting), core.where.tested) if moved else core.where, named)
        made = qualified(self, builder, core) if core.qualify is not None else {}
        _Output(self, builder, core, made).build()
        return builder.query()

    def refuse_late_full(self, joins: list[Joined | Unnested]) -> None:
        """WHERE's conditions don't join tables before a full join: it keeps rows that they then take out."""
        kinds = [join.kind if isinstance(join, Joined) else "" for join in joins]
        if "full" in kinds and "cross" in kinds[: len(kinds) - kinds[::-1].index("full")]:
            late = [join for join in joins if isinstance(join, Joined) and join.kind == "full"][-1]
            help = "write `join … on` for the tables before it, or put them into a query in FROM"
            message = "`sql:` can't say FULL JOIN after a comma or CROSS JOIN"
            raise self.refuse("Q001", message, late.start, late.end, help)

    def where(self, builder: StepBuilder, conditions: Conditions, named: Named) -> None:
        subqueries = Subqueries(self, builder, named)
        parts = (conditions.whole,) if conditions.whole is not None else conditions.plain
        if parts:
            spans = [span_of(one) for one in parts]
            text = " and ".join(self.written(*span) for span in spans)
            typed = [self.condition(one, builder.scope()).ast for one in parts]
            builder.filter(all_of(typed) if len(typed) > 1 else typed[0], self.place(spans[0][0], spans[-1][1]), text)
        for test in conditions.tested:
            subqueries.apply(test)

    def with_condition(
        self, builder: StepBuilder, join: Joined, waiting: list[exp.Expression], named: Named
    ) -> Joined:  # fmt: skip
        """A cross join with its condition, which is taken out of WHERE's: what reads it and tables before it."""
        if join.kind == "right":
            help = "write LEFT JOIN with the tables in the other order, or put the tables before it into a query"
            raise self.refuse("Q001", "`sql:` can't say RIGHT JOIN after another join", join.start, join.end, help)
        if join.kind != "cross":
            return join
        _, right = self.occurrence(builder, join.source, named)
        scope = Scope({**builder.relation.by_alias(), join.source.alias: names_of(right)}, builder.relation.computed())
        found = [one for one in waiting if _reads(one, scope, join.source.alias)]
        if not any(isinstance(one.unnest(), exp.EQ) for one in found):
            message = f"no `=` in `where` joins `{join.source.alias}`: every row would meet every other"
            raise self.refuse("Q001", message, join.start, join.end, "write `where a.x = b.y`, or a join with `on`")
        waiting[:] = [one for one in waiting if one not in found]
        start, end = hull(found)
        return replace(join, kind="inner", on=all_of(found), start=start, end=end)

    def join(self, builder: StepBuilder, join: Joined, named: Named) -> None:
        source, right = self.occurrence(builder, join.source, named)
        alias, names = join.source.alias, names_of(right)
        start, end = join.start, join.end
        if join.on is not None:
            scope = Scope({**builder.relation.by_alias(), alias: names}, builder.relation.computed())
            condition = self.condition(join.on, scope).ast
        else:
            condition = self.using(builder, join, names)
        table = source if isinstance(source, str) else None
        builder.join(
            join.kind,
            source,
            right,
            alias,
            condition,
            self.place(start, end),
            f"{join.kind} join {table or alias} on {self.written(start, end)}",
            merged=[ColumnId(alias, name) for name, _, _ in join.using],
        )

    def using(self, builder: StepBuilder, join: Joined, right: Mapping[str, Column]) -> exp.Expression:
        condition: exp.Expression | None = None
        for name, start, end in join.using:
            node = exp.column(name)
            place(place(node, start, end).this, start, end)
            left = self.typed(node, builder.scope())
            other = self.typed(node, Scope({join.source.alias: right}))
            if left.column is None or other.column is None or not compare_types(left.type, other.type):
                raise self.refuse("T001", f"cannot compare {left.type} with {other.type}", start, end)
            left_node = column_node(left.column, left.type)
            equal = exp.EQ(this=left_node, expression=column_node(other.column, other.type))
            condition = equal if condition is None else exp.And(this=condition, expression=equal)
        assert condition is not None
        return condition


class _Output:
    """The select list of one SELECT, with its grouping."""

    def __init__(self, lowering: _Lowering, builder: StepBuilder, core: Core, made: Mapping[str, ColumnId]) -> None:
        self.lowering = lowering
        self.made = made
        self.builder = builder
        self.core = core
        self.place = lowering.place(core.start, core.end)

    def build(self) -> None:
        if self.core.group_by or self.core.having is not None or self.aggregates():
            columns = self.grouped()
        else:
            columns = self.plain()
        text = ", ".join(columns)
        self.builder.select(columns, self.place, text, distinct=self.core.distinct)

    def aggregates(self) -> bool:
        """Whether an item aggregates: whether allowing aggregates makes a difference to it."""
        scope = self.builder.scope()
        for item in self.core.items:
            if isinstance(item, Item):
                typed, _ = check_ast(item.ast, scope, Allow.AGGREGATES | Allow.WINDOWS)
                if typed is not None and typed.aggregate:
                    return True
        return False

    def plain(self) -> dict[str, Typed]:
        columns: dict[str, Typed] = {}
        for item in self.core.items:
            if isinstance(item, Star):
                for name, typed in self.star(item):
                    self.put(columns, name, typed, item.start, item.end)
            else:
                typed = self.lowering.certain(item.ast, self.builder, Allow.WINDOWS)
                name = self.name(item, typed)
                known = self.made.get(same_text(typed.ast)) if self.made else None
                self.put(columns, name, self.builder.plain(known) if known else typed, item.start, item.end)
        return columns

    def put(self, columns: dict[str, Typed], name: str, typed: Typed, start: int, end: int) -> None:
        if name in columns:
            help = "give it another name with `as`, or leave it out with `* except (…)`"
            raise self.lowering.refuse("C003", f"column `{name}` comes out twice", start, end, help)
        if typed.type == NULL:
            help = f"say which type it has: `cast(null as string) as {name}`"
            raise self.lowering.refuse("T011", f"column `{name}` is always null and has no type", start, end, help)
        columns[name] = typed

    def star(self, star: Star) -> list[tuple[str, Typed]]:
        order = [self.core.source.alias, *(alias_of(one, number) for number, one in enumerate(self.core.joins))]
        known = [c for c in self.builder.relation.columns if not c.name.startswith("#")]
        present = [c for c in known if star.alias is None or c.alias == star.alias]
        present.sort(key=lambda c: order.index(c.alias) if c.alias in order else -1)
        if not present:
            raise self.lowering.refuse("C006", f"unknown table `{star.alias}`", star.start, star.end)
        names = {column.name for column in present}
        for excluded in star.excluded:
            if excluded not in names:
                raise self.lowering.refuse("C001", f"unknown column `{excluded}`", star.start, star.end)
        return [(c.name, self.builder.plain(c)) for c in present if c.name not in star.excluded]

    def name(self, item: Item, typed: Typed) -> str:
        name = item.name or (typed.column.name if typed.column else _field(typed.ast))
        if name is None:
            raise self.lowering.refuse("C007", "this column has no name", item.start, item.end, "add `as name`")
        return name

    def grouped(self) -> dict[str, Typed]:
        """Groups, and returns the select list over what grouping leaves."""
        groups = self.group_columns()
        by = list(dict.fromkeys(groups.values()))
        aggregates: dict[str, Typed] = {}
        output: dict[str, str] = {}
        for item in self.core.items:
            if isinstance(item, Star):
                raise self.lowering.refuse("A003", "`*` is neither grouped nor aggregated", item.start, item.end)
            self.grouped_item(item, groups, aggregates, output)
        if self.core.having is not None:
            aggregates[HAVING] = self.having(by)
        self.builder.aggregate(by, aggregates, self.place, f"group by {', '.join(c.name for c in by)}")
        if self.core.having is not None:
            span = span_of(self.core.having)
            kept = self.builder.plain(ColumnId(None, HAVING))
            self.builder.filter(kept.ast, self.lowering.place(*span), self.lowering.written(*span))
        return {name: self.builder.plain(ColumnId(None, inner)) for name, inner in output.items()}

    def grouped_item(
        self, item: Item, groups: Mapping[str, ColumnId], aggregates: dict[str, Typed], output: dict[str, str]
    ) -> None:
        typed = self.lowering.certain(item.ast, self.builder, Allow.AGGREGATES, list(groups.values()))
        group = groups.get(same_text(typed.ast))
        if group is not None:
            name = item.name or (item.ast.name.lower() if isinstance(item.ast, exp.Column) else _field(typed.ast))
            inner = group.name
        else:
            self.refuse_ungrouped(typed, list(groups.values()), item.start, item.end)
            name = item.name
            inner = f"#{len(aggregates)}"
            aggregates[inner] = typed
        if name is None:
            raise self.lowering.refuse("C007", "this column has no name", item.start, item.end, "add `as name`")
        if name in output:
            raise self.lowering.refuse("C003", f"column `{name}` comes out twice", item.start, item.end)
        output[name] = inner

    def refuse_ungrouped(self, typed: Typed, by: list[ColumnId], start: int, end: int) -> None:
        loose = ungrouped(typed.ast, by)
        if loose is not None:
            message = f"`{loose.name}` is neither grouped nor aggregated"
            raise self.lowering.refuse("A003", message, start, end, "add it to GROUP BY, or aggregate it")

    def having(self, by: list[ColumnId]) -> Typed:
        having = self.core.having
        assert having is not None
        typed = self.lowering.certain(having, self.builder, Allow.AGGREGATES, by)
        if typed.type not in (BOOLEAN, NULL):
            raise self.lowering.refuse("T002", f"HAVING must be a condition, found {typed.type}", *span_of(having))
        self.refuse_ungrouped(typed, by, *span_of(having))
        return typed

    def group_columns(self) -> dict[str, ColumnId]:
        """The columns to group by, by the text of their expression; computed ones are added first."""
        named = {item.name: item.ast for item in self.core.items if isinstance(item, Item) and item.name}
        groups: dict[str, ColumnId] = {}
        computed: dict[str, Typed] = {}
        for ast in self.core.group_by:
            is_alias = isinstance(ast, exp.Column) and not ast.table and ast.name.lower() in named
            present = any(column.name == ast.name.lower() for column in self.builder.relation.columns)
            meant = named[ast.name.lower()] if is_alias and not present else ast
            typed = self.lowering.typed(meant, self.builder.scope())
            if typed.column is not None:
                groups[same_text(typed.ast)] = typed.column
                continue
            name = f"#group{len(groups)}"
            computed[name] = typed
            groups[same_text(typed.ast)] = ColumnId(None, name)
        if computed:
            start, end = span_of(self.core.group_by[0])[0], span_of(self.core.group_by[-1])[1]
            text = self.lowering.written(start, end)
            self.builder.extend(computed, self.lowering.place(start, end), text)
        names = [column.name for column in dict.fromkeys(groups.values())]
        if len(set(names)) < len(names):
            place = self.place
            message = "two grouped columns have the same name"
            raise self.lowering.refuse("Q001", message, place.start, place.end or 0, "rename one in a query in FROM")
        return groups


def _as_branch(body: Body, names: Sequence[str]) -> Body:
    """A query after UNION: its columns take the names of the first, so that rows need none of their own."""
    if isinstance(body, Listed) and not body.names:
        more = (f"#{number}" for number in range(len(names), len(body.rows[0].cells)))
        return replace(body, names=(*names, *more)[: len(body.rows[0].cells)])
    return body


def _field(ast: exp.Expression) -> str | None:
    """The name of a struct's field, which its column has without another."""
    return ast.expression.name.lower() if isinstance(ast, exp.Dot) else None


def alias_of(one: Joined | Unnested, number: int) -> str:
    """By what the columns of a join go; elements without a name get one that no spec can have."""
    return one.source.alias if isinstance(one, Joined) else one.alias or f"#elements{number}"


def _reads(ast: exp.Expression, scope: Scope, alias: str) -> bool:
    """Whether a condition reads a table, and others of the scope alone."""
    found, _ = check_ast(ast, scope)
    return found is not None and any(node.table == alias for node in column_nodes(found.ast))
