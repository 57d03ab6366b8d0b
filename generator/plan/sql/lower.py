"""A `sql:` query as steps of the plan, so that it is checked, proven and run like a table written by keys."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sqlglot import exp

from generator.plan import facts
from generator.plan.clauses import same_columns, ungrouped
from generator.plan.context import Context, one_line
from generator.plan.expressions import Allow, Problem, Scope, Typed, check_ast, compare_types, to_spark
from generator.plan.expressions.check import column_node
from generator.plan.expressions.nodes import place, span_of
from generator.plan.lake import Input, Place, Query
from generator.plan.relation import Column, ColumnId, Relation
from generator.plan.sql.parse import parse_statement
from generator.plan.sql.syntax import Body, Core, Item, Joined, SetOperation, Source, Star, Statement
from generator.plan.steps import StepBuilder
from generator.plan.types import BOOLEAN, NULL, UNKNOWN

Path = tuple[str | int, ...]
Named = Mapping[str, Query]
HAVING = "#having"
"""The condition of HAVING as a column; names with a `#` are none that a spec can have."""


class Refused(Exception):
    """Ends the lowering of one query; the problem is reported already."""


def compile_sql(context: Context, name: str, text: str, relation_of: Callable[[str], Relation]) -> Query | None:
    """The query of a table written as SQL, or None where it has errors; those are reported."""
    statement = parse_statement(text)
    if isinstance(statement, Problem):  # reported when the names were checked
        return None
    try:
        return _Lowering(context, ("tables", name, "sql"), text, relation_of).statement(statement, {})
    except Refused:
        return None


class _Lowering:
    def __init__(self, context: Context, path: Path, text: str, relation_of: Callable[[str], Relation]) -> None:
        self.context = context
        self.path = path
        self.text = text
        self.relation_of = relation_of

    def refuse(self, code: str, message: str, start: int, end: int, *help: str) -> Refused:
        self.context.report_problems(self.path, [Problem(code, message, start, end, help=help)])
        return Refused(message)

    def place(self, start: int, end: int) -> Place:
        return Place(self.path, start, end)

    def written(self, start: int, end: int) -> str:
        return one_line(self.text[start:end])

    def typed(self, ast: exp.Expression, scope: Scope, allow: Allow = Allow.NOTHING) -> Typed:
        found, problems = check_ast(ast, scope, allow)
        self.context.report_problems(self.path, problems)
        if found is None or problems:
            raise Refused(str(ast))
        return found

    def condition(self, ast: exp.Expression, scope: Scope) -> Typed:
        found = self.typed(ast, scope)
        if found.type not in (BOOLEAN, NULL, UNKNOWN):
            raise self.refuse("T002", f"a condition is needed here, found {found.type}", *span_of(ast))
        return found

    def statement(self, statement: Statement, named: Named) -> Query:
        known = dict(named)
        for name, query in statement.named:
            known[name] = self.statement(query, known)
        return self.body(statement.body, known)

    def body(self, body: Body, named: Named) -> Query:
        return self.core(body, named) if isinstance(body, Core) else self.union(body, named)

    def union(self, body: SetOperation, named: Named) -> Query:
        """SQL puts columns together by position; the branches take the names of the first."""
        branches = [self.body(branch, named) for branch in body.branches]
        names = [column.name for column in branches[0].relation.columns]
        places = [self.place(branch.start, branch.end) for branch in body.branches]
        for index, branch in enumerate(branches[1:], start=1):
            if len(branch.relation.columns) != len(names):
                message = f"the queries of a UNION have {len(names)} and {len(branch.relation.columns)} columns"
                raise self.refuse("U001", message, places[index].start, places[index].end or 0)
            branches[index] = self.renamed(branch, names, places[index])
        labels = [f"query {index + 1}" for index in range(len(branches))]
        if not same_columns(self.context, labels, [branch.relation for branch in branches], places):
            raise Refused("union")
        builder = StepBuilder(self.context)
        inputs: list[tuple[Input, Relation]] = [(branch, branch.relation) for branch in branches]
        place = self.place(body.start, body.end)
        builder.union(inputs, "#union", place)
        columns = {column.name: builder.plain(column) for column in builder.relation.columns}
        builder.select(columns, place, "union" if body.distinct else "union all", distinct=body.distinct)
        return builder.query()

    def renamed(self, query: Query, names: list[str], place: Place) -> Query:
        if [column.name for column in query.relation.columns] == names:
            return query
        builder = StepBuilder(self.context)
        builder.scan(query, query.relation, "#branch", place)
        columns = {new: builder.plain(old) for new, old in zip(names, builder.relation.columns, strict=True)}
        builder.select(columns, place, "rename")
        return builder.query()

    def core(self, core: Core, named: Named) -> Query:
        builder = StepBuilder(self.context)
        source, relation = self.input(core.source, named)
        builder.scan(source, relation, core.source.alias, self.place(core.source.start, core.source.end))
        for join in core.joins:
            self.join(builder, join, named)
        if core.where is not None:
            where = span_of(core.where)
            condition = self.condition(core.where, builder.scope())
            builder.filter(condition.ast, self.place(*where), self.written(*where))
        _Output(self, builder, core).build()
        return builder.query()

    def input(self, source: Source, named: Named) -> tuple[Input, Relation]:
        query = self.statement(source.query, named) if source.query else named.get(source.table or "")
        if query is not None:
            return query, query.relation
        return source.table or "", self.relation_of(source.table or "")

    def join(self, builder: StepBuilder, join: Joined, named: Named) -> None:
        source, relation = self.input(join.source, named)
        alias = join.source.alias
        if any(column.alias == alias for column in builder.relation.columns):
            message = f"`{alias}` is already in this query"
            raise self.refuse("N005", message, join.source.start, join.source.end, "give one of them another name")
        table = source if isinstance(source, str) else None
        right = facts.occurrence(relation, table, alias, self.context.subjects)
        names = {column.name: known for column, known in right.columns.items()}
        if join.on is not None:
            scope = Scope({**builder.relation.by_alias(), alias: names}, builder.relation.computed())
            condition = self.condition(join.on, scope).ast
        else:
            condition = self.using(builder, join, names)
        builder.join(
            join.kind,
            source,
            right,
            alias,
            condition,
            self.place(join.start, join.end),
            f"{join.kind} join {table or alias} on {self.written(join.start, join.end)}",
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

    def __init__(self, lowering: _Lowering, builder: StepBuilder, core: Core) -> None:
        self.lowering = lowering
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
                typed = self.lowering.typed(item.ast, self.builder.scope(), Allow.WINDOWS)
                self.put(columns, self.name(item, typed), typed, item.start, item.end)
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
        present = [c for c in self.builder.relation.columns if star.alias is None or c.alias == star.alias]
        if not present:
            raise self.lowering.refuse("C006", f"unknown table `{star.alias}`", star.start, star.end)
        names = {column.name for column in present}
        for excluded in star.excluded:
            if excluded not in names:
                raise self.lowering.refuse("C001", f"unknown column `{excluded}`", star.start, star.end)
        return [(c.name, self.builder.plain(c)) for c in present if c.name not in star.excluded]

    def name(self, item: Item, typed: Typed) -> str:
        name = item.name or (typed.column.name if typed.column else None)
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
        typed = self.lowering.typed(item.ast, self.builder.scope(), Allow.AGGREGATES)
        group = groups.get(_normal(typed.ast))
        if group is not None:
            name = item.name or (item.ast.name.lower() if isinstance(item.ast, exp.Column) else None)
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
        typed = self.lowering.typed(having, self.builder.scope(), Allow.AGGREGATES)
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
                groups[_normal(typed.ast)] = typed.column
                continue
            name = f"#group{len(groups)}"
            computed[name] = typed
            groups[_normal(typed.ast)] = ColumnId(None, name)
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


def _normal(ast: exp.Expression) -> str:
    """The text of a checked expression, however it was spelled, to find it again in the select list."""
    return to_spark(ast.unnest())
