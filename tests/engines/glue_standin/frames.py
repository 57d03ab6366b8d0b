"""DynamicFrames: records that describe themselves. A key that a record hasn't got is not a key with None."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.types import StructType, _parse_datatype_string

Record = dict[str, Any]
_CASTS: dict[str, Callable[[Any], Any]] = {
    "string": str, "int": int, "long": int, "bigint": int, "integer": int, "double": float, "float": float,
}  # fmt: skip


class Unsupported(Exception):
    """The real thing may do something here, but nobody has written down what."""


def path(name: str) -> list[str]:
    """Glue's paths: dots divide, except in backticks and at the beginning."""
    found = re.findall(r"`([^`]*)`|(\.?[^.`]+)", name)
    return [quoted or plain for quoted, plain in found]


class DynamicFrame:
    """Records, and the type of each key that any of them may have."""

    def __init__(self, records: Iterable[Record], types: Mapping[str, str], glue_ctx: Any, name: str = "") -> None:
        self.records = [dict(one) for one in records]
        self.types = dict(types)
        self.glue_ctx = glue_ctx
        self.name = name

    def _with(self, records: Iterable[Record], types: Mapping[str, str]) -> DynamicFrame:
        return DynamicFrame(records, types, self.glue_ctx, self.name)

    # As Spark's frames --------------------------------------------------------------------------------

    def toDF(self, options: Any = None) -> DataFrame:
        """Every column in every row: an absent key becomes a null."""
        schema = StructType()
        for name, kind in self.types.items():
            schema.add(name, _parse_datatype_string(kind))
        spark: SparkSession = self.glue_ctx.spark_session
        return spark.createDataFrame([tuple(one.get(name) for name in self.types) for one in self.records], schema)

    @classmethod
    def fromDF(cls, dataframe: DataFrame, glue_ctx: Any, name: str) -> DynamicFrame:
        """Records with all the columns, and None for nulls."""
        names = dataframe.columns
        if len(set(names)) < len(names):
            raise Unsupported(f"several columns are called the same: {names}")
        types = {one.name: one.dataType.simpleString() for one in dataframe.schema.fields}
        return cls([dict(zip(names, row, strict=True)) for row in dataframe.collect()], types, glue_ctx, name)

    # Rows ---------------------------------------------------------------------------------------------

    def filter(self, f: Callable[[Record], Any], transformation_ctx: str = "", **_: Any) -> DynamicFrame:
        """Records for which the function is true. KeyError, ValueError and TypeError count as false."""
        kept = []
        for one in self.records:
            try:
                if f(one):
                    kept.append(one)
            except (KeyError, ValueError, TypeError):
                continue
        return self._with(kept, self.types)

    def join(
        self, paths1: Any, paths2: Any, frame2: DynamicFrame, transformation_ctx: str = "", **_: Any
    ) -> DynamicFrame:
        """An inner join; columns of the second frame whose names the first one has get a dot in front."""
        left = [paths1] if isinstance(paths1, str) else list(paths1)
        right = [paths2] if isinstance(paths2, str) else list(paths2)
        new = {name: f".{name}" if name in self.types else name for name in frame2.types}
        if set(new.values()) & set(self.types):
            raise Unsupported("a third column of the same name")
        records = [
            one | {new[key]: value for key, value in other.items()}
            for one in self.records
            for other in frame2.records
            if all(_equal(_get(one, a), _get(other, b)) for a, b in zip(left, right, strict=True))
        ]
        return self._with(records, self.types | {new[name]: kind for name, kind in frame2.types.items()})

    def union(self, frame2: DynamicFrame, transformation_ctx: str = "", **_: Any) -> DynamicFrame:
        """All records of both."""
        return self._with([*self.records, *frame2.records], self.types | frame2.types)

    # Fields -------------------------------------------------------------------------------------------

    def drop_fields(self, paths: Any, transformation_ctx: str = "", **_: Any) -> DynamicFrame:
        """Records without these keys; those that aren't there are no fault."""
        gone = {_top(one) for one in ([paths] if isinstance(paths, str) else paths)}
        types = {name: kind for name, kind in self.types.items() if name not in gone}
        return self._with([{key: one[key] for key in one if key in types} for one in self.records], types)

    def select_fields(self, paths: Any, transformation_ctx: str = "", **_: Any) -> DynamicFrame:
        """Records with these keys only."""
        kept = [_top(one) for one in ([paths] if isinstance(paths, str) else paths)]
        types = {name: self.types[name] for name in kept if name in self.types}
        return self._with([{key: one[key] for key in one if key in types} for one in self.records], types)

    def rename_field(self, oldName: str, newName: str, transformation_ctx: str = "", **_: Any) -> DynamicFrame:
        old, new = _top(oldName), newName.replace("`", "")
        types = {new if name == old else name: kind for name, kind in self.types.items()}
        return self._with([{new if key == old else key: one[key] for key in one} for one in self.records], types)

    def apply_mapping(
        self, mappings: Any, case_sensitive: bool = False, transformation_ctx: str = "", **_: Any
    ) -> DynamicFrame:
        """Only what is named, under new names, as new types; what doesn't convert becomes None."""
        items = [mappings] if isinstance(mappings, tuple) else list(mappings)
        full = [
            (one[0], "", one[1], "") if len(one) == 2 else (one[0], "", *one[1:]) if len(one) == 3 else one
            for one in items
        ]
        types, records = {}, [Record() for _ in self.records]
        for source, _before, target, kind in full:
            keys, new = path(source), target.replace("`", "")
            types[new] = _type(kind) or (self.types.get(keys[0], "string") if len(keys) == 1 else "string")
            for one, made in zip(self.records, records, strict=True):
                found = _at(one, keys)
                if found is not _ABSENT:
                    made[new] = _cast(found, kind)
        return self._with(records, types)

    applyMapping = apply_mapping

    def split_fields(
        self, paths: Sequence[str], name1: str, name2: str, transformation_ctx: str = "", **_: Any
    ) -> DynamicFrameCollection:
        frames = {name1: self.select_fields(list(paths)), name2: self.drop_fields(list(paths))}
        return DynamicFrameCollection(frames, self.glue_ctx)

    def spigot(self, path: str, options: Any = None, transformation_ctx: str = "", **_: Any) -> DynamicFrame:
        return self

    def resolveChoice(self, **_: Any) -> DynamicFrame:
        return self

    def gs_derived(self, colName: str, expr: str) -> DynamicFrame:
        """Studio's Derived Column."""
        return DynamicFrame.fromDF(self.toDF().withColumn(colName, F.expr(expr)), self.glue_ctx, self.name)

    # The rest -----------------------------------------------------------------------------------------

    def coalesce(self, *_: Any, **__: Any) -> DynamicFrame:
        return self

    repartition = coalesce

    def count(self) -> int:
        return len(self.records)

    def show(self, *_: Any) -> None:
        return None

    def printSchema(self) -> None:
        return None


class DynamicFrameCollection:
    """Frames by their names."""

    def __init__(self, dynamic_frames: dict[str, DynamicFrame], glue_ctx: Any) -> None:
        self._frames = dict(dynamic_frames)

    def keys(self) -> Any:
        return self._frames.keys()

    def values(self) -> Any:
        return self._frames.values()

    def select(self, key: str, transformation_ctx: str = "") -> DynamicFrame:
        return self._frames[key]

    __getitem__ = select


_ABSENT = object()


def _top(name: str) -> str:
    keys = path(name)
    if len(keys) != 1:
        raise Unsupported(f"a field of a field: {name}")
    return keys[0]


def _at(record: Any, keys: list[str]) -> Any:
    for key in keys:
        if not isinstance(record, dict) or key not in record:
            return _ABSENT
        record = record[key]
    return record


def _get(record: Record, name: str) -> Any:
    found = _at(record, path(name))
    return None if found is _ABSENT else found


def _equal(one: Any, other: Any) -> bool:
    return one is not None and other is not None and one == other


def _type(kind: str) -> str:
    return {"long": "bigint", "": ""}.get(kind, kind)


def _cast(value: Any, kind: str) -> Any:
    if value is None or not kind or kind not in _CASTS:
        return value
    try:
        return _CASTS[kind](value)
    except (ValueError, TypeError):
        return None
