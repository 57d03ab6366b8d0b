"""Columns of Iceberg tables: they get those that a version needs, and rows the types that they were written with."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from py4j.protocol import Py4JJavaError
from pyspark.errors import AnalysisException
from pyspark.sql import Column, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.types import (
    ArrayType,
    ByteType,
    DataType,
    IntegerType,
    MapType,
    ShortType,
    StructField,
    StructType,
)

from .columns import quoted
from .iceberg_versions import Snapshot
from .layout import Layout, lay_out
from .times import in_session_zone
from .versions import schema_of_version

COMMENT = "comment"
"""The table's property that catalogs show as its description."""


def columns_of_table(spark: SparkSession, identifier: str) -> dict[str, StructField]:
    """A table's columns, by their names in lower case."""
    return {one.name.lower(): one for one in spark.table(identifier).schema.fields}


def staying_columns(spark: SparkSession, identifier: str, schema: StructType) -> set[str]:
    """The columns that a table has with the very type that they are going to have, in lower case."""
    wanted = {(one.name.lower(), stored_kind(one.dataType)) for one in schema.fields}
    there = columns_of_table(spark, identifier)
    return {column for column, one in there.items() if (column, stored_kind(one.dataType)) in wanted}


def widen(spark: SparkSession, identifier: str, schema: StructType) -> list[tuple[str, DataType]]:
    """Gives a table the columns that it lacks; returns those that it has beyond.

    Readers see a new column at once, without values until the run is published. Of a type that a column can't
    take on, it is a new column of the same name.
    """
    alter = f"ALTER TABLE {identifier}"
    there = columns_of_table(spark, identifier)
    for one in schema.fields:
        known = there.pop(one.name.lower(), None)
        if known is not None and stored_kind(known.dataType) == stored_kind(one.dataType):
            continue
        column, wanted = quoted(one.name), _ddl(stored_kind(one.dataType))
        if known is not None:
            try:
                spark.sql(f"{alter} ALTER COLUMN {column} TYPE {wanted}")
                continue
            except (AnalysisException, Py4JJavaError):
                spark.sql(f"{alter} DROP COLUMN {column}")
        spark.sql(f"{alter} ADD COLUMN {column} {wanted}")
    return [(one.name, one.dataType) for one in there.values()]


def narrow(table: Any, switch: Any, columns: Sequence[str]) -> None:
    """Drops the columns that a version hasn't, and puts the others in its order.

    Args:
        table: Iceberg's own; `switch` is a transaction of it.
    """
    fields = {str(one.name()).lower(): str(one.name()) for one in table.schema().columns()}
    wanted = [column.lower() for column in columns]
    if list(fields) == wanted:
        return
    update, before = switch.updateSchema(), None
    for one in fields.keys() - wanted:
        update = update.deleteColumn(fields[one])
    for one in wanted:
        update = update.moveFirst(fields[one]) if before is None else update.moveAfter(fields[one], fields[before])
        before = one
    update.commit()


def restore_columns(jvm: Any, table: Any, version: Snapshot, layout: Layout) -> None:
    """Gives a table the columns of its current version again, where a run that came to nothing changed them."""
    wanted = _schema_of(table, version)
    if wanted is None or wanted == table.operations().current().currentSchemaId():
        return
    staying = {one.fieldId() for one in table.schemas().get(wanted).columns()}
    columns = {str(one.name()).lower() for one in table.schema().columns() if one.fieldId() in staying}
    lay_out(jvm, table, layout.of(columns))
    operations = table.operations()
    base = operations.current()
    builder = jvm.org.apache.iceberg.TableMetadata.buildFrom(base)
    operations.commit(base, builder.setCurrentSchema(wanted).build())
    table.refresh()


def describe_table(switch: Any, texts: Mapping[str, Any]) -> None:
    """Says of a table and its columns what the build says, where that is another text.

    Args:
        switch: a transaction of the table.
        texts: its `description`, and of its `columns` a comment each.
    """
    table = switch.table()
    if texts["description"] != (table.properties().get(COMMENT) or ""):
        switch.updateProperties().set(COMMENT, texts["description"]).commit()
    known = {str(one.name()): str(one.doc() or "") for one in table.schema().columns()}
    changed = {column: text for column, text in texts["columns"].items() if known.get(column, text) != text}
    if changed:
        update = switch.updateSchema()
        for column, text in changed.items():
            update = update.updateColumnDoc(column, text)
        update.commit()


def as_declared(declared: StructType) -> list[Column]:
    """Columns of the types that they were written with; Iceberg has fewer."""
    kinds = in_session_zone(declared)
    return [F.col(quoted(one.name)).cast(one.dataType).alias(one.name) for one in kinds.fields]


def nullable(schema: StructType) -> StructType:
    """A schema that says of nothing that it has no nulls: what is read back can't be cast to one that does."""
    found = _rebuilt(schema, lambda one: one)
    assert isinstance(found, StructType)
    return found


def stored_kind(kind: DataType) -> DataType:
    """A type as Iceberg stores it, without what is said of nulls."""
    return _rebuilt(kind, lambda one: IntegerType() if isinstance(one, ByteType | ShortType) else one)


def _schema_of(table: Any, version: Snapshot) -> int | None:
    """The id of the schema by which a version is read; None if there is none."""
    schemas = {
        int(number): [(int(one.fieldId()), str(one.name())) for one in schema.columns()]
        for number, schema in table.schemas().items()
    }
    return schema_of_version(
        [name for name, _ in version.columns], schemas, table.snapshot(version.snapshot).schemaId()
    )


def _ddl(kind: DataType) -> str:
    """A type as Spark's SQL takes it, whatever its fields are called."""
    if isinstance(kind, StructType):
        return f"struct<{', '.join(f'{quoted(one.name)}: {_ddl(one.dataType)}' for one in kind.fields)}>"
    if isinstance(kind, ArrayType):
        return f"array<{_ddl(kind.elementType)}>"
    if isinstance(kind, MapType):
        return f"map<{_ddl(kind.keyType)}, {_ddl(kind.valueType)}>"
    return str(kind.simpleString())


def _rebuilt(kind: DataType, leaf: Callable[[DataType], DataType]) -> DataType:
    """A type with other types in it; nothing in it is said to have no nulls."""
    if isinstance(kind, StructType):
        return StructType([StructField(one.name, _rebuilt(one.dataType, leaf)) for one in kind.fields])
    if isinstance(kind, ArrayType):
        return ArrayType(_rebuilt(kind.elementType, leaf))
    if isinstance(kind, MapType):
        return MapType(_rebuilt(kind.keyType, leaf), _rebuilt(kind.valueType, leaf))
    return leaf(kind)
