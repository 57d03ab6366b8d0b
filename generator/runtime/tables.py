"""Where the published rows of a lake's sources and tables are."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import Protocol

from pyspark.sql import DataFrame, SparkSession

from .arguments import optional_argument
from .error import LakeError
from .folder_catalog import FolderCatalog
from .iceberg import CATALOG, IcebergTables
from .layout import Layout
from .parquet_tables import ParquetTables
from .storage import read_text, write_no_checksums


class Tables(Protocol):
    """The tables of a lake, as a run reads and publishes them: a version is written, looked at, then published."""

    def is_published(self, name: str) -> bool:
        """Whether readers see a version."""
        ...

    def rows(self, name: str) -> DataFrame | None:
        """The rows of the current version of a table or source; None if none was published."""
        ...

    def stage(self, name: str, rows: DataFrame, layout: Layout) -> DataFrame:
        """Writes a new version, which nobody sees yet; returns its rows as they are there.

        Args:
            layout: how the files of Iceberg tables lie; a lake in a folder takes no notice.

        Raises:
            LakeError: the table can't take them, or the run has published it already.
        """
        ...

    def publish(self, name: str, rows: int, checks: Mapping[str, int], keep: int) -> None:
        """Makes what was staged the version that readers see, in one step.

        Args:
            rows: how many there are.
            checks: the rows that break each check.
            keep: how many versions stay.

        Raises:
            LakeError: another run changed the table meanwhile.
        """
        ...

    def expire(self, name: str) -> None:
        """Removes the versions that don't stay, unless whoever starts jobs does.

        Raises:
            LakeError: that can't be done.
        """
        ...

    def discard(self, name: str) -> None:
        """Removes what was staged, if anything was."""
        ...


def open_tables(spark: SparkSession, root: str, database: str, run: str) -> Tables:
    """The tables of a lake: Iceberg's where the session has a catalog of them, as it must on S3; else a folder's.

    Args:
        root: the lake's.
        run: the run's name.

    Raises:
        LakeError: the session has no catalog of Iceberg tables.
    """
    if spark.conf.get(f"spark.sql.catalog.{CATALOG}", None) is not None:
        described = optional_argument("descriptions")
        texts = json.loads(read_text(spark, described)) if described else {}
        return IcebergTables(spark, database, run, int(time.time() * 1000), texts)
    if root.startswith(("s3://", "s3a://")):
        raise LakeError(
            f"the session has no catalog {CATALOG}: the Terraform module names it in the job arguments --conf and "
            "--datalake-formats"
        )
    write_no_checksums(spark, root)
    return ParquetTables(spark, FolderCatalog(root.removeprefix("file://"), database), run)
