"""Values of a script that are known without running it: constants, texts with unknown parts, frames, functions."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


class _Unknown:
    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN = _Unknown()
"""A value that only a run knows."""


@dataclass(frozen=True, slots=True)
class Hole:
    """A value that only a run knows, but that is the same wherever it is written: `args['BUCKET']`."""

    text: str


@dataclass(frozen=True, slots=True)
class Template:
    """A text with unknown parts."""

    parts: tuple[str | Hole, ...]

    def __str__(self) -> str:
        return "".join(part if isinstance(part, str) else f"{{{part.text}}}" for part in self.parts)


@dataclass(frozen=True, slots=True)
class FrameValue:
    """A frame: its node, and whether it is Glue's DynamicFrame or Spark's DataFrame."""

    node: str
    dynamic: bool = True


OF_FRAME = "\u0001"
"""Between a frame's node and a column's name, where SQL names a column of a certain frame."""


@dataclass(frozen=True, slots=True)
class ColumnValue:
    """A column of Spark: a name, perhaps of a certain frame, or an expression."""

    sql: str
    name: str = ""
    frame: str = ""


@dataclass(frozen=True, slots=True)
class Condition:
    """Pairs of columns that are equal, in a join of DataFrames."""

    pairs: tuple[tuple[ColumnValue, ColumnValue], ...]


@dataclass(slots=True)
class Sink:
    """A target of `getSink`, or a DataFrame's writer, with what was said of it."""

    options: dict[str, Any]
    frame: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class Grouped:
    """A DataFrame's `groupBy`."""

    frame: str
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Function:
    """A function of the script, with the names that it sees."""

    node: ast.FunctionDef | ast.Lambda
    seen: Mapping[str, Any] = field(default_factory=dict, compare=False, hash=False)


def text_of(value: Any) -> str | None:
    """A text, with its unknown parts in braces; None if it is none."""
    if isinstance(value, str):
        return value
    if isinstance(value, Template):
        return str(value)
    return f"{{{value.text}}}" if isinstance(value, Hole) else None


def joined(values: list[Any]) -> Any:
    """Texts put together."""
    parts: list[str | Hole] = []
    for value in values:
        if isinstance(value, Template):
            parts += value.parts
        elif isinstance(value, Hole):
            parts.append(value)
        elif isinstance(value, (str, int, float)) and not isinstance(value, bool):
            parts.append(str(value))
        else:
            return UNKNOWN
    if all(isinstance(part, str) for part in parts):
        return "".join(map(str, parts))
    return Template(tuple(parts))
