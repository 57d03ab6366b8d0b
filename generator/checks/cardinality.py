"""J001: a join that can multiply rows on both sides, and doesn't say that it means to."""

from __future__ import annotations

from collections.abc import Iterator

from generator.checks.finding import Finding
from generator.plan.lake import WIDE_JOINS, CompiledLake, Join
from generator.plan.relation import Relation


def check(lake: CompiledLake) -> Iterator[Finding]:
    for table in lake.tables.values():
        for _, left, join in table.query.joins():
            if _multiplies(join):
                yield _finding(lake, table.name, left, join)


def _multiplies(join: Join) -> bool:
    undeclared = join.cardinality is None and join.kind in WIDE_JOINS
    return undeclared and not join.left_unique and not join.right_unique


def _finding(lake: CompiledLake, table: str, left: Relation, join: Join) -> Finding:
    right = lake.relation(join.input) if isinstance(join.input, str) else join.input.relation
    return Finding(
        "J001",
        f"many-to-many join in `{table}`",
        join.place,
        "neither side is unique on these columns",
        notes=(f"unique on the left: {_keys(left)}; in `{join.alias}`: {_keys(right)}",),
        help=(
            "each row comes out once per match: aggregate or dedupe one side, declare what is `unique`, "
            "or write `cardinality: many_to_many`",
        ),
    )


def _keys(relation: Relation) -> str:
    keys = sorted(sorted(column.name for column in key) for key in relation.keys)
    return " or ".join(f"({', '.join(key)})" for key in keys) if keys else "nothing known"
