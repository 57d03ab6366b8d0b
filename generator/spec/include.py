"""Reads the files that a spec includes: which ones, by its patterns, and their texts.

Light, because every command begins with it: the YAML is looked into only where the word `include` stands as a key, and
only as far as there. What is wrong with the patterns, `generator.spec.sections` says, where places are known.
"""

from __future__ import annotations

import fnmatch
import posixpath
import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from generator.diagnostics import SourceText

_KEY = re.compile(r"""(?m)(?:^|[{,])[ \t]*["']?include["']?[ \t]*:""")

Matching = Callable[[str], Iterable[str]]
"""The files that a pattern names: paths from the folder of the spec, with `/`."""
Read = Callable[[str], SourceText]
"""The text of one of them."""


def with_included(source: SourceText, own_name: str, matching: Matching, read: Read) -> SourceText:
    """A spec with the files that it includes: in the order of its patterns, those of one pattern sorted by name.

    A file that two patterns name is included once, and the spec itself never.
    """
    patterns = {pattern: _files(pattern, own_name, matching) for pattern in include_patterns(source.text)}
    if not patterns:
        return source
    names = dict.fromkeys(name for files in patterns.values() for name in files)
    return replace(source, included=tuple(map(read, names)), patterns=tuple(patterns.items()))


def matches(name: str, pattern: str) -> bool:
    """Whether a pattern of `include` names a path, as `glob` has it."""
    return _matches(name.split("/"), posixpath.normpath(pattern).split("/"))


def _matches(parts: list[str], wanted: list[str]) -> bool:
    if not wanted:
        return not parts
    if wanted[0] == "**":
        inside = bool(parts) and not parts[0].startswith(".") and _matches(parts[1:], wanted)
        return inside or _matches(parts, wanted[1:])
    hidden = parts and parts[0].startswith(".") and not wanted[0].startswith(".")
    return bool(parts) and not hidden and fnmatch.fnmatchcase(parts[0], wanted[0]) and _matches(parts[1:], wanted[1:])


def may_be_pattern(pattern: str) -> bool:
    """Whether it is relative to the folder of the spec, as every pattern must be."""
    return not pattern.startswith(("/", "~")) and "\0" not in pattern and "://" not in pattern and pattern.strip() != ""


def _files(pattern: str, own_name: str, matching: Matching) -> tuple[str, ...]:
    if not may_be_pattern(pattern):
        return ()
    return tuple(sorted({posixpath.normpath(name) for name in matching(pattern)} - {own_name}))


def include_patterns(text: str) -> list[str]:
    """What stands behind `include` at the top of a spec; nothing where that can't be read."""
    if not _KEY.search(text):
        return []
    import yaml

    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    found: list[str] = []
    depth, at_key, inside = 0, True, False
    try:
        for event in yaml.parse(text, Loader=loader):
            depth -= isinstance(event, yaml.CollectionEndEvent)
            if inside and isinstance(event, yaml.ScalarEvent):
                found.append(event.value)
            if depth == 1 and not isinstance(event, yaml.CollectionStartEvent):  # a key, or the end of a value
                if inside:
                    break
                inside = at_key and getattr(event, "value", None) == "include"
                at_key = not at_key
            depth += isinstance(event, yaml.CollectionStartEvent)
    except yaml.YAMLError:
        pass  # the compiler says what is wrong
    return found
