"""Rules in Spark SQL, as calls of the `expect` functions of the jobs' runtime."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from generator.jobs.rules import (
    Broken,
    ConsentRule,
    Constant,
    CountRule,
    ForeignRule,
    Missing,
    MixingRule,
    NotAmong,
    Outside,
    Reference,
    ReferenceRule,
    RowRule,
    Rule,
    SinceRule,
    UniqueBeforeRule,
    UniqueRule,
    Unmatched,
    Untrue,
    asked_of,
    plain_time,
)
from generator.jobs.spark_text import READABLE_SPARK, spark_item, spark_name, spark_string
from generator.plan.emit import emit_columns
from generator.plan.expressions.columns import column_id, column_nodes
from generator.plan.lake import Query, Step, Union
from generator.plan.normal_form import NormalForm
from generator.plan.types import DATE, DOUBLE, FLOAT, MAX_PRECISION, TIMESTAMP, Type
from generator.runtime.maintenance.names import ADDED, ASKED, REACHED
from generator.runtime.maintenance.program import KeptCheck

TIMES = "#times"
"""How often a group of values occurs; a name with a `#` is none that a spec can have."""
T, R = "`#t`", "`#r`"
"""Tables in a query of a query, where a struct of the inner one would hide an outer one of the same name."""


@dataclass(frozen=True, slots=True)
class SparkCheck:
    """A call of `expect`.

    Attributes:
        function: `row`, `rows`, `unique` or `no_rows`.
        arguments: its arguments: a condition, columns or a query.
        bounds: of `rows`: `min` and `max`, as far as they are given.
        relations: the tables, sources and views that its query reads.
        of: the table or view whose rows are meant, if not those that are made.
    """

    name: str
    blocking: bool
    function: str
    arguments: tuple[str, ...] = ()
    bounds: Mapping[str, int] = field(default_factory=dict)
    relations: frozenset[str] = frozenset()
    of: str = ""


def spark_check(rule: Rule) -> SparkCheck:
    """How Spark evaluates a rule: with the same number of violations as DuckDB."""
    return _CHECKS[type(rule)](rule)


def _row(rule: RowRule) -> SparkCheck:
    conditions = [part for one in rule.broken for part in _conditions(one)]
    return SparkCheck(rule.name, rule.blocking, "row", (" OR ".join(conditions),))


def _conditions(broken: Broken) -> Iterator[str]:
    match broken:
        case Missing(column):
            yield f"{spark_name(column)} IS NULL"
        case Untrue(condition):
            yield f"NOT coalesce({spark_item(condition)}, false)"
        case NotAmong(column, _, ()):
            yield f"{spark_name(column)} IS NOT NULL"
        case NotAmong(column, kind, values):
            yield f"{spark_name(column)} NOT IN ({', '.join(spark_constant(value, kind) for value in values)})"
        case Unmatched(column, pattern):
            whole = rf"\A(?:{pattern})\z"
            yield f"NOT {spark_name(column)} RLIKE {spark_string(whole)}"
        case Outside(column, kind, low, high):
            if low is not None:
                yield f"{spark_name(column)} < {spark_constant(low, kind)}"
            if high is not None:
                yield f"{spark_name(column)} > {spark_constant(high, kind)}"


def spark_constant(value: Constant, kind: Type) -> str:
    """A constant that is compared with a column of a type."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return (
            f"{kind.kind}{spark_string(plain_time(value, kind))}" if kind in (DATE, TIMESTAMP) else spark_string(value)
        )
    text = format(value, "f")
    text = text.rstrip("0").rstrip(".") if "." in text else text
    is_long = sum(map(str.isdigit, text)) > MAX_PRECISION
    return text + ("F" if kind == FLOAT else "D" if kind == DOUBLE or is_long else "")


def _count(rule: CountRule) -> SparkCheck:
    bounds = {name: bound for name, bound in (("min", rule.least), ("max", rule.most)) if bound is not None}
    return SparkCheck(rule.name, rule.blocking, "rows", bounds=bounds)


def _unique(rule: UniqueRule) -> SparkCheck:
    if rule.of is None:
        return SparkCheck(rule.name, rule.blocking, "unique", rule.columns)
    return _query(rule, _repeated(f"FROM {spark_name(rule.of)}", rule.columns), {rule.of})


def _unique_before(rule: UniqueBeforeRule) -> SparkCheck:
    rows = emit_columns(rule.steps, rule.columns, READABLE_SPARK)
    names = [f"_{number}" for number in range(len(rule.columns))]
    return _query(rule, _repeated(f"FROM (\n  {_indented(rows)}\n)", names), _relations(rule.steps))


def _repeated(source: str, columns: Sequence[str]) -> str:
    """The rows beyond the first of each group that shares the columns."""
    names = ", ".join(map(spark_name, columns))
    times = spark_name(TIMES)
    groups = f"SELECT {names}, count(*) AS {times}\n{source}\nGROUP BY {names}\nHAVING count(*) > 1"
    return f"SELECT {names}\nFROM (\n  {_indented(groups)}\n)\nLATERAL VIEW explode(sequence(2, {times})) AS nth"


def _references(rule: ReferenceRule) -> SparkCheck:
    one, *more = rule.references
    table, value = f"FROM {spark_name(rule.relation)} AS t", f"t.{spark_name(one.column)}"
    if more:
        broken = "\n  OR ".join(map(_dangling, rule.references))
        columns = ", ".join(f"{T}.{spark_name(each.column)}" for each in rule.references)
        sql = f"SELECT {columns}\nFROM {spark_name(rule.relation)} AS {T}\nWHERE {broken}"
    else:
        anti = f"LEFT ANTI JOIN {spark_name(one.table)} AS r\n  ON {value} = r.{spark_name(one.key)}"
        sql = f"SELECT {value}\n{table}\n{anti}\nWHERE {value} IS NOT NULL"
    return _query(rule, sql, {each.table for each in rule.references})


def _dangling(one: Reference) -> str:
    value, key = f"{T}.{spark_name(one.column)}", f"{R}.{spark_name(one.key)}"
    found = f"SELECT 1 FROM {spark_name(one.table)} AS {R} WHERE {key} = {value}"
    return f"({value} IS NOT NULL AND NOT EXISTS ({found}))"


def _foreign(rule: ForeignRule) -> SparkCheck:
    found = spark_check(rule.rule)
    of = "" if found.function == "no_rows" else rule.relation
    return replace(found, name=rule.name, of=of, relations=found.relations | {rule.relation})


def _value(alias: str | None, column: str, form: NormalForm | None) -> str:
    """A column of a table, in the normal form in which keys are compared."""
    if form is not None:
        return spark_item(form.of_column(alias, column))
    return f"{alias}.{spark_name(column)}" if alias else spark_name(column)


def _consent(rule: ConsentRule) -> SparkCheck:
    value, key = _value("t", rule.column, rule.form), _value(None, rule.key, rule.form)
    shown, name = f"t.{spark_name(rule.column)}", spark_name(rule.key)
    columns = [column_id(node) for node in column_nodes(rule.condition)]
    asked = key if rule.form is None else f"{key} AS {name}"
    agreed = f"SELECT {asked} FROM {spark_name(rule.registry)} WHERE {spark_item(rule.condition, columns)}"
    sql = (
        f"SELECT {shown}\nFROM {spark_name(rule.relation)} AS t\nLEFT ANTI JOIN (\n  {agreed}\n) AS agreed\n"
        f"  ON {value} = agreed.{name}\nWHERE {value} IS NOT NULL"
    )
    return _query(rule, sql, {rule.registry})


def _since(rule: SinceRule) -> SparkCheck:
    value, time = f"t.{spark_name(rule.column)}", f"t.{spark_name(rule.time)}"
    same = f"{_value('t', rule.column, rule.form)} = {_value('r', rule.key, rule.form)}"
    sql = (
        f"SELECT {value}, {time}\nFROM {spark_name(rule.relation)} AS t\n"
        f"INNER JOIN {spark_name(rule.registry)} AS r\n  ON {same}\n"
        f"WHERE {time} < r.{spark_name(rule.since)}"
    )
    return _query(rule, sql, {rule.registry})


def kept_check(rule: Rule, asks: Iterable[str]) -> KeptCheck:
    """How Spark evaluates a rule of a table that is kept, by the rows that can break it.

    Args:
        asks: the stored tables and sources that it looks into.
    """
    names = tuple(asks)
    if isinstance(rule, (RowRule, ReferenceRule, ConsentRule, SinceRule)):
        came = _sql(replace(rule, relation=f"{ADDED}{rule.relation}"))
        if not asked_of(rule):
            return KeptCheck(came, names)
        return KeptCheck(came, names, spark_reached(rule), _sql(replace(rule, relation=REACHED)))
    return KeptCheck("" if isinstance(rule, (ForeignRule, UniqueRule)) else None, names)


def _sql(rule: Rule) -> str:
    return spark_check(rule).arguments[0]


def spark_reached(rule: Rule) -> str:
    """The rows of a table of which a rule may say something else since rows left or came in what it asks."""
    return "\nUNION ALL\n".join(
        f"SELECT t.* FROM {spark_name(rule.relation)} AS t LEFT SEMI JOIN {spark_name(ASKED + one.table)} AS r"
        f" ON {_value('t', one.column, one.form)} = {_value('r', one.key, one.form)}"
        for one in asked_of(rule)
    )


def _mixing(rule: MixingRule) -> SparkCheck:
    rows = emit_columns(rule.steps, [rule.left, rule.right], READABLE_SPARK)
    left, right = _value("r", rule.left_key, rule.left_form), _value("r", rule.right_key, rule.right_form)
    first, second = _value("x", "_0", rule.left_form), _value("x", "_1", rule.right_form)
    other = f"INNER JOIN {spark_name(rule.registry)} AS r\n  ON {left} = {first}\nWHERE {right} <> {second}"
    same_key = rule.left_key == rule.right_key
    where = f"WHERE {first} <> {second}" if same_key else other
    sql = f"SELECT x._0, x._1\nFROM (\n  {_indented(rows)}\n) AS x\n{where}"
    return _query(rule, sql, {*_relations(rule.steps), *(() if same_key else (rule.registry,))})


def _query(rule: Rule, sql: str, relations: Iterable[str]) -> SparkCheck:
    return SparkCheck(rule.name, rule.blocking, "no_rows", (sql,), relations=frozenset(relations))


def _relations(steps: Iterable[Step]) -> set[str]:
    """All that the steps read, through nested queries."""
    found: set[str] = set()
    for step in steps:
        inputs = step.inputs if isinstance(step, Union) else (getattr(step, "input", None),)
        for one in inputs:
            found |= {one} if isinstance(one, str) else _relations(one.steps) if isinstance(one, Query) else set()
    return found


def _indented(sql: str) -> str:
    return sql.replace("\n", "\n  ")


_CHECKS: dict[type[Rule], Callable[[Any], SparkCheck]] = {
    RowRule: _row,
    CountRule: _count,
    UniqueRule: _unique,
    UniqueBeforeRule: _unique_before,
    ReferenceRule: _references,
    ForeignRule: _foreign,
    ConsentRule: _consent,
    SinceRule: _since,
    MixingRule: _mixing,
}
