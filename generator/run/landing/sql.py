"""Small pieces of SQL."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path


def name(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


GROUP, SMALL_GROUP = 122_880, 30_720
"""Rows of a row group: DuckDB's own number, and that where there is little data, which would be a single group, written
and read by a single thread. Where there is much, small groups take longer to read."""
_LITTLE = 64 << 20
"""Landing files of fewer bytes are little data."""


def parquet_file(path: Path, landed: int | None = None) -> str:
    """What rows of a source are copied to.

    Args:
        landed: the size in bytes of what the rows are decoded from, where it is known.
    """
    group = GROUP if landed is None or landed >= _LITTLE else SMALL_GROUP
    return f"{literal(str(path))} (FORMAT parquet, COMPRESSION snappy, PARQUET_VERSION v2, ROW_GROUP_SIZE {group})"


def file_list(paths: list[str]) -> str:
    """A list of paths for a reader, which would take `*`, `?` and `[` in them for wildcards."""
    escaped = (path.translate(_WILDCARDS) for path in paths)
    return "[" + ", ".join(map(literal, escaped)) + "]"


_NO_DELIMITER = "\t\t\t\t"
"""Of lines that are read as CSV of one field: behind them it is left out, as blanks are; in them it is an error.

With none the reader takes a zero byte for one.
"""


def lines_of_text(files: str) -> str:
    r"""A reader of lines, `line`, and the path of each, `filename`: DuckDB's reader of CSV, which only looks for `\n`.

    It fails at a carriage return and at what isn't UTF-8. What is blank isn't there, or is null.

    Args:
        files: as `file_list` gives them.
    """
    return (
        f"read_csv({files}, columns = {{line: 'VARCHAR'}}, delim = {literal(_NO_DELIMITER)}, quote = '', escape = '',"
        " header = false, auto_detect = false, new_line = '\\n', filename = true, hive_partitioning = false)"
    )


_WILDCARDS = str.maketrans({mark: f"[{mark}]" for mark in "*?["})


def name_of_file(filename: str, paths: Mapping[str, str]) -> str:
    """SQL of a landing file's name, of the path where its content lies.

    Args:
        filename: SQL of the path.
        paths: path to name; each path ends with its name.
    """
    roots = sorted({path.removesuffix(name) for path, name in paths.items()}, key=len, reverse=True)
    cases = (f"WHEN starts_with({filename}, {literal(root)}) THEN {_after(filename, root)}" for root in roots)
    return _after(filename, roots[0]) if len(roots) == 1 else f"CASE {' '.join(cases)} END"


def _after(text: str, start: str) -> str:
    return f"substr({text}, {len(start) + 1})"
