"""What is kept of the sources and tables of a lake folder."""

from __future__ import annotations

from dataclasses import dataclass

from generator.run.lake_folder import Catalog, LakeFolder, Version
from generator.runtime.maintenance.engine import Columns
from generator.runtime.record import changed_landing, read_record
from generator.runtime.rules import file_column


@dataclass(frozen=True, slots=True)
class FolderStore:
    """A lake folder as it was before a run.

    Attributes:
        catalog: what was published then.
    """

    lake: LakeFolder
    catalog: Catalog

    def version(self, name: str, run: str) -> Version | None:
        entry = self.catalog.entry(name)
        found = next((one for one in entry.versions if one.run == run), None) if entry is not None else None
        there = found is not None and all((self.lake.root / file).is_file() for file in found.all_files())
        return found if there else None

    def columns(self, name: str) -> Columns:
        entry = self.catalog.entry(name)
        return entry.columns if entry is not None else ()

    def files(self, name: str, version: Version) -> tuple[str, ...]:
        return version.files

    def changes(self, name: str, then: Version, now: Version) -> None:
        """Tables of a lake folder are kept in one process, which knows what changed."""

    def row_file(self, columns: Columns) -> str:
        return file_column(name for name, _ in columns)

    def landing(self, name: str, then: Version, now: Version) -> tuple[str, ...] | None:
        old, new = (read_record(self.lake.root, one.record) if one.record else None for one in (then, now))
        return changed_landing(old, new)
