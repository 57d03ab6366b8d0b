"""Which landing files the rows of a source's versions are of: a property of the table for each version, packed.

A file that belongs to the snapshot would be the place for it; but there are readers of Iceberg that take no table whose
snapshots have files of kinds that they don't know.
"""

from __future__ import annotations

import base64
import zlib
from collections.abc import Collection
from typing import Any

LANDING = "lake.landing."
"""What begins the property's name, before that of the run that made the version."""


def note_record(change: Any, properties: Collection[str], run: str, text: str, kept: Collection[str]) -> None:
    """Notes the record of a version that is about to be published, and drops those of versions that aren't kept.

    Args:
        change: the transaction that publishes it.
        properties: names of those that the table has.
        kept: the runs of the versions that stay.
    """
    update = change.updateProperties()
    for name in properties:
        if name.startswith(LANDING) and name.removeprefix(LANDING) not in {run, *kept}:
            update = update.remove(name)
    update.set(LANDING + run, base64.b85encode(zlib.compress(text.encode(), 9)).decode()).commit()


def noted_record(properties: Any, run: str) -> str:
    """The record of a version; nothing if there is none, or it can't be read."""
    packed = properties.get(LANDING + run)
    try:
        return zlib.decompress(base64.b85decode(packed)).decode() if packed else ""
    except (ValueError, zlib.error):
        return ""
