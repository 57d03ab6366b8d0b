"""Which checks of a table that is kept can be told by some of the rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol


class Asking(Protocol):
    """What a check asks, as far as it tells which rows can break it."""

    @property
    def came(self) -> object | None:
        """How it is asked of rows that came; None where all rows have to be looked at."""

    @property
    def asks(self) -> Sequence[str]:
        """The other tables and sources that it looks into."""

    @property
    def reached(self) -> object | None:
        """The rows that may break it since what it asks has changed; None where they may be any."""


def by_what_changed(
    checks: Sequence[Asking],
    violations: Sequence[int],
    is_same: Callable[[str], bool],
    can_ask: Callable[[int], bool],
) -> tuple[list[int], list[int]]:
    """The checks, by their places, of which the rows that came tell all; and of these, those whose others have changed.

    Args:
        violations: of each check, when the table was checked before; none where nobody knows.
        is_same: whether a table or source has the rows that it had.
        can_ask: makes what changed in all that a check asks; whether that is there.
    """
    told, asked = [], []
    for number, check in enumerate(checks if len(violations) == len(checks) else ()):
        if violations[number] or check.came is None:
            continue
        if all(map(is_same, check.asks)):
            told.append(number)
        elif check.reached is not None and can_ask(number):
            told.append(number)
            asked.append(number)
    return told, asked
