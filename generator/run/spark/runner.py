"""Runs a lake on local Spark: the scripts of its jobs, as they are, in one JVM.

Tables are made one after the other, and the sources beside them. Each source and table is published when it has passed
its checks. One that fails keeps its last version, and the tables that read it are not made. What is current stays as it
is: its script isn't run, and where that is everything, no Spark is started. A table that can be kept by what changed in
its inputs is kept so, without its script (`making`).
"""

from __future__ import annotations

import io
import os
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from generator.run.lake_folder import LakeFolder
from generator.run.leaving import without_gone
from generator.run.masking import masked
from generator.run.program import SourceProgram, TableProgram
from generator.run.report import BY_FULL, Listener, RunReport, Status, TableReport
from generator.run.spark.ahead import proving_ahead
from generator.run.spark.beside import Make, beside
from generator.run.spark.currency import PACKAGE, Currency, LakeScripts
from generator.run.spark.events import Events
from generator.run.spark.plain_lines import NONE_KNOWN, PlainFiles, looking_for_plain_lines
from generator.run.spark.reports import defined, skipped, source_report, table_report
from generator.run.spark.scripts import STAND_IN, Scripts, importable
from generator.run.spark.session import local_spark
from generator.run.spark.unique_values import UniqueValues
from generator.run.spark.view_rows import ViewRows
from generator.run.unchanged import all_inputs, unchanged
from generator.scratch import scratch_folder

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from generator.run.spark.keeping import Keeping

LOG = ".spark.log"


def run_scripts(
    scripts: LakeScripts, data: Path, folder: LakeFolder, listener: Listener, *, full: bool = False
) -> RunReport:
    """Runs scripts over landing data, on a Spark of their own.

    Args:
        full: whether everything is made anew, as if nothing had been published before.

    Raises:
        LakeFolderError: the lake folder can't be used.
        GeneratorError: local Spark can't be used; nothing has changed then.
    """
    started = time.perf_counter()
    with folder.locked(), scratch_folder("jobs-") as made:
        scripts.write(made)
        log = folder.root / LOG
        log.unlink(missing_ok=True)  # never through a link
        log.touch()
        currency = Currency(scripts, data, folder)
        if not full and not currency.pending():
            report = _unchanged(scripts, data, folder, listener)
        else:
            new = [source for source in scripts.program.sources if full or currency.all_is_new(source)]
            with (
                looking_for_plain_lines(new, data) as plain,
                local_spark(scripts.lake.name, data, log, [made / PACKAGE]) as session,
            ):
                report = run_in_session(session, scripts, made, data, folder, listener, full=full, plain=plain)
    return replace(report, seconds=time.perf_counter() - started)


def run_in_session(
    session: SparkSession,
    scripts: LakeScripts,
    made: Path,
    data: Path,
    folder: LakeFolder,
    listener: Listener,
    *,
    full: bool = False,
    plain: PlainFiles = NONE_KNOWN,
) -> RunReport:
    """Runs the scripts that were written to the folder `made`; the lock of the lake folder is held.

    Args:
        plain: landing files of which nothing is left to prove.
    """
    started = time.perf_counter()
    run = _new_run()
    moment = datetime.now(UTC)
    before = folder.catalog()
    folder.begin(run, scripts.program.names(), before)
    arguments = {
        "landing_root": str(data.resolve()),
        "lake_root": str(folder.root.resolve()),
        "database": scripts.program.lake,
        "run_id": run,
        "run_time": moment.isoformat(),
        **({"full": "true"} if full else {}),
    }
    currency = Currency(scripts, data, folder)
    with open(folder.root / LOG, "a", encoding="utf-8") as log, importable([STAND_IN, made / PACKAGE]):
        from generator.run.spark.keeping import Keeping  # needs pyspark

        running = _Run(scripts, Scripts(made, log), arguments, folder, currency, listener, full)
        running.keeping = Keeping(session, scripts, folder, before, currency, run, moment)
        wanted = [source.name for source in scripts.program.sources if full or currency.all_is_new(source)]
        try:
            with (
                proving_ahead(session, scripts.lake, wanted, arguments["landing_root"], plain),
                UniqueValues() as unique,
                import_module("lake.expectations").proving_unique_elsewhere(unique.are_in),
                beside(session, scripts.program.sources, running.make_source) as source,
            ):
                running.run(source)
            running.complete()
        finally:
            folder.end(before)
            running.keeping.close()
    return masked(running.report(time.perf_counter() - started), scripts.program)


def _unchanged(scripts: LakeScripts, data: Path, folder: LakeFolder, listener: Listener) -> RunReport:
    """A run that has nothing to make: versions grow older, and no Spark is needed."""
    run = _new_run()
    before = folder.catalog()
    folder.begin(run, scripts.program.names(), before)
    nobody = Scripts(folder.root, io.StringIO())
    running = _Run(scripts, nobody, {"run_id": run}, folder, Currency(scripts, data, folder), listener, full=False)
    running.run(running.make_source)
    running.complete()
    folder.end(before)
    return masked(running.report(0.0), scripts.program)


def _new_run() -> str:
    return f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{os.urandom(3).hex()}"


@dataclass(slots=True)
class _Run:
    """One run: what became of each source and table so far."""

    lake: LakeScripts
    scripts: Scripts
    arguments: Mapping[str, str]
    folder: LakeFolder
    currency: Currency
    listener: Listener
    full: bool
    keeping: Keeping | None = None
    reports: dict[str, TableReport] = field(default_factory=dict)
    published: bool = False
    removed: tuple[str, ...] = ()
    views: ViewRows = field(init=False)

    def __post_init__(self) -> None:
        self.views = ViewRows(self.lake.lake, self.scripts, self.arguments)

    def run(self, source: Make) -> None:
        """Makes all sources and tables that aren't current, each source before what reads it.

        Args:
            source: makes a source, or waits for it.
        """
        program = self.lake.program
        for table in program.tables:
            names = all_inputs(program, table)
            self._take([one for one in program.sources if one.name in names], source)
            if self._skip(table):
                continue
            if table.is_view:
                self._finish(defined(table))
            else:
                self._make_table(table)
        self._take(program.sources, source)

    def _take(self, sources: Iterable[SourceProgram], make: Make) -> None:
        for source in sources:
            if source.name not in self.reports:
                self._started(source.name)
                report = make(source)
                self.published = self.published or (report.status is Status.OK and not report.unchanged)
                self._finish(report)

    def make_source(self, source: SourceProgram) -> TableReport:
        """Makes a source that isn't current; nothing else of this run is touched."""
        started = time.perf_counter()
        version = None if self.full else self.currency.current_source(source)
        if version is not None:
            return unchanged(source, version, time.perf_counter() - started)
        events = Events()
        problem = self._script(source.name, events)
        report = source_report(source, events, problem, time.perf_counter() - started, self.folder.root / LOG)
        if report.status is Status.OK:
            self.currency.note_source(source, report)
        return report

    def _make_table(self, table: TableProgram) -> None:
        started = self._started(table.name)
        version = None if self.full else self.currency.current_table(table)
        if version is not None:
            self._finish(unchanged(table, version, time.perf_counter() - started))
            return
        before = self.folder.catalog().tables.get(table.name)
        if self.full or before is None or self.keeping is None:
            report = self._by_script(table, BY_FULL if before else "", started)
        else:
            anew = partial(self._by_script, table, started=started)
            report = self.keeping.make(table, before, self._rows_in(table), started, anew)
            self.published = self.published or not (report.unchanged or report.anew or report.status is not Status.OK)
        self._finish(report)

    def _by_script(self, table: TableProgram, reason: str, started: float) -> TableReport:
        """Makes all of a table."""
        events = Events()
        problem = self._script(table.name, events)
        self.published = self.published or events.published is not None
        took = time.perf_counter() - started
        rows_in = self._rows_in(table) if events.published else None
        report = table_report(table, events, problem, rows_in, took, self.folder.root / LOG)
        if report.status is not Status.OK:
            return report
        self.currency.note_table(table, report)
        return replace(report, anew=reason)

    def _script(self, step: str, events: Events) -> str:
        """Makes a step by the script of its job; returns the first line of the error that ended it."""
        job, more = self.lake.call(step)
        return self.scripts.run(job, {**self.arguments, **more}, events)

    def _skip(self, table: TableProgram) -> bool:
        """Leaves out a table if something that it reads has failed."""
        broken = [self.reports[name] for name in table.inputs if self.reports[name].status is not Status.OK]
        if broken:
            self._finish(skipped(table, broken[0]))
        return bool(broken)

    def _rows_in(self, table: TableProgram) -> int | None:
        views = {one.name for one in self.lake.program.tables if one.is_view}
        rows = [self.views.of(name) if name in views else self.reports[name].rows for name in table.base]
        known = [one for one in rows if one is not None]
        return table.own + sum(known) if len(known) == len(rows) else None

    def _started(self, name: str) -> float:
        self.listener.started(name, len(self.reports) + 1, len(self.lake.program.names()))
        return time.perf_counter()

    def _finish(self, report: TableReport) -> None:
        self.reports[report.name] = report
        self.listener.finished(report)

    def complete(self) -> None:
        """Adds to the catalog what scripts don't know."""
        before = self.folder.catalog()
        after = self.currency.completed(before, {name for name, one in self.reports.items() if one.unchanged})
        if all(one.status is Status.OK for one in self.reports.values()):
            after, self.removed = without_gone(self.folder, after, self.lake.program)
        if after != before:
            self.folder.publish(self.lake.program.lake, self.arguments["run_id"], after)

    def report(self, seconds: float) -> RunReport:
        reports = tuple(self.reports[name] for name in self.lake.program.names())
        run = self.arguments["run_id"]
        return RunReport(self.lake.program.lake, run, reports, seconds, self.published, self.removed)
