"""Tables as Parquet files in a folder: each version has files of its own, and a catalog says which are current."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pyspark.errors import ParseException
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.types import StructType

from .columns import columns_of, struct_of
from .error import LakeError
from .folder_catalog import FolderCatalog
from .layout import Layout
from .storage import literal_path
from .times import in_session_zone
from .writer import Writer


@dataclass(frozen=True, slots=True)
class ParquetTables:
    """The tables of a lake, as a run reads and publishes them.

    Attributes:
        staged: the columns of what was written and isn't published yet.
    """

    spark: SparkSession
    catalog: FolderCatalog
    run: str
    staged: dict[str, Sequence[tuple[str, str]]] = field(default_factory=dict)

    def is_published(self, name: str) -> bool:
        """Whether readers see a version."""
        return bool(self.catalog.versions(name))

    def rows(self, name: str) -> DataFrame | None:
        """The rows of the current version of a table or source; None if none was published."""
        current = self.catalog.current(name)
        if current is None:
            return None
        paths = [literal_path(path) for path in self.catalog.paths(current)]
        known = _struct(self.catalog.columns(name))  # else Spark has to look into a file, which takes a job
        rows: DataFrame = (self.spark.read.schema(known) if known else self.spark.read).parquet(*paths)
        kinds = in_session_zone(rows.schema)
        rows = rows if kinds == rows.schema else self.spark.read.schema(kinds).parquet(*paths)
        if not known and all(file.startswith("sources/") for file in current.files):
            rows = rows.drop(rows.columns[-1])  # the name of each row's file
        return rows

    def stage(self, name: str, rows: DataFrame, layout: Layout) -> DataFrame:
        """Writes a new version, which nobody sees yet; returns its rows as they are there.

        Raises:
            LakeError: the run has published it already.
        """
        if self.run in {version.run for version in self.catalog.versions(name)}:
            raise LakeError(f"{name}: run {self.run} is published already: use another --run_id")
        self.staged[name] = columns_of(rows.schema)
        writer = Writer(self.spark)
        writer.write(rows, self._location(name), writer.number_of_files(rows))
        return self.spark.read.schema(rows.schema).parquet(literal_path(self._location(name)))

    def files(self, name: str) -> list[str]:
        """The files with the rows of what was staged, and no others."""
        return sorted(map(str, Path(self._location(name)).glob("*.parquet")))

    def publish(self, name: str, rows: int, checks: Mapping[str, int], keep: int) -> None:
        """Makes what was staged the version that readers see, in one step.

        Args:
            rows: how many there are.
            checks: the rows that break each check.
            keep: how many versions stay.
        """
        self.catalog.publish(name, self.run, rows, self.staged.pop(name), keep)

    def expire(self, name: str) -> None:
        """Nothing to do: whoever starts jobs removes versions, later, and what killed runs left."""

    def discard(self, name: str) -> None:
        """Removes what was staged, if anything was."""
        if self.staged.pop(name, None) is not None:
            shutil.rmtree(self._location(name), ignore_errors=True)

    def _location(self, name: str) -> str:
        return f"{self.catalog.root}/tables/{name}/{self.run}"


def _struct(columns: Sequence[tuple[str, str]] | None) -> StructType | None:
    """Columns as Spark takes them; None if types don't tell, as those with names that have to be quoted."""
    try:
        return struct_of(dict(columns)) if columns is not None else None
    except ParseException:
        return None
