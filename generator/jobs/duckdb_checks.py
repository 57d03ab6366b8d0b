"""Rules in DuckDB's SQL."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from generator.jobs.check import Check
from generator.jobs.check_sql import sql_literal, sql_name
from generator.jobs.rules import (
    Broken,
    ConsentRule,
    Constant,
    CountRule,
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
    plain_time,
)
from generator.plan.emit import DUCKDB, emit_columns
from generator.plan.expressions import to_duckdb
from generator.plan.expressions.regex import to_re2
from generator.plan.normal_form import NormalForm
from generator.plan.types import DATE, TIMESTAMP, Type

EXAMPLES = 3
TIMES = "#times"
"""How often a group of values occurs; a name with a `#` is none that a spec can have."""
T, R, X, K = '"#t"', '"#r"', '"#x"', '"#k"'
"""The table that is looked at, another, a query, and a key: such names too, as a struct `t` would hide a table `t`."""


def duckdb_check(rule: Rule) -> Check:
    """How DuckDB evaluates a rule."""
    violations, examples, quick = _SQL[type(rule)](rule)
    return Check(rule.name, rule.kind, rule.blocking, violations, examples, quick, _of_what_came(rule), _asked(rule))


def _of_what_came(rule: Rule) -> str | None:
    """The violations that rows which came can bring about; None where more than they and other tables decide.

    Whether a single row breaks a rule doesn't depend on the other rows, and two that are the same are one of these and
    any other.
    """
    came = f"#added {rule.relation}"
    if isinstance(rule, (RowRule, ReferenceRule, ConsentRule, SinceRule)):
        return _SQL[type(rule)](replace(rule, relation=came))[0]
    if isinstance(rule, UniqueRule) and rule.of is not None:
        return "SELECT 0"
    if isinstance(rule, UniqueRule):
        names = [sql_name(column) for column in rule.columns]
        same = " AND ".join(f"{T}.{name} IS NOT DISTINCT FROM {R}.{name}" for name in names)
        rows = f"SELECT {T}.* FROM {sql_name(rule.relation)} AS {T} SEMI JOIN {sql_name(came)} AS {R} ON {same}"
        return _repeated(f"({rows})", rule.columns)[0]
    return None


def _asked(rule: Rule) -> tuple[str, ...]:
    """The other tables and sources that a rule looks into."""
    if isinstance(rule, ReferenceRule):
        return tuple(dict.fromkeys(one.table for one in rule.references))
    if isinstance(rule, (ConsentRule, SinceRule)):
        return (rule.registry,)
    return (rule.of,) if isinstance(rule, UniqueRule) and rule.of is not None else ()


Sql = tuple[str, str | None, str | None]
"""The violations, some examples, and the quick check."""


def _rows(rule: RowRule) -> Sql:
    broken = " OR ".join(f"({part})" for one in rule.broken for part in _conditions(one))
    return _where(f"FROM {sql_name(rule.relation)} AS {T} WHERE {broken}", "*")


def _where(where: str, shown: str = f"{T}.*") -> Sql:
    return f"SELECT count(*) {where}", f"SELECT {shown} {where} LIMIT {EXAMPLES}", None


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


def _constant(value: Constant, kind: Type) -> str:
    is_time = isinstance(value, str) and kind in (DATE, TIMESTAMP)
    return sql_literal(plain_time(str(value), kind) if is_time else value)


def _count(rule: CountRule) -> Sql:
    bounds = [f"count(*) < {rule.least}"] if rule.least is not None else []
    bounds += [f"count(*) > {rule.most}"] if rule.most is not None else []
    sql = f"SELECT CAST({' OR '.join(bounds) or 'false'} AS INTEGER) FROM {sql_name(rule.relation)}"
    return sql, None, None


def _unique(rule: UniqueRule) -> Sql:
    table = sql_name(rule.of or rule.relation)
    names = ", ".join(sql_name(column) for column in rule.columns)
    # Different hashes are of different values. DuckDB takes a third less time for this than for count(DISTINCT).
    hashes = f"(SELECT DISTINCT hash({names}) FROM {table})"
    quick = f"SELECT (SELECT count(*) FROM {table}) - count(*) FROM {hashes}"
    return (*_repeated(table, rule.columns), quick)


def _unique_before(rule: UniqueBeforeRule) -> Sql:
    rows = f"({emit_columns(rule.steps, rule.columns, DUCKDB)})"
    return (*_repeated(rows, [f"_{number}" for number in range(len(rule.columns))]), None)


def _repeated(relation: str, columns: Sequence[str]) -> tuple[str, str]:
    """Counts the rows beyond the first of each group that shares some columns, and shows some groups."""
    names = ", ".join(sql_name(column) for column in columns)
    groups = f"SELECT {names}, count(*) AS {sql_name(TIMES)} FROM {relation} GROUP BY {names} HAVING count(*) > 1"
    violations = f'SELECT coalesce(sum("{TIMES}" - 1), 0) FROM ({groups})'
    return violations, f"{groups} ORDER BY ALL LIMIT {EXAMPLES}"


def _references(rule: ReferenceRule) -> Sql:
    broken = " OR ".join(
        f"({T}.{sql_name(one.column)} IS NOT NULL AND NOT EXISTS"
        f" (SELECT 1 FROM {sql_name(one.table)} AS {R} WHERE {R}.{sql_name(one.key)} = {T}.{sql_name(one.column)}))"
        for one in rule.references
    )
    return _where(f"FROM {sql_name(rule.relation)} AS {T} WHERE {broken}", "*")


def _value(alias: str | None, column: str, form: NormalForm | None) -> str:
    """A column of a table, in the normal form in which keys are compared."""
    if form is not None:
        return to_duckdb(form.of_column(alias.strip('"') if alias else None, column))
    return f"{alias}.{sql_name(column)}" if alias else sql_name(column)


def _consent(rule: ConsentRule) -> Sql:
    registry = sql_name(rule.registry)
    key = _value(None, rule.key, rule.form)
    agreed = f"SELECT {key} AS {K} FROM {registry} WHERE {to_duckdb(rule.condition)}"
    value = _value(T, rule.column, rule.form)
    anti = f"ANTI JOIN ({agreed}) AS {R} ON {value} = {R}.{K}"
    return _where(f"FROM {sql_name(rule.relation)} AS {T} {anti} WHERE {value} IS NOT NULL")


def _since(rule: SinceRule) -> Sql:
    value, time = _value(T, rule.column, rule.form), f"{T}.{sql_name(rule.time)}"
    registry = f"{sql_name(rule.registry)} AS {R} ON {value} = {_value(R, rule.key, rule.form)}"
    return _where(f"FROM {sql_name(rule.relation)} AS {T} JOIN {registry} WHERE {time} < {R}.{sql_name(rule.since)}")


def _mixing(rule: MixingRule) -> Sql:
    rows = emit_columns(rule.steps, [rule.left, rule.right], DUCKDB)
    left, right = _value(R, rule.left_key, rule.left_form), _value(R, rule.right_key, rule.right_form)
    one, other = _value(X, "_0", rule.left_form), _value(X, "_1", rule.right_form)
    same = f"JOIN {sql_name(rule.registry)} AS {R} ON {left} = {one} WHERE {right} <> {other}"
    where = f"WHERE {one} <> {other}" if rule.left_key == rule.right_key else same
    return f"SELECT count(*) FROM ({rows}) AS {X} {where}", None, None


_SQL: dict[type[Rule], Callable[[Any], Sql]] = {
    RowRule: _rows,
    CountRule: _count,
    UniqueRule: _unique,
    UniqueBeforeRule: _unique_before,
    ReferenceRule: _references,
    ConsentRule: _consent,
    SinceRule: _since,
    MixingRule: _mixing,
}
