"""A query as nodes of a script: one DataFrame a step."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from sqlglot import exp

from generator.jobs.spark_text import READABLE_SPARK, Aliased, aliased, spark_name
from generator.plan.emit import emit, emit_rows
from generator.plan.expressions.columns import column_id
from generator.plan.lake import (
    Aggregate,
    CompiledLake,
    CompiledTable,
    Computed,
    Dedupe,
    Extend,
    Filter,
    Inline,
    Join,
    Query,
    Scan,
    Select,
    Step,
    Union,
    Unnest,
)
from generator.plan.order import order_key
from generator.plan.relation import ColumnId
from generator.render.explanation.readable import step_text
from generator.render.jobs.frame import Frame
from generator.render.jobs.layout import INDENT, Code, Group, Node, Text, call, flat, multiline, statement
from generator.render.jobs.names import Names

JOINS = {"inner": "inner", "left": "left", "full": "full", "semi": "left_semi", "anti": "left_anti"}
ROOM = 70
"""Up to this length a call may stand before another one."""
VARIABLES = {"inner": "with_{}", "left": "with_{}", "full": "with_{}", "semi": "in_{}", "anti": "not_in_{}"}


@dataclass(frozen=True, slots=True)
class ScriptNode:
    """A step of a script: what it does, in one line, and its code."""

    comment: str
    code: str


def is_sql(query: Query) -> bool:
    """Whether a query was written as SQL, or asks another in a filter: that has no shorter form."""
    nested = any(isinstance(step, Join) and isinstance(step.input, Query) for step in query.steps)
    return nested or query.steps[-1].place.path[2:3] == ("sql",)


@dataclass
class QueryNodes:
    """Writes the nodes of a table or view.

    Attributes:
        variables: of the tables, sources and views that it reads.
        functions: what its code needs of `pyspark.sql.functions`; `Window` is another import.
        indent: what each line of the code begins with.
    """

    lake: CompiledLake
    table: CompiledTable
    variables: Mapping[str, str]
    names: Names
    variable: str
    indent: str = ""
    functions: set[str] = field(default_factory=set)
    mentioned: set[str] = field(default_factory=set)
    nodes: list[ScriptNode] = field(default_factory=list)

    def write(self) -> list[ScriptNode]:
        """The nodes; the last one's variable is the table's."""
        if is_sql(self.table.query):
            return [self.sql()]
        taken = set(self.names.taken)
        self.steps()  # to see which aliases are mentioned
        self.names.taken = taken
        self.nodes = []
        self.steps()
        return self.nodes

    def sql(self) -> ScriptNode:
        self.functions.add("spark")
        views = [
            statement(call(f"{self.variables[name]}.createOrReplaceTempView", Text(spark_name(name))), "", self.indent)
            for name in self.table.inputs
        ]
        query = self.asked(self.variable, emit(self.table.query, READABLE_SPARK))
        return ScriptNode(
            "SQL query of the table (names with a # are not of pipeline.yaml)", "\n".join((*views, query))
        )

    def asked(self, variable: str, sql: str) -> str:
        """The code that makes a DataFrame of a query."""
        return f"{self.indent}{variable} = spark.sql({multiline(sql, self.indent + INDENT, self.indent)})"

    def made(self, variable: str, node: Node) -> str:
        return statement(node, f"{variable} = ", self.indent)

    def steps(self) -> None:
        first, *rest = self.table.query.steps
        frame = self.start(first)
        for step in rest:
            frame = self.step(frame, step)

    def start(self, step: Step) -> Frame:
        assert isinstance(step, (Scan, Union, Inline))
        if isinstance(step, Union):
            variable = self.union(step)
        elif isinstance(step, Inline):
            variable = self.inline(step)
        else:
            assert isinstance(step.input, str)
            variable = self.variables[step.input]
        return Frame(variable, tuple(step.after.columns), self.alias(step.alias))

    def alias(self, alias: str) -> str | None:
        return alias if alias in self.mentioned else None

    def inline(self, step: Inline) -> str:
        self.functions.add("spark")
        variable = self.names.new("rows")
        query = self.asked(variable, emit_rows(step, READABLE_SPARK))
        self.put(f"Rows that stand in {self.table.metadata.file}", query)
        return variable

    def union(self, step: Union) -> str:
        first, *rest = [self.variables[one] for one in step.inputs if isinstance(one, str)]
        variable = self.names.new("united")
        for number, other in enumerate(rest):
            comment = "" if number else f"Union of {step.text.replace(' + ', ', ')}"
            self.put(comment, self.made(variable, call(f"{first}.unionByName", Code(other))))
            first = variable
        return first

    def step(self, frame: Frame, step: Step) -> Frame:
        if isinstance(step, Join):
            return self.join(frame, step)
        if isinstance(step, Unnest):
            return self.unnest(frame, step)
        if isinstance(step, Filter):
            condition = self.mention(aliased(step.condition, frame.unqualified))
            return self.node(frame, "filtered", f"Filter rows: {step.text}", "filter", Text(condition))
        if isinstance(step, Extend):
            return self.extend(frame, step)
        if isinstance(step, Dedupe):
            return self.dedupe(frame, step)
        if isinstance(step, Aggregate):
            return self.aggregate(frame, step)
        assert isinstance(step, Select)
        items = [self.item(frame, one) for one in step.columns]
        self.put("Output columns", self.made(self.variable, call(f"{frame.text}.select", *items)))
        return Frame(self.variable, tuple(step.after.columns))

    def mention(self, found: Aliased) -> str:
        self.mentioned |= found.aliases
        return found.text

    def node(self, frame: Frame, wanted: str, comment: str, method: str, *arguments: Node) -> Frame:
        """Makes another DataFrame of the present one, with the same columns."""
        variable = self.names.new(wanted)
        self.put(comment, self.made(variable, call(f"{frame.text}.{method}", *arguments)))
        return replace(frame, variable=variable, alias=None)

    def put(self, comment: str, code: str) -> None:
        """Adds a node, or code to the last one where there is no comment."""
        if comment:
            self.nodes.append(ScriptNode(comment, code))
        else:
            self.nodes[-1] = replace(self.nodes[-1], code=f"{self.nodes[-1].code}\n{code}")

    def join(self, frame: Frame, step: Join) -> Frame:
        assert isinstance(step.input, str)
        condition = self.mention(aliased(step.condition, ()))
        alias = self.alias(step.alias)
        right = Frame(self.variables[step.input], (), alias).text
        self.functions.add("expr")
        arguments = (Code(right), call("expr", Text(condition)), Text(JOINS[step.kind]))
        joined = self.node(frame, VARIABLES[step.kind].format(step.input), _sentence(step.text), "join", *arguments)
        if step.kind in ("semi", "anti"):
            return joined
        columns = (ColumnId(step.alias, column.name) for column in self.lake.relation(step.input).columns.values())
        return replace(joined, columns=(*joined.columns, *columns))

    def unnest(self, frame: Frame, step: Unnest) -> Frame:
        self.functions.add("expr")
        value = self.mention(aliased(step.value, frame.unqualified))
        names = ", ".join(f'"{column.name}"' for column in step.new)
        call_ = call("expr", Text(f"{step.function}({value})"))
        elements = Group(call_.head, call_.parts, f"{call_.close}.alias({names})", call_.compact)
        kept = tuple(column for column in frame.columns if column in step.after.columns and column not in step.new)
        items = [Text("*")] if kept == frame.columns else [self.reference(frame, column) for column in kept]
        found = self.node(frame, "elements", _sentence(step_text(step)), "select", *items, elements)
        return replace(found, columns=(*kept, *step.new))

    def extend(self, frame: Frame, step: Extend) -> Frame:
        (one,) = step.columns
        name = one.column.name
        value = self.expr(frame, one.ast)
        made = name if not name.startswith("#") else "windows"
        comment = f"{'Add column' if made == name else 'Compute'} {step.text}"
        kept = tuple(column for column in frame.columns if column.name != name)
        if frame.times(name) < 2:
            found = self.node(frame, f"with_{made}", comment, "withColumn", Text(name), value)
        else:  # `withColumn` would replace each of them
            others = [column for column in kept if column in step.after.columns]
            kept = tuple(others)
            items = [self.reference(frame, column) for column in others]
            found = self.node(frame, f"with_{made}", comment, "select", *items, _named(value, name))
        return replace(found, columns=(*kept, ColumnId(None, name)))

    def dedupe(self, frame: Frame, step: Dedupe) -> Frame:
        if set(step.by) == set(step.after.columns):
            return self.distinct(frame, step)
        rank = next(name for name in _ranks() if not frame.times(name))
        self.functions |= {"Window", "row_number"}
        self.put(_sentence(step_text(step)), self.window(frame, step))
        number = call("row_number().over", Code("order"))
        ranked = self.node(frame, "ranked", "", "withColumn", Text(rank), number)
        found = self.node(ranked, "deduplicated", "", f'filter("{rank} = 1").drop', Text(rank))
        return found

    def distinct(self, frame: Frame, step: Dedupe) -> Frame:
        comment = "Keep each different row once"
        if set(frame.columns) == set(step.after.columns):
            return self.node(frame, "deduplicated", comment, "distinct")
        items = [self.reference(frame, column) for column in step.after.columns]
        chosen = self.node(frame, "chosen", comment, "select", *items)
        found = self.node(chosen, "deduplicated", "", "distinct")
        return replace(found, columns=tuple(step.after.columns))

    def window(self, frame: Frame, step: Dedupe) -> str:
        """The code of the window that numbers the rows of each group; the variable is `order`."""
        by: list[Node] = [self.reference(frame, column) for column in step.by]
        order: list[Node] = []
        for one in (*step.order, *step.ties):
            key = order_key(one.column, step.after.columns[one.column].type)
            is_plain = isinstance(key, exp.Column)
            name = self.reference(frame, one.column) if is_plain else self.expr(frame, key)
            order.append(call("desc", name) if one.descending else name)
            self.functions |= {"desc"} if one.descending else set()
        partition = call("Window.partitionBy", *by)
        group = flat(partition)
        if len(group) < ROOM:
            return self.made("order", call(f"{group}.orderBy", *(order or by)))
        return "\n".join((self.made("group", partition), self.made("order", call("group.orderBy", *(order or by)))))

    def aggregate(self, frame: Frame, step: Aggregate) -> Frame:
        made = [_named(self.expr(frame, one.ast), one.column.name) for one in step.aggregates]
        comment = _sentence(step.text)
        groups = call("groupBy", *(self.reference(frame, column) for column in step.by))
        if not step.by:
            found = self.node(frame, "aggregated", comment, "agg", *made)
        elif frame.alias is None and len(flat(groups)) < ROOM:
            found = self.node(frame, "aggregated", comment, f"{flat(groups)}.agg", *made)
        else:
            grouped = self.node(frame, "groups", comment, "groupBy", *(part for _, part in groups.parts))
            found = self.node(grouped, "aggregated", "", "agg", *made)
        return replace(found, columns=tuple(ColumnId(None, column.name) for column in step.after.columns))

    def item(self, frame: Frame, one: Computed) -> Node:
        if not isinstance(one.ast, exp.Column):
            return _named(self.expr(frame, one.ast), one.column.name)
        name = self.reference(frame, column_id(one.ast))
        if one.ast.name == one.column.name:
            return name
        self.functions.add("col")
        return _named(call("col", name), one.column.name)

    def expr(self, frame: Frame, ast: exp.Expression) -> Group:
        self.functions.add("expr")
        return call("expr", Text(self.mention(aliased(ast, frame.unqualified))))

    def reference(self, frame: Frame, column: ColumnId) -> Text:
        """A column by its name, with the alias where the name alone isn't enough."""
        if column in frame.unqualified or column.alias is None:
            return Text(column.name)
        self.mentioned.add(column.alias)
        return Text(f"{column.alias}.{column.name}")


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _named(node: Group, name: str) -> Group:
    """`node.alias(name)`."""
    return Group(node.head, node.parts, f'{node.close}.alias("{name}")', node.compact)


def _ranks() -> Iterator[str]:
    yield "row_number"
    yield from (f"row_number_{number}" for number in range(2, 1000))
