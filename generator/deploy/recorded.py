"""What runs recorded of what they read and checked, so that nobody has to count raw text again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from generator.deploy.catalog import Table
from generator.jobs.proof_rules import proof_rules
from generator.jobs.rules import ConsentRule, SinceRule
from generator.plan.lake import CompiledLake


@dataclass(frozen=True, slots=True)
class SourceRecord:
    """What the last run that read a source found.

    Attributes:
        rows, quarantined: its lines that became rows, and those that didn't.
        files: how many there were.
    """

    run: str
    rows: int
    quarantined: int
    files: int


@dataclass(frozen=True, slots=True)
class Promise:
    """What a lake promises that only runs can tell of.

    Attributes:
        tables, sources: whose rows Athena counts.
        consents: tables and the checks by which a run saw that everybody in them agreed.
    """

    tables: frozenset[str]
    sources: frozenset[str]
    consents: Sequence[tuple[str, str]] = ()


def promise_of(lake: CompiledLake) -> Promise:
    """What the runs of a lake record of its sources and of consent."""
    rules = ((table.name, rule) for table in lake.tables.values() for rule in proof_rules(lake, table))
    return Promise(
        frozenset(table.name for table in lake.tables.values() if not table.is_view),
        frozenset(lake.sources),
        tuple((table, rule.name) for table, rule in rules if isinstance(rule, ConsentRule | SinceRule)),
    )


def recorded_sources(tables: Sequence[Table]) -> dict[str, SourceRecord]:
    """What was read of each source; it is noted with its rows."""
    found = {table.name: table.version for table in tables if table.kind == "sources" and table.version is not None}
    return {
        name: SourceRecord(one.run, one.rows, one.read.get("quarantined", 0), one.read.get("files", 0))
        for name, one in found.items()
    }


def recorded_checks(table: Table) -> Mapping[str, int]:
    """The rows that broke each check of the version that readers see."""
    return table.version.checks if table.version is not None else {}
