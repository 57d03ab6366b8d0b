"""`upload`: landing data to the deployed lake's bucket."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from generator.cli.command import Options, command
from generator.cli.common_options import format_options, yes_option
from generator.cli.deployed import confirm, deployment_options, find_deployment
from generator.cli.spec_option import read_spec, spec_options
from generator.cli.terminal import Terminal
from generator.cli.value_types import FOLDER
from generator.cli.words import size
from generator.diagnostics import SpecError
from generator.printable import json_text
from generator.runtime.words import plural

if TYPE_CHECKING:
    from generator.deploy.upload import Transfer, UploadPlan

DESCRIPTION = (
    "Uploads what is new or changed, by checksum, several files at a time; an upload that was broken off goes on\n"
    "where it was. Only files that a source of the spec reads are uploaded. Objects without a file here are told,\n"
    "and deleted only with --delete."
)
EXAMPLE = "  python -m generator upload landing\n  python -m generator upload landing --dry-run"


@command(DESCRIPTION, EXAMPLE)
@click.argument("dir", type=FOLDER, help="the folder with the sources' landing folders")
@spec_options
@click.option("--dry-run", is_flag=True, help="say what would be done, and do nothing")
@click.option("--delete", is_flag=True, help="delete objects of the sources that have no file here")
@yes_option("don't ask before deleting")
@format_options()
@deployment_options("bucket")
def run(options: Options, terminal: Terminal) -> int:
    paths = source_paths(options)
    deployment, aws = find_deployment(options, "bucket")
    from generator.deploy.upload import delete_extra, plan_upload, upload

    assert deployment.bucket is not None
    terminal.show_live(f"comparing {options.dir} with s3://{deployment.bucket}/landing …")
    plan = plan_upload(aws, deployment.bucket, options.dir, paths)
    terminal.clear_live()
    if not options.dry_run:
        upload(aws, plan, Progress(terminal, plan, options.json))
        terminal.clear_live()
        question = f"Delete {plural(len(plan.extra), 'object')} of s3://{deployment.bucket}/landing?"
        if options.delete and plan.extra and confirm(terminal, options, question):
            delete_extra(aws, plan)
    is_asked_for = options.json or options.dry_run or plan.empty
    show = terminal.print if is_asked_for else terminal.say
    show(json_text(plan.to_json()) if options.json else format_upload(terminal, plan, options))
    return 0


def source_paths(options: Options) -> list[str]:
    """The paths of all sources, below the landing folder.

    Raises:
        SpecError: the spec has errors.
    """
    from generator.checks import check_spec

    source = read_spec(options)
    analysis = check_spec(source)
    if analysis.lake is None:
        raise SpecError(source, analysis.diagnostics)
    return [path for one in analysis.lake.sources.values() for path in one.paths]


class Progress:
    """Follows an upload."""

    def __init__(self, terminal: Terminal, plan: UploadPlan, quiet: bool) -> None:
        self.terminal = terminal
        self.quiet = quiet
        self.total = sum(transfer.file.size for transfer in plan.pending)
        self.files = len(plan.pending)
        self.done = self.sent = 0

    def __call__(self, transfer: Transfer) -> None:
        self.done += 1
        self.sent += transfer.file.size
        if not self.quiet:
            counts = f"[{self.done}/{self.files}] {size(self.sent)} of {size(self.total)}"
            self.terminal.show_live(f"uploading {counts}: {transfer.file.name}", self.sent, self.total)


def format_upload(terminal: Terminal, plan: UploadPlan, options: Options) -> str:
    from generator.deploy.upload import Action

    new, changed, same = (len(plan.of(action)) for action in (Action.NEW, Action.CHANGED, Action.UNCHANGED))
    volume = size(sum(transfer.file.size for transfer in plan.pending))
    verb = "would be uploaded" if options.dry_run else "uploaded"
    lines = [
        f"{terminal.style('ok', 'green', 'bold')}: {plural(new + changed, 'file')} {verb} "
        f"to s3://{plan.bucket}/landing ({new} new, {changed} changed, {volume}), {same} unchanged"
    ]
    if plan.extra:
        deleted = "deleted" if options.delete and not options.dry_run else "there without a file here (--delete)"
        lines.append(f"note: {plural(len(plan.extra), 'object')} {deleted}: {_some(plan.extra)}")
    if plan.unread:
        lines.append(f"note: no source reads {plural(len(plan.unread), 'file')}: {_some(plan.unread)}")
    warning = terminal.style("warning", "yellow")
    lines += [f"{warning}: there are no files in {options.dir / path}; a run would fail" for path in plan.empty]
    return "\n".join(lines)


def _some(names: tuple[str, ...]) -> str:
    return ", ".join(names[:3]) + (", …" if len(names) > 3 else "")
