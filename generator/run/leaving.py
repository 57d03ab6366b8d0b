"""What a spec doesn't have any more leaves the lake: tables and sources that were removed, or renamed."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from generator.run.lake_folder import Catalog, Entry, LakeFolder
from generator.run.program import Program


def without_gone(lake: LakeFolder, catalog: Catalog, program: Program) -> tuple[Catalog, tuple[str, ...]]:
    """The catalog with what the spec stores alone, and the names of what left.

    A folder that was last written for a lake of another name keeps everything: it may be shared.
    """
    if lake.lake_name() != program.lake:
        return catalog, ()
    left: list[str] = []
    tables = _known("tables", catalog.tables, program.stored, left)
    sources = _known("sources", catalog.sources, program.stored, left)
    quarantine = {name: entry for name, entry in catalog.quarantine.items() if f"sources/{name}" in program.stored}
    return Catalog(tables, sources, quarantine), tuple(left)


def _known(kind: str, entries: Mapping[str, Entry], stored: Collection[str], left: list[str]) -> dict[str, Entry]:
    left += (name for name in entries if f"{kind}/{name}" not in stored)
    return {name: entry for name, entry in entries.items() if f"{kind}/{name}" in stored}
