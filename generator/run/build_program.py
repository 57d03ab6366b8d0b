"""From the compiled lake to the program of a run: the SQL of every table, of its checks and of its counts."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from generator.plan.emit import DUCKDB, emit, emit_count
from generator.plan.expressions import DUCKDB_SETTINGS, to_duckdb
from generator.plan.lake import (
    Aggregate,
    CompiledExpectation,
    CompiledLake,
    CompiledSource,
    CompiledTable,
    Dedupe,
    Filter,
    Join,
    Query,
    Scan,
    Select,
    Step,
    Union,
)
from generator.run.program import Check, Program, SourceColumn, SourceProgram, Stage, TableProgram

EXAMPLES = 3


def build_program(lake: CompiledLake) -> Program:
    """What a run of the whole lake does."""
    return Program(
        lake.name,
        DUCKDB_SETTINGS,
        tuple(_source(lake, source) for source in lake.sources.values()),
        tuple(_table(lake, table) for table in lake.tables.values()),
    )


def _source(lake: CompiledLake, source: CompiledSource) -> SourceProgram:
    return SourceProgram(
        name=source.name,
        zone=source.zone,
        path=source.path,
        format=source.format,
        delimiter=source.delimiter,
        columns=tuple(SourceColumn(column.name, column.key, str(column.type)) for column in source.columns),
        max_bad_rows=source.max_bad_rows,
        expected=lake.row_counts.get(source.name),
    )


def _table(lake: CompiledLake, table: CompiledTable) -> TableProgram:
    references = [name for one in table.expectations if one.kind == "references" for name in _referenced(one)]
    return TableProgram(
        name=table.name,
        zone=table.zone,
        is_view=table.is_view,
        sql=emit(table.query, DUCKDB),
        base=tuple(_base(table.query)),
        inputs=tuple(dict.fromkeys((*table.inputs, *(name for name in references if name != table.name)))),
        columns=tuple((column.name, str(column.type)) for column in table.columns),
        stages=() if table.is_view else tuple(_stages(lake, table)),
        checks=tuple(_check(table.name, one) for one in table.expectations),
        keep_versions=table.keep_versions,
        expected=lake.row_counts.get(table.name),
    )


def _base(query: Query) -> Iterator[str]:
    """The tables whose rows a query starts from, through nested queries."""
    first = query.steps[0]
    inputs = first.inputs if isinstance(first, Union) else (first.input,) if isinstance(first, Scan) else ()
    for one in inputs:
        if isinstance(one, Query):
            yield from _base(one)
        else:
            yield one


def _referenced(expectation: CompiledExpectation) -> list[str]:
    return [reference.split(".")[0] for reference in expectation.argument.values()]


def _stages(lake: CompiledLake, table: CompiledTable) -> Iterator[Stage]:
    """The steps that change the number of rows, up to the last one, whose count is that of the table."""
    steps = table.query.steps
    changing = [index for index, step in enumerate(steps) if _changes_rows(step)]
    for index in changing:
        step = steps[index]
        is_last = index == changing[-1]
        sql = None if is_last else emit_count(steps[: index + 1], DUCKDB)
        yield Stage(_kind(step), step.text, _lost(lake, step), sql)


def _changes_rows(step: Step) -> bool:
    return isinstance(step, (Join, Filter, Dedupe, Aggregate)) or (isinstance(step, Select) and step.distinct)


def _kind(step: Step) -> str:
    return f"{step.kind} join" if isinstance(step, Join) else type(step).__name__.lower()


def _lost(lake: CompiledLake, step: Step) -> str:
    """How to call the rows that a step drops."""
    if isinstance(step, Join):
        other = step.input if isinstance(step.input, str) else step.alias
        return f"with a match in {other}" if step.kind == "anti" else f"without a match in {other}"
    if isinstance(step, Filter):
        for name, consent in lake.consents.items():
            if step.text.lower() == consent.when.lower():
                return f"without consent {name}"
        return f"not {step.text}"
    return f"merged by {step.text}" if isinstance(step, Aggregate) else "duplicates"


def _check(table: str, expectation: CompiledExpectation) -> Check:
    violations, examples = _violations(_name(table), expectation)
    return Check(expectation.name, expectation.kind, expectation.blocking, violations, examples)


def _violations(table: str, one: CompiledExpectation) -> tuple[str, str | None]:
    """The SQL that counts violations, and the one that shows examples."""
    if one.kind == "rows":
        bounds = [f"count(*) < {one.argument.min}"] if one.argument.min is not None else []
        bounds += [f"count(*) > {one.argument.max}"] if one.argument.max is not None else []
        return f"SELECT CAST({' OR '.join(bounds) or 'false'} AS INTEGER) FROM {table}", None
    if one.kind == "unique":
        columns = ", ".join(_name(column) for column in one.argument)
        groups = f"SELECT {columns}, count(*) AS times FROM {table} GROUP BY {columns} HAVING count(*) > 1"
        return f"SELECT coalesce(sum(times - 1), 0) FROM ({groups})", f"{groups} ORDER BY ALL LIMIT {EXAMPLES}"
    if one.kind == "references":
        broken = " OR ".join(_dangling(column, reference) for column, reference in one.argument.items())
    else:
        broken = " OR ".join(f"({part})" for part in _broken(one))
    where = f"FROM {table} AS t WHERE {broken}"
    return f"SELECT count(*) {where}", f"SELECT * {where} LIMIT {EXAMPLES}"


def _dangling(column: str, reference: str) -> str:
    table, key = (_name(part) for part in reference.split("."))
    name = f"t.{_name(column)}"
    return f"({name} IS NOT NULL AND NOT EXISTS (SELECT 1 FROM {table} AS r WHERE r.{key} = {name}))"


def _broken(one: CompiledExpectation) -> Iterator[str]:
    """The conditions under which a row breaks an expectation."""
    if one.kind == "sql":
        assert one.condition is not None
        yield f"NOT coalesce({to_duckdb(one.condition)}, false)"
        return
    if one.kind == "not_null":
        for column in one.argument:
            yield f"{_name(column)} IS NULL"
        return
    for column, wanted in one.argument.items():
        name = _name(column)
        if one.kind == "values":
            yield f"{name} NOT IN ({', '.join(_literal(value) for value in wanted)})" if wanted else f"{name} IS NOT NULL"
        elif one.kind == "matches":
            yield f"NOT regexp_full_match({name}, {_literal(wanted)})"
        else:
            if wanted.min is not None:
                yield f"{name} < {_literal(wanted.min)}"
            if wanted.max is not None:
                yield f"{name} > {_literal(wanted.max)}"


def _name(name: str) -> str:
    return f'"{name}"'


def _literal(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, Decimal)):
        return format(value, "f") if isinstance(value, Decimal) else str(value)
    return "'" + str(value).replace("'", "''") + "'"
