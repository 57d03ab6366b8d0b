"""Rules in DuckDB's SQL."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from generator.jobs.check import Check
from generator.jobs.check_sql import repeated_hashes, sql_literal, sql_name
from generator.jobs.rules import (
    ROW_NUMBER,
    Broken,
    ConsentRule,
    Constant,
    CountRule,
    ForeignRule,
    Missing,
    MixingRule,
    NotAmong,
    Outside,
    ReferenceRule,
    RowRule,
    Rule,
    SinceRule,
    UniqueBeforeRule,
    UniqueRule,
    Unmatched,
    Untrue,
    asked_of,
    asks_of,
    plain_time,
)
from generator.plan.emit import DUCKDB, emit_columns
from generator.plan.expressions import to_duckdb
from generator.plan.expressions.columns import column_nodes
from generator.plan.expressions.regex import to_re2
from generator.plan.lake import CompiledLake
from generator.plan.normal_form import NormalForm
from generator.plan.relation import Column, ColumnId, Relation
from generator.plan.types import DATE, TIMESTAMP, Type
from generator.runtime.maintenance.names import ADDED, ASKED, REACHED

EXAMPLES = 3
TIMES = "#times"
"""How often a group of values occurs; a name with a `#` is none that a spec can have."""
T, R, X, K = '"#t"', '"#r"', '"#x"', '"#k"'
"""The table that is looked at, another, a query, and a key: such names too, as a struct `t` would hide a table `t`."""


def duckdb_check(rule: Rule, lake: CompiledLake) -> Check:
    """How DuckDB evaluates a rule; its examples show what the rule is about, and the key of the rows."""
    shown = shown_columns(rule, lake)
    violations, examples, quick = _SQL[type(rule)](rule, [column.name for column in shown])
    personal = tuple(column.name for column in shown if column.personal)
    came, asks, reached, of = _of_what_came(rule), asks_of(rule), _of_what_was_asked(rule), _whose(rule)
    return Check(rule.name, rule.kind, rule.blocking, violations, examples, quick, came, asks, reached, personal, of)


def _of_what_came(rule: Rule) -> str | None:
    """The violations that rows which came can bring about; None where more than they and other tables decide.

    Whether a single row breaks a rule doesn't depend on the other rows, and two that are the same are one of these and
    any other.
    """
    came = ADDED + rule.relation
    if isinstance(rule, (RowRule, ReferenceRule, ConsentRule, SinceRule)):
        return _SQL[type(rule)](replace(rule, relation=came), ())[0]
    if isinstance(rule, ForeignRule) or (isinstance(rule, UniqueRule) and rule.of is not None):
        return "SELECT 0"
    if isinstance(rule, UniqueRule):
        names = [sql_name(column) for column in rule.columns]
        same = " AND ".join(f"{T}.{name} IS NOT DISTINCT FROM {R}.{name}" for name in names)
        rows = f"SELECT {T}.* FROM {sql_name(rule.relation)} AS {T} SEMI JOIN {sql_name(came)} AS {R} ON {same}"
        return _repeated(f"({rows})", rule.columns)[0]
    return None


def _of_what_was_asked(rule: Rule) -> str | None:
    """The violations that rows which left or came in other tables can bring about; None where they may be any."""
    rows = [
        f"SELECT {T}.* FROM {sql_name(rule.relation)} AS {T} SEMI JOIN {sql_name(ASKED + one.table)} AS {R}"
        f" ON {_value(T, one.column, one.form)} = {_value(R, one.key, one.form)}"
        for one in asked_of(rule)
    ]
    if not rows:
        return None
    rule = replace(rule, relation=REACHED)
    match rule:
        case ConsentRule():
            violations = _consent(rule, (), _deciding(rule))[0]
        case SinceRule():
            violations = _since(rule, (), _deciding(rule))[0]
        case _:
            violations = _SQL[type(rule)](rule, ())[0]
    return f"WITH {sql_name(REACHED)} AS ({' UNION ALL '.join(rows)}) {violations}"


def _deciding(rule: ConsentRule | SinceRule) -> str:
    """The rows of a registry that decide of rows which are reached, as a relation."""
    key, changed = _value(T, rule.key, rule.form), _value(R, rule.key, rule.form)
    return (
        f"(SELECT {T}.* FROM {sql_name(rule.registry)} AS {T}"
        f" SEMI JOIN {sql_name(ASKED + rule.registry)} AS {R} ON {key} = {changed})"
    )


def _whose(rule: Rule) -> str:
    """The table, view or source whose rows a rule is about, if not those of the one that is made."""
    if isinstance(rule, ForeignRule):
        return rule.rule.relation
    return (rule.of or "") if isinstance(rule, UniqueRule) else ""


def _foreign(rule: ForeignRule, shown: Sequence[str]) -> Sql:
    return _SQL[type(rule.rule)](rule.rule, shown)


Sql = tuple[str, str | None, str | None]
"""The violations, some examples, and the quick check."""


Shown = Sequence[str]
"""The columns of examples; all of them where there are none."""


def _rows(rule: RowRule, shown: Shown) -> Sql:
    broken = " OR ".join(f"({part})" for one in rule.broken for part in _conditions(one))
    return _where(f"FROM {sql_name(rule.relation)} AS {T} WHERE {broken}", shown)


def _where(where: str, shown: Shown) -> Sql:
    columns = ", ".join(f"{T}.{sql_name(column)}" for column in shown) or f"{T}.*"
    return f"SELECT count(*) {where}", f"SELECT {columns} {where} LIMIT {EXAMPLES}", None


def _conditions(broken: Broken) -> Iterator[str]:
    match broken:
        case Missing(column):
            yield f"{sql_name(column)} IS NULL"
        case Untrue(condition):
            yield f"NOT coalesce({to_duckdb(condition)}, false)"
        case NotAmong(column, _, ()):
            yield f"{sql_name(column)} IS NOT NULL"
        case NotAmong(column, kind, values):
            yield f"{sql_name(column)} NOT IN ({', '.join(_constant(value, kind) for value in values)})"
        case Unmatched(column, pattern):
            yield f"NOT regexp_full_match({sql_name(column)}, {sql_literal(to_re2(pattern, consuming=True))})"
        case Outside(column, kind, low, high):
            if low is not None:
                yield f"{sql_name(column)} < {_constant(low, kind)}"
            if high is not None:
                yield f"{sql_name(column)} > {_constant(high, kind)}"


def shown_columns(rule: Rule, lake: CompiledLake) -> list[Column]:
    """What examples of a rule show: the key of its rows, and the columns that it is about."""
    if isinstance(rule, ForeignRule):
        return shown_columns(rule.rule, lake)
    if isinstance(rule, UniqueBeforeRule):
        known = rule.steps[-1].after.columns
        return [replace(known[column], name=name) for column, name in _names(rule.columns).items()]
    columns = {column.name: column for column in lake.relation(_of(rule)).columns.values()}
    about = list(_about(rule))
    key = () if isinstance(rule, UniqueRule) or not about else readable_key(lake.relation(rule.relation))
    return [columns[name] for name in dict.fromkeys((*key, *about))]


def _of(rule: Rule) -> str:
    return rule.of or rule.relation if isinstance(rule, UniqueRule) else rule.relation


def _names(columns: Sequence[ColumnId]) -> dict[ColumnId, str]:
    """How to call columns of several tables; the numbers that rows get aren't shown."""
    shown = [column for column in columns if column.name != ROW_NUMBER]
    names = Counter(column.name for column in shown)
    return {
        column: f"{column.alias}.{column.name}" if column.alias and names[column.name] > 1 else column.name
        for column in shown
    }


def _about(rule: Rule) -> Iterator[str]:
    """The columns that a rule names."""
    match rule:
        case RowRule(broken=broken):
            for one in broken:
                if isinstance(one, Untrue):
                    yield from (node.name for node in column_nodes(one.condition))
                else:
                    yield one.column
        case UniqueRule(columns=columns):
            yield from columns
        case ReferenceRule(references=references):
            yield from (one.column for one in references)
        case ConsentRule(column=column):
            yield column
        case SinceRule(column=column, time=time):
            yield from (column, time)


def readable_key(relation: Relation) -> tuple[str, ...]:
    """The key that tells most: of few personal columns, then of few columns; none where none is known."""
    order = [column.name for column in relation.columns.values()]
    personal = {column.name for column in relation.columns.values() if column.personal}
    keys = [sorted((column.name for column in key), key=order.index) for key in relation.keys if key]
    best = min(keys, key=lambda key: (len(personal & set(key)), len(key), list(map(order.index, key))), default=[])
    return tuple(best)


def _constant(value: Constant, kind: Type) -> str:
    is_time = isinstance(value, str) and kind in (DATE, TIMESTAMP)
    return sql_literal(plain_time(str(value), kind) if is_time else value)


def _count(rule: CountRule, shown: Shown) -> Sql:
    bounds = [f"count(*) < {rule.least}"] if rule.least is not None else []
    bounds += [f"count(*) > {rule.most}"] if rule.most is not None else []
    sql = f"SELECT CAST({' OR '.join(bounds) or 'false'} AS INTEGER) FROM {sql_name(rule.relation)}"
    return sql, None, None


def _unique(rule: UniqueRule, shown: Shown) -> Sql:
    table = sql_name(rule.of or rule.relation)
    return (*_repeated(table, rule.columns), repeated_hashes(table, rule.columns))


def _unique_before(rule: UniqueBeforeRule, shown: Shown) -> Sql:
    rows = f"({emit_columns(rule.steps, rule.columns, DUCKDB)})"
    columns = [f"_{number}" for number in range(len(rule.columns))]
    readable = [(f"_{rule.columns.index(column)}", name) for column, name in _names(rule.columns).items()]
    return (*_repeated(rows, columns, readable), None)


def _repeated(relation: str, columns: Sequence[str], shown: Sequence[tuple[str, str]] | None = None) -> tuple[str, str]:
    """Counts the rows beyond the first of each group that shares some columns, and shows some groups.

    Args:
        shown: which of the columns, and how they are called; all of them by their names unless it is given.
    """
    names = ", ".join(sql_name(column) for column in columns)
    groups = f"SELECT {names}, count(*) AS {sql_name(TIMES)} FROM {relation} GROUP BY {names} HAVING count(*) > 1"
    violations = f'SELECT coalesce(sum("{TIMES}" - 1), 0) FROM ({groups})'
    pairs = [(column, column) for column in columns] if shown is None else shown
    items = ", ".join(f"{sql_name(column)} AS {sql_name(name)}" for column, name in (*pairs, (TIMES, TIMES)))
    return violations, f"SELECT {items} FROM ({groups}) ORDER BY ALL LIMIT {EXAMPLES}"


def _references(rule: ReferenceRule, shown: Shown) -> Sql:
    broken = " OR ".join(
        f"({T}.{sql_name(one.column)} IS NOT NULL AND NOT EXISTS"
        f" (SELECT 1 FROM {sql_name(one.table)} AS {R} WHERE {R}.{sql_name(one.key)} = {T}.{sql_name(one.column)}))"
        for one in rule.references
    )
    return _where(f"FROM {sql_name(rule.relation)} AS {T} WHERE {broken}", shown)


def _value(alias: str | None, column: str, form: NormalForm | None) -> str:
    """A column of a table, in the normal form in which keys are compared."""
    if form is not None:
        return to_duckdb(form.of_column(alias.strip('"') if alias else None, column))
    return f"{alias}.{sql_name(column)}" if alias else sql_name(column)


def _consent(rule: ConsentRule, shown: Shown, deciding: str = "") -> Sql:
    registry = f"{deciding} AS {sql_name(rule.registry)}" if deciding else sql_name(rule.registry)
    key = _value(None, rule.key, rule.form)
    agreed = f"SELECT {key} AS {K} FROM {registry} WHERE {to_duckdb(rule.condition)}"
    value = _value(T, rule.column, rule.form)
    anti = f"ANTI JOIN ({agreed}) AS {R} ON {value} = {R}.{K}"
    return _where(f"FROM {sql_name(rule.relation)} AS {T} {anti} WHERE {value} IS NOT NULL", shown)


def _since(rule: SinceRule, shown: Shown, deciding: str = "") -> Sql:
    value, time = _value(T, rule.column, rule.form), f"{T}.{sql_name(rule.time)}"
    registry = f"{deciding or sql_name(rule.registry)} AS {R} ON {value} = {_value(R, rule.key, rule.form)}"
    rows = f"{sql_name(rule.relation)} AS {T} JOIN {registry}"
    return _where(f"FROM {rows} WHERE {time} < {R}.{sql_name(rule.since)}", shown)


def _mixing(rule: MixingRule, shown: Shown) -> Sql:
    rows = emit_columns(rule.steps, [rule.left, rule.right], DUCKDB)
    left, right = _value(R, rule.left_key, rule.left_form), _value(R, rule.right_key, rule.right_form)
    one, other = _value(X, "_0", rule.left_form), _value(X, "_1", rule.right_form)
    same = f"JOIN {sql_name(rule.registry)} AS {R} ON {left} = {one} WHERE {right} <> {other}"
    where = f"WHERE {one} <> {other}" if rule.left_key == rule.right_key else same
    return f"SELECT count(*) FROM ({rows}) AS {X} {where}", None, None


_SQL: dict[type[Rule], Callable[[Any, Shown], Sql]] = {
    RowRule: _rows,
    CountRule: _count,
    UniqueRule: _unique,
    UniqueBeforeRule: _unique_before,
    ReferenceRule: _references,
    ForeignRule: _foreign,
    ConsentRule: _consent,
    SinceRule: _since,
    MixingRule: _mixing,
}
