"""From what the scripts told to the report of a run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from generator.run.program import SourceProgram, TableProgram
from generator.run.report import CheckReport, StageReport, Status, TableReport
from generator.run.spark.events import Events


def source_report(source: SourceProgram, event: Mapping[str, Any], checks: Sequence[CheckReport]) -> TableReport:
    """What became of a source's lines."""
    broken = [check.name for check in checks if check.failed]
    problem = event.get("problem") or "; ".join(f"it breaks: {name}" for name in broken)
    rows = event.get("rows")
    return TableReport(
        name=source.name,
        zone=source.zone,
        is_source=True,
        status=Status.FAILED if problem else Status.OK,
        rows=rows,
        rows_in=event.get("lines"),
        quarantined=event.get("quarantined", 0),
        reasons=event.get("reasons", {}),
        extra_keys=tuple(event.get("extra_keys", ())),
        notes=tuple(event.get("notes", ())),
        expected=source.expected,
        seconds=event.get("seconds", 0.0),
        checks=tuple(checks),
        problem=problem,
        help=_help(problem),
    )


def _help(problem: str) -> str:
    if problem.startswith("no files in"):
        return "name the folder of the landing data with --data, or make a sample: python -m generator sample DIR"
    if " lines quarantined, more than " in problem:
        return "look at the quarantine for the reasons, or raise `max_bad_rows`"
    return ""


def table_report(
    table: TableProgram, events: Events, problem: str, rows_in: int | None, seconds: float, log: Path
) -> TableReport:
    """What became of a table whose sources are all right.

    Args:
        problem: the first line of the error that ended the script; empty if it came to its end.
    """
    checks = tuple(events.checks.get(table.name, ()))
    broken = [check.name for check in checks if check.failed]
    rows = events.published["rows"] if events.published else None
    failed = bool(problem) or events.published is None
    if broken:
        problem, help = "; ".join(f"it breaks: {name}" for name in broken), "the last published version stays current"
    else:
        problem = (events.failed or {}).get("problem") or problem or "the script published nothing"
        help = f"the whole log is in {log}"
    return TableReport(
        name=table.name,
        zone=table.zone,
        is_source=False,
        status=Status.FAILED if failed else Status.OK,
        rows=rows,
        rows_in=rows_in,
        stages=_stages(table, rows),
        expected=table.expected,
        seconds=seconds,
        checks=checks,
        problem=problem if failed else "",
        help=help if failed else "",
    )


def _stages(table: TableProgram, rows: int | None) -> tuple[StageReport, ...]:
    """The only step that changes the number of rows; what several steps do to it, Spark doesn't count."""
    if rows is None or len(table.stages) != 1:
        return ()
    stage = table.stages[0]
    return (StageReport(stage.kind, stage.text, stage.lost, rows),)


def defined(view: TableProgram) -> TableReport:
    return TableReport(view.name, view.zone, False, Status.OK)


def skipped(table: TableProgram, because: TableReport) -> TableReport:
    problem = f"{because.name} {because.status}"
    return TableReport(table.name, table.zone, False, Status.SKIPPED, problem=problem)
