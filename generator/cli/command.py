"""What every command is: a click command with examples below its help, which gets what was given and the terminal."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any

import click

from generator.cli.terminal import Terminal


class Options(SimpleNamespace):
    """What was given on the command line, by the names of options and arguments."""


Run = Callable[[Options, Terminal], int]
"""What a command does; returns its exit code."""
Decorator = Callable[[Run], Run]


def together(*decorators: Decorator) -> Decorator:
    """Several options as one decorator, in the order in which the help shows them."""

    def add(run: Run) -> Run:
        for decorator in reversed(decorators):
            run = decorator(run)
        return run

    return add


def command(description: str, example: str) -> Callable[[Run], click.Command]:
    """Makes a command of a function, below whose other decorators its options are declared."""

    def made(run: Run) -> click.Command:
        parameters = [*reversed(getattr(run, "__click_params__", [])), quiet_option(), help_option()]
        return _Command(
            None, help=description, epilog=example, params=parameters, callback=_callback(run), add_help_option=False
        )

    return made


def _callback(run: Run) -> Callable[..., int]:
    def called(**given: Any) -> int:
        context = click.get_current_context()
        terminal: Terminal = context.obj
        terminal.quiet = given.pop("quiet")
        if "json" in given:
            _settle_format(context, given)
        return run(Options(**given), terminal)

    return called


def _settle_format(context: click.Context, given: dict[str, Any]) -> None:
    """`--json` and `--format json` are the same, whichever was written."""
    if given["json"]:
        is_said = context.get_parameter_source("format") is not click.core.ParameterSource.DEFAULT
        if is_said and given["format"] != "json":
            raise click.UsageError(f"--json is --format json: it doesn't go with --format {given['format']}", context)
        given["format"] = "json"
    given["json"] = given["format"] == "json"


class _Command(click.Command):
    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Examples stay as they are: a command is copied from one line."""
        formatter.write(f"\nExamples:\n{self.epilog}\n")


class ActionGroup(click.Group):
    """A command of several actions, each a command."""

    def __init__(self, description: str, example: str, actions: Mapping[str, click.Command]) -> None:
        super().__init__(
            help=description, epilog=example, commands=dict(actions), params=[help_option()], add_help_option=False,
            subcommand_metavar="ACTION [OPTIONS]...",
        )  # fmt: skip

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)

    format_epilog = _Command.format_epilog


class OldArgument(click.Argument):
    """An argument of earlier versions that an option replaces: it works, and no help shows it."""

    def get_usage_pieces(self, ctx: click.Context) -> list[str]:
        return []


def quiet_option() -> click.Option:
    return click.Option(
        ["-q", "--quiet"], is_flag=True, help="say only what was asked for and what is wrong: no progress, no notes"
    )


def help_option() -> click.Option:
    """`--help`, printed as everything is: whoever reads it may have seen enough, or be no terminal."""
    return click.Option(
        ["-h", "--help"], is_flag=True, is_eager=True, expose_value=False, callback=_show_help, help="show this"
    )


def _show_help(context: click.Context, _: click.Parameter, asked: bool) -> None:
    if asked and not context.resilient_parsing:
        context.obj.print(context.get_help())
        context.exit()
