"""Columns whose values are in the names of folders: `region=eu/year=2024/`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import unquote

from generator.author.landing.profile import ColumnProfile
from generator.author.landing.records import Field
from generator.runtime.partitions import NULL

_TWO_DIGITS = re.compile(r"0[0-9]")


def folder_columns(files: Sequence[Path], taken: Mapping[str, object]) -> dict[str, ColumnProfile]:
    """What the folders of all files are called by, and their values; nothing where they aren't called alike.

    Args:
        taken: keys of the records; such a folder only repeats what is in them.
    """
    named = [_named(file) for file in files]
    keys = list(named[0])
    if any(list(one) != keys for one in named):
        return {}
    spelled = {key.lower() for key in taken}
    found = {key: ColumnProfile(key) for key in keys if key.lower() not in spelled}
    for values in {tuple(one.items()) for one in named}:
        for key, value in values:
            if key in found:
                found[key].add(value)
    return found


def _named(file: Path) -> dict[str, Field | None]:
    """The values in the names of a file's folders, by key; a month may be spelled with a zero."""
    parts = (part.partition("=") for part in file.parent.parts)
    texts = {unquote(key): unquote(value) for key, equals, value in parts if key and equals}
    return {key: None if text == NULL else Field(_plain(text)) for key, text in texts.items()}


def _plain(text: str) -> str:
    return text[1:] if _TWO_DIGITS.fullmatch(text) else text
