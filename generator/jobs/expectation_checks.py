"""Expectations as SQL: how many rows break them, and which."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from generator.jobs.check import Check
from generator.jobs.check_sql import EXAMPLES, quick_unique, repeated, repeated_examples, sql_name
from generator.plan.expressions import to_duckdb
from generator.plan.expressions.regex import to_re2
from generator.plan.lake import CompiledExpectation


def expectation_check(table: str, expectation: CompiledExpectation) -> Check:
    """How an expectation on a table is evaluated."""
    violations, examples = _violations(sql_name(table), expectation)
    quick = quick_unique(sql_name(table), expectation.argument) if expectation.kind == "unique" else None
    return Check(expectation.name, expectation.kind, expectation.blocking, violations, examples, quick)


def _violations(table: str, one: CompiledExpectation) -> tuple[str, str | None]:
    """The SQL that counts violations, and the one that shows examples."""
    if one.kind == "rows":
        bounds = [f"count(*) < {one.argument.min}"] if one.argument.min is not None else []
        bounds += [f"count(*) > {one.argument.max}"] if one.argument.max is not None else []
        return f"SELECT CAST({' OR '.join(bounds) or 'false'} AS INTEGER) FROM {table}", None
    if one.kind == "unique":
        return repeated(table, one.argument), repeated_examples(table, one.argument)
    if one.kind == "references":
        broken = " OR ".join(_dangling(column, reference) for column, reference in one.argument.items())
    else:
        broken = " OR ".join(f"({part})" for part in _broken(one))
    where = f"FROM {table} AS t WHERE {broken}"
    return f"SELECT count(*) {where}", f"SELECT * {where} LIMIT {EXAMPLES}"


def _dangling(column: str, reference: str) -> str:
    table, key = (sql_name(part) for part in reference.split("."))
    name = f"t.{sql_name(column)}"
    return f"({name} IS NOT NULL AND NOT EXISTS (SELECT 1 FROM {table} AS r WHERE r.{key} = {name}))"


def _broken(one: CompiledExpectation) -> Iterator[str]:
    """The conditions under which a row breaks an expectation."""
    if one.kind == "sql":
        assert one.condition is not None
        yield f"NOT coalesce({to_duckdb(one.condition)}, false)"
        return
    if one.kind == "not_null":
        for column in one.argument:
            yield f"{sql_name(column)} IS NULL"
        return
    for column, wanted in one.argument.items():
        name = sql_name(column)
        if one.kind == "values":
            yield (
                f"{name} NOT IN ({', '.join(sql_literal(value) for value in wanted)})"
                if wanted
                else f"{name} IS NOT NULL"
            )
        elif one.kind == "matches":
            yield f"NOT regexp_full_match({name}, {sql_literal(to_re2(wanted, consuming=True))})"
        else:
            if wanted.min is not None:
                yield f"{name} < {sql_literal(wanted.min)}"
            if wanted.max is not None:
                yield f"{name} > {sql_literal(wanted.max)}"


def sql_literal(value: Any) -> str:
    """A constant of the spec in SQL."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, Decimal)):
        return format(value, "f") if isinstance(value, Decimal) else str(value)
    return "'" + str(value).replace("'", "''") + "'"
