"""`completion`: a script with which a shell completes commands, options, files and tables."""

from __future__ import annotations

import click

from generator.cli.command import Options, command
from generator.cli.completing import SHELLS, script
from generator.cli.terminal import Terminal

DESCRIPTION = (
    "Prints a script for bash (4.4 or newer), zsh or fish that completes `lakegen`: its commands and options, what\n"
    "they can be, files, and where a table is asked for, the tables and sources of the spec. Shells complete a\n"
    "program by its name: not `python -m generator`."
)
EXAMPLE = (
    "  source <(lakegen completion bash)        in ~/.bashrc\n"
    "  source <(lakegen completion zsh)         in ~/.zshrc, after compinit\n"
    "  lakegen completion fish | source         in ~/.config/fish/config.fish"
)


@command(DESCRIPTION, EXAMPLE)
@click.argument("shell", type=click.Choice(SHELLS), help="the shell")
def run(options: Options, terminal: Terminal) -> int:
    terminal.print(script(click.get_current_context().find_root().command, options.shell))
    return 0
