"""Parquet files: typed already, so a file either fits the columns or is refused; of its rows few can be quarantined."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial, reduce
from typing import Any

from py4j.protocol import Py4JJavaError
from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.types import (
    ArrayType,
    MapType,
    StringType,
    StructField,
    StructType,
    TimestampNTZType,
    TimestampType,
)

from .columns import quoted, spark_type, type_of
from .error import LakeError, first_line
from .folder import ALL_OR_NOTHING, Folder, uri_path
from .parquet_types import fits, lacks_types, read_as, undeclared
from .rules import LandingColumn, Reason, file_column
from .types import Type
from .words import plural

READERS = 16
_NESTED = (ArrayType, MapType, StructType)
_TAIL = 8
"""Bytes behind a footer: its length, and `PAR1`."""
_NANOSECONDS = re.compile(r"^  (?:optional|required) int64 (\S+) \(TIMESTAMP\(NANOS,", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Typed:
    """What became of Parquet files.

    Attributes:
        extra_keys: the undeclared columns that were left out.
        notes: one for each column that some files lack.
        refused: the records that are no rows, as the quarantine has them, with their number for a line.
    """

    rows: DataFrame
    extra_keys: tuple[str, ...]
    notes: tuple[str, ...]
    refused: DataFrame | None


@dataclass(frozen=True, slots=True)
class _Layout:
    """Files with the same columns.

    Attributes:
        names: the columns that the files have.
        schema: those that are declared, as Spark reads them. It never looks at the others, whatever their types are.
        finer: those in nanoseconds, which Spark reads as numbers.
        typeless: types of those in which something was written without one, which Spark reads as a number.
        inside: undeclared fields inside of declared columns.
    """

    names: tuple[str, ...]
    schema: StructType
    files: list[str]
    finer: frozenset[str]
    typeless: dict[str, Type]
    inside: tuple[str, ...]


def read_parquet(
    spark: SparkSession, folder: Folder, columns: Sequence[LandingColumn], source: str, *, refuses_new: bool = False
) -> Typed:
    """Reads all files; `refuses_new` quarantines the records of those with undeclared columns.

    Raises:
        LakeError: a file is no Parquet file, or holds a column in another case, or of a type that doesn't convert to
            the declared one without loss.
    """
    spark.conf.set("spark.sql.legacy.parquet.nanosAsLong", "true")
    layouts = [_layout(spark, written, files, folder, columns, source) for written, files in _alike(folder, source)]
    declared = {column.key for column in columns}
    problems = [_problem(columns, one, declared if refuses_new else None) for one in layouts]
    pairs = list(zip(layouts, problems, strict=True))
    rows = reduce(DataFrame.unionAll, (_rows(columns, one, folder, problem) for one, problem in pairs))
    refused = [_refused(one, folder, problem) for one, problem in pairs if problem]
    extra_keys = {name for one in layouts for name in (*one.names, *one.inside)} - declared
    return Typed(
        rows,
        () if refuses_new else tuple(sorted(extra_keys)),
        tuple(_lacking(columns, layouts)),
        reduce(DataFrame.unionAll, refused) if refused else None,
    )


def _alike(folder: Folder, source: str) -> list[tuple[Any, list[str]]]:
    """The schemas that the files were written with, and the files of each."""
    alike: dict[str, tuple[Any, list[str]]] = {}
    with ThreadPoolExecutor(READERS) as pool:
        found = pool.map(partial(_written_schema, folder, source), folder.files)
        for file, (text, schema) in zip(folder.files, found, strict=True):
            alike.setdefault(text, (schema, []))[1].append(file)
    return list(alike.values())


def _written_schema(folder: Folder, source: str, file: str) -> tuple[str, Any]:
    """The schema in a file's footer: as Parquet prints it, and itself."""
    context = folder.spark.sparkContext
    jvm: Any = context._jvm
    parquet = jvm.org.apache.parquet
    try:
        no_rows = parquet.format.converter.ParquetMetadataConverter.SKIP_ROW_GROUPS
        path = jvm.org.apache.hadoop.fs.Path(folder.plain_path(file))
        footer = parquet.hadoop.ParquetFileReader.readFooter(context._jsc.hadoopConfiguration(), path, no_rows)
        schema = footer.getFileMetaData().getSchema()
        return str(schema.toString()), schema
    except Py4JJavaError as error:
        problem = f"{source}: {folder.files[file]}: not readable as Parquet: {first_line(error)}"
        raise LakeError(problem, source=source) from None


def _layout(
    spark: SparkSession, written: Any, files: list[str], folder: Folder, columns: Sequence[LandingColumn], source: str
) -> _Layout:
    place = f"{source}: {folder.files[files[0]]}"
    fields = {str(field.getName()): field for field in written.getFields()}
    finer = frozenset(_NANOSECONDS.findall(str(written.toString())))
    schema, inside, typeless = StructType(), list[str](), dict[str, Type]()
    for column in columns:
        if problem := _unclear(column.key, [str(field.getName()) for field in written.getFields()]):
            raise LakeError(f"{place}: {problem}", source=source)
        if column.key not in fields:
            continue
        found = _read_as(spark, fields[column.key])
        kind = Type("timestamp") if column.key in finer else _kind(fields[column.key], found)
        known = kind if found else None
        if not (known and fits(known, column.type)):
            if all(_has_no_value(_footer(folder, file), column.key) for file in files):
                continue
            known = known and _with_nulls(known, column, (_footer(folder, file) for file in files))
            if not known:
                written_as = kind or _written_type(fields[column.key])
                problem = f"column `{column.key}` is {written_as}, which is no {column.type} without loss"
                raise LakeError(f"{place}: {problem}", source=source)
            typeless[column.key] = read_as(known, column.type)
        assert found and kind
        if kind.is_nested and kind != column.type:
            found = StructField(found.name, spark_type(str(read_as(kind, column.type))))
            inside += undeclared(known, column.type, column.key)
        schema.add(found)
    return _Layout(tuple(fields), schema, files, finer, typeless, tuple(inside))


def _footer(folder: Folder, file: str) -> Any:
    """What a file's footer says, as it is written: Parquet's own schema doesn't tell that a column has no type."""
    jvm: Any = folder.spark.sparkContext._jvm
    path = jvm.org.apache.hadoop.fs.Path(folder.plain_path(file))
    system = path.getFileSystem(folder.spark.sparkContext._jsc.hadoopConfiguration())
    end = system.getFileStatus(path).getLen() - _TAIL
    stream = system.open(path)
    try:
        stream.seek(end)
        size = int.from_bytes(bytes(stream.readNBytes(4)), "little")
        stream.seek(end - size)
        return jvm.org.apache.parquet.format.Util.readFileMetaData(stream)
    finally:
        stream.close()


def _has_no_value(footer: Any, key: str) -> bool:
    """Whether all of a file's values of a column are NULL, as its footer tells; False where that doesn't.

    Such a column may have been written without a type, or with any: what wrote it had nothing to tell the type from.
    """
    kinds = [one.getLogicalType() for one in _columns(footer) if one.getName() == key]
    if not footer.getNum_rows() or any(kind is not None and kind.isSetUNKNOWN() for kind in kinds):
        return True
    chunks = [chunk.getMeta_data() for group in footer.getRow_groups() for chunk in group.getColumns()]
    values = [one for one in chunks if list(one.getPath_in_schema()) == [key]]
    return bool(values) and all(
        one.isSetStatistics()
        and one.getStatistics().isSetNull_count()
        and one.getStatistics().getNull_count() == one.getNum_values()
        for one in values
    )


def _typeless(footer: Any, key: str) -> list[bool]:
    """Whether each leaf of a column, in the order in which they were written, has no type."""
    elements = iter(list(footer.getSchema())[1:])

    def leaves(element: Any) -> list[bool]:
        if children := element.getNum_children():
            return [leaf for _ in range(children) for leaf in leaves(next(elements))]
        kind = element.getLogicalType()
        return [kind is not None and bool(kind.isSetUNKNOWN())]

    while (column := next(elements)).getName() != key:
        leaves(column)
    return leaves(column)


def _with_nulls(kind: Type, column: LandingColumn, footers: Iterable[Any]) -> Type | None:
    """A type with `null` for what has none in any of the files; None if it doesn't fit the column even so."""
    found, typeless = kind, list[bool]()
    for footer in footers:
        own = _typeless(footer, column.key)
        typeless = [one and other for one, other in zip(typeless or own, own, strict=True)]
        found = _nulls_for(kind, iter(typeless))
        if not fits(found, column.type):
            return None
    return found


def _nulls_for(kind: Type, typeless: Iterator[bool]) -> Type:
    if kind.is_nested:
        return Type(kind.kind, fields=tuple((name, _nulls_for(part, typeless)) for name, part in kind.fields))
    return Type("null") if next(typeless) else kind


def _columns(footer: Any) -> Iterator[Any]:
    """The columns of a file, of a list that has those inside of them, too."""
    inside = 0
    for element in list(footer.getSchema())[1:]:
        if inside:
            inside -= 1
        else:
            yield element
        inside += element.getNum_children()


def _unclear(key: str, names: Sequence[str]) -> str | None:
    """What is wrong with columns that differ from a declared one in case alone, or are several of its name."""
    near = [name for name in names if name.lower() == key.lower()]
    if len(near) > 1:
        return f"columns {' and '.join(f'`{name}`' for name in near)} can't be told apart"
    return f"column `{near[0]}` where `{key}` is declared" if near and near[0] != key else None


def _read_as(spark: SparkSession, field: Any) -> StructField | None:
    """A column of a file as Spark reads it; None if it can't."""
    jvm: Any = spark.sparkContext._jvm
    alone = jvm.java.util.ArrayList()
    alone.add(field)
    message = jvm.org.apache.parquet.schema.MessageType("column", alone)
    reader = jvm.org.apache.spark.sql.execution.datasources.parquet
    try:
        converter = reader.ParquetToSparkSchemaConverter(spark._jsparkSession.sessionState().conf())
        (found,) = StructType.fromJson(json.loads(converter.convert(message).json())).fields
    except Py4JJavaError:
        return None
    return found


def _written_type(field: Any) -> str:
    """The type of a column as Parquet prints it."""
    return " ".join(str(field.toString()).split()[1:-1]) or str(field.toString())


def _kind(field: Any, found: StructField | None) -> Type | None:
    """The type of a column that Spark reads; None of what it would read as other values than are there."""
    if found is None or (isinstance(found.dataType, _NESTED) and "TIMESTAMP(NANOS," in str(field.toString())):
        return None
    return type_of(TimestampType() if isinstance(found.dataType, TimestampNTZType) else found.dataType)


def _problem(
    columns: Sequence[LandingColumn], layout: _Layout, declared: set[str] | None
) -> tuple[Column, Column] | None:
    """Reason (NULL for a row) and detail of the records; None if all are rows.

    Args:
        declared: keys besides which there may be none; None if there may.
    """
    keys = [key for key in layout.names if key not in declared] if declared is not None else []
    new = next(iter((*keys, *layout.inside)), None) if declared is not None else None
    if new is not None:
        return F.lit(Reason.NEW_KEY.value), F.lit(f"column `{new}` is not declared")
    finer = [column.key for column in columns if column.key in layout.finer]
    if not finer:
        return None
    details = [F.when(_field(key) % 1000 != 0, F.lit(f"`{key}`: finer than a microsecond")) for key in finer]
    detail = F.coalesce(*details)
    return F.when(detail.isNotNull(), Reason.OUT_OF_RANGE.value), detail


def _field(key: str) -> Column:
    return F.col(quoted(key))


def _read(layout: _Layout, folder: Folder) -> DataFrame:
    reader = folder.spark.read.options(**ALL_OR_NOTHING).schema(layout.schema)
    return folder.read(lambda paths: reader.parquet(*paths), layout.files)


def _rows(
    columns: Sequence[LandingColumn], layout: _Layout, folder: Folder, problem: tuple[Column, Column] | None
) -> DataFrame:
    found = _read(layout, folder)
    own = F.expr(folder.own_name(layout.schema.names)).alias(file_column(one.name for one in columns))
    kept = found.filter(problem[0].isNull()) if problem else found
    return kept.select(*(_value(one, layout) for one in columns), own)


def _value(column: LandingColumn, layout: _Layout) -> Column:
    if column.key in layout.finer:
        value = F.expr(f"timestamp_micros({quoted(column.key)} div 1000)")
    elif column.key in layout.typeless:
        value = _nulled(_field(column.key), layout.typeless[column.key], column.type)
    else:
        value = _field(column.key) if column.key in layout.schema.names else F.lit(None)
    return value.cast(spark_type(str(column.type))).alias(column.name)


def _nulled(value: Column, found: Type, wanted: Type) -> Column:
    """A value with NULL of the wanted type for what has no type."""
    if found.kind == "null":
        return F.lit(None).cast(spark_type(str(wanted)))
    if not lacks_types(found):
        return value
    if wanted.kind == "struct":
        fields = [
            _nulled(value.getField(name), part, kind).alias(name)
            for (name, part), (_, kind) in zip(found.fields, wanted.fields, strict=True)
        ]
        return F.when(value.isNotNull(), F.struct(*fields))
    if wanted.kind == "array":
        return F.transform(value, lambda one: _nulled(one, found.element, wanted.element))
    return F.transform_values(value, lambda _, one: _nulled(one, found.element, wanted.element))


def _refused(layout: _Layout, folder: Folder, problem: tuple[Column, Column]) -> DataFrame:
    """The records that are no rows: file, number, reason, detail; there is no raw text of them."""
    reason, detail = problem
    names = folder.spark.createDataFrame(list(folder.files.items()), "inside string, name string")
    by_path = F.udf(uri_path, StringType())
    found = _read(layout, folder).select(
        F.col("_metadata.file_path").alias("path"),
        (F.col("_metadata.row_index") + 1).alias("line"),
        reason.alias("reason"),
        detail.alias("detail"),
        F.lit("").alias("raw"),
    )
    refused = found.filter("reason IS NOT NULL").join(F.broadcast(names), by_path("path") == F.col("inside"))
    return refused.select(F.col("name").alias("file"), "line", "reason", "detail", "raw")


def _lacking(columns: Sequence[LandingColumn], layouts: Sequence[_Layout]) -> Iterator[str]:
    total = sum(len(one.files) for one in layouts)
    for column in columns:
        count = sum(len(one.files) for one in layouts if column.key not in one.names)
        if count:
            yield f"column `{column.key}` is missing from {count} of {plural(total, 'file')} and NULL there"
