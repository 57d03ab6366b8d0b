"""G010: a column that is compared with personal data, and is not tagged as personal itself."""

from __future__ import annotations

from collections.abc import Iterator

from generator.checks.finding import Finding
from generator.plan.lake import CompiledLake
from generator.plan.relation import Column, ColumnId


def check(lake: CompiledLake) -> Iterator[Finding]:
    reported: set[str] = set()
    for table in lake.tables.values():
        for _, before, join in table.query.joins():
            right = lake.relation(join.input) if isinstance(join.input, str) else join.input.relation
            for pair in join.pairs:
                left_column = before.columns[pair.left]
                right_column = right.columns[ColumnId(None, pair.right.name)]
                for one, other in ((left_column, right_column), (right_column, left_column)):
                    name = _raw_name(one)
                    if not _is_direct(one) and _is_direct(other) and name not in reported:
                        reported.add(name)
                        yield Finding(
                            "G010",
                            f"`{name}` holds personal data but is not tagged",
                            join.place,
                            f"compared with {_tagged(other)}",
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
