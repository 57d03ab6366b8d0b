"""Keeps the tables of a run on local Spark, and publishes each when it is made."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property

from pyspark.sql import SparkSession

from generator import stopping
from generator.run.lake_folder import Catalog, Entry, LakeFolder
from generator.run.maintenance.folder_store import FolderStore
from generator.run.maintenance.spark_engine import FolderEngine
from generator.run.program import TableProgram
from generator.run.report import Status, TableReport
from generator.run.spark.currency import Currency, LakeScripts
from generator.run.spark.making import SparkMaking
from generator.run.unchanged import all_inputs
from generator.runtime.error import first_line
from generator.runtime.folder_catalog import changing
from generator.runtime.maintenance.keeper import Keeper


@dataclass
class Keeping:
    """Keeps tables, in a session beside that of the scripts.

    Attributes:
        before: what was published before the run.
        run: the run, which began at `moment`.
    """

    session: SparkSession
    scripts: LakeScripts
    folder: LakeFolder
    before: Catalog
    currency: Currency
    run: str
    moment: datetime
    started: bool = field(default=False)

    @cached_property
    def _keeper(self) -> Keeper:
        self.started = True
        return Keeper(FolderEngine(self.session, self.folder.root), FolderStore(self.folder, self.before))

    def make(
        self, table: TableProgram, before: Entry, rows: int | None, started: float, script: Callable[[str], TableReport]
    ) -> TableReport:
        """Makes a table of which something changed, and publishes it.

        Args:
            before: what is published of it.
            rows: those that it starts from.
            script: makes all of it, for a reason, and publishes it.
        """
        keeper, catalog = self._keeper, self.folder.catalog()
        engine = keeper.engine
        assert isinstance(engine, FolderEngine)
        names = all_inputs(self.scripts.program, table)
        now = {name: entry.current for name in names if (entry := catalog.entry(name))}
        making = SparkMaking(
            self.scripts.program, self.folder, self.run, False, keeper, table, before, now, started,
            engine, self.scripts.lake, self.currency, self._time(), script, rows,
        )  # fmt: skip
        try:
            self.session.sparkContext.setJobDescription(f"{table.name}: what changed")
            made = making.make()
        except engine.errors() as error:
            stopping.check()
            took = time.perf_counter() - started
            return TableReport(table.name, table.zone, False, Status.FAILED, seconds=took, problem=first_line(error))
        if made.entry is not None:
            self._publish(table.name, made.entry)
        return replace(made.report, seconds=time.perf_counter() - started)

    def _publish(self, name: str, entry: Entry) -> None:
        self.folder.sync_files({file for one in entry.versions for file in one.files} - self.folder.catalog().files())
        with changing(self.folder.root):
            catalog = self.folder.catalog()
            after = replace(catalog, tables={**catalog.tables, name: entry})
            if after != catalog:
                self.folder.publish(self.scripts.program.lake, self.run, after)

    def _time(self) -> tuple[str, str]:
        moment = self.moment.astimezone(UTC)
        return f"TIMESTAMP'{moment.replace(tzinfo=None).isoformat(' ')}'", f"DATE'{moment.date().isoformat()}'"

    def close(self) -> None:
        """Frees what Spark keeps."""
        if self.started:
            engine = self._keeper.engine
            assert isinstance(engine, FolderEngine)
            engine.close()
