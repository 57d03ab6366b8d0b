"""What can follow what on the command line, read off its parser: what the completion of every shell is made of."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

FILE, FOLDER, TABLE, REVISION = "file", "folder", "table", "revision"
_BY_METAVAR = {"DIR": FOLDER, "FILE": FILE, "TABLE": TABLE, "NAME": TABLE, "OLD": REVISION, "NEW": REVISION}

LIST_TABLES = (
    '/^[a-z_]+:/ { on = ($1 == "tables:" || $1 == "sources:"); indent = 0; next } '
    "on && /^ +[a-z_][a-z0-9_]* *:/ { match($0, /^ +/); if (!indent) indent = RLENGTH; "
    'if (RLENGTH == indent) { sub(/^ +/, ""); sub(/ *:.*/, ""); print } }'
)
"""An awk program that prints the names of tables and sources of a spec: at every key pressed, Python takes too long."""
LIST_INCLUDED = (
    r"""/^[a-z_]+:/ { on = ($1 == "include:"); sub(/^[a-z_]+: */, "") } """
    r"""on { sub(/ #.*/, ""); sub(/^ *- /, ""); gsub(/[]\[,\042\047]/, " "); print }"""
)
"""An awk program that prints the patterns of the files that a spec includes, for the shell to expand."""
LIST_REVISIONS = "git for-each-ref '--format=%(refname:short)' refs/heads refs/tags refs/remotes 2>/dev/null"


@dataclass(frozen=True, slots=True)
class Values:
    """What stands after an option, or at a position.

    Attributes:
        kind: `file`, `folder`, `table` or `revision`; empty for one of `words`, or for what can't be known.
    """

    kind: str = ""
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Option:
    """An option by all its names; `values` is None for a flag."""

    names: tuple[str, ...]
    help: str
    values: Values | None
    repeatable: bool


@dataclass(frozen=True, slots=True)
class Position:
    """A positional argument; the last one of a command may be `repeatable`."""

    name: str
    help: str
    values: Values
    repeatable: bool


@dataclass(frozen=True, slots=True)
class Command:
    """A command by its path: (), ("run",), ("deploy", "plan")."""

    path: tuple[str, ...]
    help: str
    options: tuple[Option, ...]
    positions: tuple[Position, ...]
    children: tuple[Command, ...]

    def walk(self) -> Iterator[Command]:
        yield self
        for child in self.children:
            yield from child.walk()

    @property
    def name(self) -> str:
        return self.path[-1] if self.path else ""


def read_parser(parser: argparse.ArgumentParser, path: tuple[str, ...] = (), help: str = "") -> Command:
    """The commands of a parser. What an argument takes follows from its choices, its type and its metavar."""
    options, positions, children = [], [], []
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            helps = {one.dest: one.help or "" for one in action._choices_actions}
            for name, sub in action.choices.items():
                children.append(read_parser(sub, (*path, name), _plain(helps.get(name, ""))))
        elif action.option_strings:
            values = _values(action) if action.nargs != 0 else None
            names = tuple(action.option_strings)
            options.append(Option(names, _plain(action.help), values, isinstance(action, argparse._AppendAction)))
        else:
            many = action.nargs in ("*", "+")
            positions.append(Position(str(action.metavar or action.dest), _plain(action.help), _values(action), many))
    return Command(path, help, tuple(options), tuple(positions), tuple(children))


def _values(action: argparse.Action) -> Values:
    if action.choices is not None:
        return Values(words=tuple(map(str, action.choices)))
    kind = _BY_METAVAR.get(str(action.metavar or ""))
    return Values(kind or (FILE if action.type is Path else ""))


def _plain(help: str | None) -> str:
    return " ".join((help or "").replace("%%", "%").split())
