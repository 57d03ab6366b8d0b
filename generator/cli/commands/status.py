"""`status`: the tables of the deployed lake, and the last run of each job."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from generator.cli.command import Options, command
from generator.cli.common_options import format_options
from generator.cli.deployed import deployment_options, find_deployment
from generator.cli.start_view import short_name
from generator.cli.table import Cell, format_table
from generator.cli.terminal import Terminal
from generator.cli.words import duration
from generator.printable import json_text
from generator.runtime.words import plural

if TYPE_CHECKING:
    from generator.deploy.alarms import UndeliveredAlarm
    from generator.deploy.aws import Aws
    from generator.deploy.catalog import Table
    from generator.deploy.deployment import Deployment
    from generator.deploy.jobs import LastRun

DESCRIPTION = "Shows each deployed table with its current version and rows, and how the last run of its job went."
EXAMPLE = "  python -m generator status\n  python -m generator status --json"

_COLORS = {"SUCCEEDED": "green", "RUNNING": "cyan", "STARTING": "cyan"}


@command(DESCRIPTION, EXAMPLE)
@format_options()
@deployment_options("database", "workflow")
def run(options: Options, terminal: Terminal) -> int:
    deployment, aws = find_deployment(options, "database", "workflow")
    from generator.deploy.catalog import tables
    from generator.deploy.job_logs import JobLogs
    from generator.deploy.jobs import last_runs

    assert deployment.database is not None and deployment.workflow is not None
    terminal.show_live(f"asking for {deployment.database} …")
    found = tables(aws, deployment.database)
    runs = {short_name(job, deployment.workflow): run for job, run in last_runs(aws, deployment.workflow).items()}
    groups = {name: JobLogs(aws, deployment).groups(run.job)["output"] for name, run in runs.items() if run.failed}
    alarms = _undelivered(aws, deployment, terminal)
    terminal.clear_live()
    if options.json:
        data = {
            "deployment": deployment.to_json(),
            "tables": {table.name: {**table.to_json(), "job": _maker(deployment, table)} for table in found},
            "jobs": {name: {**run.to_json(), "log_group": groups.get(name)} for name, run in runs.items()},
            "undelivered_alarms": [alarm.to_json() for alarm in alarms],
        }
        terminal.print(json_text(data))
    else:
        terminal.print(
            format_status(terminal, found, _by_table(deployment, found, runs), runs, groups, datetime.now(UTC))
        )
        if alarms:
            terminal.print(f"\n{format_alarms(terminal, alarms, deployment.alarm_queue or '')}")
    return 0


def _maker(deployment: Deployment, table: Table) -> str:
    """The job that publishes a table."""
    return deployment.maker(table.name.removesuffix("_quarantine") if table.kind == "quarantine" else table.name)


def _by_table(deployment: Deployment, tables: list[Table], runs: dict[str, LastRun]) -> dict[str, LastRun]:
    """The last run of the job that makes each table."""
    made = {table.name: _maker(deployment, table) for table in tables if table.kind != "quarantine"}
    return {name: runs[job] for name, job in made.items() if job in runs}


def _undelivered(aws: Aws, deployment: Deployment, terminal: Terminal) -> list[UndeliveredAlarm]:
    """The alarms that nobody got. Whoever may not look at the queue is told, and shown the rest."""
    from generator.deploy.alarms import undelivered_alarms
    from generator.deploy.aws import AwsError

    if deployment.alarm_queue is None:
        return []
    try:
        return undelivered_alarms(aws, deployment.alarm_queue)
    except AwsError as error:
        terminal.tell(f"can't tell whether alarms were delivered: {error}")
        return []


def format_alarms(terminal: Terminal, alarms: list[UndeliveredAlarm], queue: str) -> str:
    head = terminal.style("warning", "yellow", "bold")
    lines = [f"{head} {plural(len(alarms), 'alarm')} couldn't be delivered:"]
    lines += [f"  {alarm.time}  {alarm.job}: {alarm.state}  ({alarm.reason})" for alarm in alarms]
    lines += [f"  once that is mended, empty the queue: aws sqs purge-queue --queue-url {queue}"]
    return "\n".join(lines)


def format_status(
    terminal: Terminal,
    tables: list[Table],
    made: Mapping[str, LastRun],
    runs: Mapping[str, LastRun],
    groups: Mapping[str, str],
    now: datetime,
) -> str:
    """The tables, then why jobs failed and where their logs are.

    Args:
        made: the last run of the job that makes each table.
        runs: those of all jobs, by the job's name; `groups` are the log groups of those that failed.
    """
    header = ("table", "rows", "published", "versions", "last run of its job")
    rows = [_row(table, made.get(table.name), now) for table in tables if table.kind == "tables" or table.rows]
    parts = [format_table(terminal, header, rows, right={1, 3}, below={4})]
    head = terminal.style("failed", "red", "bold")
    failed = [
        f"{head} {name}: {run.message or run.state}\n  log: {groups[name]}, stream {run.run}"
        for name, run in runs.items()
        if run.failed
    ]
    parts += ["\n".join(failed)] if failed else []
    old = [table.name for table in tables if table.metadata is None]
    if old:
        parts.append(
            f"note: {plural(len(old), 'table')} of a lake from before its tables were Iceberg's: "
            "`python -m generator deploy apply`, then `python -m generator start`"
        )
    never = [table.name for table in tables if table.kind == "tables" and table.metadata and table.current is None]
    if never:
        parts.append(f"note: {plural(len(never), 'table')} never published: `python -m generator start` makes them")
    return "\n\n".join(parts)


def _row(table: Table, run: LastRun | None, now: datetime) -> tuple[Cell, ...]:
    published = Cell("never", ("yellow",))
    if table.current is not None:
        back = " (rolled back)" if table.rolled_back else ""
        published = Cell(f"{_made(table)}{back}", ("yellow",) if back else ())
    return (
        Cell(table.name),
        Cell("—" if table.rows is None else f"{table.rows:,}"),
        published,
        Cell(str(len(table.versions)), ("dim",)),
        _last(run, now),
    )


def _made(table: Table) -> str:
    from generator.deploy.catalog import moment_of

    moment = moment_of(table.current or "")
    return f"{moment:%Y-%m-%d %H:%M} UTC" if moment else table.current or ""


def _last(run: LastRun | None, now: datetime) -> Cell:
    if run is None:
        return Cell("", ("dim",))
    if run.state is None or run.started is None:
        return Cell("never ran", ("dim",))
    ago = duration(max((now - run.started).total_seconds(), 0))
    return Cell(f"{run.state.lower()}, {ago} ago, took {duration(run.seconds)}", (_COLORS.get(run.state, "red"),))
