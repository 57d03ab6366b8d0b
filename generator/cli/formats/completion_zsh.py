"""Completion for zsh, with what each command and option is for."""

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
    Position,
    Values,
)


def format_zsh(root: Command, program: str) -> str:
    """A script to be sourced, or to be put as `_PROGRAM` into a folder of `fpath`; without a final line end."""
    functions = "\n\n".join(_function(command, program) for command in root.walk())
    return (
        _SCRIPT.replace("@functions@", functions)
        .replace("@awk@", LIST_TABLES)
        .replace("@included@", LIST_INCLUDED)
        .replace("@revisions@", LIST_REVISIONS)
        .replace("@program@", program)
    )


def _function(command: Command, program: str) -> str:
    name = "_".join((program, *command.path)).replace("-", "_")
    arguments = [spec for option in command.options for spec in _option(option, program)]
    if not command.children:
        arguments += [_position(number, one, program) for number, one in enumerate(command.positions, 1)]
        return f"_{name}() {{\n  _arguments -s{_continued(arguments)}\n}}"
    described = "\n".join(f"    {_quoted(f'{_escaped(one.name)}:{one.help}')}" for one in command.children)
    cases = "\n".join(f"      {one.name}) _{name}_{one.name.replace('-', '_')} ;;" for one in command.children)
    arguments += ["'1: :->command'", "'*:: :->arguments'"]
    return (
        f"_{name}() {{\n"
        "  local curcontext=$curcontext state line\n"
        "  typeset -A opt_args\n"
        f"  local -a commands=(\n{described}\n  )\n"
        f"  _arguments -C{_continued(arguments)}\n"
        "  case $state in\n"
        "    command) _describe command commands ;;\n"
        f"    arguments) case $line[1] in\n{cases}\n    esac ;;\n"
        "  esac\n}"
    )


def _continued(arguments: list[str]) -> str:
    return "".join(f" \\\n    {argument}" for argument in arguments)


def _option(option: Option, program: str) -> Iterator[str]:
    others = f"({' '.join(option.names)})" if len(option.names) > 1 else ""
    star = "*" if option.repeatable else ""
    for name in option.names:
        value = "" if option.values is None else f":{name.lstrip('-')}:{_action(option.values, program)}"
        yield _quoted(f"{others if not star else ''}{star}{name}[{_bracketed(option.help)}]{value}")


def _position(number: int, one: Position, program: str) -> str:
    at = "*" if one.repeatable else f"{number}:"
    return _quoted(f"{at}:{_escaped(one.help or one.name)}:{_action(one.values, program)}")


def _action(values: Values, program: str) -> str:
    if values.words:
        return f"({' '.join(values.words)})"
    actions = {FILE: "_files", FOLDER: "_files -/", TABLE: f"_{program}_tables", REVISION: f"_{program}_revisions"}
    return actions.get(values.kind, " ")


def _bracketed(text: str) -> str:
    return text.replace("[", "(").replace("]", ")")


def _escaped(text: str) -> str:
    return text.replace(":", r"\:")


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"


_SCRIPT = """#compdef @program@
# Completion of @program@ for zsh. To use it: source <(@program@ completion zsh), after `autoload -U compinit; compinit`

_@program@_tables() {
  local -a names
  local spec=${~${opt_args[--spec]:-pipeline.yaml}}
  names=(${(f)"$(cd ${spec:h} 2>/dev/null && setopt null_glob && \\
    awk '@awk@' ${spec:t} ${~=$(awk '@included@' ${spec:t} 2>/dev/null)} 2>/dev/null)"})
  compadd -a names
}

_@program@_revisions() {
  local -a names
  names=(${(f)"$(@revisions@)"})
  compadd -a names
  _files
}

@functions@

if [[ $funcstack[1] == _@program@ ]]; then
  _@program@ "$@"
else
  compdef _@program@ @program@
fi"""
