"""`emulate`: the lake deployed to an AWS on this machine, run and counted."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from generator.cli.command import Options, command
from generator.cli.commands.start import follow_run
from generator.cli.commands.verify import format_verification
from generator.cli.common_options import format_options, terraform_option
from generator.cli.spec_option import read_spec, spec_options
from generator.cli.terminal import Terminal
from generator.cli.value_types import FILE, FOLDER
from generator.cli.words import duration, size
from generator.diagnostics import SpecError
from generator.printable import json_text
from generator.runtime.words import plural
from generator.scratch import scratch_folder

if TYPE_CHECKING:
    from generator.deploy.aws import Aws
    from generator.deploy.deployment import Deployment
    from generator.deploy.emulate import Emulation
    from generator.plan.lake import CompiledLake

DESCRIPTION = (
    "Starts an embedded AWS, applies the Terraform module to it, uploads landing data, runs the deployed workflow job\n"
    "by job on local Spark with Iceberg, and asks Athena for the rows of all tables. Needs Terraform and Java, and no\n"
    "account: pip install 'lakegen[emulate]'. Iceberg's jar comes from Maven Central, the first time, or from a path."
)
EXAMPLE = "  python -m generator emulate\n  python -m generator emulate --data landing --keep"


@command(DESCRIPTION, EXAMPLE)
@spec_options
@click.option("--data", type=FOLDER, metavar="DIR", help="the landing data (made up, as `sample` does)")
@terraform_option()
@click.option(
    "--iceberg", metavar="JAR", help="Iceberg's runtime for this Spark: a path, or group:name:version (Maven Central's)"
)
@click.option(
    "--spark-python", type=FILE, metavar="PYTHON", help="a Python with another pyspark, such as 3.5 as in Glue 5.1"
)
@click.option("--full", is_flag=True, help="also what takes minutes to apply: lifecycle rules, a key")
@click.option("--keep", is_flag=True, help="leave it up until Enter is pressed, and say how to reach it")
@format_options()
def run(options: Options, terminal: Terminal) -> int:
    from generator.cli.local_spark import find_spark
    from generator.deploy.emulate import emulation

    lake, files = _compile(options)
    spark = find_spark(options.spark_python, options.iceberg)
    steps = Steps(terminal, options.json)
    with ExitStack() as stack:
        data = options.data or _sample(stack, steps)
        with steps.step("embedded AWS") as step:
            emulated = stack.enter_context(emulation(options.terraform, files, spark, full=options.full))
            step.result = emulated.aws.endpoint
        _apply(emulated, steps)
        deployment, aws = _deployed(emulated)
        _upload(aws, deployment, lake, data, steps)
        code = _run_and_verify(aws, deployment, lake, options, terminal)
        if options.keep and not options.json:
            _keep(emulated, deployment, terminal)
    return code


class Step:
    """A step that goes on; `result` is told when it is done."""

    result = ""


class Steps:
    """Tells what is going on, and for how long it took."""

    def __init__(self, terminal: Terminal, quiet: bool) -> None:
        self.terminal = terminal
        self.quiet = quiet

    @contextmanager
    def step(self, name: str) -> Iterator[Step]:
        began = time.monotonic()
        step = Step()
        if not self.quiet:
            self.terminal.show_live(f"{name} …")
        yield step
        if not self.quiet:
            seconds = self.terminal.style(duration(time.monotonic() - began), "dim")
            self.terminal.say(f"{self.terminal.style('✓', 'green')} {name:<16} {step.result}  {seconds}")


def _compile(options: Options) -> tuple[CompiledLake, Mapping[str, str | bytes]]:
    from generator.checks import check_spec
    from generator.render.build import render_build

    source = read_spec(options)
    analysis = check_spec(source)
    if analysis.lake is None:
        raise SpecError(source, analysis.diagnostics)
    return analysis.lake, render_build(analysis.lake)


def _sample(stack: ExitStack, steps: Steps) -> Path:
    from generator.sample.write import write_sample

    with steps.step("sample data") as step:
        folder = stack.enter_context(scratch_folder("sample-"))
        written = write_sample(folder / "landing")
        step.result = plural(sum(written.rows.values()), "line")
    return folder / "landing"


def _apply(emulated: Emulation, steps: Steps) -> None:
    from generator.cli.deploy_view import DeployProgress

    terminal = steps.terminal
    with steps.step("terraform init"):
        emulated.terraform.init()
    file = emulated.folder / "plan"
    with steps.step("terraform plan") as step:
        plan = emulated.terraform.plan(
            file, emulated.variables, listener=DeployProgress(terminal, "planning:", quiet=steps.quiet)
        )
        step.result = plural(plan.count("create"), "resource")
    with steps.step("terraform apply"):
        progress = DeployProgress(terminal, "applying", len(plan.changes), quiet=steps.quiet or not terminal.live)
        emulated.terraform.apply(file, progress)


def _deployed(emulated: Emulation) -> tuple[Deployment, Aws]:
    from generator.deploy.aws import Aws
    from generator.deploy.deployment import Deployment

    deployment = Deployment.of_outputs(emulated.terraform.outputs())
    deployment.need("bucket", "database", "workflow", "workgroup")
    return deployment, Aws(deployment.region)


def _upload(aws: Aws, deployment: Deployment, lake: CompiledLake, data: Path, steps: Steps) -> None:
    from generator.deploy.upload import plan_upload, upload

    assert deployment.bucket is not None
    with steps.step("upload") as step:
        plan = plan_upload(
            aws, deployment.bucket, data, [path for source in lake.sources.values() for path in source.paths]
        )
        upload(aws, plan)
        total = sum(transfer.file.size for transfer in plan.pending)
        step.result = f"{plural(len(plan.pending), 'file')}, {size(total)}, to s3://{deployment.bucket}/landing"


def _run_and_verify(aws: Aws, deployment: Deployment, lake: CompiledLake, options: Options, terminal: Terminal) -> int:
    from generator.deploy import workflow
    from generator.deploy.expectations import questions
    from generator.deploy.recorded import promise_of
    from generator.deploy.verify import verify

    assert deployment.workflow is not None and deployment.database is not None and deployment.workgroup is not None
    run_id = workflow.start(aws, deployment.workflow)
    if options.json:
        end = workflow.follow(aws, deployment.workflow, run_id, lambda state: None, 0.5)
        failed = not end.succeeded
    else:
        failed = bool(follow_run(aws, deployment, run_id, terminal, 0.3, False))
        if failed:
            return 1
    asked, unasked = questions(lake)
    found = verify(aws, deployment.workgroup, deployment.database, asked, promise_of(lake), {})
    if options.json:
        terminal.print(json_text({"deployment": deployment.to_json(), "run": end.to_json(), **found.to_json()}))
    else:
        terminal.print(f"\n{format_verification(terminal, lake, found, unasked)}")
    return 1 if failed or found.failed else 0


def _keep(emulated: Emulation, deployment: Deployment, terminal: Terminal) -> None:
    """Leaves everything up, and says how to use it from another shell."""
    lines = [f"export {name}={value}" for name, value in sorted(emulated.aws.environment().items())]
    terminal.print("\nThe embedded AWS stays up. In another shell:\n")
    terminal.print("\n".join(lines))
    terminal.print(f"cd {emulated.folder}\n")
    terminal.print("python -m generator status --terraform terraform")
    terminal.print(f"aws s3 ls s3://{deployment.bucket}/ --recursive\n")
    terminal.tell("press Enter to stop it")
    sys.stdin.readline()
