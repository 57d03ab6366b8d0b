"""Puts entries into the text of a spec, and leaves the rest of it as it is, comments and all."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import yaml

from generator.diagnostics import GeneratorError

Entries = Mapping[str, Sequence[str]]
"""Names with their lines of YAML, the name's own among them, indented by two."""


def merged(text: str, section: str, entries: Entries) -> str:
    """The text with the entries at the end of a section; entries of the same names are replaced.

    Raises:
        GeneratorError: the section is written in a way that nothing can be added to.
    """
    if not entries:
        return text
    lines = text.splitlines()
    found = _section(text, section)
    if found is None:
        while lines and not lines[-1].strip():
            lines.pop()
        return _text([*lines, "", f"{section}:", *_joined(entries, section)])
    key, value = found
    if not isinstance(value, yaml.MappingNode) or value.flow_style:
        if value.value not in ([], "", "null"):
            message = f"`{section}` has to be a block, one entry a line, for something to be added to it"
            raise GeneratorError(message)
        at = key.start_mark.line
        return _text([*lines[:at], f"{section}:", *_joined(entries, section), *lines[value.end_mark.line + 1 :]])
    end = _end(lines, value.end_mark.line if value.end_mark.column == 0 else value.end_mark.line + 1)
    starts = [name.start_mark.line for name, _ in value.value] + [end]
    replaced: set[int] = set()
    for (name, _), start, after in zip(value.value, starts, starts[1:], strict=False):
        if name.value in entries:
            replaced |= set(range(start, max(_end(lines, after), start + 1)))
    kept = [line for at, line in enumerate(lines[:end]) if at not in replaced]
    first = key.start_mark.line
    before = [*kept[:first], *_without_gaps(kept[first:])]
    gap = [""] if section != "zones" and before[-1] != f"{section}:" else []
    return _text([*before, *gap, *_joined(entries, section), *lines[end:]])


def _section(text: str, section: str) -> tuple[Any, Any] | None:
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    if not isinstance(root, yaml.MappingNode):
        return None
    return next(((key, value) for key, value in root.value if key.value == section), None)


def _end(lines: Sequence[str], end: int) -> int:
    """The line behind the last one that is neither blank nor a comment."""
    while end > 0 and (end > len(lines) or not lines[end - 1].strip() or lines[end - 1].lstrip().startswith("#")):
        end -= 1
    return end


def _joined(entries: Entries, section: str) -> list[str]:
    """The entries' lines; tables and sources with a blank line between them."""
    found: list[str] = []
    for lines in entries.values():
        found += [*([""] if found and section != "zones" else []), *lines]
    return found


def _without_gaps(lines: Sequence[str]) -> list[str]:
    """No more than one blank line in a row, none below a section's name, and none at the end."""
    found: list[str] = []
    for line in lines:
        if line.strip() or (found and found[-1].strip() and not re.fullmatch(r"\w+:", found[-1])):
            found.append(line)
    while found and not found[-1].strip():
        found.pop()
    return found


def _text(lines: Sequence[str]) -> str:
    return "\n".join(lines).rstrip("\n") + "\n"
