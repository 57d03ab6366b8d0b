"""What lines of several shapes have in common: the order of their keys, and which of these may be missing or null."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from generator.runtime.shapes import Member, Shape

MOST_VARIED = 24
"""Keys that may be missing or null; of shapes that differ by more, each is a form of its own."""


@dataclass(frozen=True, slots=True)
class Key:
    """One key of a form.

    Attributes:
        before, key, colon: as in `Member`.
        values: what values are; one kind, or texts and nulls.
        always: whether all lines have it.
    """

    before: str
    key: str
    colon: str
    values: frozenset[str]
    always: bool

    @property
    def text(self) -> str:
        return self.before + self.key + self.colon

    @property
    def value(self) -> str:
        """What all values are; empty if some are null."""
        return next(iter(self.values)) if len(self.values) == 1 else ""

    @property
    def is_varied(self) -> bool:
        """Whether lines differ in whether they have it, or a value of it."""
        return not self.always or not self.value


Form = tuple[Key, ...]


def forms(shapes: Iterable[Shape], most_keys: int) -> Iterator[Form]:
    """The forms of lines of some shapes, those of the longest first.

    Args:
        most_keys: longer shapes stay forms of their own.
    """
    left = sorted(shapes, key=lambda shape: (-len(shape), str(shape)))
    while left:
        growing = _Growing(most_keys)
        left = [shape for shape in left if not growing.takes(shape)]
        yield growing.form()


@dataclass(slots=True)
class _Growing:
    most_keys: int
    order: list[str] = field(default_factory=list)
    seen: dict[str, list[Member]] = field(default_factory=dict)
    shapes: int = 0

    def takes(self, shape: Shape) -> bool:
        """Adds a shape, if it fits to those that are there."""
        order = self._with(shape)
        if order is None or (self.shapes and len(order) > self.most_keys) or not all(map(self._fits, shape)):
            return False
        seen = {key: list(members) for key, members in self.seen.items()}
        for member in shape:
            seen.setdefault(member.key, []).append(member)
        if self.shapes and sum(key.is_varied for key in _keys(order, seen, self.shapes + 1)) > MOST_VARIED:
            return False
        self.order, self.seen, self.shapes = order, seen, self.shapes + 1
        return True

    def _with(self, shape: Shape) -> list[str] | None:
        """The order of all keys with those of a shape; None if it has them in another one."""
        order, at = list(self.order), 0
        for member in shape:
            if member.key not in order:
                order.insert(at, member.key)
            elif order.index(member.key) < at:
                return None
            at = order.index(member.key) + 1
        return order

    def _fits(self, member: Member) -> bool:
        """Whether a key is written as it was before, with a value of the same kind or a null for a text."""
        known = self.seen.get(member.key)
        if known is None:
            return True
        values = {one.value for one in known} | {member.value}
        same = (known[0].before, known[0].colon) == (member.before, member.colon)
        return same and (len(values) == 1 or values == {"string", "null"})

    def form(self) -> Form:
        return tuple(_keys(self.order, self.seen, self.shapes))


def _keys(order: Sequence[str], seen: dict[str, list[Member]], shapes: int) -> Iterator[Key]:
    for name in order:
        members = seen[name]
        values = frozenset(one.value for one in members)
        yield Key(members[0].before, name, members[0].colon, values, len(members) == shapes)
