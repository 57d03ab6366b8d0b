"""The DataFrame that a script's nodes hand on."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cached_property

from generator.plan.relation import ColumnId


@dataclass(frozen=True)
class Frame:
    """The DataFrame so far.

    Attributes:
        variable: where it is.
        alias: the alias that it still has to get, as columns are addressed by it.
        columns: all that it has; several can have the same name.
    """

    variable: str
    columns: tuple[ColumnId, ...]
    alias: str | None = None

    @property
    def text(self) -> str:
        return self.variable if self.alias is None else f'{self.variable}.alias("{self.alias}")'

    def times(self, name: str) -> int:
        return sum(column.name == name for column in self.columns)

    @cached_property
    def unqualified(self) -> frozenset[ColumnId]:
        """The columns that are known by their name alone."""
        times = Counter(column.name for column in self.columns)
        return frozenset(column for column in self.columns if times[column.name] == 1)
