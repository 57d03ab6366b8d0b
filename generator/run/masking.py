"""Rows that broke a check, without what is personal in them: they are printed, kept and sent around."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from generator.run.program import Program
from generator.run.report import RunReport, TableReport

MASK = "(personal)"
_COUNT = "#times"


def masked(report: RunReport, program: Program) -> RunReport:
    """The report with a mask for every value that isn't known to be of a column without personal data."""
    shown = {source.name: {_COUNT, *source.impersonal} for source in program.sources}
    shown |= {table.name: {_COUNT, *table.impersonal} for table in program.tables}
    return replace(report, tables=tuple(_table(table, shown.get(table.name, ())) for table in report.tables))


def _table(table: TableReport, shown: Collection[str]) -> TableReport:
    checks = tuple(replace(check, examples=tuple(_row(row, shown) for row in check.examples)) for check in table.checks)
    return replace(table, checks=checks)


def _row(row: Mapping[str, Any], shown: Collection[str]) -> dict[str, Any]:
    return {name: value if name in shown or value is None else MASK for name, value in row.items()}
