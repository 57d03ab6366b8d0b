"""Versions of Iceberg tables: what is noted of each in a property of its table, beside the snapshot itself."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from pyspark.sql.types import StructType

from .versions import VERSIONS, Link, kept_versions

RUN, PROGRAM, INPUTS = "lake.run", "lake.program", "lake.inputs"
"""What a snapshot's summary says of the run that made it, by what, and of which snapshots of which tables."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A published version.

    Attributes:
        snapshot: its id.
        columns: names and Glue types.
        checks: the rows that break each check.
        declared: its columns as Spark's schema, in JSON: types are texts in `columns`, which no names can be read from.
        read: of a source: how many `files` its rows are of, and how many lines of them are `quarantined`.
        program: a digest of what made it; empty where nobody knows.
        inputs: of what else it was made: the run of each table's and source's version.
        row_file: of a source: the column with the landing file of each row; no job's script sees it.
        before: where it is known how it differs from another version: the run that made that one.
        came, left: the snapshots that brought the rows which only this one, or only that one has; None without such.
    """

    run: str
    snapshot: int
    rows: int
    columns: Sequence[tuple[str, str]]
    checks: Mapping[str, int]
    declared: Mapping[str, Any] = field(default_factory=dict)
    read: Mapping[str, int] = field(default_factory=dict)
    program: str = ""
    inputs: Mapping[str, str] = field(default_factory=dict)
    row_file: str = ""
    before: str = ""
    came: int | None = None
    left: int | None = None

    @property
    def schema(self) -> StructType:
        """Its columns."""
        return StructType.fromJson(dict(self.declared))


@dataclass(frozen=True, slots=True)
class Made:
    """What a version was made by, and of.

    Attributes:
        program: a digest; empty where nobody may go by it.
        inputs: the version of each table and source.
    """

    program: str = ""
    inputs: Mapping[str, Snapshot] = field(default_factory=dict)

    @property
    def runs(self) -> dict[str, str]:
        """The runs that made the inputs."""
        return {name: one.run for name, one in self.inputs.items()}

    @property
    def summary(self) -> dict[str, str]:
        """What a snapshot says of it."""
        snapshots = {name: one.snapshot for name, one in self.inputs.items()}
        return {PROGRAM: self.program, INPUTS: json.dumps(snapshots)} if self.program else {}


NOBODY_KNOWS = Made()


@dataclass(frozen=True, slots=True)
class SourceNote:
    """What is to be known of a source's version.

    Attributes:
        read: how many `files` its rows are of, how many lines of them are `quarantined`.
        row_file: the column with the landing file of each row.
        record: which landing files the rows are of, as text.
    """

    read: Mapping[str, int] = field(default_factory=dict)
    row_file: str = ""
    record: str = ""


NO_SOURCE = SourceNote()


def published_versions(table: Any) -> list[Snapshot]:
    """What runs published and is kept, the current version first, then newer ones before older ones.

    Args:
        table: Iceberg's own.
    """
    notes = json.loads(table.properties().get(VERSIONS) or "[]")
    snapshots = {one.snapshotId(): Link(str(one.operation()), one.parentId()) for one in table.snapshots()}
    current = table.currentSnapshot()
    _, found = kept_versions(notes, snapshots, None if current is None else current.snapshotId())
    return [Snapshot(**{**one, "columns": [(name, kind) for name, kind in one["columns"]]}) for one in found]


def note_versions(change: Any, versions: Sequence[Snapshot]) -> None:
    """Notes which versions there are.

    Args:
        change: Iceberg's table, or a transaction of it.
    """
    change.updateProperties().set(VERSIONS, json.dumps([asdict(one) for one in versions])).commit()


def newest_first(versions: Sequence[Snapshot]) -> list[Snapshot]:
    """Versions by the names of their runs: later ones sort behind."""
    return sorted(versions, key=lambda one: one.run, reverse=True)
