"""From what the scripts told to the report of a run."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from generator.run.program import SourceProgram, TableProgram
from generator.run.report import BAD_ROWS_HELP, NO_FILES_HELP, CheckReport, StageReport, Status, TableReport, broken
from generator.run.spark.events import Events


def source_report(source: SourceProgram, events: Events, problem: str, seconds: float, log: Path) -> TableReport:
    """What became of a source.

    Args:
        problem: the first line of the error that ended the script; empty if it came to its end.
    """
    event = events.sources.get(source.name, {})
    checks = tuple(_as_planned(source, one) for one in events.checks.get(source.name, ()))
    told = "; ".join(filter(None, (event.get("problem", ""), broken(checks))))
    failed = bool(problem) or events.published is None
    other = (events.failed or {}).get("problem") or problem or "the script published nothing"
    return TableReport(
        name=source.name,
        zone=source.zone,
        is_source=True,
        status=Status.FAILED if failed else Status.OK,
        rows=event.get("rows"),
        rows_in=event.get("lines"),
        quarantined=event.get("quarantined", 0),
        reasons=event.get("reasons", {}),
        extra_keys=tuple(event.get("extra_keys", ())),
        notes=tuple(event.get("notes", ())),
        expected=source.expected,
        seconds=seconds,
        checks=checks,
        problem=(told or other) if failed else "",
        help=_help(told, log) if failed else "",
        files=event.get("files", 0),
        files_read=event.get("files_read", 0),
        bytes_read=event.get("bytes_read", 0),
    )


def _help(problem: str, log: Path) -> str:
    if problem.startswith("no files in"):
        return NO_FILES_HELP
    if re.search(" lines? quarantined", problem):
        return BAD_ROWS_HELP
    return "" if problem else f"the whole log is in {log}"


def table_report(
    table: TableProgram, events: Events, problem: str, rows_in: int | None, seconds: float, log: Path
) -> TableReport:
    """What became of a table whose sources are all right.

    Args:
        problem: the first line of the error that ended the script; empty if it came to its end.
    """
    checks = tuple(_as_planned(table, one) for one in events.checks.get(table.name, ()))
    rows = events.published["rows"] if events.published else None
    failed = bool(problem) or events.published is None
    if found := broken(checks):
        problem, help = found, "the last published version stays current"
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


def _as_planned(made: SourceProgram | TableProgram, told: CheckReport) -> CheckReport:
    """A check as the report of any engine has it; scripts know by which function they ask."""
    check = next((one for one in made.checks if one.name == told.name), None)
    return replace(told, kind=check.kind, of=check.of) if check is not None else told


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
