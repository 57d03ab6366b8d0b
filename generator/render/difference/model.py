"""What a change of the spec does: values, to be shown as text, Markdown or JSON."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class On(StrEnum):
    """What a change is about."""

    LAKE = "lake"
    SUBJECT = "subject"
    CONSENT = "consent"
    ZONE = "zone"
    SOURCE = "source"
    TABLE = "table"
    JOB = "job"


class Aspect(StrEnum):
    """Which side of it changes, in the order in which they are told."""

    DEFINITION = "definition"
    CONSENT = "consent"
    PERSONAL = "personal data"
    PEOPLE = "people"
    CHECKS = "checks"
    READING = "reading"
    ROWS = "rows"
    COLUMNS = "columns"
    KEYS = "keys"
    CATALOG = "catalog"
    JOB = "job"
    ACCESS = "access"
    REFRESH = "refresh"
    RETENTION = "retention"
    ROW_COUNT = "row count"
    DESCRIPTION = "description"


class Kind(StrEnum):
    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


class Risk(StrEnum):
    """Why a reviewer should look at a change first; the gravest comes first.

    `consent`: less consent is asked for, or data stays longer without it. `personal`: personal data where there was
    none, or that no longer counts as such. `checks`: something is checked less, or a new warning. `data`: data or names
    go that somebody may read. `access`: a job may do more.
    """

    CONSENT = "consent"
    PERSONAL = "personal"
    CHECKS = "checks"
    DATA = "data"
    ACCESS = "access"


@dataclass(frozen=True, slots=True)
class Change:
    """One change.

    Attributes:
        name: of what it is about, as in the new lake, or in the old one if it is gone.
        item: the column, expectation or other part that changes; empty for the whole.
        text: the change in words; names and code stand in backticks.
        before, after: the lines that change, where words alone don't show it.
        risk: None where there is nothing special to look at.
    """

    on: On
    name: str
    aspect: Aspect
    kind: Kind
    text: str
    item: str = ""
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    risk: Risk | None = None


@dataclass(frozen=True, slots=True)
class Difference:
    """What leads from one lake to another.

    Attributes:
        old, new: what the two specs are called.
        changes: of the lake, its subjects, consents and zones, then of each source, table and job.
        affected: tables that change only because something they read does; their own definition is the same.
    """

    old: str
    new: str
    changes: tuple[Change, ...]
    affected: tuple[str, ...] = ()

    @property
    def risks(self) -> tuple[Change, ...]:
        """What to look at first, the gravest first."""
        order = list(Risk)
        risky = [change for change in self.changes if change.risk is not None]
        return tuple(sorted(risky, key=lambda change: order.index(change.risk or Risk.DATA)))


def line(value: object) -> tuple[str, ...]:
    """A single value before or after; none for an absent one."""
    return (str(value),) if value not in (None, "") else ()


def code(text: object) -> str:
    """A name or an expression inside a sentence."""
    return f"`{str(text).replace('`', chr(39))}`"


def codes(names: Iterable[object]) -> str:
    """Such as `a`, `b` and `c`."""
    *most, last = [code(name) for name in names]
    return f"{', '.join(most)} and {last}" if most else last
