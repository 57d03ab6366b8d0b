"""Local Spark as what keeps tables: Parquet files of a lake folder."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.types import StructType

from generator import stopping
from generator.run.maintenance.folder_files import FolderFiles
from generator.runtime.columns import struct_of
from generator.runtime.folder import METADATA
from generator.runtime.lake import set_up
from generator.runtime.maintenance.engine import FILE, Columns
from generator.runtime.maintenance.spark_engine import ROWS_A_FILE, OtherTypes, SparkEngine
from generator.runtime.storage import literal_path, write_no_checksums
from generator.runtime.times import in_session_zone, stored_in_utc


class FolderEngine(SparkEngine):
    """Local Spark, in a session of its own beside that of the scripts.

    Attributes:
        root: the lake folder.
    """

    def __init__(self, session: SparkSession, root: Path) -> None:
        super().__init__(session.newSession())
        self.root = root.resolve()
        set_up(self.session)
        write_no_checksums(self.session, str(self.root))

    def check_stopped(self) -> None:
        stopping.check()

    def open(self, files: Sequence[str], columns: Columns, *, named: bool, sure: bool) -> DataFrame:
        paths = [literal_path(str(self.root / file)) for file in files]
        rows = self.session.read.schema(struct_of(dict(columns)) if sure else self._found(paths, columns))
        read = rows.parquet(*paths)
        return read.select("*", _path(read).alias(FILE)) if named else read

    def _found(self, paths: Sequence[str], columns: Columns) -> StructType:
        """The schema by which files are read, if they have the columns."""
        found = in_session_zone(self.session.read.parquet(*paths).schema)
        there = {field.name: field.dataType.simpleString() for field in found.fields}
        for name, kind in columns:
            if there.get(name) != kind:
                raise OtherTypes(f"{name} was {there.get(name, 'not there')}, not {kind}")
        return StructType([field for field in found.fields if field.name in dict(columns)])

    def file(self, path: str) -> str:
        inside = unquote(path.partition(":")[2]).lstrip("/")
        return Path(f"/{inside}").relative_to(self.root).as_posix()

    def sizes(self, files: Sequence[str], columns: Columns) -> dict[str, int]:
        jvm: Any = self.session.sparkContext._jvm
        configuration = self.session.sparkContext._jsc.hadoopConfiguration()
        found = {}
        for file in files:
            path = jvm.org.apache.hadoop.fs.Path(str(self.root / file))
            place = jvm.org.apache.parquet.hadoop.util.HadoopInputFile.fromPath(path, configuration)
            reader = jvm.org.apache.parquet.hadoop.ParquetFileReader.open(place)
            try:
                found[file] = int(reader.getRecordCount())
            finally:
                reader.close()
        return found


def _path(rows: DataFrame) -> Column:
    """The path of each row's file."""
    hidden = any(name.lower() == METADATA for name in rows.columns)
    return F.input_file_name() if hidden else F.col(f"{METADATA}.file_path")


class SparkFiles(FolderFiles):
    """Writes files as Spark does: in parallel."""

    engine: FolderEngine

    def write(self, rows: str, most: int | None = None) -> tuple[tuple[str, ...], int]:
        most = self.engine.number(f"SELECT count(*) FROM ({rows})") if most is None else most
        new = self._written(rows, math.ceil(most / ROWS_A_FILE))
        return new, sum(self.engine.sizes(new, self.columns).values())

    def rewritten(self, files: Sequence[str], others: str) -> dict[str, tuple[str, ...]]:
        """All of them in one go, by as many files at most."""
        new = self._written(self.engine.rows(self.read(*files), others), len(files))
        filled = [file for file, rows in self.engine.sizes(new, self.columns).items() if rows]
        for file in set(new) - set(filled):
            (self.root / file).unlink()
        return {files[0]: tuple(filled), **dict.fromkeys(files[1:], ())}

    def _written(self, rows: str, most: int) -> tuple[str, ...]:
        self.folder = self.folder or self.new_folder()
        place = self.root / self.folder
        before = set(place.glob("*.parquet"))
        found = self.engine.session.sql(rows)
        kinds = [(field.name, field.dataType.simpleString()) for field in found.schema.fields]
        if kinds != list(self.columns):
            raise OtherTypes(f"the rows have {kinds}, not {list(self.columns)}")
        written = stored_in_utc(found).coalesce(max(most, 1)).write.mode("append").option("compression", "zstd")
        written.parquet(str(place))
        new = sorted(set(place.glob("*.parquet")) - before)
        return tuple(file.relative_to(self.root).as_posix() for file in new)
