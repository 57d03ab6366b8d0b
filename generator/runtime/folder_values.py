"""Values in the names of folders, in Spark: rows are joined with them by their file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from .columns import spark_type
from .folder import Folder
from .lines import FILE
from .partitions import Partitions
from .rules import LandingColumn

_INSIDE = "landing.inside"
_SCHEME = "^[a-zA-Z][a-zA-Z0-9+.-]*:(//[^/]*)?"


def with_partitions(rows: DataFrame, folder: Folder, columns: Sequence[LandingColumn]) -> DataFrame:
    """Rows with the columns whose values are in the names of their file's folders, which are known to be right."""
    if not columns:
        return rows
    partitions = Partitions(columns)
    known = [_entry(file, partitions.values(name), columns) for file, name in folder.files.items()]
    schema = ", ".join(f"`{name}` string" for name in (_INSIDE, *(column.name for column in columns)))
    texts = folder.spark.createDataFrame(known, schema)
    typed = (F.col(f"`{one.name}`").cast(spark_type(str(one.type))).alias(one.name) for one in columns)
    values = texts.select(f"`{_INSIDE}`", *typed)
    inside = F.regexp_replace(F.col(f"`{FILE}`"), _SCHEME, "")
    return rows.join(F.broadcast(values), inside == F.col(f"`{_INSIDE}`"))


def _entry(file: str, values: Mapping[str, str | None], columns: Sequence[LandingColumn]) -> tuple[str | None, ...]:
    return (file, *(values[column.name] for column in columns))
