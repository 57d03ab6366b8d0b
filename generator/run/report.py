"""What a run did, as data. How it is shown is up to the command line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any, Protocol

NO_FILES_HELP = "name the folder of the landing data with --data, or make a sample: python -m generator sample DIR"
BY_FULL = "--full asks for it"
BAD_ROWS_HELP = "mend the data or the declaration, or allow as many by `max_bad_rows`; the last published rows stay"


class Status(StrEnum):
    OK = "ok"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class StageReport:
    """A step that changed the number of rows.

    Attributes:
        lost: how to call the rows that it dropped.
        rows: what was left.
    """

    kind: str
    text: str
    lost: str
    rows: int


@dataclass(frozen=True, slots=True)
class CheckReport:
    """An expectation that was evaluated.

    Attributes:
        violations: rows (or, for `rows`, 1) that break it.
        examples: some of them.
        of: the table, view or source whose rows they are, if not of the one that was made.
    """

    name: str
    kind: str
    blocking: bool
    violations: int
    examples: tuple[Mapping[str, Any], ...] = ()
    of: str = ""

    @property
    def failed(self) -> bool:
        return self.violations > 0 and self.blocking


def broken(checks: Iterable[CheckReport]) -> str:
    """What keeps a table from being published; empty if nothing does."""
    return "; ".join(f"it breaks: {check.name}" for check in checks if check.failed)


@dataclass(frozen=True, slots=True)
class TableReport:
    """What became of a table or source.

    Attributes:
        rows: None when it was not made.
        rows_in: rows of its inputs; lines of a source.
        quarantined: lines of a source that are no rows, by reason in `reasons`.
        extra_keys: keys in the raw data that the spec doesn't declare.
        expected: what the reference data must give.
        problem: why it failed or was skipped; `help`: what to do.
        files: of a source: its landing files, of which `files_read`, with `bytes_read`, were read in this run.
        unchanged: whether it is current as it was: nothing was made.
        added, removed: of a table that was kept by what changed: rows that it has now and hadn't, and the reverse.
        rows_read: likewise: the rows of inputs, and of its own, that were looked at.
        anew: why all of a table was made that was there before.
    """

    name: str
    zone: str | None
    is_source: bool
    status: Status
    rows: int | None = None
    rows_in: int | None = None
    stages: tuple[StageReport, ...] = ()
    quarantined: int = 0
    reasons: Mapping[str, int] = field(default_factory=dict)
    extra_keys: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    expected: int | None = None
    seconds: float = 0.0
    checks: tuple[CheckReport, ...] = ()
    problem: str = ""
    help: str = ""
    files: int = 0
    files_read: int = 0
    bytes_read: int = 0
    unchanged: bool = False
    added: int | None = None
    removed: int | None = None
    rows_read: int | None = None
    anew: str = ""

    @property
    def unexpected(self) -> bool:
        """Whether there are other than the expected rows."""
        return self.expected is not None and self.rows is not None and self.rows != self.expected

    def to_json(self) -> dict[str, Any]:
        data = asdict(self)
        data.pop("name")
        data["seconds"] = round(self.seconds, 4)
        return data


@dataclass(frozen=True, slots=True)
class RunReport:
    """What a run did.

    Attributes:
        run: its id, also the name of the version folders that it wrote.
        published: whether the catalog was switched.
        removed: tables and sources that the spec doesn't have any more: they left the lake.
    """

    lake: str
    run: str
    tables: tuple[TableReport, ...]
    seconds: float
    published: bool
    removed: tuple[str, ...] = ()

    @property
    def failed(self) -> bool:
        return any(table.status is not Status.OK or table.unexpected for table in self.tables)

    def to_json(self) -> dict[str, Any]:
        return {
            "lake": self.lake,
            "run": self.run,
            "status": "failed" if self.failed else "ok",
            "published": self.published,
            "seconds": round(self.seconds, 4),
            "removed": list(self.removed),
            "tables": {table.name: table.to_json() for table in self.tables},
        }


class Listener(Protocol):
    """Told of a run's progress while it goes on."""

    def started(self, name: str, position: int, total: int) -> None: ...

    def finished(self, report: TableReport) -> None: ...
