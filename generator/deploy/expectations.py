"""The spec's expectations as questions to Athena: each counts the rows that break it.

The jobs check all of them on every run. Here they are asked again of what readers see; what only the jobs can check, or
what Athena's SQL might take otherwise than Spark's, is left out and told.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp, transpile

from generator.deploy.verify import Question
from generator.jobs.expectation_rules import stated_rules
from generator.jobs.rules import (
    Broken,
    Constant,
    CountRule,
    Missing,
    NotAmong,
    Outside,
    ReferenceRule,
    RowRule,
    Rule,
    UniqueRule,
    Unmatched,
    Untrue,
)
from generator.plan.expressions import to_spark
from generator.plan.lake import CompiledLake
from generator.plan.types import Type

_SAME = (
    exp.Column, exp.Identifier, exp.Literal, exp.Boolean, exp.Null, exp.Paren, exp.And, exp.Or, exp.Not, exp.Is,
    exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE, exp.In, exp.Between, exp.Coalesce,
)  # fmt: skip
"""What means the same in Spark's and in Athena's SQL, for whatever values."""


def questions(lake: CompiledLake) -> tuple[list[Question], list[str]]:
    """What Athena can be asked, and the names of the expectations that it can't be."""
    asked, unasked = [], []
    for table in lake.tables.values():
        for rule in stated_rules(table):
            sql = _sql(rule) if _asks_published(lake, rule) else None
            if sql is None:
                unasked.append(f"{table.name}: {rule.name}")
            else:
                asked.append(Question(table.name, rule.name, rule.blocking, sql))
    return asked, unasked


def _asks_published(lake: CompiledLake, rule: Rule) -> bool:
    """Whether no raw data is asked: Athena's reader of raw text takes lines for rows that are none. It has no views."""
    asked = [one.table for one in rule.references] if isinstance(rule, ReferenceRule) else []
    return not any(name in lake.sources or lake.tables[name].is_view for name in (rule.relation, *asked))


def _sql(rule: Rule) -> str | None:
    """The query whose one value is the number of rows that break a rule."""
    table = _name(rule.relation)
    if isinstance(rule, CountRule):
        bounds = [f"count(*) < {rule.least}"] if rule.least is not None else []
        bounds += [f"count(*) > {rule.most}"] if rule.most is not None else []
        return f"SELECT CAST({' OR '.join(bounds) or 'false'} AS INTEGER) AS violations FROM {table}"
    if isinstance(rule, UniqueRule):
        names = ", ".join(_name(column) for column in rule.columns)
        groups = f"SELECT count(*) AS times FROM {table} GROUP BY {names} HAVING count(*) > 1"
        return f"SELECT coalesce(sum(times - 1), 0) AS violations FROM ({groups}) AS repeated"
    if isinstance(rule, ReferenceRule):
        parts = [
            f"(t.{_name(one.column)} IS NOT NULL AND t.{_name(one.column)} NOT IN "
            f"(SELECT {_name(one.key)} FROM {_name(one.table)} WHERE {_name(one.key)} IS NOT NULL))"
            for one in rule.references
        ]
        return f"SELECT count(*) AS violations FROM {table} AS t WHERE {' OR '.join(parts)}"
    if isinstance(rule, RowRule):
        conditions = [condition for broken in rule.broken for condition in _conditions(broken)]
        return f"SELECT count(*) AS violations FROM {table} WHERE {' OR '.join(conditions)}" if conditions else None
    return None


def _conditions(broken: Broken) -> Iterator[str]:
    match broken:
        case Missing(column):
            yield f"{_name(column)} IS NULL"
        case NotAmong(column, _, ()):
            yield f"{_name(column)} IS NOT NULL"
        case NotAmong(column, kind, values):
            yield f"{_name(column)} NOT IN ({', '.join(_literal(value, kind) for value in values)})"
        case Unmatched(column, pattern):
            whole = rf"\A(?:{pattern})\z"
            yield f"NOT regexp_like({_name(column)}, {_text(whole)})"
        case Outside(column, kind, low, high):
            yield from [f"{_name(column)} < {_literal(low, kind)}"] if low is not None else []
            yield from [f"{_name(column)} > {_literal(high, kind)}"] if high is not None else []
        case Untrue(condition):
            if all(isinstance(node, _SAME) for node in condition.walk()):
                text = transpile(to_spark(condition), read="spark", write="trino", identify=True)[0]
                yield f"NOT coalesce({text}, false)"


def _name(name: str) -> str:
    return f'"{name}"'


def _text(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _literal(value: Constant, kind: Type) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        typed = kind.kind.upper() if kind.kind in ("date", "timestamp") else ""
        return f"{typed} {_text(value)}".strip()
    return format(value, "f") if not isinstance(value, int) else str(value)
