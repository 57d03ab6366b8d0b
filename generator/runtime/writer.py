"""Writes rows as Parquet, in files of a good size."""

from __future__ import annotations

import math
from dataclasses import dataclass

from pyspark.sql import DataFrame, SparkSession

from .times import stored_in_utc

BYTES_A_FILE = 32 << 20
"""Input bytes for which a table gets a file; raw data shrinks to a fraction as Parquet."""
MOST_FILES = 100_000


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes rows to folders.

    Attributes:
        compression: how, as Spark names it. Rows of sources are written and read once or twice: what packs them
            tighter takes longer than it saves.
    """

    spark: SparkSession
    compression: str = "zstd"

    def number_of_files(self, rows: DataFrame) -> int:
        """How many files rows are to be written to, by what Spark knows of the size of all that is read for them."""
        enough = min(math.ceil(input_bytes(rows) / BYTES_A_FILE), MOST_FILES)
        return max(int(self.spark.sparkContext.defaultParallelism), enough)

    def write(self, rows: DataFrame, location: str, files: int, *, without_bounds: str = "") -> None:
        """Writes to a folder; one that is there was left by a killed attempt of the same run.

        Args:
            without_bounds: a column of which nobody asks the least and the greatest value. To find them takes as long
                as to write a column of long texts that begin alike.
        """
        writer = stored_in_utc(rows).coalesce(files).write.mode("overwrite").option("compression", self.compression)
        if without_bounds:
            writer = writer.option(f"parquet.column.statistics.enabled#{without_bounds}", "false")
        writer.parquet(location)


def input_bytes(rows: DataFrame) -> int:
    """The size of all that is read for some rows, as Spark knows it."""
    leaves = rows._jdf.queryExecution().optimizedPlan().collectLeaves()
    return sum(int(str(leaves.apply(index).stats().sizeInBytes())) for index in range(leaves.size()))
