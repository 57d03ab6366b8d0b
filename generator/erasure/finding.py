"""What a search for a person finds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

BY_TEXT = "by text"
MADE_OF = "made of rows of theirs"
"""Why something counts as found, where it isn't by a column."""


class Part(StrEnum):
    """Where something was found."""

    LANDING = "landing"
    SOURCE = "source"
    QUARANTINE = "quarantine"
    TABLE = "table"
    FILE = "file"


@dataclass(frozen=True, slots=True)
class Finding:
    """A place where the person is, or may be.

    Attributes:
        name: the source or table; empty where the file is of none.
        files: relative to the landing folder for `landing`, else to the lake folder.
        run: of a version: the run that made it.
        current: of a version: whether readers see it.
        rows: rows, or lines; None where nobody can tell them from others.
        certain: whether they are the person's by a key; else a text like theirs was found, or the rows don't tell.
        why: by what they were found.
        lines: of landing files: where, counted from 1; of Parquet the number of the record.
        runs: runs of the lake after which it is gone, once the landing data doesn't have the person; None where no run
            takes it away. On AWS such runs count that make a new version of the table.
        snapshot: on AWS: Iceberg's number of the rows.
        branch: on AWS: the table's branch, of what isn't a version.
    """

    part: Part
    name: str
    files: tuple[str, ...]
    rows: int | None
    certain: bool
    why: str
    run: str = ""
    current: bool = False
    lines: tuple[int, ...] = ()
    runs: int | None = None
    snapshot: int | None = None
    branch: str = ""


@dataclass(frozen=True, slots=True)
class Looked:
    """A file that was looked at.

    Attributes:
        file: relative to the folder of its part.
        rows: of Parquet.
    """

    part: Part
    file: str
    bytes: int
    sha256: str
    rows: int | None = None


@dataclass(frozen=True, slots=True)
class LookedSnapshot:
    """A snapshot of a deployed table that was looked at.

    Attributes:
        run: that made it, as far as it was noted.
        branch: of the table, where it isn't a version.
        rows: None where nobody noted it.
    """

    part: Part
    table: str
    snapshot: int
    run: str
    branch: str
    rows: int | None


@dataclass(frozen=True, slots=True)
class LookedObject:
    """An object of the landing data that was looked at; `object` is its key below `landing/`."""

    object: str
    bytes: int
    etag: str


@dataclass(frozen=True, slots=True)
class Unread:
    """A file, or rows on AWS, that can't be looked into, and why."""

    part: Part
    file: str
    problem: str


@dataclass(frozen=True, slots=True)
class Untold:
    """A kept version whose rows don't say whose they are, and that was made of a version which isn't kept any more.

    Attributes:
        made_of: that input.
        runs: runs of the lake after which it is gone.
    """

    name: str
    run: str
    made_of: str
    runs: int


@dataclass(frozen=True, slots=True)
class Key:
    """A key of the person.

    Attributes:
        given: whether it was named; else rows of theirs told it.
        values: how many there are; none of one that nothing tells any more, so that it couldn't be looked for.
        as_text: whether it was searched for in texts as well; one that is too short is found in its columns alone.
    """

    key: str
    given: bool
    values: int
    as_text: bool
    spelled: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class Search:
    """A search that is done.

    Attributes:
        runs: of the lake: the last one that published something.
        since: the run from which on landing data was without the person, as they say who ask.
        untold: versions of which nobody can tell whether they were made of rows of theirs.
        nobodys: by key that isn't known: rows with such a key that no row of the registry has, which may be theirs.
        deployed: whether it was looked for on AWS: in `snapshots` of tables and `objects` of landing data.
        not_looked_at: on AWS: where else somebody may be.
    """

    subject: str
    keys: tuple[Key, ...]
    findings: tuple[Finding, ...]
    unread: tuple[Unread, ...]
    looked: tuple[Looked, ...]
    last_run: str
    since: str = ""
    untold: tuple[Untold, ...] = ()
    nobodys: Mapping[str, int] = field(default_factory=dict)
    deployed: bool = False
    snapshots: tuple[LookedSnapshot, ...] = ()
    objects: tuple[LookedObject, ...] = ()
    not_looked_at: tuple[str, ...] = ()

    @property
    def erased(self) -> bool:
        """Whether the person is nowhere, and everything was looked into."""
        return not self.findings and not self.unread and not self.untold

    @property
    def runs(self) -> int:
        """Runs of the lake after which the person is gone, once the landing data doesn't have them."""
        found = [one.runs or 0 for one in self.findings]
        return max((*found, *(one.runs for one in self.untold)), default=0)
