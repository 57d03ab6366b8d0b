"""`completion`: a script with which a shell completes commands, options, files and tables."""

from __future__ import annotations

import argparse

from generator.cli.terminal import Terminal

HELP = "print a script that completes commands in a shell"
DESCRIPTION = (
    "Prints a script for bash, zsh or fish that completes `lakegen`: its commands and options, what they can be,\n"
    "files, and where a table is asked for, the tables and sources of the spec."
)
EXAMPLE = (
    "  source <(lakegen completion bash)        in ~/.bashrc\n"
    "  source <(lakegen completion zsh)         in ~/.zshrc, after compinit\n"
    "  lakegen completion fish | source         in ~/.config/fish/config.fish"
)
PROGRAM = "lakegen"
SHELLS = ("bash", "zsh", "fish")


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("shell", choices=SHELLS, help="the shell")


def run(options: argparse.Namespace, terminal: Terminal) -> int:
    from generator.cli.formats.completion import read_parser
    from generator.cli.formats.completion_bash import format_bash
    from generator.cli.formats.completion_fish import format_fish
    from generator.cli.formats.completion_zsh import format_zsh
    from generator.cli.main import command_parser

    write = {"bash": format_bash, "zsh": format_zsh, "fish": format_fish}[options.shell]
    terminal.print(write(read_parser(command_parser()), PROGRAM))
    return 0
