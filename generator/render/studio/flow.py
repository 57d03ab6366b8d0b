"""A query as nodes of Glue Studio.

A node hands on columns by name alone, so columns of the same name in both sides of a join get names of their own. A
step is a native node where that gives the very same rows, and SQL otherwise: Studio's filters compare null like any
value, and its aggregates can't be named.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from sqlglot import exp

from generator.jobs.spark_text import READABLE_SPARK, spark_item, spark_name
from generator.plan.emit import WORDS as WIDE_WORDS
from generator.plan.emit import emit, emit_rows
from generator.plan.expressions import conjuncts, type_of
from generator.plan.expressions.columns import column_id, column_nodes
from generator.plan.lake import (
    WIDE_JOINS,
    Aggregate,
    CompiledLake,
    CompiledTable,
    Computed,
    Dedupe,
    Extend,
    Filter,
    Inline,
    Join,
    Scan,
    Select,
    Step,
    Union,
    Unnest,
)
from generator.plan.order import order_key
from generator.plan.relation import ColumnId
from generator.render.explanation.readable import step_text
from generator.render.jobs.nodes import is_sql
from generator.render.jobs.sql_lines import visible
from generator.render.studio.filters import studio_filter
from generator.render.studio.frame import Frame
from generator.render.studio.nodes import Graph, Values, schemas

JOINS = {"inner": "equijoin", "left": "left", "full": "outer", "semi": "leftsemi", "anti": "leftanti"}
WORDS = {**WIDE_WORDS, "semi": "LEFT SEMI JOIN", "anti": "LEFT ANTI JOIN"}
LEFT, RIGHT, INPUT = "l", "r", "input"


@dataclass
class Flow:
    """Adds the nodes of a table or view.

    Attributes:
        relations: the nodes of what it reads.
        unread: gives a node for a query that reads none: Studio wants one.
    """

    made: Graph
    lake: CompiledLake
    table: CompiledTable
    relations: Mapping[str, str]
    unread: Callable[[], str]

    def add(self) -> str:
        """Returns the id of the last node."""
        if is_sql(self.table.query):
            sql = emit(self.table.query, READABLE_SPARK)
            inputs = {name: self.relations[name] for name in self.table.inputs} or {INPUT: self.unread()}
            return self.sql(self.table.name, "SQL query", sql, inputs, self.table.query.steps[-1])
        first, *rest = self.table.query.steps
        frame = self.start(first)
        for step in rest:
            frame = self.step(frame, step)
        return frame.node

    def sql(self, wanted: str, name: str, sql: str, inputs: Mapping[str, str], step: Step | None = None) -> str:
        sql = visible(sql)
        aliases = [{"From": node, "Alias": alias} for alias, node in inputs.items()]
        nodes = list(dict.fromkeys(inputs.values()))
        shown: Values = {"OutputSchemas": schemas(step.after)} if step is not None else {}
        return self.made.add(wanted, "SparkSQL", _shown(name), Inputs=nodes, SqlQuery=sql, SqlAliases=aliases, **shown)

    def start(self, step: Step) -> Frame:
        names = {column: column.name for column in step.after.columns}
        if isinstance(step, Scan):
            assert isinstance(step.input, str)
            return Frame(self.relations[step.input], names)
        if isinstance(step, Inline):
            sql = emit_rows(step, READABLE_SPARK)
            return Frame(self.sql(f"{self.table.name}_rows", step.text, sql, {INPUT: self.unread()}), names)
        assert isinstance(step, Union)
        inputs = {f"{INPUT}_{number}": self.relations[str(one)] for number, one in enumerate(step.inputs, 1)}
        if len(inputs) == 1:
            return Frame(next(iter(inputs.values())), names)
        listed = ", ".join(map(spark_name, names.values()))
        sql = "\nUNION ALL\n".join(f"SELECT {listed} FROM {alias}" for alias in inputs)
        return Frame(self.sql(f"{self.table.name}_union", f"Union of {step.text}", sql, inputs), names)

    def step(self, frame: Frame, step: Step) -> Frame:
        match step:
            case Join():
                return self.join(frame, step)
            case Unnest():
                return self.unnest(frame, step)
            case Filter():
                return self.filter(frame, step)
            case Extend():
                return self.extend(frame, step)
            case Dedupe():
                return self.dedupe(frame, step)
            case Aggregate():
                return self.aggregate(frame, step)
            case Select():
                return self.select(frame, step)
        raise AssertionError(f"unknown step {type(step).__name__}")

    def then(self, frame: Frame, wanted: str, name: str, sql: str) -> Frame:
        """A node of SQL over the last one, which the query calls `input`."""
        node = self.sql(f"{self.table.name}_{wanted}", name, sql, {INPUT: frame.node})
        return replace(frame, node=node)

    def native(self, frame: Frame, wanted: str, kind: str, name: str, **values: object) -> Frame:
        node = self.made.add(f"{self.table.name}_{wanted}", kind, _shown(name), Inputs=[frame.node], **values)
        return replace(frame, node=node)

    def join(self, frame: Frame, step: Join) -> Frame:
        right = self.relations[str(step.input)]
        columns = [column.name for column in self.lake.relation(str(step.input)).columns.values()]
        is_kept = step.kind in WIDE_JOINS
        names = dict(frame.names)
        taken = set(names.values())
        for name in columns if is_kept else ():
            names[ColumnId(step.alias, name)] = _free(name, step.alias, taken)
        wanted = f"{step.kind}_{step.input}"
        is_clear = not is_kept or all(names[ColumnId(step.alias, name)] == name for name in columns)
        if step.exact and is_clear and right != frame.node and _same_types(step):
            made = self.made.add(
                f"{self.table.name}_{wanted}",
                "Join",
                _shown(step.text),
                Inputs=[frame.node, right],
                JoinType=JOINS[step.kind],
                Columns=[
                    {"From": frame.node, "Keys": [[frame.names[pair.left]] for pair in step.pairs]},
                    {"From": right, "Keys": [[pair.right.name] for pair in step.pairs]},
                ],
            )
            return Frame(made, names)
        return Frame(self.sql_join(frame, step, right, columns, names), names)

    def sql_join(self, frame: Frame, step: Join, right: str, columns: list[str], names: Mapping[ColumnId, str]) -> str:
        other = Frame(right, {ColumnId(step.alias, name): name for name in columns})
        condition = spark_item(other.bound(frame.bound(step.condition, LEFT), RIGHT))
        items = [f"{LEFT}.{spark_name(name)}" for name in frame.names.values()]
        for column in other.names if step.kind in WIDE_JOINS else ():
            item = f"{RIGHT}.{spark_name(column.name)}"
            items.append(item if names[column] == column.name else f"{item} AS {spark_name(names[column])}")
        sql = f"SELECT {', '.join(items)}\nFROM {LEFT}\n{WORDS[step.kind]} {RIGHT} ON {condition}"
        return self.sql(f"{self.table.name}_{step.kind}_{step.input}", step.text, sql, {LEFT: frame.node, RIGHT: right})

    def filter(self, frame: Frame, step: Filter) -> Frame:
        filters = [studio_filter(frame, one) for one in conjuncts(step.condition)]
        name = f"Filter {step.text}"
        if all(filters):
            return self.native(frame, "filter", "Filter", name, LogicalOperator="AND", Filters=filters)
        sql = f"SELECT *\nFROM {INPUT}\nWHERE {frame.item(step.condition)}"
        return self.then(frame, "filter", name, sql)

    def unnest(self, frame: Frame, step: Unnest) -> Frame:
        kept = {column: name for column, name in frame.names.items() if column in step.after.columns}
        kept = {column: name for column, name in kept.items() if column not in step.new}
        taken = {column.name for column in step.new}
        renamed = {column: _free(name, column.alias or "", taken) for column, name in kept.items()}
        items = [_as(spark_name(name), name, renamed[column]) for column, name in kept.items()]
        names = ", ".join(spark_name(column.name) for column in step.new)
        named = names if len(step.new) == 1 else f"({names})"
        items.append(f"{step.function}({frame.item(step.value)}) AS {named}")
        sql = f"SELECT {', '.join(items)}\nFROM {INPUT}"
        made = self.then(frame, "elements", step_text(step), sql)
        return replace(made, names={**renamed, **{column: column.name for column in step.new}})

    def extend(self, frame: Frame, step: Extend) -> Frame:
        added = {ColumnId(None, one.column.name): one.column.name for one in step.columns}
        kept = {column: name for column, name in frame.names.items() if column in step.after.columns}
        kept = {column: name for column, name in kept.items() if column not in added}
        taken = set(added.values())
        renamed = {column: _free(name, column.alias or "", taken) for column, name in kept.items()}
        items = [_as(spark_name(name), name, renamed[column]) for column, name in kept.items()]
        items += [f"{frame.item(one.ast)} AS {spark_name(one.column.name)}" for one in step.columns]
        sql = f"SELECT {', '.join(items)}\nFROM {INPUT}"
        name, word = step.columns[0].column.name, "Add"
        if name.startswith("#"):
            name, word = "windows", "Compute"
        made = self.then(frame, f"with_{name}", f"{word} {step.text}", sql)
        return replace(made, names={**renamed, **added})

    def dedupe(self, frame: Frame, step: Dedupe) -> Frame:
        name = f"Keep {step.text}"
        if set(step.by) == set(frame.names):
            return self.native(frame, "distinct", "DropDuplicates", "Keep each different row once")
        columns = [spark_name(frame.names[column]) for column in step.after.columns]
        by = [spark_name(frame.names[column]) for column in step.by]
        order = [
            f"{frame.item(order_key(one.column, step.after.columns[one.column].type))}"
            f" {'DESC NULLS LAST' if one.descending else 'ASC NULLS FIRST'}"
            for one in (*step.order, *step.ties)
        ]
        rank = f"row_number() OVER (PARTITION BY {', '.join(by)} ORDER BY {', '.join(order or by)}) AS `#row`"
        sql = f"SELECT {', '.join(columns)}\nFROM (\n  SELECT *, {rank}\n  FROM {INPUT}\n)\nWHERE `#row` = 1"
        made = self.then(frame, "deduplicated", name, sql)
        return replace(made, names={column: frame.names[column] for column in step.after.columns})

    def aggregate(self, frame: Frame, step: Aggregate) -> Frame:
        by = [(spark_name(frame.names[column]), column.name, frame.names[column]) for column in step.by]
        items = [_as(text, known, name) for text, name, known in by]
        items += [f"{frame.item(one.ast)} AS {spark_name(one.column.name)}" for one in step.aggregates]
        groups = f"\nGROUP BY {', '.join(text for text, _, _ in by)}" if by else ""
        made = self.then(frame, "aggregated", step.text, f"SELECT {', '.join(items)}\nFROM {INPUT}{groups}")
        return replace(made, names={column: column.name for column in step.after.columns})

    def select(self, frame: Frame, step: Select) -> Frame:
        names = {column: column.name for column in step.after.columns}
        if all(_is_kept(frame, one) for one in step.columns):
            made = self.made.add(
                self.table.name,
                "SelectFields",
                self.table.name,
                Inputs=[frame.node],
                Paths=[[one.column.name] for one in step.columns],
            )
            return Frame(made, names)
        items = [_selected(frame, one) for one in step.columns]
        sql = f"SELECT {', '.join(items)}\nFROM {INPUT}"
        return Frame(self.sql(self.table.name, self.table.name, sql, {INPUT: frame.node}, step), names)


def _is_kept(frame: Frame, one: Computed) -> bool:
    return isinstance(one.ast, exp.Column) and frame.names[column_id(one.ast)] == one.column.name


def _selected(frame: Frame, one: Computed) -> str:
    return (
        spark_name(one.column.name)
        if _is_kept(frame, one)
        else f"{frame.item(one.ast)} AS {spark_name(one.column.name)}"
    )


def _as(text: str, known: str, name: str) -> str:
    return text if known == name else f"{text} AS {spark_name(name)}"


def _free(name: str, alias: str, taken: set[str]) -> str:
    """The name, or one with the alias where it is taken."""
    candidates = _candidates(name, alias)
    found = next(one for one in candidates if one not in taken)
    taken.add(found)
    return found


def _candidates(name: str, alias: str) -> Iterator[str]:
    yield name
    yield from (f"{alias}_{name}{'_' * number}" for number in range(1000))


def _same_types(step: Join) -> bool:
    types = {column_id(node): type_of(node) for node in column_nodes(step.condition)}
    return bool(step.pairs) and all(types[pair.left] == types[pair.right] for pair in step.pairs)


def _shown(text: str) -> str:
    return " ".join(text.split())[:120]
