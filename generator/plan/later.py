"""Checks of a table against what comes after it: which they are, and which table looks at them instead."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

Needs = Mapping[str, set[str]]
"""The tables that each table has to come after."""


class Asked(NamedTuple):
    """A column of a table whose values are to be found in another table.

    Attributes:
        number: of the expectation that says so.
    """

    table: str
    number: int
    column: str
    target: str


def in_order(needs: Needs) -> list[str]:
    """The tables, each after those that it needs; those of a cycle, and what needs them, are left out."""
    needed_by: dict[str, list[str]] = {name: [] for name in needs}
    for name, found in needs.items():
        for need in found:
            needed_by[need].append(name)
    left = {name: len(found) for name, found in needs.items()}
    ordered = [name for name, number in left.items() if number == 0]
    for name in ordered:
        for next_ in needed_by[name]:
            left[next_] -= 1
            if left[next_] == 0:
                ordered.append(next_)
    return ordered


def put_off(rows: Needs, asked: Sequence[Asked]) -> tuple[Needs, list[Asked]]:
    """What each table has to come after, as its rows and its checks ask; and the checks that can't wait for that.

    A check waits for the other table as long as that closes no circle; in the order of the spec.
    """
    needs = {name: set(found) for name, found in rows.items()}
    for one in asked:
        needs[one.table].add(one.target)
    free = set(in_order(needs))
    if len(free) == len(needs):
        return needs, []
    needs = {name: set(found) for name, found in rows.items()}
    late = []
    for one in sorted(asked, key=lambda one: one.table not in free):
        if one.table not in free and _reaches(needs, one.target, one.table):
            late.append(one)
        else:
            needs[one.table].add(one.target)
    return needs, late


def _reaches(needs: Needs, start: str, end: str) -> bool:
    """Whether a table comes after another."""
    seen, waiting = {start}, [start]
    while waiting:
        name = waiting.pop()
        if name == end:
            return True
        waiting.extend(needs[name] - seen)
        seen |= needs[name]
    return False


def checked_by(target: str, views: set[str], inputs: Mapping[str, Iterable[str]], order: Sequence[str]) -> str | None:
    """The table that looks at a check against `target`: itself, or the first that reads the view; None if none does.

    Args:
        inputs: what each table takes rows from.
    """
    if target not in views:
        return target
    return next((name for name in order if name not in views and target in set(_behind(name, views, inputs))), None)


def _behind(name: str, views: set[str], inputs: Mapping[str, Iterable[str]]) -> Iterator[str]:
    """The views that a table reads, through others."""
    waiting, seen = list(inputs[name]), set[str]()
    while waiting:
        one = waiting.pop()
        if one in views and one not in seen:
            seen.add(one)
            yield one
            waiting.extend(inputs[one])
