"""What is said of a table or source besides its rows: who looks after it, and its tags."""

from __future__ import annotations

from collections.abc import Iterator

from generator.plan.lake import Metadata
from generator.render.difference.model import Aspect, Change, Kind, On, code, line


def metadata_changes(on: On, name: str, old: Metadata, new: Metadata) -> Iterator[Change]:
    """Which file it stands in is no change: nothing is made of that."""
    said = {
        "owner": (Aspect.CATALOG, old.owner or "", new.owner or ""),
        "tags": (Aspect.CATALOG, ", ".join(old.tags), ", ".join(new.tags)),
    }
    for item, (aspect, before, after) in said.items():
        if before != after:
            yield Change(on, name, aspect, Kind.CHANGED, _words(item, before, after), item, line(before), line(after))


def _words(item: str, before: str, after: str) -> str:
    if not after:
        return f"{code(item)} is gone: it was {before}"
    return f"{code(item)}: {after}" + (f" instead of {before}" if before else "")
