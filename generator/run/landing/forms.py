"""What lines of several shapes have in common: the order of their keys, and which of these may be missing or null."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from generator.runtime.shapes import Member, Shape


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
class _Seen:
    """How a key is written, and what was seen of it."""

    before: str
    colon: str
    values: set[str]
    times: int = 0


@dataclass(slots=True)
class _Growing:
    most_keys: int
    seen: dict[str, _Seen] = field(default_factory=dict)
    shapes: int = 0

    def takes(self, shape: Shape) -> bool:
        """Adds a shape, if it fits to those that are there."""
        order = self._with(shape)
        if order is None or (self.shapes and len(order) > self.most_keys) or not all(map(self._fits, shape)):
            return False
        known = self.seen
        for member in shape:
            one = known.setdefault(member.key, _Seen(member.before, member.colon, set()))
            one.values.add(member.value)
            one.times += 1
        self.seen, self.shapes = {key: known[key] for key in order}, self.shapes + 1
        return True

    def _with(self, shape: Shape) -> list[str] | None:
        """The order of all keys with those of a shape; None if it has them in another one."""
        known = list(self.seen)
        places = {key: place for place, key in enumerate(known)}
        order: list[str] = []
        begin = 0
        for member in shape:
            place = places.get(member.key)
            if place is None:
                order.append(member.key)
            elif place < begin:
                return None
            else:
                order += known[begin : place + 1]
                begin = place + 1
        return order + known[begin:]

    def _fits(self, member: Member) -> bool:
        """Whether a key is written as it was before, with a value of the same kind or a null for a text."""
        known = self.seen.get(member.key)
        if known is None:
            return True
        values = known.values | {member.value}
        same = (known.before, known.colon) == (member.before, member.colon)
        return same and (len(values) == 1 or values == {"string", "null"})

    def form(self) -> Form:
        return tuple(
            Key(one.before, key, one.colon, frozenset(one.values), one.times == self.shapes)
            for key, one in self.seen.items()
        )
