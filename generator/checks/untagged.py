"""G010: a column that is compared with personal data, and is not tagged as personal itself."""

from __future__ import annotations

from collections.abc import Iterator

from generator.checks.finding import Finding
from generator.checks.raw import compared, raw_columns, stands_in_the_spec
from generator.plan.lake import CompiledLake
from generator.plan.relation import Column


def check(lake: CompiledLake) -> Iterator[Finding]:
    reported: set[str] = set()
    for table in lake.tables.values():
        for _, before, join in table.query.joins():
            for one, other in compared(lake, before, join):
                name = _raw_name(one.column)
                if _is_direct(one.column) or not _is_direct(other.column) or name in reported:
                    continue
                if stands_in_the_spec(lake, one, raw_columns(lake, one.origins)):  # G011 says more
                    continue
                reported.add(name)
                yield Finding(
                    "G010",
                    f"`{name}` holds personal data but is not tagged",
                    join.place,
                    f"compared with {_tagged(other.column)}",
                    help=("add `pii: true` where it is declared",),
                )


def _is_direct(column: Column) -> bool:
    return any(not label.pseudonymous for label in column.personal)


def _tagged(column: Column) -> str:
    label = min(label for label in column.personal if not label.pseudonymous)
    return f"{label.source}.{label.column}"


def _raw_name(column: Column) -> str:
    origin = min(column.origins, default=None)
    return f"{origin.table}.{origin.column}" if origin is not None else column.name
