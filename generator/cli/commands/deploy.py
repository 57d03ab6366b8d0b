"""`deploy`: the lake's infrastructure on AWS, by Terraform."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from generator.cli.command import ActionGroup, Decorator, Options, command, together
from generator.cli.common_options import format_options, terraform_option, yes_option
from generator.cli.deployed import confirm
from generator.cli.spec_option import named_values, spec_option, variable_option, with_variables
from generator.cli.terminal import Terminal
from generator.cli.value_types import FILE
from generator.diagnostics import GeneratorError, SourceText, SpecError
from generator.printable import json_text
from generator.runtime.words import plural
from generator.scratch import scratch_folder
from generator.spec.source import read_source

if TYPE_CHECKING:
    from generator.deploy.account import Demand
    from generator.deploy.terraform import Terraform
    from generator.deploy.terraform_events import Plan

DESCRIPTION = (
    "Runs Terraform on the root module in terraform/, which calls the generated one in build/terraform.\n"
    "plan says what would change; apply and destroy show it, ask, and then do exactly that.\n"
    "Credentials and region are found as boto3 and Terraform find them."
)
EXAMPLE = (
    "  python -m generator deploy plan\n"
    "  python -m generator deploy apply --var environment=prod --yes\n"
    "  python -m generator deploy destroy"
)
_ACTIONS = {
    "plan": "what would change",
    "apply": "plan, ask, change",
    "destroy": "take everything away; refuses unless `allow_data_loss = true` was applied before",
}
_PLANNING: Decorator = click.option("--exit-code", is_flag=True, help="exit with 1 when something would change")


def _deploy(options: Options, terminal: Terminal) -> int:
    from generator.cli.deploy_view import format_demand
    from generator.deploy.preflight import require_free_names, require_same_region, require_unprotected, unmet_by
    from generator.deploy.terraform import Terraform

    terraform = Terraform(options.terraform)
    variables, of_spec = _variables(options)
    if options.action != "destroy":
        require_current_build(with_variables(read_source(options.spec), of_spec), options.spec.parent / "build")
    terminal.show_live(f"{terraform.name} init …")
    terraform.init()
    require_same_region(terraform, variables, options.var_file)
    with scratch_folder("plan-") as folder:
        file = folder / "plan"
        plan = _plan(terraform, file, variables, options, terminal)
        if not options.json:
            show = terminal.say if options.action != "plan" and options.yes else terminal.print
            show(_format(terminal, plan))
        require_free_names(terraform, plan)
        demands = unmet_by(plan) if options.action != "destroy" else []
        for demand in demands:
            terminal.tell(format_demand(terminal, demand, plan.variables))
        if options.action == "plan":
            return _planned(plan, demands, options, terminal)
        if options.action == "destroy":
            require_unprotected(plan)
        if plan.changes and not confirm(
            terminal, options, f"{_verb(options)} {plural(len(plan.changes), 'resource')}?"
        ):
            terminal.tell("nothing was changed")
            return 1
        _apply(terraform, file, plan, options, terminal)
    return _applied(terraform, plan, options, terminal)


def require_current_build(source: SourceText, folder: Path) -> None:
    """Makes sure that what is deployed is what the spec says.

    Raises:
        SpecError: the spec has errors.
        GeneratorError: the build folder is not current.
    """
    from generator.checks import check_spec
    from generator.render.build import render_build, stale_files

    analysis = check_spec(source)
    if analysis.lake is None:
        raise SpecError(source, analysis.diagnostics)
    stale = stale_files(folder, render_build(analysis.lake))
    if stale:
        values = "".join(f" --var {name}={value}" for name, value in source.variables)
        raise GeneratorError(
            f"{folder} is not current ({plural(len(stale), 'file')}, such as {stale[0]}): "
            f"run `python -m generator build{values}`, and look at what it changes"
        )


def _variables(options: Options) -> tuple[dict[str, str], list[str]]:
    """The values for Terraform by name, and those for the spec as they were given: a name may be of both."""
    from generator.deploy.root_module import declared_inputs
    from generator.spec.filling import declared_variables

    given = named_values(options.var)
    known = declared_variables(read_source(options.spec)) if given and options.spec.is_file() else ()
    inputs = declared_inputs(options.terraform)
    of_spec = [f"{name}={value}" for name, value in given.items() if name in known]
    return {name: value for name, value in given.items() if name not in known or name in inputs}, of_spec


def _plan(terraform: Terraform, file: Path, variables: dict[str, str], options: Options, terminal: Terminal) -> Plan:
    from generator.cli.deploy_view import DeployProgress

    progress = DeployProgress(terminal, "planning:", quiet=options.json)
    destroy = options.action == "destroy"
    plan = terraform.plan(file, variables, options.var_file, destroy=destroy, listener=progress)
    terminal.clear_live()
    return plan


def _format(terminal: Terminal, plan: Plan) -> str:
    from generator.cli.deploy_view import format_plan

    return format_plan(terminal, plan)


def _planned(plan: Plan, demands: Sequence[Demand], options: Options, terminal: Terminal) -> int:
    if options.json:
        asked = [demand.to_json() for demand in demands]
        terminal.print(json_text({"action": "plan", **plan.to_json(), "account_asks_for": asked}))
    return 1 if options.exit_code and plan.changes else 0


def _verb(options: Options) -> str:
    return "Destroy" if options.action == "destroy" else "Change"


def _apply(terraform: Terraform, file: Path, plan: Plan, options: Options, terminal: Terminal) -> None:
    from generator.cli.deploy_view import DeployProgress

    what = "destroying" if options.action == "destroy" else "applying"
    terraform.apply(file, DeployProgress(terminal, what, len(plan.changes), quiet=options.json))
    terminal.clear_live()


def _applied(terraform: Terraform, plan: Plan, options: Options, terminal: Terminal) -> int:
    outputs: dict[str, Any] = terraform.outputs() if options.action == "apply" else {}
    if options.json:
        terminal.print(json_text({"action": options.action, **plan.to_json(), "outputs": outputs}))
        return 0
    done = "destroyed" if options.action == "destroy" else "changed"
    terminal.say(f"{terminal.style('ok', 'green', 'bold')}: {plural(len(plan.changes), 'resource')} {done}")
    for name, value in outputs.items():
        if isinstance(value, str):
            terminal.say(f"  {name:<18} {value}")
    return 0


def _action(name: str, help: str) -> click.Command:
    def act(options: Options, terminal: Terminal) -> int:
        options.action = name
        return _deploy(options, terminal)

    options = together(
        terraform_option(),
        spec_option,
        variable_option("a variable of the root module, or of the spec; repeatable"),
        click.option("--var-file", multiple=True, type=FILE, metavar="FILE", help="repeatable"),
        format_options(),
        _PLANNING if name == "plan" else yes_option(),
    )
    made = command(f"{help[0].upper()}{help[1:]}.", f"  python -m generator deploy {name}")(options(act))
    made.short_help = help
    return made


run = ActionGroup(DESCRIPTION, EXAMPLE, {name: _action(name, help) for name, help in _ACTIONS.items()})
