"""Runs a lake on local Spark: the scripts of its jobs, as they are, one after the other in one JVM.

Each table is published by its own script when it has passed its checks. A table that fails keeps its last version, and
those that read it are not made.
"""

from __future__ import annotations

import importlib
import os
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from generator.jobs.proof_rules import source_rules
from generator.jobs.spark_checks import SparkCheck, spark_check
from generator.plan.lake import CompiledLake
from generator.run.lake_folder import Catalog, Entry, LakeFolder
from generator.run.program import Program, TableProgram
from generator.run.report import Listener, RunReport, Status, TableReport
from generator.run.spark.ahead import proving_ahead
from generator.run.spark.events import Events
from generator.run.spark.reports import defined, skipped, source_report, table_report
from generator.run.spark.scripts import STAND_IN, Scripts, importable
from generator.run.spark.session import local_spark

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

LOG = ".spark.log"
PACKAGE = "lake.zip"
"""The runtime that the scripts import, beside them."""


@dataclass(frozen=True, slots=True)
class LakeScripts:
    """A lake and its scripts.

    Attributes:
        program: the part of the lake that is to be run.
        texts: the text of each script by file name: `TABLE.py` makes a table.
        package: the runtime, as a zip.
    """

    lake: CompiledLake
    program: Program
    texts: Mapping[str, str]
    package: bytes

    def write(self, folder: Path) -> None:
        (folder / PACKAGE).write_bytes(self.package)
        for name, text in self.texts.items():
            (folder / name).write_text(text, encoding="utf-8")


def run_scripts(scripts: LakeScripts, data: Path, folder: LakeFolder, listener: Listener) -> RunReport:
    """Runs scripts over landing data, on a Spark of their own.

    Raises:
        LakeFolderError: the lake folder can't be used.
        GeneratorError: local Spark can't be used; nothing has changed then.
    """
    started = time.perf_counter()
    with folder.locked(), tempfile.TemporaryDirectory(prefix="lake-jobs-") as made:
        scripts.write(Path(made))
        log = folder.root / LOG
        log.write_bytes(b"")
        with local_spark(scripts.lake.name, data, log, [Path(made) / PACKAGE]) as session:
            report = run_in_session(session, scripts, Path(made), data, folder, listener)
    return replace(report, seconds=time.perf_counter() - started)


def run_in_session(
    session: SparkSession, scripts: LakeScripts, made: Path, data: Path, folder: LakeFolder, listener: Listener
) -> RunReport:
    """Runs the scripts that were written to the folder `made`; the lock of the lake folder is held."""
    started = time.perf_counter()
    run = f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{os.urandom(3).hex()}"
    folder.remove_unpublished(folder.catalog())
    arguments = {
        "landing_root": str(data.resolve()),
        "lake_root": str(folder.root.resolve()),
        "database": scripts.program.lake,
        "run_id": run,
    }
    with open(folder.root / LOG, "a", encoding="utf-8") as log, importable([STAND_IN, made / PACKAGE]):
        running = _Run(session, scripts, Scripts(made, log), arguments, folder.root / LOG, listener)
        with proving_ahead(session, scripts.lake, _in_order(scripts.program), arguments["landing_root"]):
            running.run()
    _complete(folder, scripts.program, run)
    reports = tuple(running.reports.values())
    return RunReport(scripts.program.lake, run, reports, time.perf_counter() - started, running.published)


@dataclass(slots=True)
class _Run:
    """One run: what became of each table so far."""

    session: SparkSession
    lake: LakeScripts
    scripts: Scripts
    arguments: Mapping[str, str]
    log: Path
    listener: Listener
    reports: dict[str, TableReport] = field(default_factory=dict)
    published: bool = False

    def run(self) -> None:
        """Makes all tables, then reads the sources that no script has read."""
        tables = self.lake.program.tables
        for table in tables:
            if not table.is_view:
                self._make(table)
        for source in self.lake.program.sources:
            if source.name not in self.reports:
                self._read(source.name)
        for table in tables:
            if table.is_view:
                self._define(table)

    def _make(self, table: TableProgram) -> None:
        if self._skip(table):
            return
        started = self._started(table.name)
        events = Events()
        problem = self.scripts.run(table.name, self.arguments, events)
        seconds = time.perf_counter() - started
        for name, event in events.sources.items():
            self._source(name, event, events)
        self.published = self.published or events.published is not None
        if self._skip(table):
            return
        reading: float = sum(event.get("seconds", 0.0) for event in events.sources.values())
        took = max(0.0, seconds - reading)
        self._finish(table_report(table, events, problem, self._rows_in(table), took, self.log))

    def _skip(self, table: TableProgram) -> bool:
        """Leaves out a table if something that it reads is known to have failed."""
        self._define_views(table)
        broken = [self.reports[name] for name in table.inputs if not self._sound(name)]
        if broken:
            self._finish(skipped(table, broken[0]))
        return bool(broken)

    def _define(self, view: TableProgram) -> None:
        """Reports a view as soon as all that it reads is known."""
        if view.name in self.reports or self._skip(view):
            return
        if all(name in self.reports for name in view.inputs):
            self._finish(defined(view))

    def _define_views(self, table: TableProgram) -> None:
        for view in self.lake.program.tables:
            if view.is_view and view.name in table.inputs:
                self._define(view)

    def _sound(self, name: str) -> bool:
        return name not in self.reports or self.reports[name].status is Status.OK

    def _rows_in(self, table: TableProgram) -> int | None:
        rows = [self.reports[name].rows if name in self.reports else None for name in table.base]
        known = [one for one in rows if one is not None]
        return sum(known) if len(known) == len(rows) else None

    def _read(self, name: str) -> None:
        """Reads a source that no script reads, with the runtime that the scripts have."""
        self._started(name)
        events = Events()
        problem = self.scripts.attempt(lambda: self._landing(name), self.arguments, events)
        self._source(name, {"problem": problem, **events.sources.get(name, {})}, events)

    def _landing(self, name: str) -> None:
        runtime = importlib.import_module("lake")
        context = importlib.import_module("awsglue.context").GlueContext(self.session.sparkContext)
        source = self.lake.lake.sources[name]
        checks = [spark_check(rule) for rule in source_rules(self.lake.lake, source)]
        lake = runtime.Lake(context, self.arguments)
        lake.landing(
            name,
            path=source.path,
            format=source.format,
            columns={column.name: str(column.type) for column in source.columns},
            keys={column.name: column.key for column in source.columns if column.key != column.name},
            **source.options.given(),
            max_bad_rows=source.max_bad_rows,
            checks=[_expectation(runtime.expect, check) for check in checks],
            quarantine=True,
        )
        lake.check_sources()

    def _source(self, name: str, event: Mapping[str, Any], events: Events) -> None:
        """Reports a source; what later scripts find out about it is added."""
        source = next(one for one in self.lake.program.sources if one.name == name)
        before = self.reports.get(name)
        if before is None:
            self._finish(source_report(source, event, events.checks.get(name, ())))
        elif before.status is Status.OK:
            now = source_report(source, event, events.checks.get(name) or before.checks)
            self.reports[name] = replace(now, seconds=before.seconds)

    def _started(self, name: str) -> float:
        self.listener.started(name, len(self.reports) + 1, len(self.lake.program.names()))
        return time.perf_counter()

    def _finish(self, report: TableReport) -> None:
        self.reports[report.name] = report
        self.listener.finished(report)


def _in_order(program: Program) -> list[str]:
    """Sources, those first that scripts read first."""
    sources = [source.name for source in program.sources]
    read = [name for table in program.tables for name in table.inputs if name in sources]
    return list(dict.fromkeys((*read, *sources)))


def _expectation(expect: Any, check: SparkCheck) -> Any:
    make = getattr(expect, check.function)
    return make(*check.arguments, **check.bounds, name=check.name, blocking=check.blocking)


def _complete(folder: LakeFolder, program: Program, run: str) -> None:
    """Adds to the catalog what scripts don't know, the zones, and removes what failed scripts left."""
    catalog = folder.catalog()
    complete = Catalog(
        _zoned(catalog.tables, {table.name: table.zone for table in program.tables}),
        _zoned(catalog.quarantine, {source.name: source.zone for source in program.sources}),
    )
    if complete != catalog:
        folder.publish(program.lake, run, complete)
    folder.remove_unpublished(complete)


def _zoned(entries: Mapping[str, Entry], zones: Mapping[str, str | None]) -> dict[str, Entry]:
    return {name: replace(entry, zone=zones.get(name, entry.zone)) for name, entry in entries.items()}
