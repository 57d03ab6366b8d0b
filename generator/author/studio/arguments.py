"""The arguments of a call, by name and by place."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from generator.author.studio.values import FrameValue


@dataclass(frozen=True, slots=True)
class Arguments:
    """Values of a call.

    Attributes:
        evaluate: the value of an expression where the call stands.
    """

    places: list[Any]
    keywords: dict[str, Any]
    evaluate: Callable[[ast.expr], Any]

    def bind(self, *names: str, **also: str) -> dict[str, Any]:
        """By name; those by place get the given names, and other spellings (`also`) count as the same."""
        found = dict(zip(names, self.places, strict=False))
        return found | {also.get(name, name): value for name, value in self.keywords.items()}


def frame_of(value: Any) -> FrameValue | None:
    """A frame, or the first of a collection."""
    if isinstance(value, dict):
        value = next(iter(value.values()), None)
    return value if isinstance(value, FrameValue) else None


def names_of(value: Any) -> list[str] | None:
    """A name or a list of names; None if they aren't written out."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, (list, tuple)) and value and all(isinstance(one, str) for one in value):
        return list(value)
    return None
