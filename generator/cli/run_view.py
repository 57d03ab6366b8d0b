"""How a run looks: a line for each table while it goes on, one table at the end."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from generator.cli.table import Cell, format_table
from generator.cli.terminal import Terminal
from generator.cli.words import size
from generator.printable import one_line
from generator.run.report import BY_FULL, CheckReport, RunReport, StageReport, Status, TableReport
from generator.runtime.words import plural

MAX_KEYS = 20
"""So many undeclared keys of a source are named."""


class Progress:
    """Follows a run: a live line on a terminal, one plain line a table elsewhere."""

    def __init__(self, terminal: Terminal, quiet: bool = False) -> None:
        self.terminal = terminal
        self.quiet = quiet

    def started(self, name: str, position: int, total: int) -> None:
        if not self.quiet:
            self.terminal.show_live(f"[{position}/{total}] {name} …", position - 1, total)

    def finished(self, report: TableReport) -> None:
        if self.quiet or self.terminal.live:
            return
        what = plural(report.rows, "row") if report.rows is not None else report.status.value
        what += f", {_kept(report)}" if report.unchanged or report.added is not None else ""
        self.terminal.note(f"{report.name}: {one_line(report.problem) or what} ({report.seconds:.2f} s)")


def format_report(terminal: Terminal, report: RunReport, lake: Path) -> str:
    """The whole result as text."""
    header = ("table", "zone", "rows", "dropped on the way", "quarantined", "expected", "seconds")
    rows = [_row(table) for table in report.tables if table.status is not Status.OK or table.rows is not None]
    parts = [format_table(terminal, header, rows, right={2, 4, 6}, below={1, 3})]
    details = [line for table in report.tables for line in _details(terminal, table)]
    details += [f"note: {name}: the spec doesn't have it any more; it left the lake" for name in report.removed]
    if details:
        parts.append("\n".join(details))
    parts.append(_summary(terminal, report, lake))
    return "\n\n".join(parts)


def _row(table: TableReport) -> tuple[Cell, ...]:
    return (
        Cell(table.name, ("red",) if table.status is not Status.OK else ()),
        Cell(table.zone or "", ("dim",)),
        Cell(_counts(table)),
        Cell(_dropped(table), ("dim",)),
        Cell(f"{table.quarantined:,}" if table.is_source else "", ("yellow",) if table.quarantined else ("dim",)),
        _expected(table),
        Cell(_seconds(table), ("dim",)),
    )


def _seconds(table: TableReport) -> str:
    if table.unchanged:
        return "unchanged"
    return f"{table.seconds:.2f}" if table.rows is not None else ""


def _kept(table: TableReport) -> str:
    """What a table was kept by, such as `+1,204 −3`."""
    return "unchanged" if table.unchanged else f"+{table.added:,} −{table.removed:,}"


def _counts(table: TableReport) -> str:
    if table.rows is None:
        return "—"
    if table.rows_in is None or (table.rows_in == table.rows and not table.stages):
        return f"{table.rows:,}"
    return f"{table.rows_in:,} → {table.rows:,}"


def _expected(table: TableReport) -> Cell:
    if table.expected is None:
        return Cell("")
    if table.rows == table.expected:
        return Cell(f"✓ {table.expected:,}", ("green",))
    return Cell(f"✗ {table.expected:,}", ("red", "bold"))


def _dropped(table: TableReport) -> str:
    """What each step did to the number of rows, such as `474 without consent research`."""
    if table.status is Status.SKIPPED:
        return f"skipped: {one_line(table.problem)}"
    if table.rows is None:
        return "failed"
    if table.is_source:
        return ", ".join(f"{number:,} {reason.replace('_', ' ')}" for reason, number in table.reasons.items())
    if table.rows_read is not None:
        read = f"{plural(table.rows_read, 'row')} read"
        return read if table.unchanged else f"{_kept(table)}, {read}"
    return ", ".join(_changes(table))


def _changes(table: TableReport) -> Iterator[str]:
    if table.rows_in is None:
        return
    before = table.rows_in
    for stage in table.stages:
        change = before - stage.rows
        if change > 0:
            yield f"{change:,} {stage.lost}"
        elif change < 0:
            yield f"{-change:,} more by {_join_name(stage)}"
        before = stage.rows


def _join_name(stage: StageReport) -> str:
    return stage.text.split(" on ")[0] if stage.kind.endswith("join") else stage.text


def _details(terminal: Terminal, table: TableReport) -> Iterator[str]:
    """What doesn't fit into the table: problems, failed checks, unknown keys."""
    if table.status is Status.FAILED:
        problem = one_line(table.problem.removeprefix(f"{table.name}: "))
        yield f"{terminal.style('failed', 'red', 'bold')} {table.name}: {problem}"
        if table.help:
            yield f"  = help: {table.help}"
    elif table.unexpected:
        failed = terminal.style("failed", "red", "bold")
        yield f"{failed} {table.name}: {plural(table.rows or 0, 'row')}, expected {table.expected:,}"
    for check in table.checks:
        if check.violations:
            word = terminal.style("error", "red") if check.blocking else terminal.style("warning", "yellow")
            yield f"{word} {table.name}: {check.name}: {_violations(check, table)}"
            for example in check.examples:
                yield "  " + one_line(", ".join(f"{name}={value!r}" for name, value in example.items()))
    if not table.unchanged and table.files_read < table.files:
        read = f"{table.files_read:,} of {plural(table.files, 'file')}"
        yield f"note: {table.name}: read {read}, {size(table.bytes_read)}; the others were read before"
    if table.anew and table.anew != BY_FULL:
        yield f"note: {table.name}: made anew: {one_line(table.anew)}"
    if table.extra_keys:
        keys = _listed(table.extra_keys)
        yield f"note: {table.name}: keys in the raw data that the spec doesn't declare: {keys}"
    for note in table.notes:
        yield f"note: {table.name}: {one_line(note)}"


def _listed(keys: Sequence[str]) -> str:
    """Some of the keys: raw data can have thousands, and long ones."""
    shown = ", ".join(f"`{one_line(key if len(key) <= 60 else key[:60] + '…')}`" for key in keys[:MAX_KEYS])
    return shown + (f" and {len(keys) - MAX_KEYS:,} more" if len(keys) > MAX_KEYS else "")


def _violations(check: CheckReport, table: TableReport) -> str:
    if check.of:
        broken = f"{plural(check.violations, 'row')} of {check.of}"
        return f"{check.of} has another number of rows" if check.kind == "rows" else broken
    if table.rows is None:  # of a table that local Spark didn't publish
        return plural(check.violations, "row")
    if check.kind == "rows":
        return f"there are {table.rows:,}"
    return f"{check.violations:,} of {plural(table.rows, 'row')}"


def _summary(terminal: Terminal, report: RunReport, lake: Path) -> str:
    tables = [one for one in report.tables if one.status is Status.OK and not one.is_source and one.rows is not None]
    quarantined = sum(table.quarantined for table in report.tables if table.status is Status.OK)
    parts = [_published(report, sum(not one.unchanged for one in tables), sum(one.unchanged for one in tables), lake)]
    if quarantined:
        parts.append(f"{plural(quarantined, 'line')} quarantined in {lake}/quarantine")
    parts.append(f"{report.seconds:.2f} s")
    word = terminal.style("failed", "red", "bold") if report.failed else terminal.style("ok", "green", "bold")
    return f"{word}: {', '.join(parts)}"


def _published(report: RunReport, made: int, unchanged: int, lake: Path) -> str:
    if report.published and made:
        return f"{plural(made, 'table')} published to {lake}" + (f", {unchanged:,} unchanged" if unchanged else "")
    return f"{plural(unchanged, 'table')} unchanged in {lake}" if unchanged else "nothing published"
