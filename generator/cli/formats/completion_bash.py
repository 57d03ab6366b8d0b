"""Completion for bash 3.2 and newer."""

from __future__ import annotations

from collections.abc import Iterator

from generator.cli.formats.completion import LIST_INCLUDED, LIST_REVISIONS, LIST_TABLES, Command, Values


def format_bash(root: Command, program: str) -> str:
    """A script to be sourced; without a final line end."""
    return (
        _SCRIPT.replace("@values@", "\n".join(_values(root)))
        .replace("@words@", "\n".join(_words(root)))
        .replace("@awk@", LIST_TABLES)
        .replace("@included@", LIST_INCLUDED)
        .replace("@revisions@", LIST_REVISIONS)
        .replace("@program@", program)
    )


def _values(root: Command) -> Iterator[str]:
    for command in root.walk():
        path = " ".join(command.path)
        for option in command.options:
            if option.values is not None:
                patterns = "|".join(f'"{path} {name}"' for name in option.names)
                yield f"    {patterns}) kind={_kind(option.values)} ;;"
        for number, position in enumerate(command.positions):
            at = f'"{path} "*' if position.repeatable else f'"{path} {number}"'
            yield f"    {at}) kind={_kind(position.values)} ;;"


def _kind(values: Values) -> str:
    return f'"words {" ".join(values.words)}"' if values.words else values.kind or "nothing"


def _words(root: Command) -> Iterator[str]:
    for command in root.walk():
        names = [child.name for child in command.children]
        options = [name for option in command.options for name in option.names]
        yield f'    "{" ".join(command.path)}") commands="{" ".join(names)}" options="{" ".join(options)}" ;;'


_SCRIPT = r"""# Completion of @program@ for bash. To use it: source <(@program@ completion bash)

_@program@_tables() {
  (cd "$(dirname "$1")" 2>/dev/null && set -f && patterns=$(awk '@included@' "${1##*/}" 2>/dev/null) && set +f &&
    awk '@awk@' "${1##*/}" $patterns 2>/dev/null)
}

# What stands after the option, or at the position, that $1 names: sets `kind`.
_@program@_kind() {
  kind=
  case "$1" in
@values@
  esac
}

# What the command $1 consists of: sets `commands` and `options`.
_@program@_words() {
  case "$1" in
@words@
    *) commands="" options="" ;;
  esac
}

_@program@() {
  local cur=${COMP_WORDS[COMP_CWORD]} path="" spec=pipeline.yaml position=0 pending="" i word
  local kind="" commands="" options=""
  _@program@_words ""
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=${COMP_WORDS[i]}
    if [[ $word == = ]]; then
      continue
    elif [[ -n $pending ]]; then
      [[ $pending == --spec ]] && spec=$word
      pending=""
    elif [[ $word == -* ]]; then
      _@program@_kind "$path $word"
      [[ -n $kind ]] && pending=$word
    elif [[ " $commands " == *" $word "* ]]; then
      path=${path:+$path }$word
      _@program@_words "$path"
    else
      position=$((position + 1))
    fi
  done
  [[ $cur == = ]] && cur=""
  COMPREPLY=()
  kind=""
  if [[ -n $pending ]]; then
    _@program@_kind "$path $pending"
  elif [[ $cur == -* ]]; then
    kind="words $options"
  elif [[ -n $commands ]]; then
    kind="words $commands"
  else
    _@program@_kind "$path $position"
  fi
  case "$kind" in
    file) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")) ;;
    folder) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -d -- "$cur")) ;;
    table) COMPREPLY=($(compgen -W "$(_@program@_tables "$spec")" -- "$cur")) ;;
    revision) COMPREPLY=($(compgen -W "$(@revisions@)" -- "$cur") $(compgen -f -- "$cur")) ;;
    "words "*) COMPREPLY=($(compgen -W "${kind#words }" -- "$cur")) ;;
  esac
}

complete -F _@program@ @program@"""
