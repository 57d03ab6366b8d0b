"""The commands by name: each is imported when it is asked for, and none to list them."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any

import click

from generator.cli.command import help_option

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem


class LazyGroup(click.Group):
    """Commands whose modules have their names, and a `run` each.

    Attributes:
        helps: what each is for, in one line.
    """

    def __init__(self, package: str, helps: Mapping[str, str], params: list[click.Parameter], **named: Any) -> None:
        super().__init__(params=[*params, help_option()], add_help_option=False, **named)
        self.package = package
        self.helps = helps

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.helps)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.helps:
            return None
        module = cmd_name + "_" * (cmd_name == "import")
        command: click.Command = import_module(f"{self.package}.{module}").run
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(self.helps.items()))

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        from click.shell_completion import CompletionItem

        names = [CompletionItem(name, help=help) for name, help in self.helps.items() if name.startswith(incomplete)]
        return names + click.Command.shell_complete(self, ctx, incomplete)
