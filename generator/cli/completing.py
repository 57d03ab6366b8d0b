"""Completion in shells, by click: their scripts call the program itself to know what can follow."""

from __future__ import annotations

import click
from click.shell_completion import BashComplete, add_completion_class, get_completion_class, shell_complete

from generator.cli.main import ASKING

PROGRAM = "lakegen"
SHELLS = ("bash", "zsh", "fish")


class _Bash(BashComplete):
    def get_completion_args(self) -> tuple[list[str], str]:
        """The words without the `=` of `--option=value`, which is one of its own for bash."""
        words, incomplete = super().get_completion_args()
        kept = [word for place, word in enumerate(words) if word != "=" or not words[place - 1].startswith("--")]
        return kept, incomplete


add_completion_class(_Bash)


def script(commands: click.Command, shell: str) -> str:
    """The script of a shell, without a final line end."""
    found = get_completion_class(shell)
    assert found is not None
    return found(commands, {}, PROGRAM, ASKING).source().rstrip()


def complete(commands: click.Command, instruction: str) -> int:
    """Answers a script; returns the exit code."""
    return shell_complete(commands, {}, PROGRAM, ASKING, instruction)
