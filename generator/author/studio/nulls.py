"""Whether landing data has a key with null, or hasn't got it: for the lake both are null, for a script not."""

from __future__ import annotations

import bz2
import gzip
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_MOST_BYTES = 256 << 20
_OPEN: dict[str, Callable[..., Any]] = {".gz": gzip.open, ".bz2": bz2.open}


@dataclass(frozen=True, slots=True)
class KeyFacts:
    """Of a key in the rows of a source.

    Attributes:
        null: a row has it with null.
        absent: a row hasn't got it.
    """

    null: bool
    absent: bool


@dataclass(slots=True)
class NullFacts:
    """Looks into the landing data when somebody asks. Without data nothing is known.

    Attributes:
        data: the folder of the landing data.
    """

    data: Path | None = None
    _known: dict[tuple[str, str], KeyFacts | None] = field(default_factory=dict)

    def of(self, path: str, key: str) -> KeyFacts | None:
        """What the JSON files at a path below the data folder have; None if that isn't known."""
        if self.data is None:
            return None
        at = (path, key)
        if at not in self._known:
            self._known[at] = _look(self.data / path, key)
        return self._known[at]


def _look(place: Path, key: str) -> KeyFacts | None:
    files = sorted(one for one in place.rglob("*") if one.is_file()) if place.is_dir() else [place]
    if not files or sum(one.stat().st_size for one in files if one.exists()) > _MOST_BYTES:
        return None
    null = absent = False
    try:
        for file in files:
            with _OPEN.get(file.suffix, open)(file, "rt", encoding="utf-8") as lines:
                for line in lines:
                    if not line.strip():
                        continue
                    row = json.loads(line)
                    if not isinstance(row, dict):
                        return None
                    absent = absent or key not in row
                    null = null or (key in row and row[key] is None)
    except (OSError, ValueError, EOFError):
        return None
    return KeyFacts(null, absent)
