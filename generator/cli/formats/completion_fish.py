"""Completion for fish, with what each command and option is for."""

from __future__ import annotations

from collections.abc import Iterator

from generator.cli.formats.completion import (
    FILE,
    FOLDER,
    LIST_INCLUDED,
    LIST_REVISIONS,
    LIST_TABLES,
    REVISION,
    TABLE,
    Command,
    Option,
    Values,
)


def format_fish(root: Command, program: str) -> str:
    """A script to be sourced, or to be put into `completions/`; without a final line end."""
    lines = [line for command in root.walk() for line in _command(command, program)]
    parts = {"awk": LIST_TABLES, "included": LIST_INCLUDED, "revisions": LIST_REVISIONS, "program": program}
    head = _SCRIPT
    for name, text in parts.items():
        head = head.replace(f"@{name}@", text)
    return "\n".join([head, *lines])


def _command(command: Command, program: str) -> Iterator[str]:
    here = _condition(command)
    names = " ".join(child.name for child in command.children)
    for child in command.children:
        rest = (
            f"{here}; and not __fish_seen_subcommand_from {names}"
            if here
            else f"not __fish_seen_subcommand_from {names}"
        )
        yield f"complete -c {program} -n {_quoted(rest)} -a {child.name} -d {_quoted(child.help)}"
    for option in command.options:
        condition = f" -n {_quoted(here)}" if here else ""
        said = f"{_names(option)}{_option_values(option, program)} -d {_quoted(option.help)}"
        yield f"complete -c {program}{condition}{said}"
    for position in command.positions:
        yield f"complete -c {program} -n {_quoted(here)}{_values(position.values, program)} -d {_quoted(position.help)}"


def _condition(command: Command) -> str:
    return "; and ".join(f"__fish_seen_subcommand_from {name}" for name in command.path)


def _names(option: Option) -> str:
    return "".join(f" -l {name[2:]}" if name.startswith("--") else f" -s {name[1:]}" for name in option.names)


def _option_values(option: Option, program: str) -> str:
    return "" if option.values is None else f" -r{_values(option.values, program)}"


def _values(values: Values, program: str) -> str:
    if values.words:
        return f" -a {_quoted(' '.join(values.words))}"
    actions = {
        FILE: " -F",
        FOLDER: " -a '(__fish_complete_directories)'",
        TABLE: f" -a '(__{program}_tables)'",
        REVISION: f" -F -a '(__{program}_revisions)'",
    }
    return actions.get(values.kind, "")


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


_SCRIPT = """# Completion of @program@ for fish. To use it: @program@ completion fish | source

function __@program@_tables
    set -l spec pipeline.yaml
    set -l words (commandline -opc)
    if set -l at (contains -i -- --spec $words)
        set spec $words[(math $at + 1)]
    end
    set -l folder (dirname $spec)
    set -l files $spec
    for pattern in (awk '@included@' $spec 2>/dev/null | string split -n ' ')
        if string match -qr '^[\\w./*?-]+$' -- $pattern
            eval "set -a files "(string escape -- $folder)/$pattern
        end
    end
    awk '@awk@' $files 2>/dev/null
end

function __@program@_revisions
    @revisions@
end

complete -c @program@ -f"""
