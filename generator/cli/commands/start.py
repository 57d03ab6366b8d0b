"""`start`: a run of the deployed workflow, followed to its end."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from generator import stopping
from generator.cli.command import Options, command
from generator.cli.common_options import format_options
from generator.cli.deployed import deployment_options, find_deployment
from generator.cli.start_view import StartProgress, format_failure, made_by
from generator.cli.terminal import Terminal
from generator.cli.words import duration
from generator.diagnostics import GeneratorError
from generator.printable import json_text
from generator.runtime.words import plural

if TYPE_CHECKING:
    from generator.deploy.aws import Aws
    from generator.deploy.deployment import Deployment
    from generator.deploy.workflow import RunState

DESCRIPTION = (
    "Starts the workflow and follows its jobs to the end; shows the log of one that fails. Exits with 1 when not all\n"
    "tables were published. Ctrl-C ends the following, not the run."
)
EXAMPLE = "  python -m generator start\n  python -m generator start --follow"


@command(DESCRIPTION, EXAMPLE)
@click.option("--follow", is_flag=True, help="follow the run that is going on instead")
@click.option("--detach", is_flag=True, help="don't follow the run")
@click.option("--every", type=float, default=5.0, metavar="SECONDS", help="how often to look (5)")
@format_options()
@deployment_options("workflow")
def run(options: Options, terminal: Terminal) -> int:
    deployment, aws = find_deployment(options, "workflow")
    from generator.deploy import workflow

    assert deployment.workflow is not None
    name = deployment.workflow
    run_id = workflow.running(aws, name) if options.follow else workflow.start(aws, name)
    if run_id is None:
        raise GeneratorError(f"no run of {name} is going on: start one without --follow")
    if options.detach:
        terminal.print(json_text({"run": run_id}, indent=None) if options.json else f"{name}: run {run_id} started")
        return 0
    return follow_run(aws, deployment, run_id, terminal, options.every, options.json)


def follow_run(aws: Aws, deployment: Deployment, run_id: str, terminal: Terminal, every: float, as_json: bool) -> int:
    """Shows a run until it ends; returns the exit code."""
    from generator.deploy import workflow
    from generator.deploy.job_logs import JobLogs

    assert deployment.workflow is not None
    name, logs = deployment.workflow, JobLogs(aws, deployment)
    progress = StartProgress(logs, terminal, name, quiet=as_json)
    try:
        end = workflow.follow(aws, name, run_id, progress, every)
    except stopping.StoppedError:
        terminal.tell(f"run {run_id} goes on: `python -m generator start --follow` follows it again")
        raise
    terminal.clear_live()
    if as_json:
        data = end.to_json()
        for job in end.jobs:
            data["jobs"][job.job]["made"] = made_by(logs, job)
        terminal.print(json_text({"workflow": name, "succeeded": end.succeeded, **data}))
    else:
        _tell_end(end, terminal, progress)
    return 0 if end.succeeded else 1


def _tell_end(end: RunState, terminal: Terminal, progress: StartProgress) -> None:
    for job in end.jobs:
        if job.failed:
            terminal.print(format_failure(terminal, progress.logs, job))
    done = sum(job.state == "SUCCEEDED" for job in end.jobs)
    word = terminal.style("ok", "green", "bold") if end.succeeded else terminal.style("failed", "red", "bold")
    skipped = [progress.short(job.job) for job in end.jobs if job.state == "WAITING"]
    rest = f", not run: {', '.join(skipped)}" if skipped else ""
    show = terminal.say if end.succeeded else terminal.print
    show(f"{word}: {done} of {plural(len(end.jobs), 'job')} succeeded{rest}, {duration(progress.seconds)}")
