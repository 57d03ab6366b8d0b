"""What other programs keep beside their files to tell which of them count.

Sources: the protocol of Delta Lake (`_delta_log`), Hudi's file layout (`.hoodie`), Iceberg's names of metadata files,
and Spark's FileStreamSinkLog.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterable
from typing import Any
from urllib.parse import unquote

from .words import first_and_more

STREAM_LOG = "_spark_metadata"
"""The folder in which a streaming query of Spark notes the files that it has finished."""
_TABLES = {"_delta_log": "Delta Lake", ".hoodie": "Apache Hudi"}
_ICEBERG = re.compile(r"(?:^|/)metadata/(?:v\d+|\d+-[\da-f-]{36})(?:\.gz)?\.metadata\.json(?:\.gz)?$")
_BATCH = re.compile(r"(\d+)(\.compact)?")


class ForeignFolderError(Exception):
    """Another program keeps a folder, in a way that nobody else can read its files."""


def refuse_table(is_there: Callable[[str], bool]) -> None:
    """Refuses the files of another tool's table: some hold rows that were changed or deleted since.

    Args:
        is_there: whether the folder holds something of a name.

    Raises:
        ForeignFolderError: it is such a table.
    """
    for mark, tool in _TABLES.items():
        if is_there(mark):
            raise ForeignFolderError(_is_table(tool, mark))


def iceberg_problem(name: str) -> str | None:
    """Why the files of the folder above a file's own can't be read, if that is a table of Iceberg, by its name."""
    return _is_table("Apache Iceberg", "metadata") if _ICEBERG.search(name) else None


def _is_table(tool: str, mark: str) -> str:
    return (
        f"a table of {tool}: only `{mark}` tells which of its files count, the others hold rows that were changed or "
        "deleted; write its rows to a folder of their own, as plain Parquet"
    )


def batches(names: Iterable[str]) -> list[str]:
    """The files of a stream's log that have to be read, of all that are in its folder: some repeat those before."""
    found = sorted((int(match[1]), name) for name in names if (match := _BATCH.fullmatch(name)))
    start = max((place for place, (_, name) in enumerate(found) if name.endswith(".compact")), default=0)
    return [name for _, name in found[start:]]


def finished(logged: Iterable[tuple[str, bytes]]) -> frozenset[str]:
    """The names, without folders, of the files that a stream has finished; each has a name of its own.

    Args:
        logged: name and content of files of its log, as `batches` gives them.

    Raises:
        ForeignFolderError: one of them isn't such a file.
    """
    files: set[str] = set()
    for name, content in logged:
        try:
            version, *entries = content.decode().rstrip("\n").split("\n")
            if version != "v1":
                raise ValueError(version)
            for entry in map(json.loads, entries):
                _note(entry, files)
        except (ValueError, TypeError, KeyError, AttributeError):
            raise ForeignFolderError(
                f"{STREAM_LOG}/{name} can't be read, which tells what the stream has finished that writes there"
            ) from None
    return frozenset(files)


def _note(entry: Any, files: set[str]) -> None:
    file = _own(unquote(entry["path"]))
    if entry["action"] == "delete":
        files.discard(file)
    elif not entry["isDir"]:
        files.add(file)


def _own(path: str) -> str:
    return path.rpartition("/")[2]


def unfinished(names: Iterable[str], finished: frozenset[str] | None) -> frozenset[str]:
    """Those of some files that a stream hasn't finished; none where there is no stream."""
    return frozenset(() if finished is None else (name for name in names if _own(name) not in finished))


def left_unfinished(names: Collection[str]) -> list[str]:
    """A note of the files that a stream hasn't finished."""
    if not names:
        return []
    return [f"{first_and_more(names)}: left out, not in `{STREAM_LOG}`, which names what its stream has finished"]
