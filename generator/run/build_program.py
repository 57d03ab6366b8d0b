"""From the compiled lake to the program of a run: the SQL of every table, of its checks and of its counts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from generator.jobs.check import Check
from generator.jobs.delta_sql import build_asked, build_delta
from generator.jobs.duckdb_checks import duckdb_check
from generator.jobs.expectation_rules import expectation_rules
from generator.jobs.plan import hidden_keys
from generator.jobs.proof_rules import proof_rules, registries, source_rules
from generator.jobs.rules import Rule
from generator.jobs.views import referenced
from generator.plan.emit import DUCKDB, emit, emit_count
from generator.plan.expressions import settings_for
from generator.plan.lake import (
    Aggregate,
    CompiledLake,
    CompiledSource,
    CompiledTable,
    Dedupe,
    Filter,
    Inline,
    Join,
    Query,
    Select,
    Step,
    Unnest,
)
from generator.plan.maintenance.readings import inputs_of
from generator.plan.maintenance.verdict import judged
from generator.plan.relation import Relation
from generator.run.program import Program, SourceColumn, SourceProgram, Stage, TableProgram
from generator.runtime.code import code_digest, folder_modules, needed

_PACKAGE = Path(__file__).resolve().parents[1]
_METHOD = ("plan/maintenance", "runtime/maintenance", "run/maintenance")
_OF_RUNTIME = re.compile(r"^\s*from generator\.runtime\.(\w+) import", re.MULTILINE)


def build_program(lake: CompiledLake) -> Program:
    """What a run of the whole lake does."""
    sources = tuple(_source(lake, source) for source in lake.sources.values())
    tables = tuple(_table(lake, table) for table in lake.tables.values())
    stored = (
        *(f"sources/{source.name}" for source in sources),
        *(f"tables/{table.name}" for table in tables if not table.is_view),
    )
    settings = settings_for(_all_sql(sources, tables))
    asked = build_asked(lake)
    return Program(lake.name, reader_digest(), method_digest(), settings, sources, tables, asked, stored)


def _all_sql(sources: tuple[SourceProgram, ...], tables: tuple[TableProgram, ...]) -> Iterator[str]:
    for source in sources:
        yield from (check.violations for check in source.checks)
    for table in tables:
        yield table.sql
        yield from (check.violations for check in table.checks)
        yield from (stage.count for stage in table.stages if stage.count is not None)


def _source(lake: CompiledLake, source: CompiledSource) -> SourceProgram:
    return SourceProgram(
        name=source.name,
        zone=source.zone,
        paths=source.paths,
        format=source.format,
        options=source.options.given(),
        columns=tuple(
            SourceColumn(column.name, column.key, str(column.type), column.spelling.given())
            for column in source.columns
        ),
        checks=_checks(lake, source_rules(lake, source)),
        max_bad_rows=source.max_bad_rows,
        hidden=hidden_keys(source),
        keep_versions=source.keep_versions,
        expected=lake.row_counts.get(source.name),
        impersonal=_impersonal(source.relation),
        file=source.metadata.file,
        tags=source.metadata.tags,
    )


def reader_digest() -> str:
    """A digest of the code that makes rows of landing data: this engine's own, and the rules that it takes."""
    own, rules = (folder_modules(_PACKAGE / folder) for folder in ("run/landing", "runtime"))
    taken = (name for text in own.values() for name in _OF_RUNTIME.findall(text))
    types = (_PACKAGE / "plan" / "types.py").read_text(encoding="utf-8")
    return code_digest((*own.values(), *(rules[name] for name in needed(rules, taken)), types))


def method_digest() -> str:
    """A digest of the code that keeps tables by what changed."""
    folders = (folder_modules(_PACKAGE / folder) for folder in _METHOD)
    sql = (_PACKAGE / "jobs" / "delta_sql.py").read_text(encoding="utf-8")
    return code_digest((*(text for modules in folders for text in modules.values()), sql))


def _table(lake: CompiledLake, table: CompiledTable) -> TableProgram:
    references = () if table.is_view else (*referenced(lake, table), *registries(lake, table))
    found, kept = (None, None) if table.is_view else judged(lake, table)
    return TableProgram(
        name=table.name,
        zone=table.zone,
        is_view=table.is_view,
        sql=emit(table.query, DUCKDB),
        base=tuple(_base(table.query)),
        reads=table.inputs,
        inputs=tuple(dict.fromkeys((*table.inputs, *(name for name in references if name != table.name)))),
        columns=tuple((column.name, str(column.type)) for column in table.columns),
        stages=() if table.is_view else tuple(_stages(lake, table)),
        checks=_checks(lake, (*proof_rules(lake, table), *expectation_rules(lake, table))),
        keep_versions=table.keep_versions,
        expected=lake.row_counts.get(table.name),
        impersonal=_impersonal(lake.relation(table.name)),
        file=table.metadata.file,
        tags=table.metadata.tags,
        delta=build_delta(lake, kept) if kept is not None else None,
        anew=found.reason if found is not None else "",
        own=_own(table.query),
    )


def _impersonal(relation: Relation) -> tuple[str, ...]:
    return tuple(column.name for column in relation.columns.values() if not column.personal)


def _checks(lake: CompiledLake, rules: Iterable[Rule]) -> tuple[Check, ...]:
    return tuple(duckdb_check(rule, lake) for rule in rules)


def _base(query: Query) -> Iterator[str]:
    """The tables whose rows a query starts from, through nested queries."""
    for one in inputs_of(query.steps[0]):
        if isinstance(one, Query):
            yield from _base(one)
        else:
            yield one


def _own(query: Query) -> int:
    """The rows of the spec that a query starts from, through nested queries."""
    first = query.steps[0]
    if isinstance(first, Inline):
        return len(first.rows)
    return sum(_own(one) for one in inputs_of(first) if isinstance(one, Query))


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
    return isinstance(step, (Join, Unnest, Filter, Dedupe, Aggregate)) or (isinstance(step, Select) and step.distinct)


def _kind(step: Step) -> str:
    return f"{step.kind} join" if isinstance(step, Join) else type(step).__name__.lower()


def _lost(lake: CompiledLake, step: Step) -> str:
    """How to call the rows that a step drops."""
    if isinstance(step, Join):
        other = step.input if isinstance(step.input, str) else step.alias
        other = "the query" if other.startswith("#") else other
        return f"with a match in {other}" if step.kind == "anti" else f"without a match in {other}"
    if isinstance(step, Unnest):
        return f"without an element by {step.text}"
    if isinstance(step, Filter):
        for name, consent in lake.consents.items():
            if step.text.lower() == consent.when.lower():
                return f"without consent {name}"
        return f"not {step.text}"
    return f"merged by {step.text}" if isinstance(step, Aggregate) else "duplicates"
