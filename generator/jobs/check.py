"""A rule as DuckDB looks at it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Check:
    """A rule in DuckDB's SQL.

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
