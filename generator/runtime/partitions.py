"""Columns whose values are in the names of folders: `region=eu/year=2024/`, as Hive and Spark write them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from urllib.parse import unquote

from .literals import field_decoder
from .options import ReadOptions
from .rules import LandingColumn, Reason, Rejected

NULL = "__HIVE_DEFAULT_PARTITION__"
Decode = Callable[[str], str]
_ZEROS = re.compile(r"\A(-?)0+(?=[0-9])")


def apart(columns: Sequence[LandingColumn], options: ReadOptions) -> tuple[tuple[LandingColumn, ...], ...]:
    """The columns of records, and those of folders."""
    inside = tuple(column for column in columns if column.name not in options.partitions)
    return inside, tuple(column for column in columns if column.name in options.partitions)


class Partitions:
    """Reads the values of partition columns from the names of files."""

    def __init__(self, columns: Sequence[LandingColumn]) -> None:
        self._columns = [(column, field_decoder(column.type)) for column in columns]

    def values(self, name: str) -> dict[str, str | None]:
        """Values by column name, each as text that casts to its type without loss.

        Args:
            name: of a file, with the folders below the landing root.

        Raises:
            Rejected: a folder is missing, there twice, or its value isn't of the column's type.
        """
        found: dict[str, list[str]] = {}
        for folder in name.split("/")[:-1]:
            key, equals, value = folder.partition("=")
            if equals:
                found.setdefault(unquote(key), []).append(value)
        return {column.name: self._value(column, decode, found) for column, decode in self._columns}

    def _value(self, column: LandingColumn, decode: Decode, found: Mapping[str, list[str]]) -> str | None:
        values = found.get(column.key, [])
        if len(values) != 1:
            told = f"{len(values)} folders" if values else "no folder"
            raise Rejected(Reason.WRONG_HEADER, f"{told} named `{column.key}=...` above it, for column `{column.name}`")
        text = unquote(values[0])
        if text == NULL:
            return None
        try:
            return decode(_ZEROS.sub(r"\1", text) if column.type.is_integer else text)
        except Rejected as rejected:
            raise Rejected(rejected.reason, f"folder `{column.key}={values[0]}`: {rejected.detail}") from None


def partitions_problem(columns: Sequence[LandingColumn], names: Sequence[str]) -> str | None:
    """Why the folders of some file don't have the values of the columns: a file's place is no accident of one line."""
    partitions = Partitions(columns)
    for name in names:
        try:
            partitions.values(name)
        except Rejected as rejected:
            return f"{name}: {rejected.detail}"
    return None
