"""Small pieces of SQL."""

from __future__ import annotations


def name(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def file_list(paths: list[str]) -> str:
    """A list of paths for a reader, which would take `*`, `?` and `[` in them for wildcards."""
    escaped = (path.translate(_WILDCARDS) for path in paths)
    return "[" + ", ".join(map(literal, escaped)) + "]"


_WILDCARDS = str.maketrans({mark: f"[{mark}]" for mark in "*?["})
