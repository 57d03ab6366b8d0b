"""What the commands of a deployed lake share: which lake is meant, and questions before something is changed."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from generator.cli.command import Decorator, Options, together
from generator.cli.common_options import terraform_option
from generator.cli.terminal import Terminal
from generator.diagnostics import GeneratorError

if TYPE_CHECKING:
    from generator.deploy.aws import Aws
    from generator.deploy.deployment import Deployment

_NAMES = {
    "bucket": "bucket of landing data and tables",
    "database": "Glue database",
    "workflow": "Glue workflow",
    "workgroup": "Athena workgroup",
}


def deployment_options(*names: str) -> Decorator:
    """`--terraform` and `--region`, and options for the names that the command needs."""
    return together(
        terraform_option("the applied root module (terraform)"),
        click.option("--region", metavar="REGION", help="(as Terraform, or as boto3 finds it)"),
        *(click.option(f"--{name}", metavar="NAME", help=f"{_NAMES[name]} (as Terraform says)") for name in names),
    )


def find_deployment(options: Options, *names: str) -> tuple[Deployment, Aws]:
    """The deployed lake that is meant, with the given names known, and AWS where it is.

    Raises:
        GeneratorError: Terraform doesn't know of it, or AWS can't be used.
    """
    from generator.deploy.aws import Aws
    from generator.deploy.deployment import Deployment
    from generator.deploy.terraform import Terraform

    given = {name: getattr(options, name) for name in (*names, "region")}
    deployment = Deployment()
    if any(given[name] is None for name in names):
        deployment = Deployment.of_outputs(Terraform(options.terraform).outputs())
    deployment = deployment.overridden(given)
    deployment.need(*names)
    return deployment, Aws(deployment.region)


def confirm(terminal: Terminal, options: Options, question: str) -> bool:
    """Whether the user agrees; `--yes` does so beforehand.

    Raises:
        GeneratorError: there is nobody to ask.
    """
    if options.yes:
        return True
    if options.json or not sys.stdin.isatty():
        raise GeneratorError(f"{question} Nobody can answer here: agree with --yes")
    terminal.clear_live()
    terminal.err.write(f"{question} [y/N] ")
    terminal.err.flush()
    return sys.stdin.readline().strip().lower() in ("y", "yes")
