"""The record of what build wrote: the hash of each file, in a file of its own beside them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping
from contextlib import suppress
from pathlib import PurePosixPath

from generator.render.json_text import json_text

RECORD = ".generated.json"
VERSION = 1


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def record_of(hashes: Mapping[str, str | Collection[str]]) -> bytes:
    files = {name: _short(hashes[name]) for name in sorted(hashes)}
    return json_text({"version": VERSION, "files": files}).encode()


def _short(hashes: str | Collection[str]) -> str | list[str]:
    found = [hashes] if isinstance(hashes, str) else sorted(set(hashes))
    return found[0] if len(found) == 1 else found


def recorded_hashes(text: bytes | None) -> dict[str, Collection[str]]:
    """The hashes by path; there is more than one of a file that a build was about to replace.

    A damaged record, such as one with marks of a merge, knows nothing.
    """
    with suppress(ValueError, TypeError, AttributeError, KeyError, RecursionError):
        files = json.loads(text or b"")["files"]
        return {name: _listed(hashes) for name, hashes in files.items() if _is_inside(name)}
    return {}


def _listed(hashes: str | list[str]) -> list[str]:
    return [hashes] if isinstance(hashes, str) else [str(one) for one in hashes]


def _is_inside(name: str) -> bool:
    path = PurePosixPath(name)
    return bool(path.parts) and not path.is_absolute() and ".." not in path.parts and name.isprintable()
