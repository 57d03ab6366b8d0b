"""Which tables and sources of the old lake are which of the new one: by name, or most likely renamed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from generator.plan.lake import CompiledLake
from generator.plan.relation import Column

_ALIKE = 0.7
_MAX_PAIRS = 10_000
_WORD = re.compile(r"'(?:[^']|'')*'|\w+")


@dataclass(frozen=True, slots=True)
class Names:
    """New names by old ones, of what was renamed."""

    renamed: Mapping[str, str] = field(default_factory=dict)

    def new(self, old: str) -> str:
        return self.renamed.get(old, old)

    def text(self, old: str) -> str:
        """A text about the old lake in the names of the new one; quoted values stay."""
        return _WORD.sub(lambda word: self.new(word[0]), old) if self.renamed else old

    def texts(self, old: Iterable[str]) -> tuple[str, ...]:
        return tuple(self.text(one) for one in old)


def find_names(old: CompiledLake, new: CompiledLake) -> Names:
    """Pairs what is gone with what is new where the two are alike.

    A name that is also a column's is never taken for renamed: texts could not tell which of the two is meant.
    """
    columns = {column.name for lake in (old, new) for name in _all(lake) for column in _columns(lake, name)}
    gone = [_Face(old, name) for name in _all(old) if name not in {*new.sources, *new.tables, *columns}]
    come = [_Face(new, name) for name in _all(new) if name not in {*old.sources, *old.tables, *columns}]
    renamed: dict[str, str] = {}
    _pair_equal(gone, come, renamed)
    gone = [one for one in gone if one.name not in renamed]
    come = [one for one in come if one.name not in renamed.values()]
    if len(gone) * len(come) <= _MAX_PAIRS:
        _pair_alike(gone, come, renamed)
    return Names(renamed)


def _all(lake: CompiledLake) -> tuple[str, ...]:
    return (*lake.sources, *lake.tables)


def _columns(lake: CompiledLake, name: str) -> Iterable[Column]:
    return lake.relation(name).columns.values()


class _Face:
    """What a table or source looks like, whatever its name.

    Attributes:
        kind: what can't become anything else by being renamed.
        inputs: of a source: its paths.
    """

    def __init__(self, lake: CompiledLake, name: str) -> None:
        self.name = name
        self.inputs: tuple[str, ...]
        self.columns = frozenset((column.name, str(column.type)) for column in _columns(lake, name))
        if name in lake.sources:
            source = lake.sources[name]
            self.kind, self.zone, self.inputs = "source", source.zone, source.paths
        else:
            table = lake.tables[name]
            self.kind, self.zone, self.inputs = ("view" if table.is_view else "table"), table.zone or "", table.inputs

    def key(self, renamed: Mapping[str, str]) -> tuple[object, ...]:
        return self.kind, self.zone, self.columns, tuple(renamed.get(name, name) for name in self.inputs)

    def likeness(self, other: _Face, renamed: Mapping[str, str]) -> float:
        """How much of their columns and of where these come from both share, from 0 to 1."""
        if self.kind != other.kind:
            return 0
        shared = len(self.columns & other.columns) / max(len(self.columns | other.columns), 1)
        inputs = {renamed.get(name, name) for name in self.inputs} == set(other.inputs)
        return 0.6 * shared + 0.2 * inputs + 0.2 * (self.zone == other.zone)


def _pair_equal(gone: list[_Face], come: list[_Face], renamed: dict[str, str]) -> None:
    """In order, so that what a table reads has got its new name before."""
    waiting: dict[tuple[object, ...], list[str]] = {}
    for one in come:
        waiting.setdefault(one.key({}), []).append(one.name)
    for one in gone:
        alike = waiting.get(one.key(renamed))
        if alike:
            renamed[one.name] = alike.pop(0)


def _pair_alike(gone: list[_Face], come: list[_Face], renamed: dict[str, str]) -> None:
    """The most alike first."""
    scored = [(one.likeness(other, renamed), one.name, other.name) for one in gone for other in come]
    for score, one_name, other_name in sorted(scored, key=lambda scored: -scored[0]):
        if score >= _ALIKE and one_name not in renamed and other_name not in renamed.values():
            renamed[one_name] = other_name
