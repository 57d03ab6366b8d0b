"""Times in tables: written as plain times in UTC, which no reader shifts to its own zone; read as timestamps.

All engines write them so. Spark marks such columns as another type, `timestamp_ntz`, which expressions don't know.
"""

from __future__ import annotations

from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import ArrayType, DataType, MapType, StructField, StructType, TimestampNTZType, TimestampType

from .columns import quoted


def stored_in_utc(rows: DataFrame) -> DataFrame:
    """The same rows with all times, nested ones too, as plain times in the session's zone, which is UTC."""
    kinds = _fields(rows.schema, TimestampType(), TimestampNTZType())
    if kinds == rows.schema.fields:
        return rows
    columns = []
    for before, after in zip(rows.schema.fields, kinds, strict=True):
        column = F.col(quoted(before.name))
        columns.append(column if before == after else column.cast(after.dataType).alias(before.name))
    return rows.select(*columns)


def in_session_zone(schema: StructType) -> StructType:
    """The schema that reads stored times as timestamps."""
    return StructType(_fields(schema, TimestampNTZType(), TimestampType()))


def _fields(struct: StructType, old: DataType, new: DataType) -> list[StructField]:
    return [StructField(one.name, _replaced(one.dataType, old, new), one.nullable) for one in struct.fields]


def _replaced(kind: DataType, old: DataType, new: DataType) -> DataType:
    if isinstance(kind, StructType):
        return StructType(_fields(kind, old, new))
    if isinstance(kind, ArrayType):
        return ArrayType(_replaced(kind.elementType, old, new), kind.containsNull)
    if isinstance(kind, MapType):
        return MapType(_replaced(kind.keyType, old, new), _replaced(kind.valueType, old, new), kind.valueContainsNull)
    return new if kind == old else kind
