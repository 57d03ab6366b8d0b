"""How values are spelled, where that isn't as usual: local dates and decimals, words for null and booleans."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from .time_patterns import EPOCHS
from .types import Type


@dataclass(frozen=True, slots=True)
class Spelling:
    """What is said of a column besides its type. A default is what needs no saying.

    Attributes:
        format: of dates and times: patterns such as `dd.MM.yyyy`; the first that fits is taken.
        decimal: of numbers: the character before the fraction.
        thousands: of numbers: the character between groups of three digits; a space stands for no-break spaces too.
        null: texts that stand for null, besides the empty field of CSV.
        true, false: of booleans: the words for them.
        trim: whether white space around a value doesn't count; a text of nothing else is null.
    """

    format: tuple[str, ...] = ()
    decimal: str = ""
    thousands: str = ""
    null: tuple[str, ...] = ()
    true: tuple[str, ...] = ()
    false: tuple[str, ...] = ()
    trim: bool = False

    @property
    def is_usual(self) -> bool:
        """Whether there is nothing to say."""
        return self == USUAL

    @property
    def counts_time(self) -> bool:
        """Whether a number may be a moment."""
        return any(pattern in EPOCHS for pattern in self.format)

    def reads_text(self, kind: Type) -> bool:
        """Whether JSON's strings are values of the type: those of numbers and booleans only if it is said how."""
        if kind.is_numeric:
            return bool(self.decimal or self.thousands)
        return kind.kind != "boolean" or bool(self.true or self.false)

    def given(self) -> dict[str, Any]:
        """Those parts that differ from the default, by name; lists as lists, one format as text."""
        found: dict[str, Any] = {}
        for field in fields(self):
            value = getattr(self, field.name)
            if value:
                found[field.name] = list(value) if isinstance(value, tuple) else value
        if len(self.format) == 1:
            found["format"] = self.format[0]
        return found

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> Spelling:
        """A spelling from what `given` returned.

        Raises:
            TypeError: a part is unknown.
        """
        parts: dict[str, Any] = {**given}
        if isinstance(parts.get("format"), str):
            parts["format"] = (parts["format"],)
        for name, value in parts.items():
            parts[name] = tuple(value) if isinstance(value, list) else value
        return cls(**parts)


USUAL = Spelling()
