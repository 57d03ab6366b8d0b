"""Which tables and sources of the old lake are which of the new one: by name, or most likely renamed."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from generator.plan.lake import CompiledLake, CompiledSource, CompiledTable
from generator.plan.relation import Column

_ALIKE = 0.7
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
    renamed: dict[str, str] = {}
    kinds: tuple[tuple[Collection[str], Collection[str]], ...] = (
        (old.sources, new.sources),
        (old.tables, new.tables),
    )
    for mine, theirs in kinds:
        gone = [name for name in mine if name not in _all(new) and name not in columns]
        come = [name for name in theirs if name not in _all(old) and name not in columns]
        renamed |= _pairs(old, new, gone, come, renamed)
    return Names(renamed)


def _all(lake: CompiledLake) -> set[str]:
    return {*lake.sources, *lake.tables}


def _columns(lake: CompiledLake, name: str) -> Iterable[Column]:
    return lake.relation(name).columns.values()


def _pairs(
    old: CompiledLake, new: CompiledLake, gone: list[str], come: list[str], known: Mapping[str, str]
) -> dict[str, str]:
    scored = [(_likeness(old, new, one, other, known), one, other) for one in gone for other in come]
    found: dict[str, str] = {}
    for score, one, other in sorted(scored, key=lambda scored: -scored[0]):
        if score >= _ALIKE and one not in found and other not in found.values():
            found[one] = other
    return found


def _likeness(old: CompiledLake, new: CompiledLake, gone: str, come: str, known: Mapping[str, str]) -> float:
    """How much of their columns and of where these come from two relations share, from 0 to 1."""
    mine = {(column.name, str(column.type)) for column in _columns(old, gone)}
    theirs = {(column.name, str(column.type)) for column in _columns(new, come)}
    shared = len(mine & theirs) / max(len(mine | theirs), 1)
    if gone in old.sources:
        return 0.6 * shared + 0.4 * _same_reading(old.sources[gone], new.sources[come])
    return 0.6 * shared + 0.4 * _same_inputs(old.tables[gone], new.tables[come], known)


def _same_reading(old: CompiledSource, new: CompiledSource) -> bool:
    return old.path == new.path


def _same_inputs(old: CompiledTable, new: CompiledTable, known: Mapping[str, str]) -> float:
    mine, theirs = {known.get(name, name) for name in old.inputs}, set(new.inputs)
    return (0.5 * (old.zone == new.zone) + 0.5 * (mine == theirs)) * (old.is_view == new.is_view)
