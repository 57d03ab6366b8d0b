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
        came: SQL that gives 0 only when there is no violation, by the rows that came (`#added TABLE`) alone: of a table
            that had none before, as long as `asks` are what they were. None where all rows have to be looked at.
        asks: the other tables and sources that it looks into.
        reached: likewise, by the rows alone of which those decide that left or came in what it `asks` (`#asked NAME`).
        personal: the columns of the examples whose values are personal data.
        of: the table, view or source whose rows break it, and are shown, if those aren't the ones that are made.
    """

    name: str
    kind: str
    blocking: bool
    violations: str
    examples: str | None = None
    quick: str | None = None
    came: str | None = None
    asks: tuple[str, ...] = ()
    reached: str | None = None
    personal: tuple[str, ...] = ()
    of: str = ""
