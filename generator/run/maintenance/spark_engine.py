"""Local Spark as what keeps tables: cached rows and views of one session."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from py4j.protocol import Py4JError
from pyspark.errors import PySparkException
from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.types import StructType

from generator.jobs.spark_text import spark_string
from generator.run.maintenance.engine import FILE, LASTING, Columns, Engine
from generator.run.maintenance.files import SMALL, Files
from generator.run.maintenance.program import Exactly
from generator.runtime.columns import quoted, struct_of
from generator.runtime.folder import METADATA
from generator.runtime.lake import set_up
from generator.runtime.storage import literal_path, write_no_checksums
from generator.runtime.times import in_session_zone, stored_in_utc

ROWS_A_FILE = 4 * SMALL


FEW = 100_000
"""Relations of fewer rows are given to all workers where they are joined."""
_SIDES = "#sides"


class OtherTypes(Exception):
    """Rows don't have the columns that are wanted of them."""


@dataclass(frozen=True, slots=True)
class _Made:
    """A relation that was made, and how many rows it has.

    Attributes:
        held: the rows, where Spark holds them for it.
    """

    count: int
    held: DataFrame | None = None


class SparkEngine(Engine):
    """Local Spark, in a session of its own beside that of the scripts.

    Attributes:
        root: the lake folder.
    """

    quote = "`"
    semi, anti = "LEFT SEMI JOIN", "LEFT ANTI JOIN"
    reading_costs = True

    def __init__(self, session: SparkSession, root: Path) -> None:
        self.session = session.newSession()
        self.root = root.resolve()
        set_up(self.session)
        write_no_checksums(self.session, str(self.root))
        self._made: dict[str, _Made] = {}
        self._views: set[str] = set()
        self._numbers = 0

    def errors(self) -> tuple[type[Exception], ...]:
        return PySparkException, Py4JError, OtherTypes

    def literal(self, text: str) -> str:
        return spark_string(text)

    def make(self, name: str, sql: str) -> None:
        self._hold(name, self.session.sql(sql))

    def _hold(self, name: str, rows: DataFrame) -> None:
        """Computes rows once. Whatever reads them knows nothing of how they came about: plans would grow and grow."""
        held = rows.localCheckpoint(eager=False)
        count = held.count()
        self._show(name, held, _Made(count, held))

    def make_empty(self, name: str, sql: str) -> None:
        self._show(name, self.session.sql(f"SELECT * FROM ({sql}) WHERE false"), _Made(0))

    def take_over(self, name: str, sql: str, of: str) -> None:
        made = self._made.pop(of)
        self._show(name, self.session.sql(sql), made)
        self._views.add(of)

    def _show(self, name: str, rows: DataFrame, made: _Made) -> None:
        self._drop(name)
        shown = rows.hint("broadcast") if made.count <= FEW else rows
        shown.createOrReplaceTempView(quoted(name))
        self._made[name] = made

    def part(self, name: str, sql: str) -> None:
        self.define(name, sql)

    def define(self, name: str, sql: str, most: int | None = None) -> None:
        self._drop(name)
        rows = self.session.sql(sql)
        self._view(name, rows.hint("broadcast") if most is not None and most <= FEW else rows)

    def show(self, name: str, files: Sequence[str], columns: Columns) -> None:
        """Gives the rows of files the name of a table or source."""
        self.session.sql(f"SELECT * FROM {self.read(files, columns)}").createOrReplaceTempView(quoted(name))

    def read(self, files: Sequence[str], columns: Columns, *, named: bool = False, sure: bool = True) -> str:
        paths = [literal_path(str(self.root / file)) for file in files]
        rows = self.session.read.schema(struct_of(dict(columns)) if sure else self._found(paths, columns))
        self._numbers += 1
        name = f"#files {self._numbers}"
        read = rows.parquet(*paths)
        self._view(name, read.select("*", _path(read).alias(FILE)) if named else read)
        return self.name(name)

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

    def number(self, sql: str) -> int:
        row = self.session.sql(sql).head()
        return int(row[0]) if row is not None else 0

    def texts(self, sql: str) -> list[str]:
        return [row[0] for row in self.session.sql(sql).collect()]

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

    def count(self, name: str) -> int:
        return self._made[name].count if name in self._made else super().count(name)

    def compare(self, rows: Exactly, old: tuple[str, str], new: tuple[str, str]) -> None:
        keys = [self.name(f"#{number}") for number in range(len(rows.marks))]
        marked = ", ".join(f"{mark} AS {key}" for mark, key in zip(rows.marks, keys, strict=True))
        whole = f"struct({self.names(rows.columns)}) AS `#row`"
        parts = (f"SELECT {whole}, {marked}, {sign} AS `#n` {one[0]}" for sign, one in ((-1, old), (1, new)))
        self.make(
            _SIDES,
            f"SELECT first(`#row`) AS `#row`, sum(`#n`) AS `#n` FROM ({' UNION ALL '.join(parts)})"
            f" GROUP BY {', '.join(keys)} HAVING sum(`#n`) <> 0",
        )
        for sign, (_, name) in (("-", old), ("", new)):
            often = f"SELECT `#row`, explode(sequence(1, {sign}`#n`)) FROM `{_SIDES}` WHERE {sign}`#n` > 0"
            make = self.make if self.count(_SIDES) else self.make_empty
            make(name, f"SELECT `#row`.* FROM ({often})")

    def forget(self) -> None:
        for name in [*self._views, *(name for name in self._made if not name.startswith(LASTING))]:
            self._drop(name)

    def close(self) -> None:
        """Drops all that there is."""
        for name in [*self._views, *self._made]:
            self._drop(name)

    def _view(self, name: str, rows: DataFrame) -> None:
        rows.createOrReplaceTempView(quoted(name))
        self._views.add(name)

    def _drop(self, name: str) -> None:
        if (made := self._made.pop(name, None)) is not None and made.held is not None:
            plan: Any = made.held._jdf
            plan.queryExecution().analyzed().rdd().unpersist(False)
        self._views.discard(name)
        self.session.catalog.dropTempView(name)


def _path(rows: DataFrame) -> Column:
    """The path of each row's file."""
    hidden = any(name.lower() == METADATA for name in rows.columns)
    return F.input_file_name() if hidden else F.col(f"{METADATA}.file_path")


class SparkFiles(Files):
    """Writes files as Spark does: in parallel."""

    engine: SparkEngine

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
