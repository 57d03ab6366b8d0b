"""The modules that a Glue script imports, over a store of sources and of what was written."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import ModuleType, SimpleNamespace
from typing import Any
from unittest.mock import patch

from pyspark.sql import DataFrame, SparkSession

from tests.engines.glue_standin.frames import DynamicFrame, DynamicFrameCollection, Record, Unsupported


@dataclass
class Store:
    """What there is to read, and what was written.

    Attributes:
        tables: (records, types) by `database.table`, names in lower case.
        files: (records, types) by path without a slash at its end, names as the files have them.
        written: (columns, rows) by path or `database.table`.
    """

    tables: Mapping[str, tuple[list[Record], dict[str, str]]]
    files: Mapping[str, tuple[list[Record], dict[str, str]]]
    written: dict[str, tuple[list[str], list[tuple[Any, ...]]]] = field(default_factory=dict)

    def write(self, place: str, frame: DynamicFrame | DataFrame) -> None:
        if isinstance(frame, DynamicFrame):
            names = list(frame.types)
            rows = [tuple(one.get(name) for name in names) for one in frame.records]
        else:
            names, rows = frame.columns, [tuple(row) for row in frame.collect()]
        if len(set(names)) < len(names):
            raise Unsupported(f"several columns are called the same: {names}")
        before = self.written.get(place.rstrip("/"))
        self.written[place.rstrip("/")] = (names, [*(before[1] if before else []), *rows])


class Reader:
    def __init__(self, context: GlueContext) -> None:
        self.context = context

    def from_catalog(self, database: str = "", table_name: str = "", name_space: str = "", **_: Any) -> DynamicFrame:
        records, types = self.context.store.tables[f"{database or name_space}.{table_name}"]
        return DynamicFrame(records, types, self.context, table_name)

    def from_options(
        self, connection_type: str, connection_options: Any = None, format: str = "json", **_: Any
    ) -> DynamicFrame:
        frames = [self.context.store.files[one.rstrip("/")] for one in connection_options["paths"]]
        found = DynamicFrame(*frames[0], self.context)
        for records, types in frames[1:]:
            found = found.union(DynamicFrame(records, types, self.context))
        return found


class Writer:
    def __init__(self, context: GlueContext) -> None:
        self.context = context

    def from_options(self, frame: Any, connection_type: str, connection_options: Any = None, **_: Any) -> Any:
        if connection_type == "s3":
            self.context.store.write(connection_options["path"], frame)
        return frame

    def from_catalog(self, frame: Any, database: str = "", table_name: str = "", name_space: str = "", **_: Any) -> Any:
        self.context.store.write(f"{database or name_space}.{table_name}", frame)
        return frame

    def from_jdbc_conf(self, frame: Any, catalog_connection: str, connection_options: Any = None, **_: Any) -> Any:
        return frame


class Sink:
    def __init__(self, context: GlueContext, path: str) -> None:
        self.context = context
        self.path = path

    def setCatalogInfo(self, **_: Any) -> None:
        return None

    def setFormat(self, *_: Any, **__: Any) -> None:
        return None

    def writeFrame(self, frame: Any) -> Any:
        self.context.store.write(self.path, frame)
        return frame


class GlueContext:
    """Of one script."""

    def __init__(self, store: Store, session: Any) -> None:
        self.store = store
        self.spark_session = session
        self.create_dynamic_frame = Reader(self)
        self.write_dynamic_frame = Writer(self)

    def create_dynamic_frame_from_catalog(self, *places: Any, **given: Any) -> DynamicFrame:
        return self.create_dynamic_frame.from_catalog(*places, **given)

    def create_dynamic_frame_from_options(self, *places: Any, **given: Any) -> DynamicFrame:
        return self.create_dynamic_frame.from_options(*places, **given)

    def write_dynamic_frame_from_options(self, *places: Any, **given: Any) -> Any:
        return self.write_dynamic_frame.from_options(*places, **given)

    def getSink(self, path: str = "", connection_type: str = "s3", **_: Any) -> Sink:
        return Sink(self, path)

    def purge_s3_path(self, path: str, *_: Any, **__: Any) -> None:
        self.store.written.pop(path.rstrip("/"), None)


class Session:
    """The session, where a query may name tables of the catalog."""

    def __init__(self, spark: SparkSession, store: Store) -> None:
        self._spark = spark
        self._store = store
        self._context: Any = SimpleNamespace(spark_session=spark)

    def sql(self, query: str) -> DataFrame:
        for name, (records, types) in self._store.tables.items():
            if name in query:
                view = name.replace(".", "__")
                DynamicFrame(records, types, self._context).toDF().createOrReplaceTempView(view)
                query = query.replace(name, view)
        return self._spark.sql(query)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._spark, name)


class _Write:
    """A DataFrame's writer."""

    def __init__(self, store: Store, frame: DataFrame) -> None:
        self.store = store
        self.frame = frame

    def mode(self, *_: Any) -> _Write:
        return self

    format = option = options = partitionBy = mode

    def save(self, path: str, **_: Any) -> None:
        self.store.write(path, self.frame)

    parquet = json = csv = save

    def saveAsTable(self, name: str, **_: Any) -> None:
        self.store.write(name, self.frame)


def _transform(method: str, first: str = "frame", **renamed: str) -> Any:
    """`X.apply(frame=…)` for the method of the frame."""

    def apply(*places: Any, **given: Any) -> Any:
        frame, rest = (given.pop(first), places) if first in given else (places[0], places[1:])
        return getattr(frame, method)(*rest, **{renamed.get(key, key): value for key, value in given.items()})

    return SimpleNamespace(apply=apply)


class EvaluateDataQuality:
    def process_rows(self, frame: DynamicFrame, **_: Any) -> DynamicFrameCollection:
        return DynamicFrameCollection({"originalData": frame}, None)

    @staticmethod
    def apply(frame: DynamicFrame, **_: Any) -> DynamicFrame:
        return frame


class _Select:
    @staticmethod
    def apply(dfc: DynamicFrameCollection, key: str, transformation_ctx: str = "") -> DynamicFrame:
        return dfc.select(key)


class _Join:
    @staticmethod
    def apply(frame1: DynamicFrame, frame2: DynamicFrame, keys1: Any, keys2: Any, **_: Any) -> DynamicFrame:
        return frame1.join(keys1, keys2, frame2)


def transforms() -> dict[str, Any]:
    """What `from awsglue.transforms import *` brings."""
    return {
        "Filter": _transform("filter"),
        "Join": _Join,
        "ApplyMapping": _transform("apply_mapping"),
        "DropFields": _transform("drop_fields"),
        "SelectFields": _transform("select_fields"),
        "RenameField": _transform("rename_field", old_name="oldName", new_name="newName"),
        "Union": _transform("union", "frame1"),
        "SplitFields": _transform("split_fields"),
        "Spigot": _transform("spigot"),
        "ResolveChoice": _transform("resolveChoice"),
        "SelectFromCollection": _Select,
    }


def _modules(spark: SparkSession, store: Store, arguments: Mapping[str, str]) -> dict[str, ModuleType]:
    session = Session(spark.newSession(), store)  # with temporary views of its own
    job = type("Job", (), {"__init__": lambda *_: None, "init": lambda *_: None, "commit": lambda *_: None})
    context = type("SparkContext", (), {"getOrCreate": staticmethod(lambda *_: None), "__init__": lambda *_: None})
    contents: dict[str, dict[str, Any]] = {
        "awsglue": {"DynamicFrame": DynamicFrame, "DynamicFrameCollection": DynamicFrameCollection},
        "awsglue.transforms": transforms(),
        "awsglue.utils": {"getResolvedOptions": lambda argv, names: dict(arguments)},
        "awsglue.context": {"GlueContext": lambda *_: GlueContext(store, session)},
        "awsglue.job": {"Job": job},
        "awsglue.dynamicframe": {"DynamicFrame": DynamicFrame, "DynamicFrameCollection": DynamicFrameCollection},
        "awsgluedq": {},
        "awsgluedq.transforms": {"EvaluateDataQuality": EvaluateDataQuality},
        "gs_derived": {},
        "pyspark.context": {"SparkContext": context},
    }
    modules = {}
    for name, content in contents.items():
        modules[name] = ModuleType(name)
        modules[name].__dict__.update(content)
        modules[name].__dict__["__all__"] = list(content)
    return modules


@contextmanager
def _installed(modules: Mapping[str, ModuleType]) -> Iterator[None]:
    before = {name: sys.modules.get(name) for name in modules}
    sys.modules.update(modules)
    try:
        yield
    finally:
        for name, module in before.items():
            if module is None:
                del sys.modules[name]
            else:
                sys.modules[name] = module


def run_script(text: str, spark: SparkSession, store: Store, arguments: Mapping[str, str]) -> None:
    """Runs a Glue script; what it writes is in the store."""
    code = compile(text, "job.py", "exec")
    write = property(lambda frame: _Write(store, frame))
    with (
        _installed(_modules(spark, store, arguments)),
        patch("pyspark.sql.classic.dataframe.DataFrame.write", write, create=True),
    ):
        exec(code, {"__name__": "__main__"})
