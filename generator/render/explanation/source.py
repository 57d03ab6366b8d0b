"""All there is to tell about a source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from generator.jobs.plan import quarantine_table
from generator.plan.lake import CompiledLake, TableLayout
from generator.render.explanation.people import RowPerson, row_people
from generator.render.explanation.personal import PersonalColumn, key_names, personal_columns
from generator.render.explanation.table import maker
from generator.runtime.guards import USUAL_LIMIT


@dataclass(frozen=True, slots=True)
class SourceExplanation:
    """A source: raw data as it lands.

    Attributes:
        file: the file of the spec that it stands in.
        options: how its files are laid out, where that isn't as usual.
        quarantine: the table with the lines that are no rows.
        max_bad_rows: how many lines (a number, or a share) may be quarantined before nothing is published.
        keep_versions: how many versions of its rows stay.
        layout: how its files on AWS lie.
        consents: the consents that are asked of it, as the registry, with their conditions.
        undeclared: it isn't said whose data it holds.
        read_by: the tables that read it.
    """

    source: str
    zone: str
    description: str | None
    file: str
    owner: str | None
    tags: tuple[str, ...]
    paths: tuple[str, ...]
    format: str
    options: Mapping[str, Any]
    quarantine: str
    max_bad_rows: int | str
    keep_versions: int
    layout: TableLayout
    people: tuple[RowPerson, ...]
    undeclared: bool
    consents: tuple[tuple[str, str], ...]
    columns: tuple[str, ...]
    personal: tuple[PersonalColumn, ...]
    keys: tuple[tuple[str, ...], ...]
    read_by: tuple[str, ...]
    job: str
    made_with: tuple[str, ...]


def explain_source(lake: CompiledLake, name: str) -> SourceExplanation:
    source = lake.sources[name]
    job, made_with = maker(lake, name)
    return SourceExplanation(
        source=name,
        zone=source.zone,
        description=source.description,
        file=source.metadata.file,
        owner=source.metadata.owner,
        tags=source.metadata.tags,
        paths=source.paths,
        format=source.format,
        options=source.options.given(),
        quarantine=quarantine_table(name),
        max_bad_rows=USUAL_LIMIT if source.max_bad_rows is None else source.max_bad_rows,
        keep_versions=source.keep_versions,
        layout=source.layout,
        people=row_people(lake, source.relation),
        undeclared=bool(source.relation.undeclared),
        consents=tuple((one, known.when) for one, known in lake.consents.items() if known.registry == name),
        columns=tuple(column.name for column in source.columns),
        personal=personal_columns(source.relation.columns.values()),
        keys=key_names(source.relation),
        read_by=tuple(table.name for table in lake.tables.values() if name in table.inputs),
        job=job,
        made_with=made_with,
    )
