"""Declared columns, as the rules of landing data and as Spark take them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from pyspark.sql.types import (
    ArrayType,
    BinaryType,
    DataType,
    DecimalType,
    DoubleType,
    FloatType,
    MapType,
    StringType,
    StructField,
    StructType,
    _parse_datatype_string,
)

from .rules import LandingColumn
from .spelling import Spelling
from .types import Type


def declared_columns(
    columns: Mapping[str, str], keys: Mapping[str, str], formats: Mapping[str, Mapping[str, Any]]
) -> tuple[LandingColumn, ...]:
    """The columns by name, with Glue types; `keys` and `formats` have what the raw data spells in another way."""
    return tuple(
        LandingColumn(name, keys.get(name, name), type_of(spark_type(kind)), Spelling.of(formats.get(name, {})))
        for name, kind in columns.items()
    )


@cache
def spark_type(kind: str) -> DataType:
    """The Spark type of a Glue type."""
    found: DataType = _parse_datatype_string(kind)
    return found


def struct_of(columns: Mapping[str, str]) -> StructType:
    return StructType([StructField(name, spark_type(kind)) for name, kind in columns.items()])


def columns_of(schema: StructType) -> list[tuple[str, str]]:
    """Names and Glue types."""
    return [(field.name, field.dataType.simpleString()) for field in schema.fields]


def type_of(kind: DataType) -> Type:
    """A Spark type, as the rules take it."""
    if isinstance(kind, DecimalType):
        return Type("decimal", kind.precision, kind.scale)
    if isinstance(kind, ArrayType):
        return Type("array", fields=(("element", type_of(kind.elementType)),))
    if isinstance(kind, MapType):
        return Type("map", fields=(("key", type_of(kind.keyType)), ("value", type_of(kind.valueType))))
    if isinstance(kind, StructType):
        return Type("struct", fields=tuple((one.name, type_of(one.dataType)) for one in kind.fields))
    return Type(kind.simpleString())


def replaced(kind: DataType, old: Any, new: DataType) -> DataType:
    """A type with all parts of class `old`, or of any but nested ones if that is None, as `new`."""
    if isinstance(kind, StructType):
        return StructType([StructField(one.name, replaced(one.dataType, old, new)) for one in kind.fields])
    if isinstance(kind, ArrayType):
        return ArrayType(replaced(kind.elementType, old, new))
    if isinstance(kind, MapType):
        return MapType(replaced(kind.keyType, old, new), replaced(kind.valueType, old, new))
    return new if old is None or isinstance(kind, old) else kind


def as_text(kind: DataType) -> DataType:
    """The type of a value whose every part is text."""
    return replaced(kind, None, StringType())


def as_read(kind: DataType) -> DataType:
    """The type to decode to: floats by way of doubles, so that they are rounded as in every engine."""
    return replaced(kind, FloatType, DoubleType())


def from_text(value: str, kind: DataType) -> str:
    """Spark SQL that casts a value whose every part is canonical text; binary is hexadecimal bytes."""
    if not _is_cast_by_part(kind):
        return f"cast({value} AS {kind.simpleString()})"
    if isinstance(kind, ArrayType):
        return f"transform({value}, e -> {from_text('e', kind.elementType)})"
    if isinstance(kind, MapType):
        return (
            f"transform_values(transform_keys({value}, (k, v) -> {from_text('k', kind.keyType)}),"
            f" (k, v) -> {from_text('v', kind.valueType)})"
        )
    if isinstance(kind, StructType):
        parts = (f"'{one.name}', {from_text(f'{value}.`{one.name}`', one.dataType)}" for one in kind.fields)
        return f"if({value} IS NULL, NULL, named_struct({', '.join(parts)}))"
    return f"unhex(replace({value}, '\\\\x', ''))"


def _is_cast_by_part(kind: DataType) -> bool:
    """Whether Spark has no cast for the whole: binary isn't text, and keys of maps may not become null."""
    if isinstance(kind, StructType):
        return any(_is_cast_by_part(one.dataType) for one in kind.fields)
    if isinstance(kind, ArrayType):
        return _is_cast_by_part(kind.elementType)
    if isinstance(kind, MapType):
        return not isinstance(kind.keyType, StringType) or _is_cast_by_part(kind.valueType)
    return isinstance(kind, BinaryType)


def quoted(name: str) -> str:
    """Spark SQL: a name."""
    return "`" + name.replace("`", "``") + "`"


def literal(text: str) -> str:
    """Spark SQL: a text."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
