"""Which snapshots of an Iceberg table are versions, and by which columns they are read: facts of its metadata alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

MAIN = "main"
"""The branch that readers see."""
VERSIONS = "lake.versions"
"""The table's property that has a note of each version that is kept, in JSON, the last published one first."""
_COMPACTION = "replace"


@dataclass(frozen=True, slots=True)
class Link:
    """What a snapshot says of how it came about; its parent may be gone."""

    operation: str
    parent: int | None


def kept_versions(
    notes: Sequence[Mapping[str, Any]], snapshots: Mapping[int, Link], current: int | None
) -> tuple[Mapping[str, Any] | None, list[Mapping[str, Any]]]:
    """The note of the version that readers see, and those of all versions that are there, that one first.

    Args:
        notes: of versions, with `run` and `snapshot`.
        snapshots: those that the table has.
        current: the one that readers see; without a note of it, none is of a version.
    """
    seen = _seen(notes, snapshots, current)
    others = [one for one in notes if one["snapshot"] in snapshots and (seen is None or one["run"] != seen["run"])]
    return seen, others if seen is None else [seen, *others]


def _seen(
    notes: Sequence[Mapping[str, Any]], snapshots: Mapping[int, Link], current: int | None
) -> Mapping[str, Any] | None:
    """Of a compacted table it is the version whose rows were compacted; that one's own snapshot may have expired."""
    found = current
    while found is not None and found in snapshots and snapshots[found].operation == _COMPACTION:
        found = snapshots[found].parent
    noted = next((one for one in notes if one["snapshot"] == found), None)
    if current is None or current not in snapshots or found in snapshots:
        return noted
    if noted is None:  # compacted several times, and what was in between is gone as well
        noted = next(iter(notes), None)
    return None if noted is None else {**noted, "snapshot": current}


def schema_of_version(
    columns: Sequence[str], schemas: Mapping[int, Sequence[tuple[int, str]]], own: int | None
) -> int | None:
    """The schema by which a version is read: its columns, of the fields that its snapshot knows; None if none is.

    The snapshot's own schema may have more columns: those that went as the version was published.

    Args:
        columns: names of the version's.
        schemas: ids and names of the fields, by the schema's id.
        own: the snapshot's schema.
    """
    if own is None or own not in schemas:
        return None
    known, wanted = {number for number, _ in schemas[own]}, [name.lower() for name in columns]
    for number, fields in sorted(schemas.items(), reverse=True):
        if [name.lower() for _, name in fields] == wanted and known.issuperset(field for field, _ in fields):
            return number
    return None
