"""M001: a table that is to be kept by what changed, and can't be."""

from __future__ import annotations

from collections.abc import Iterator

from generator.checks.finding import Finding
from generator.diagnostics import Severity
from generator.plan.lake import CompiledLake, Place
from generator.plan.maintenance.verdict import verdict


def check(lake: CompiledLake) -> Iterator[Finding]:
    for table in lake.tables.values():
        if table.refresh != "incremental":
            continue
        found = verdict(lake, table)
        if found.reason:
            yield Finding(
                "M001",
                f"`{table.name}` is made anew by every run that finds its inputs changed",
                found.place or Place(("tables", table.name)),
                found.reason,
                notes=("it says `refresh: incremental`",),
                help=(
                    "let an exact column of the base rows come out, and be among those that rows are put together by",
                    "or write `refresh: auto`: making it anew is right too, it costs more",
                ),
                severity=Severity.ERROR,
            )
