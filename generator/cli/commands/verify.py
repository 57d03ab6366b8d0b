"""`verify`: whether the deployed tables are what was promised."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from generator.cli.command import Options, command
from generator.cli.common_options import format_options, lake_option
from generator.cli.deployed import deployment_options, find_deployment
from generator.cli.spec_option import read_spec, spec_options
from generator.cli.table import Cell, format_table
from generator.cli.terminal import Terminal
from generator.diagnostics import SpecError
from generator.printable import json_text
from generator.runtime.words import plural

if TYPE_CHECKING:
    from generator.deploy.verify import Count, Verification
    from generator.plan.lake import CompiledLake

DESCRIPTION = (
    "Asks Athena for the rows of every table and for each expectation, and the catalog for what runs recorded of\n"
    "sources and consent; compares with the spec's row_counts and with the last local run. Exits with 1 when rows or\n"
    "checks are not as they should be."
)
EXAMPLE = "  python -m generator verify\n  python -m generator verify --json"


@command(DESCRIPTION, EXAMPLE)
@spec_options
@lake_option("the last local run (.lake)")
@format_options()
@deployment_options("database", "workgroup")
def run(options: Options, terminal: Terminal) -> int:
    from generator.checks import check_spec
    from generator.deploy.expectations import questions
    from generator.deploy.recorded import promise_of
    from generator.deploy.verify import verify

    source = read_spec(options)
    analysis = check_spec(source)
    if analysis.lake is None:
        raise SpecError(source, analysis.diagnostics)
    deployment, aws = find_deployment(options, "database", "workgroup")
    assert deployment.database is not None and deployment.workgroup is not None
    terminal.show_live(f"asking Athena for {deployment.database} …")
    asked, unasked = questions(analysis.lake)
    promise, local = promise_of(analysis.lake), local_rows(options.lake)
    found = verify(aws, deployment.workgroup, deployment.database, asked, promise, local)
    terminal.clear_live()
    if options.json:
        terminal.print(json_text({**found.to_json(), "not_asked": unasked}))
    else:
        terminal.print(format_verification(terminal, analysis.lake, found, unasked))
    return 1 if found.failed else 0


def local_rows(lake: Path) -> dict[str, int]:
    """Rows of each table and source in the last local run; empty when there was none."""
    from generator.run.last_run import load_last_run

    report = load_last_run(lake) or {"tables": {}}
    return {name: one["rows"] for name, one in report["tables"].items() if one.get("rows") is not None}


def format_verification(terminal: Terminal, lake: CompiledLake, found: Verification, unasked: list[str]) -> str:
    header = ("table", "rows", "expected", "local run")
    parts = [format_table(terminal, header, [_row(count) for count in found.counts], right={1, 2, 3})]
    wrong = [finding for finding in found.findings if finding.violations != 0]
    lines = [
        f"{terminal.style('error' if one.wrong else 'warning', 'red' if one.wrong else 'yellow')} {one.table}: "
        f"{one.question}: {one.problem or plural(one.violations or 0, 'row') + ' not'}"
        for one in wrong
    ]
    lines += [f"note: {name}: only the jobs check this" for name in unasked]
    lines += [
        f"note: {count.table}: the last local run gave {count.local:,}" for count in found.counts if count.differs
    ]
    lines += [f"note: {count.table}: {count.note}" for count in found.counts if count.note]
    parts += ["\n".join(lines)] if lines else []
    word = terminal.style("failed", "red", "bold") if found.failed else terminal.style("ok", "green", "bold")
    right = plural(len(found.findings) - len(wrong), "check")
    parts.append(f"{word}: {_right_counts(found)}, {right} of {len(found.findings)} passed")
    return "\n\n".join(parts)


def _right_counts(found: Verification) -> str:
    """How many tables have the rows that the spec expects, of those of which it expects any."""
    expecting = [count for count in found.counts if count.expected is not None]
    if not expecting:
        return f"{plural(len(found.counts), 'table')} counted (the spec expects no row counts)"
    right = plural(sum(not count.wrong for count in expecting), "table")
    others = len(found.counts) - len(expecting)
    return f"{right} of {len(expecting)} as expected" + (f" ({plural(others, 'other')} counted)" if others else "")


def _row(count: Count) -> tuple[Cell, ...]:
    expected = Cell("")
    if count.expected is not None:
        mark, color = ("✗", "red") if count.wrong else ("✓", "green")
        expected = Cell(f"{mark} {count.expected:,}", (color,))
    local = Cell("" if count.local is None else f"{count.local:,}", ("yellow",) if count.differs else ("dim",))
    return Cell(count.table), Cell("—" if count.rows is None else f"{count.rows:,}"), expected, local
