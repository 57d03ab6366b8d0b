"""The options of every command that reads a spec: which one, and the values of its variables."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import click

from generator.cli.command import Decorator, OldArgument, Options, Run, together
from generator.cli.value_types import FILE
from generator.diagnostics import GeneratorError, SourceText
from generator.spec.source import read_source

SPEC = Path("pipeline.yaml")
_FORMER = "former spec"


def spec_options(run: Run) -> Run:
    """`--spec FILE` and `--var NAME=VALUE`."""
    return together(spec_option, variable_option())(run)


def spec_option(run: Run) -> Run:
    return click.option(
        "--spec", type=FILE, default=SPEC, metavar="FILE", callback=_spec, help="the spec (pipeline.yaml)"
    )(run)


def variable_option(help: str = "a value of the spec's `variables`; repeatable") -> Decorator:
    return click.option("--var", multiple=True, metavar="NAME=VALUE", help=help)


def former_spec_argument(run: Run) -> Run:
    """The spec as an argument, as earlier versions of some commands had it."""
    add: Decorator = click.argument(
        "former_spec", type=FILE, required=False, cls=OldArgument, expose_value=False, callback=_keep
    )
    return add(run)


def _keep(context: click.Context, _: click.Parameter, given: Path | None) -> None:
    if given is not None:
        context.meta[_FORMER] = given
        if "spec" in context.params:
            context.params["spec"] = _spec(context, _, context.params["spec"])


def _spec(context: click.Context, _: click.Parameter, given: Path) -> Path:
    former: Path | None = context.meta.get(_FORMER)
    if former is None:
        return given
    if context.get_parameter_source("spec") is click.core.ParameterSource.COMMANDLINE:
        raise click.UsageError(f"two specs: --spec {given}, and {former}", context)
    return former


def read_spec(options: Options) -> SourceText:
    """The spec that is meant, with the values that were given.

    Raises:
        GeneratorError: it can't be read, or a value has no name.
    """
    return with_variables(read_source(options.spec), options.var)


def with_variables(source: SourceText, given: Iterable[str]) -> SourceText:
    """A spec with values of variables: `NAME=VALUE`, of which the last counts.

    Raises:
        GeneratorError: one isn't of this form.
    """
    return replace(source, variables=tuple(sorted(named_values(given).items())))


def named_values(given: Iterable[str]) -> dict[str, str]:
    """Values by name.

    Raises:
        GeneratorError: one isn't `NAME=VALUE`.
    """
    words = list(given)
    wrong = [one for one in words if "=" not in one]
    if wrong:
        raise GeneratorError(f"--var {wrong[0]}: write NAME=VALUE")
    return {name.strip(): value for name, _, value in (one.partition("=") for one in words)}
