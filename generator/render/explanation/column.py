"""All there is to tell about a column."""

from __future__ import annotations

from dataclasses import dataclass

from generator.plan.lake import CompiledLake
from generator.plan.lineage import Stop, column_of
from generator.render.explanation.history import Hop, lineage
from generator.render.explanation.labels import Cleared, Label, cleared, labels
from generator.render.explanation.personal import Personal, personal_kind


@dataclass(frozen=True, slots=True)
class ColumnExplanation:
    """A column of a table or source.

    Attributes:
        lineage: it and every column that it is computed from, the raw ones last.
        labels: the personal data that it depends on.
        cleared: where other personal data ends that it is computed from.
    """

    table: str
    column: str
    type: str
    lineage: tuple[Hop, ...]
    personal: Personal
    labels: tuple[Label, ...]
    cleared: tuple[Cleared, ...]


def explain_column(lake: CompiledLake, table: str, column: str) -> ColumnExplanation:
    known = column_of(lake, Stop(table, column))
    assert known is not None
    hops = lineage(lake, table, column)
    mine = {f"{label.source}.{label.column}" for label in known.personal}
    return ColumnExplanation(
        table=table,
        column=column,
        type=str(known.type),
        lineage=hops,
        personal=personal_kind(known.personal),
        labels=labels(lake, table, column),
        cleared=tuple(one for one in cleared(lake, hops) if not mine.issuperset(one.raw)),
    )
