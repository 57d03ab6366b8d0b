"""For how long data stays that was withdrawn, and how far back a rollback reaches."""

from __future__ import annotations

from collections.abc import Iterator

from generator.render.difference.model import Aspect, Change, Kind, On, Risk, codes, line
from generator.render.difference.pairs import Lakes
from generator.runtime.words import plural


def retention_changes(lakes: Lakes) -> Iterator[Change]:
    """What changes alike in several tables is told once, of the lake."""
    found: dict[tuple[int, int], list[str]] = {}
    for old, new in lakes.tables():
        if old is not None and new is not None and not (old.is_view or new.is_view):
            found.setdefault((old.keep_versions, new.keep_versions), []).append(new.name)
    for (before, after), tables in found.items():
        if before != after:
            text, risk = _words(before, after)
            is_one = len(tables) == 1
            on, name = (On.TABLE, tables[0]) if is_one else (On.LAKE, lakes.new.name)
            text = text if is_one else f"in {codes(tables)}, {text}"
            lines = line(before), line(after)
            yield Change(on, name, Aspect.RETENTION, Kind.CHANGED, text, "keep_versions", *lines, risk)


def _words(before: int, after: int) -> tuple[str, Risk]:
    if after > before:
        return f"withdrawn data stays for {_runs(after)} instead of {before}", Risk.CONSENT
    kept = f"{after} version{'s are' if after > 1 else ' is'} kept instead of {before}"
    return f"{kept}: older ones are deleted by the next run", Risk.DATA


def _runs(count: int) -> str:
    return plural(count, "run")
