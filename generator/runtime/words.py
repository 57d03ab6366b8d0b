"""Numbers and lists as people read them."""

from __future__ import annotations

from collections.abc import Collection, Sized


def plural(number: int | Sized, what: str, several: str = "") -> str:
    """Such as `1 row` and `2,000 rows`.

    Args:
        number: a number, or what is counted.
        several: the word for several, where that isn't the word with an s.
    """
    counted = number if isinstance(number, int) else len(number)
    return f"{counted:,} {what if counted == 1 else several or f'{what}s'}"


def first_and_more(names: Collection[str]) -> str:
    """Such as `a.json` and `a.json and 2 more`."""
    return f"{min(names)} and {len(names) - 1} more" if len(names) > 1 else min(names)
