"""What is deployed against what was promised.

Athena counts the published rows of sources and tables and asks the expectations. Of consent counts what runs recorded,
and so do the lines of sources that are no rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from generator.deploy.athena import QueryError, Row, ask, named_queries
from generator.deploy.aws import Aws
from generator.deploy.catalog import Table, tables
from generator.deploy.recorded import Promise, SourceRecord, recorded_checks, recorded_sources
from generator.diagnostics import GeneratorError
from generator.runtime.words import plural

_COUNTS = "row_counts"
_WORKERS = 4


class VerifyError(GeneratorError):
    """There is nothing to verify with."""


@dataclass(frozen=True, slots=True)
class Count:
    """The rows of a table or source.

    Attributes:
        rows: None if nobody knows.
        expected: what the reference data gives, if the spec says so.
        local: what the last run on this machine gave, if there was one.
        note: where the number comes from, or why there is none.
    """

    table: str
    rows: int | None
    expected: int | None
    local: int | None
    note: str = ""

    @property
    def wrong(self) -> bool:
        return self.expected is not None and self.rows != self.expected

    @property
    def differs(self) -> bool:
        """Whether this machine has other rows; its data may be other data."""
        return self.local is not None and self.rows is not None and self.rows != self.local

    def to_json(self) -> dict[str, Any]:
        data = {"rows": self.rows, "expected": self.expected, "local": self.local, "ok": not self.wrong}
        return data | ({"note": self.note} if self.note else {})


@dataclass(frozen=True, slots=True)
class Finding:
    """A question about the rows of a table, and how many rows break it; None when it couldn't be asked."""

    table: str
    question: str
    violations: int | None
    blocking: bool = True
    problem: str = ""

    @property
    def wrong(self) -> bool:
        return self.blocking and (self.violations is None or self.violations > 0)

    def to_json(self) -> dict[str, Any]:
        return {
            "table": self.table,
            "question": self.question,
            "violations": self.violations,
            "blocking": self.blocking,
            "problem": self.problem,
        }


@dataclass(frozen=True, slots=True)
class Question:
    """An expectation as a query that counts the rows that break it."""

    table: str
    name: str
    blocking: bool
    sql: str


@dataclass(frozen=True, slots=True)
class Verification:
    """All that was asked."""

    counts: tuple[Count, ...]
    findings: tuple[Finding, ...]

    @property
    def failed(self) -> bool:
        return any(count.wrong for count in self.counts) or any(finding.wrong for finding in self.findings)

    def to_json(self) -> dict[str, Any]:
        return {
            "status": "failed" if self.failed else "ok",
            "counts": {count.table: count.to_json() for count in self.counts},
            "findings": [finding.to_json() for finding in self.findings],
        }


def verify(
    aws: Aws, workgroup: str, database: str, questions: Sequence[Question], promise: Promise, local: Mapping[str, int]
) -> Verification:
    """Asks for the rows of all tables and sources, for consent, and for whatever else is given.

    Args:
        local: rows of the last run on this machine, by table.

    Raises:
        VerifyError: the workgroup has no queries of a lake.
        QueryError: Athena couldn't count.
    """
    saved = named_queries(aws, workgroup)
    counting = [sql for name, (_, sql) in sorted(saved.items()) if name.startswith(_COUNTS)]
    if (promise.tables or promise.sources) and not counting:
        raise VerifyError(
            f"the Athena workgroup {workgroup} has no query `{_COUNTS}`: deploy this lake with `deploy apply`"
        )
    known = tables(aws, database)
    with ThreadPoolExecutor(_WORKERS) as pool:
        counted = pool.map(lambda sql: ask(aws, workgroup, database, sql), counting)
        answered = pool.map(lambda question: _answer(aws, workgroup, database, question), questions)
        notes = _notes(promise, known)
        counts = [_count(row, local, notes) for rows in counted for row in rows]
        counts.sort(key=lambda one: one.table not in promise.sources)
        return Verification(tuple(counts), (*_consents(promise, known), *answered))


def _count(row: Row, local: Mapping[str, int], notes: Mapping[str, str]) -> Count:
    table, expected = row["table_name"] or "", row["expected"]
    wanted = None if expected is None else int(expected)
    return Count(table, int(row["row_count"] or 0), wanted, local.get(table), notes.get(table, ""))


def _notes(promise: Promise, known: Sequence[Table]) -> dict[str, str]:
    """What runs recorded of the sources, beside their rows."""
    records = recorded_sources(known)
    return {source: _note(records.get(source)) for source in promise.sources}


def _note(record: SourceRecord | None) -> str:
    if record is None:
        return "no run has made it yet: start the workflow"
    return f"run {record.run} read {plural(record.files, 'file')} of it; quarantined lines: {record.quarantined:,}"


def _consents(promise: Promise, known: Sequence[Table]) -> Iterator[Finding]:
    """The checks of consent that the run of each current version made; a table that was never published is empty."""
    published = {table.name: table for table in known if table.current is not None}
    for name, check in promise.consents:
        checks = recorded_checks(published[name]) if name in published else {check: 0}
        if check not in checks:
            why = "the run that published it has not recorded this check: start the workflow"
            yield Finding(name, check, None, True, why)
        else:
            yield Finding(name, check, checks[check])


def _answer(aws: Aws, workgroup: str, database: str, question: Question) -> Finding:
    try:
        rows = ask(aws, workgroup, database, question.sql)
    except QueryError as error:
        return Finding(question.table, question.name, None, question.blocking, str(error))
    return Finding(question.table, question.name, int(next(iter(rows[0].values())) or 0), question.blocking)
