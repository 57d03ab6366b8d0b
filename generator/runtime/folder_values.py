"""Values in the names of folders, in Spark: rows are joined with them by their file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from .columns import from_text, spark_type
from .folder import Folder
from .partitions import Partitions
from .rules import LandingColumn, file_column

_NAME = "folder.name"


def with_partitions(
    rows: DataFrame, folder: Folder, inside: Sequence[LandingColumn], above: Sequence[LandingColumn]
) -> DataFrame:
    """Rows with the columns whose values are in the names of their file's folders, which are known to be right.

    Args:
        rows: the columns `inside` the files, and `file_column` of these.
        above: the columns of folders.
    """
    if not above:
        return rows
    partitions = Partitions(above)
    known = [_entry(name, partitions.values(name), above) for name in folder.files.values()]
    schema = ", ".join(f"`{name}` string" for name in (_NAME, *(f"folder.{one.name}" for one in above)))
    texts = folder.spark.createDataFrame(known, schema)
    kinds = ((one.name, spark_type(str(one.type))) for one in above)
    typed = (F.expr(from_text(f"`folder.{name}`", kind)).alias(f"folder.{name}") for name, kind in kinds)
    values = texts.select(f"`{_NAME}`", *typed)
    file = F.col(f"`{file_column(one.name for one in inside)}`")
    return rows.join(F.broadcast(values), file == F.col(f"`{_NAME}`")).select(
        *(F.col(f"`{one.name}`") for one in inside),
        *(F.col(f"`folder.{one.name}`").alias(one.name) for one in above),
        file.alias(file_column(one.name for one in (*inside, *above))),
    )


def _entry(name: str, values: Mapping[str, str | None], columns: Sequence[LandingColumn]) -> tuple[str | None, ...]:
    return (name, *(values[column.name] for column in columns))
