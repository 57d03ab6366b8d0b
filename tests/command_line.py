"""The command line as tests read it."""

from __future__ import annotations

from collections.abc import Iterator

import click

from generator.cli.main import commands


def every_command(group: click.Group | None = None, path: tuple[str, ...] = ()) -> Iterator[tuple[str, click.Command]]:
    """Each command and action by the words that call it, such as `deploy plan`."""
    group = commands() if group is None else group
    for name in group.list_commands(context := click.Context(group)):
        command = group.get_command(context, name)
        assert command is not None
        if isinstance(command, click.Group):
            yield from every_command(command, (*path, name))
        yield " ".join((*path, name)), command


def options_of(command: click.Command) -> set[str]:
    """The names of its options, long and short."""
    return {
        name for one in command.params if isinstance(one, click.Option) for name in (*one.opts, *one.secondary_opts)
    }
