"""A table written by keys (`source`, `join`, `filter`, ...) as a query: the keys in their fixed order."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from sqlglot import exp

from generator.plan import facts
from generator.plan.context import Context, one_line, readable
from generator.plan.expressions import Allow, Problem, Scope, Typed, check, compare_types
from generator.plan.expressions.columns import column_node
from generator.plan.inline import read_inline
from generator.plan.lake import Input, Order, Place, Query
from generator.plan.order import NoOrder, made_certain
from generator.plan.queries import same_columns, ungrouped
from generator.plan.relation import Column, ColumnId, Relation
from generator.plan.sql.lower import add_conditions, add_qualify
from generator.plan.sql.parse import asks_queries
from generator.plan.steps import StepBuilder
from generator.plan.types import BOOLEAN, NULL, UNKNOWN
from generator.plan.unnesting import NoElements, element_names, new_names
from generator.spec.model import Dedupe, Join, Table, Unnest, Values

Path = tuple[str | int, ...]
CLAUSES = ("unnest", "join", "filter", "add", "qualify", "dedupe", "group_by", "aggregate")
"""The clauses in the order in which they apply."""


def compile_clauses(context: Context, name: str, table: Table, relation_of: Callable[[str], Relation]) -> Query | None:
    """The query of a table written by keys, or None where it has errors; those are reported."""
    clauses = _Clauses(context, ("tables", name), table, relation_of)
    rows = (clauses.source, clauses.unnest, clauses.joins, clauses.filter, clauses.add, clauses.qualify, clauses.dedupe)
    for clause in rows:
        if not clause():
            return None
    if table.aggregate and not clauses.aggregate():
        return None
    return clauses.builder.query() if clauses.output() else None


class _Clauses:
    """One method a key. Each returns False when what follows could not be checked in earnest."""

    def __init__(self, context: Context, path: Path, table: Table, relation_of: Callable[[str], Relation]) -> None:
        self.context = context
        self.path = path
        self.table = table
        self.relation_of = relation_of
        self.builder = StepBuilder(context)
        self.sound = True

    def check(self, text: str, path: Path, scope: Scope | None = None, allow: Allow = Allow.NOTHING) -> Typed | None:
        typed, problems = check(text, scope or self.builder.scope(), allow)
        if problems:
            self.context.report_problems(path, [self.in_order(problem, text, path) for problem in problems])
            self.sound = False
            return None
        if typed is not None:
            self.context.report_losses(path, typed.ast)
        return typed

    def in_order(self, problem: Problem, text: str, path: Path) -> Problem:
        """An unknown column that a later clause makes is said to be that."""
        name, clause = text[problem.start : problem.end].lower(), str(path[2])
        if problem.code != "C001" or clause not in CLAUSES:
            return problem
        if clause == "add" and name in self.table.add:
            return replace(problem, help=(f"`{name}` is made below: put it above what uses it",))
        later = CLAUSES[CLAUSES.index(clause) + 1 :]
        made = next((one for one in later if one in ("add", "aggregate") and name in getattr(self.table, one)), None)
        if made is None:
            return problem
        help = f"`{made}` makes it, after `{clause}`: write its expression here, or read this table from another"
        return replace(problem, help=(help,))

    def certain(self, text: str, path: Path, allow: Allow, by: Sequence[ColumnId] = ()) -> Typed | None:
        """Like `check`, for what may choose among rows: which it chooses mustn't be left to chance."""
        typed = self.check(text, path, allow=allow)
        if typed is None:
            return None
        found, problems = made_certain(typed, self.builder.relation, by)
        self.context.report_problems(path, problems)
        self.sound &= not problems
        return found

    def condition(self, text: str, path: Path, scope: Scope | None = None) -> Typed | None:
        typed = self.check(text, path, scope)
        if typed is not None and typed.type not in (BOOLEAN, NULL, UNKNOWN):
            message = f"`{path[-1]}` must be a condition, found {typed.type}"
            self.context.report_problems(path, [Problem("T002", message, 0, len(text), f"this is {typed.type}")])
            self.sound = False
            return None
        return typed

    def column(self, text: str, path: Path) -> ColumnId | None:
        typed = self.check(text.strip(), path)
        return typed.column if typed is not None else None

    def source(self) -> bool:
        if self.table.source is not None:
            name = self.table.source
            self.builder.scan(name, self.relation_of(name), self.table.as_ or name, Place((*self.path, "source")))
            return True
        if self.table.values is not None:
            return self.values(self.table.values)
        inputs = self.table.union or []
        relations = [self.relation_of(name) for name in inputs]
        paths = [(*self.path, "union", index) for index in range(len(inputs))]
        if not same_columns(self.context, inputs, relations, [Place(path) for path in paths]):
            return False
        alias = self.table.as_ or self.path[1]
        named: list[tuple[Input, Relation]] = list(zip(inputs, relations, strict=True))
        self.builder.union(named, str(alias), Place((*self.path, "union")))
        return True

    def values(self, given: Values) -> bool:
        path = (*self.path, "values")
        found = read_inline(self.context, path, given)
        if found is not None:
            self.builder.inline(*found, str(self.table.as_ or self.path[1]), Place(path))
        return found is not None

    def unnest(self) -> bool:
        for index, one in enumerate(self.table.unnest or ()):
            paths = ((*self.path, "unnest", index), (*self.path, "unnest"))
            self.elements(one, next(path for path in paths if self.context.document.has(path)))
        return self.sound

    def elements(self, one: Unnest, path: Path) -> None:
        inside = (*path, "column")
        column = inside if self.context.document.has(inside) else path
        value = self.check(one.column, column)
        if value is None:
            return
        try:
            names = element_names(value, one.as_)
            taken = {column.name for column in self.builder.relation.columns if column != value.column}
            new_names(names, one.position, value.type, taken)
        except NoElements as error:
            there = (*path, error.key)
            place = self.context.document.span(there if self.context.document.has(there) else column)
            self.context.report(error.code, str(error), place, help=error.help)
            self.context.broken.add(str(self.path[1]))
            self.sound = False
            return
        made = [ColumnId(None, name) for name in names]
        position = ColumnId(None, one.position) if one.position else None
        text = f"unnest {one_line(one.column)}"
        self.builder.unnest(value, made, position, outer=one.outer, place=Place(column), text=text)

    def joins(self) -> bool:
        for index, join in enumerate(self.table.join):
            self.join(join, (*self.path, "join", index))
        return self.sound

    def join(self, join: Join, path: Path) -> None:
        alias = join.as_ or join.table
        if any(column.alias == alias for column in self.builder.relation.columns):
            help = ("give one of them another name with `as:`",)
            place = Place((*path, "as" if join.as_ else join.kind))
            self.context.report("N005", f"`{alias}` is already in this table", place, help=help)
            self.sound = False
            return
        right = facts.occurrence(self.relation_of(join.table), join.table, alias, self.context.subjects)
        names = {column.name: known for column, known in right.columns.items()}
        merged: list[ColumnId] = []
        named = names.get(join.on.strip()) if join.on is not None else None
        if (
            named is not None
            and named.type != BOOLEAN
            and any(c.name == named.name for c in self.builder.relation.columns)
        ):
            self.only_a_column(named.name, path)
            return
        if join.on is not None:
            scope = Scope({**self.builder.relation.by_alias(), alias: names}, self.builder.relation.computed())
            typed = self.condition(join.on, (*path, "on"), scope)
            condition = typed.ast if typed else None
        else:
            condition = self.using(join, alias, names, path)
            merged = [ColumnId(alias, name) for name in join.using or ()]
        if condition is None:
            return
        text = f"{join.kind} join {join.table} on {one_line(join.on or ', '.join(join.using or ()))}"
        self.builder.join(
            join.kind,
            join.table,
            right,
            alias,
            condition,
            Place((*path, "on" if join.on is not None else "using")),
            text,
            merged=merged,
            cardinality=join.cardinality,
            mixes_subjects=join.mixes_subjects,
        )

    def only_a_column(self, name: str, path: Path) -> None:
        message = "`on` must be a condition, and this is a column"
        self.context.report("T002", message, Place((*path, "on")), help=(f"write `using: {name}`",))
        self.sound = False

    def using(self, join: Join, alias: str, right: Mapping[str, Column], path: Path) -> exp.Expression | None:
        """The condition that `using` stands for."""
        condition: exp.Expression | None = None
        sound = True
        for index, name in enumerate(join.using or ()):
            is_list = self.context.document.has((*path, "using", index))
            place: Path = (*path, "using", index) if is_list else (*path, "using")
            left = self.column(name, place)
            other, problems = check(name, Scope({alias: right}))
            self.context.report_problems(place, problems)
            if left is None or other is None or other.column is None:
                sound = False
                continue
            known = self.builder.relation.columns[left]
            if not compare_types(known.type, other.type):
                message = f"cannot compare {known.type} with {other.type}"
                help = ("use `on:` and cast one side",)
                self.context.report("T001", message, Place(place), f"{known.type} and {other.type}", help=help)
                sound = False
                continue
            equal = exp.EQ(this=column_node(left, known.type), expression=column_node(other.column, other.type))
            condition = equal if condition is None else exp.And(this=condition, expression=equal)
        self.sound &= sound
        return condition if sound else None

    def filter(self) -> bool:
        if self.table.filter is not None:
            path = (*self.path, "filter")
            if asks_queries(self.table.filter):
                self.sound &= add_conditions(self.context, path, self.table.filter, self.builder, self.relation_of)
                return self.sound
            typed = self.condition(self.table.filter, path)
            if typed is not None:
                self.builder.filter(typed.ast, Place((*self.path, "filter")), one_line(self.table.filter))
        return self.sound

    def add(self) -> bool:
        for name, text in self.table.add.items():
            path = (*self.path, "add", name)
            typed = self.certain(text, path, Allow.WINDOWS)
            if typed is not None:
                self.builder.extend({name: typed}, Place(path), f"{name}: {one_line(text)}")
        return self.sound

    def qualify(self) -> bool:
        if self.table.qualify is not None:
            path = (*self.path, "qualify")
            self.sound &= add_qualify(self.context, path, self.table.qualify, self.builder, self.relation_of)
        return self.sound

    def dedupe(self) -> bool:
        if self.table.dedupe is None:
            return True
        path = (*self.path, "dedupe")
        by = self.dedupe_columns(self.table.dedupe, path)
        order = []
        for index, term in enumerate(self.table.dedupe.order_by):
            name, *direction = term.split()
            column = self.column(name, (*path, "order_by", index))
            if column is not None:
                order.append(Order(column, [word.lower() for word in direction] == ["desc"]))
        if self.sound:
            text = f"one row for each {', '.join(column.name for column in by)}"
            try:
                self.builder.dedupe(by, order, Place(path), text)
            except NoOrder as error:
                self.no_order(error, path)
        return self.sound

    def no_order(self, error: NoOrder, path: Path) -> None:
        shown = readable(error.columns)
        self.context.report(
            "A005", "which row is kept is not certain", Place(path),
            notes=(f"rows that the order leaves equal can differ in {shown}, which has no order",),
            help=("order by columns that are `unique` in the source", f"or drop {shown} in a table before"),
        )  # fmt: skip
        self.sound = False

    def dedupe_columns(self, dedupe: Dedupe, path: Path) -> list[ColumnId]:
        if dedupe.by is None:
            return self.present()
        found = (self.column(name, (*path, "by", index)) for index, name in enumerate(dedupe.by))
        return [column for column in found if column is not None]

    def aggregate(self) -> bool:
        by = [
            column
            for index, name in enumerate(self.table.group_by)
            if (column := self.column(name, (*self.path, "group_by", index))) is not None
        ]
        for position, column in enumerate(by):
            if any(column.name == other.name for other in by[:position]):
                self.duplicate(column.name, self.list_path("group_by", position))
        aggregates: dict[str, Typed] = {}
        for name, text in self.table.aggregate.items():
            path = (*self.path, "aggregate", name)
            typed = self.certain(text, path, Allow.AGGREGATES, by)
            if typed is None:
                continue
            loose = ungrouped(typed.ast, by)
            if loose is not None or not typed.aggregate:
                self.report_ungrouped(path, text, loose)
                continue
            if any(column.name == name for column in by):
                self.duplicate(name, path)
            aggregates[name] = typed
        if self.sound:
            text = f"group by {', '.join(column.name for column in by)}" if by else "aggregate all rows"
            self.builder.aggregate(by, aggregates, Place((*self.path, "aggregate")), text)
        return self.sound

    def report_ungrouped(self, path: Path, text: str, column: exp.Column | None) -> None:
        message = f"`{column.name}` is neither grouped nor aggregated" if column else "this aggregates nothing"
        help = ("put it inside an aggregate such as `max(…)`, or add it to `group_by`",)
        self.context.report("A003", message, Place(path, 0, len(text)), help=help)
        self.sound = False

    def duplicate(self, name: str, path: Path) -> None:
        help = ("give one of them another name",)
        is_item = isinstance(path[-1], int)
        span = self.context.document.span(path) if is_item else self.context.document.key_span(path)
        self.context.report("C003", f"column `{name}` comes out twice", span, help=help)
        self.context.broken.add(str(self.path[1]))
        self.sound = False

    def output(self) -> bool:
        columns = self.selected() if self.table.select is not None else self.remaining()
        if not self.sound:
            return False
        if any(typed.type == NULL for typed in columns.values()):
            self.untyped(next(name for name, typed in columns.items() if typed.type == NULL))
            return False
        if not columns:
            self.context.report("C004", "no column is left", self.context.document.key_span((*self.path, "drop")))
            self.context.broken.add(str(self.path[1]))
            return False
        place = Place((*self.path, "select") if self.table.select is not None else self.path)
        self.builder.select(columns, place, ", ".join(columns))
        return True

    def untyped(self, name: str) -> None:
        help = (f"say which type it has: `{name}: cast(null as string)`",)
        message = f"column `{name}` is always null and has no type"
        self.context.report("T011", message, self.context.document.key_span(self.path), help=help)
        self.context.broken.add(str(self.path[1]))

    def selected(self) -> dict[str, Typed]:
        columns: dict[str, Typed] = {}
        for index, item in enumerate(self.table.select or ()):
            ((name, text),) = item.items()
            path = self.select_path(index, name)
            typed = self.certain(text, path, Allow.WINDOWS)
            if name in columns:
                self.duplicate(name, path)
            if typed is not None:
                columns[name] = typed
        return columns

    def select_path(self, index: int, name: str) -> Path:
        """Where an item stands in each of the forms that `select` may have."""
        for tail in ((index, name), (name,), (index,)):
            if self.context.document.has((*self.path, "select", *tail)):
                return (*self.path, "select", *tail)
        return (*self.path, "select")

    def remaining(self) -> dict[str, Typed]:
        dropped = {
            column
            for index, text in enumerate(self.table.drop)
            if (column := self.column(text, self.list_path("drop", index))) is not None
        }
        renamed = {}
        for text, new in self.table.rename.items():
            column = self.renamed_column(text)
            if column in dropped:
                message = f"`{text}` is dropped, so it can't be renamed"
                self.context.report("S004", message, self.context.document.key_span((*self.path, "rename", text)))
                self.context.broken.add(str(self.path[1]))
                self.sound = False
            if column is not None:
                renamed[column] = new
        columns: dict[str, Typed] = {}
        if not self.sound:
            return columns
        first: dict[str, ColumnId] = {}
        for column in self.present():
            name = renamed.get(column, column.name)
            if column in dropped:
                continue
            if name in columns:
                self.clash(name, (first[name], column))
            columns[name] = self.builder.plain(column)
            first.setdefault(name, column)
        return columns

    def present(self) -> list[ColumnId]:
        """The columns that there are, but for those that `qualify` made for itself."""
        return [column for column in self.builder.relation.columns if not column.name.startswith("#")]

    def renamed_column(self, text: str) -> ColumnId | None:
        """The column that a key of `rename` names; what is wrong with it stands at that key."""
        typed, problems = check(text.strip(), self.builder.scope())
        if typed is not None and typed.column is not None:
            return typed.column
        key = next((key for key in (text, f"`{text}`") if self.context.document.has((*self.path, "rename", key))), text)
        span = self.context.document.key_span((*self.path, "rename", key))
        for problem in problems:
            self.context.report(problem.code, problem.message, span, problem.label, help=problem.help)
        self.context.broken.add(str(self.path[1]))
        self.sound = False
        return None

    def list_path(self, key: str, index: int) -> Path:
        path = (*self.path, key, index)
        return path if self.context.document.has(path) else path[:-1]

    def clash(self, name: str, columns: tuple[ColumnId, ColumnId]) -> None:
        both = [f"{column.alias}.{column.name}" if column.alias else column.name for column in columns]
        self.context.report(
            "C003",
            f"column `{name}` comes out twice",
            self.context.document.key_span(self.path),
            notes=(f"from {readable(both)}",),
            help=(f"write `drop: [{both[1]}]`, or `rename: {{{both[1]}: …}}`",),
        )
        self.context.broken.add(str(self.path[1]))
        self.sound = False
