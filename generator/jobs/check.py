"""A check that every run makes of a source or table."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Check:
    """An expectation, or the check of what a proof assumes.

    Attributes:
        violations: the SQL that counts the rows that break it.
        examples: the SQL that shows some of them.
        quick: SQL that gives 0 only when there is no violation, in less time.
    """

    name: str
    kind: str
    blocking: bool
    violations: str
    examples: str | None = None
    quick: str | None = None
