"""How a table makes its columns, and what they are compared with: one hop, from which the site draws the way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict

from generator.plan.lake import CompiledLake, CompiledTable
from generator.plan.lineage import Stop, column_of
from generator.plan.relation import Column
from generator.render.explanation.history import definitions
from generator.render.explanation.labels import direct_or_not, labels
from generator.render.manifest import Values


def column_details(lake: CompiledLake, table: CompiledTable) -> Mapping[str, Values]:
    """By column: `definitions`, how it is computed; `compared`, how labels came that it isn't computed from."""
    return {
        column.name: {
            "definitions": [asdict(one) for one in definitions(table.query, column.name)],
            "compared": _compared(lake, table, column),
        }
        for column in table.columns
    }


def _compared(lake: CompiledLake, table: CompiledTable, column: Column) -> dict[str, str]:
    """What compares the column with another one, by the raw column whose label comes by that."""
    inherited: set[tuple[str, str]] = set()
    for origin in column.origins:
        before = column_of(lake, Stop(*origin))
        inherited |= set(direct_or_not(before.personal)) if before is not None else set()
    if inherited.issuperset(direct_or_not(column.personal)):
        return {}
    return {
        f"{label.source}.{label.column}": label.path[-1].how
        for label in labels(lake, table.name, column.name)
        if (label.source, label.column) not in inherited
    }
