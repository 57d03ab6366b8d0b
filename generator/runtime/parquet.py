"""Parquet files: typed already, so no lines to quarantine; a file either fits the columns or is refused."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial, reduce
from typing import Any

from py4j.protocol import Py4JJavaError
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.types import DataType, StructType, TimestampNTZType, TimestampType

from .columns import spark_type, type_of
from .error import LakeError
from .folder import ALL_OR_NOTHING, Folder
from .rules import LandingColumn, file_column
from .storage import first_line, literal_path
from .types import Type

READERS = 16
_NARROWER = {
    "double": ("float", "int", "smallint", "tinyint"),
    "float": ("smallint", "tinyint"),
    "bigint": ("int", "smallint", "tinyint"),
    "int": ("smallint", "tinyint"),
    "smallint": ("tinyint",),
}


def read_parquet(
    spark: SparkSession, folder: Folder, columns: Sequence[LandingColumn], source: str
) -> tuple[DataFrame, tuple[str, ...], tuple[str, ...]]:
    """The rows of all files, the undeclared columns in them, and a note for each column that some files lack.

    Raises:
        LakeError: a file is no Parquet file, or holds a column in another case, or of a type that doesn't convert to
            the declared one without loss.
    """
    layouts: list[tuple[StructType, list[str]]] = []
    for files in _alike(folder, source):
        one = literal_path(folder.plain_path(files[0]))
        schema = spark.read.options(**ALL_OR_NOTHING).parquet(one).schema
        for column in columns:
            _check(column, schema, folder.files[files[0]], source)
        layouts.append((schema, files))
    rows = reduce(DataFrame.unionAll, (_rows(spark, columns, schema, folder, files) for schema, files in layouts))
    declared = {column.key for column in columns}
    extra_keys = {name for schema, _ in layouts for name in schema.names} - declared
    return rows, tuple(sorted(extra_keys)), tuple(_lacking(columns, layouts))


def _alike(folder: Folder, source: str) -> list[list[str]]:
    """The files, those with the same schema together."""
    alike: dict[str, list[str]] = {}
    with ThreadPoolExecutor(READERS) as pool:
        for file, schema in zip(
            folder.files, pool.map(partial(_written_schema, folder, source), folder.files), strict=True
        ):
            alike.setdefault(schema, []).append(file)
    return list(alike.values())


def _written_schema(folder: Folder, source: str, file: str) -> str:
    """The schema in a file's footer, as Parquet prints it."""
    context = folder.spark.sparkContext
    jvm: Any = context._jvm
    parquet = jvm.org.apache.parquet
    try:
        no_rows = parquet.format.converter.ParquetMetadataConverter.SKIP_ROW_GROUPS
        path = jvm.org.apache.hadoop.fs.Path(folder.plain_path(file))
        footer = parquet.hadoop.ParquetFileReader.readFooter(context._jsc.hadoopConfiguration(), path, no_rows)
        return str(footer.getFileMetaData().getSchema().toString())
    except Py4JJavaError as error:
        problem = f"{source}: {folder.files[file]}: not readable as Parquet: {first_line(error)}"
        raise LakeError(problem, source=source) from None


def _check(column: LandingColumn, schema: StructType, file: str, source: str) -> None:
    if column.key not in schema.names:
        near = next((name for name in schema.names if name.lower() == column.key.lower()), None)
        if near:
            problem = f"column `{near}` where `{column.key}` is declared"
            raise LakeError(f"{source}: {file}: {problem}", source=source)
        return
    found = _plain(schema[column.key].dataType)
    if not _fits(found, column.type):
        problem = f"column `{column.key}` is {found}, which is no {column.type} without loss"
        raise LakeError(f"{source}: {file}: {problem}", source=source)


def _plain(kind: DataType) -> Type:
    return type_of(TimestampType() if isinstance(kind, TimestampNTZType) else kind)


def _fits(found: Type, wanted: Type) -> bool:
    if found == wanted or found.kind in _NARROWER.get(wanted.kind, ()):
        return True
    if found.kind != "decimal" or wanted.kind != "decimal":
        return False
    return found.scale <= wanted.scale and found.precision - found.scale <= wanted.precision - wanted.scale


def _rows(
    spark: SparkSession, columns: Sequence[LandingColumn], schema: StructType, folder: Folder, files: Sequence[str]
) -> DataFrame:
    found: Mapping[str, None] = dict.fromkeys(schema.names)
    values = [
        (F.col("`" + one.key.replace("`", "``") + "`") if one.key in found else F.lit(None))
        .cast(spark_type(str(one.type)))
        .alias(one.name)
        for one in columns
    ]
    values.append(F.expr(folder.own_name(schema.names)).alias(file_column(one.name for one in columns)))
    reader = spark.read.options(**ALL_OR_NOTHING).schema(schema)
    return folder.read(lambda paths: reader.parquet(*paths), files).select(*values)


def _lacking(columns: Sequence[LandingColumn], layouts: Sequence[tuple[StructType, list[str]]]) -> Iterator[str]:
    total = sum(len(files) for _, files in layouts)
    for column in columns:
        count = sum(len(files) for schema, files in layouts if column.key not in schema.names)
        if count:
            yield f"column `{column.key}` is missing from {count} of {total} files and NULL there"
