"""How a run of the workflow looks: a live line, a line for each job that ended, and the log of a failed one."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from generator.cli.terminal import Terminal
from generator.cli.words import duration
from generator.runtime.words import plural

if TYPE_CHECKING:
    from generator.deploy.job_logs import JobLogs
    from generator.deploy.workflow import JobState, RunState

_TAIL = 25


class StartProgress:
    """Follows a run of the workflow."""

    def __init__(self, logs: JobLogs, terminal: Terminal, workflow: str, quiet: bool) -> None:
        self.logs = logs
        self.terminal = terminal
        self.workflow = workflow
        self.quiet = quiet
        self._told: set[str] = set()
        self._began = time.monotonic()

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._began

    def __call__(self, state: RunState) -> None:
        if self.quiet:
            return
        for job in state.jobs:
            if job.job not in self._told and _final(job, state):
                self._told.add(job.job)
                self._tell(job)
        running = [f"{self.short(job.job)} {duration(job.seconds)}" for job in state.jobs if job.state == "RUNNING"]
        done, total = len(self._told), len(state.jobs)
        self.terminal.show_live(f"[{done}/{total}] {', '.join(running) or 'starting'} …", done, total)

    def short(self, job: str) -> str:
        return short_name(job, self.workflow)

    def _tell(self, job: JobState) -> None:
        mark = self.terminal.style("✗", "red") if job.failed else self.terminal.style("✓", "green")
        name = f"{self.short(job.job):<30}"
        events = _events(self.logs, job)
        published = [event for event in events if event["lake_event"] == "published"]
        what = job.message.splitlines()[0] if job.message else _rows(events)
        tries = f", attempt {job.attempt + 1}" if job.attempt else ""
        self.terminal.say(f"{mark} {name} {what}  {self.terminal.style(f'{duration(job.seconds)}{tries}', 'dim')}")
        for event in published if len(published) > 1 or (published and job.failed) else ():
            self.terminal.say(f"  {event['table']:<30} {_counted(event)}")


def format_failure(terminal: Terminal, logs: JobLogs, job: JobState) -> str:
    """Why a job failed, the end of its log, and where the rest of it is."""
    from generator.deploy.job_logs import plain_lines

    lines = plain_lines(logs.lines(job.run)) if job.run is not None else []
    head = f"{terminal.style('failed', 'red', 'bold')} {job.job}: {job.message or job.state}"
    where = f"  log: {logs.groups(job.job)['output']}, stream {job.run['Id']}" if job.run is not None else ""
    return "\n".join(filter(None, [head, *(f"  | {line}" for line in lines[-_TAIL:]), where]))


def short_name(job: str, workflow: str) -> str:
    """A job without what all jobs of a workflow are called."""
    return job.removeprefix(f"{workflow}-")


def _final(job: JobState, state: RunState) -> bool:
    """Whether a job has ended; one that failed may be tried again as long as the run goes on."""
    return job.state == "SUCCEEDED" or (job.failed and state.ended)


def _events(logs: JobLogs, job: JobState) -> list[dict[str, Any]]:
    """What a job's log tells of what it made."""
    from generator.deploy.job_logs import events_in

    return events_in(logs.lines(job.run)) if job.run is not None else []


def _rows(events: list[dict[str, Any]]) -> str:
    """What a job published: the rows of its table, or the number of tables."""
    rows = [event for event in events if event["lake_event"] == "published"]
    bad = sum(event.get("quarantined") or 0 for event in events if event["lake_event"] == "source")
    text = f"{'':>15}"
    if rows:
        text = _counted(rows[0]) if len(rows) == 1 else f"{len(rows):>10,} published"
    return f"{text}, {plural(bad, 'line')} quarantined" if bad else text


def _counted(event: Mapping[str, Any]) -> str:
    text = f"{event['rows']:>10,} {'row ' if event['rows'] == 1 else 'rows'}"
    if event.get("unchanged"):
        return f"{text}, unchanged"
    return f"{text}, +{event['added']:,} −{event['removed']:,}" if "added" in event else text


FACTS = ("rows", "unchanged", "added", "removed", "rows_read", "rows_written", "anew")


def made_by(logs: JobLogs, job: JobState) -> dict[str, dict[str, Any]]:
    """What a job made, by name: rows, and how they came about as far as it has told."""
    published = (event for event in _events(logs, job) if event["lake_event"] == "published")
    return {event["table"]: {fact: event[fact] for fact in FACTS if fact in event} for event in published}
