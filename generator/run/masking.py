"""What a run tells, without what is personal in it: it is printed, kept and sent around.

Rows that broke a check have a mask for each value of a column with personal data, or of which nothing is known; what an
engine says of a value that it couldn't take, of a table that has or reads such columns, is without the value.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from generator.jobs.check import Check
from generator.run.program import Program
from generator.run.report import CheckReport, RunReport, TableReport

MASK = "(personal)"
_ENGINES = re.compile(r"(?:[\w.-]+: )?(?:[A-Z][A-Za-z]*(?: [A-Za-z]+)* Error: |\[[A-Z][A-Z0-9_.]+\] )")
"""How what DuckDB and Spark say begins."""
_VALUES = re.compile(
    r"""(?P<quote>['"]).*(?P=quote)|\([^()]*\d[^()]*\)|\b(?:value|string) (?!out\b)[^'"\s]\S*|-?\b\d[\d.:eE+-]*\b"""
)


def masked(report: RunReport, program: Program) -> RunReport:
    """The report with a mask for every value that isn't known to be of a column without personal data."""
    checks = {source.name: source.checks for source in program.sources}
    checks |= {table.name: table.checks for table in program.tables}
    touching = set(_personal(program))
    tables = (_table(table, checks.get(table.name, ()), table.name in touching) for table in report.tables)
    return replace(report, tables=tuple(tables))


def without_values(message: str) -> str:
    """What an engine says of a value, without the value; other messages as they are."""
    found = _ENGINES.match(message)
    return message[: found.end()] + _VALUES.sub(MASK, message[found.end() :]) if found else message


def masked_row(row: Mapping[str, Any], shown: Collection[str]) -> dict[str, Any]:
    """A row with a mask for what isn't null and not among the columns that are shown."""
    return {name: value if name in shown or value is None else MASK for name, value in row.items()}


def _personal(program: Program) -> Iterator[str]:
    """The sources and tables that have columns with personal data, or read some that do."""
    known = {one.name for one in program.sources if {column.name for column in one.columns} - {*one.impersonal}}
    for table in program.tables:
        if {name for name, _ in table.columns} - {*table.impersonal} or not known.isdisjoint(table.inputs):
            known.add(table.name)
    yield from known


def _table(table: TableReport, checks: Sequence[Check], is_personal: bool) -> TableReport:
    same = len(checks) == len(table.checks)
    known = checks if same else [None] * len(table.checks)
    found = tuple(_check(report, check) for report, check in zip(table.checks, known, strict=True))
    problem = without_values(table.problem) if is_personal else table.problem
    return replace(table, checks=found, problem=problem)


def _check(report: CheckReport, check: Check | None) -> CheckReport:
    if not report.examples:
        return report
    hidden = set(check.personal) if check is not None else {name for row in report.examples for name in row}
    rows = (masked_row(row, row.keys() - hidden) for row in report.examples)
    return replace(report, examples=tuple(rows))
