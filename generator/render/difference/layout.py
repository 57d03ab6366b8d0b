"""How the files of deployed tables lie."""

from __future__ import annotations

from collections.abc import Iterator

from generator.plan.lake import TableLayout
from generator.render.difference.model import Aspect, Change, Kind, On, line


def layout_changes(on: On, name: str, old: TableLayout, new: TableLayout) -> Iterator[Change]:
    """What Iceberg does with it: rows that are there stay where they are."""
    said = {
        "partition_by": (", ".join(old.partition_by), ", ".join(new.partition_by), "are told apart by", "nothing"),
        "sort_by": (", ".join(old.sort_by), ", ".join(new.sort_by), "are sorted by", "nothing"),
        "file_size": (_size(old.file_size), _size(new.file_size), "get as large as", "usual"),
    }
    for item, (before, after, words, none) in said.items():
        if before != after:
            text = f"its new files on AWS {words} {_code(after) or none} instead of {_code(before) or none}"
            yield Change(on, name, Aspect.CATALOG, Kind.CHANGED, text, item, line(before), line(after))


def _code(text: str) -> str:
    return f"`{text}`" if text else ""


def _size(size: int | None) -> str:
    return f"{size >> 20} MB" if size else ""
