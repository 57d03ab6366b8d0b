"""All there is to tell about a source."""

from __future__ import annotations

from dataclasses import dataclass

from generator.plan.lake import CompiledLake
from generator.render.explanation.people import RowPerson, row_people
from generator.render.explanation.personal import PersonalColumn, key_names, personal_columns


@dataclass(frozen=True, slots=True)
class SourceExplanation:
    """A source: raw data as it lands.

    Attributes:
        consents: the consents that are asked of it, as the registry, with their conditions.
        undeclared: it isn't said whose data it holds.
        read_by: the tables that read it.
    """

    source: str
    zone: str
    description: str | None
    path: str
    format: str
    people: tuple[RowPerson, ...]
    undeclared: bool
    consents: tuple[tuple[str, str], ...]
    columns: tuple[str, ...]
    personal: tuple[PersonalColumn, ...]
    keys: tuple[tuple[str, ...], ...]
    read_by: tuple[str, ...]


def explain_source(lake: CompiledLake, name: str) -> SourceExplanation:
    source = lake.sources[name]
    return SourceExplanation(
        source=name,
        zone=source.zone,
        description=source.description,
        path=source.path,
        format=source.format,
        people=row_people(lake, source.relation),
        undeclared=bool(source.relation.undeclared),
        consents=tuple((one, known.when) for one, known in lake.consents.items() if known.registry == name),
        columns=tuple(column.name for column in source.columns),
        personal=personal_columns(source.relation.columns.values()),
        keys=key_names(source.relation),
        read_by=tuple(table.name for table in lake.tables.values() if name in table.inputs),
    )
