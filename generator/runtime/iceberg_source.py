"""A source whose rows are an Iceberg table, and the lines that are no rows another one: every run reads all of it."""

from __future__ import annotations

from dataclasses import dataclass

from pyspark.sql import DataFrame, SparkSession

from .expectations import Audit
from .iceberg import IcebergTables
from .landing import QUARANTINE, Landing
from .layout import Layout
from .rules import file_column
from .source import Lines, SourceCall, lines_of, read_all


@dataclass(slots=True)
class IcebergSource:
    """A source that is being made.

    Attributes:
        root: the landing root.
    """

    spark: SparkSession
    tables: IcebergTables
    root: str
    call: SourceCall
    landing: Landing | None = None

    @property
    def _quarantine(self) -> str:
        return f"{self.call.name}_quarantine"

    def read(self) -> Lines:
        self.landing = read_all(self.spark, self.root, self.call)
        return lines_of(self.landing)

    def write(self) -> DataFrame:
        assert self.landing is not None
        rows = self.landing.rows.drop(file_column(self.call.declared.columns))
        return self.tables.stage(self.call.name, rows, self.call.layout)

    def publish(self, lines: Lines, audited: Audit, keep: int) -> None:
        name, tables = self.call.name, self.tables
        before = tables.current(self._quarantine)
        if lines.quarantine is not None or before is None or before.rows:
            bad = self.spark.createDataFrame([], QUARANTINE) if lines.quarantine is None else lines.quarantine
            tables.stage(self._quarantine, bad, Layout())
            tables.publish(self._quarantine, lines.quarantined, {}, 1)
            tables.expire(self._quarantine)
        checks = {one.expectation.name: one.violations for one in audited.outcomes}
        read = {"files": lines.files, "quarantined": lines.quarantined}
        tables.publish(name, audited.rows, checks, keep, read)
        tables.expire(name)

    def discard(self) -> None:
        self.tables.discard(self.call.name)

    def release(self) -> None:
        if self.landing is not None:
            self.landing.release()
