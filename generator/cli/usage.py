"""What is wrong with a command line, and what was meant instead."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import click

from generator.cli.terminal import Terminal
from generator.diagnostics import suggestion
from generator.printable import one_line


def show_wrong_usage(error: click.UsageError, terminal: Terminal) -> None:
    """Says on stderr what is wrong, and how the command is used."""
    context = error.ctx
    if isinstance(error, click.exceptions.NoArgsIsHelpError) and context is not None:
        terminal.error(f"a command is missing\n\n{context.get_help()}")
        return
    terminal.error(one_line(_message(error)))
    if context is not None:
        usage = " ".join(context.get_usage().split()).replace("Usage:", "usage:", 1)
        terminal.tell(f"{usage}\n`{context.command_path} --help` tells more")


def _message(error: click.UsageError) -> str:
    context = error.ctx
    if context is None:
        return error.format_message()
    if isinstance(error, click.NoSuchOption):
        return _unknown("option", error.option_name, _options(context))
    if isinstance(error, click.exceptions.NoSuchCommand) and isinstance(context.command, click.Group):
        what = "command" if context.parent is None else "action"
        return _unknown(what, error.command_name, context.command.list_commands(context))
    return error.format_message().rstrip(".")


def _unknown(what: str, name: str, known: Iterable[str]) -> str:
    return f"there is no {what} `{name}`; {'; '.join(suggestion(name, known))}"


def _options(context: click.Context) -> Iterator[str]:
    for parameter in context.command.get_params(context):
        if isinstance(parameter, click.Option):
            yield from (name for name in parameter.opts if name.startswith("--"))
