"""Makes a source on DuckDB: what is new of its landing files is decoded, what is gone leaves, the rest stays."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from generator.jobs.check import Check
from generator.plan.types import parse_type
from generator.run.lake_folder import Catalog, Entry, LakeFolder, Version
from generator.run.landing import (
    LandingColumn,
    LandingError,
    LandingReport,
    LandingSource,
    landing_table,
    quarantine_table,
    read_landing,
)
from generator.run.landing.files import find_files
from generator.run.landing.sql import file_list, name, parquet_file
from generator.run.program import SourceProgram
from generator.run.report import BAD_ROWS_HELP, NO_FILES_HELP, CheckReport, Status, TableReport, broken
from generator.run.session import Session, errors
from generator.run.unchanged import declared, is_current, is_there, made, source_digest, unchanged
from generator.runtime.error import LakeError
from generator.runtime.folder_catalog import QUARANTINE_COLUMNS, with_newer
from generator.runtime.guards import Bad, commonest, first_of_each, too_many
from generator.runtime.options import ReadOptions
from generator.runtime.record import (
    MOST_BATCHES,
    RECORD,
    Batch,
    Changes,
    Record,
    Stamp,
    changes,
    check_unchanged,
    read_record,
    stamp,
    write_record,
)
from generator.runtime.rules import file_column
from generator.runtime.spelling import Spelling


@dataclass(frozen=True, slots=True)
class MadeSource:
    """What became of a source.

    Attributes:
        rows: its entry in the catalog; None if it can't be published.
        quarantine: likewise of the lines that are no rows; None if there are none, or it can't be published.
    """

    report: TableReport
    rows: Entry | None = None
    quarantine: Entry | None = None


@dataclass(frozen=True, slots=True)
class SourceStep:
    """Makes the sources of one run.

    Attributes:
        catalog: what was published before.
        reader: what reads, and its version: rows of another one are read again.
        edits: SQL statements that change the rows of a source that is current, to see what would follow; by source.
        full: whether all is read again.
        check: evaluates a check.
    """

    session: Session
    data: Path
    lake: LakeFolder
    run: str
    catalog: Catalog
    reader: str
    edits: Mapping[str, tuple[str, ...]]
    full: bool
    check: Callable[[Check], CheckReport]

    def make(self, source: SourceProgram, started: float) -> MadeSource:
        """Makes a source; its rows are a view of its name then.

        Raises:
            LandingError: a file can't be read, or changed meanwhile.
            duckdb.Error: a check can't be evaluated.
        """
        paths = {file.name: file.path for file in find_files(source.name, self.data, source.paths).files}
        stamps = {file: stamp(path) for file, path in paths.items()}
        before = self.catalog.sources.get(source.name)
        declaration = declared(source).digest(self.reader)
        known = read_record(self.lake.root, before.current.record) if before and not self.full else None
        found = changes(known, declaration, stamps)
        program = source_digest(source)
        if before and found.none and is_current(before.current, program, {}, self.lake.root):
            if source.name in self.edits:
                return _Making(self, source, before, found, stamps, paths).edited(before, started)
            self._show(source, before.current.files)
            report = unchanged(source, before.current, time.perf_counter() - started)
            return MadeSource(report, before, self.catalog.quarantine.get(source.name))
        if before and found.none and is_there(before.current, self.lake.root):
            return _Making(self, source, before, found, stamps, paths).ask_again(before, program, started)
        if not paths:
            problem = f"no files in {' or '.join(str(self.data / path) for path in source.paths)}"
            return MadeSource(_report(source, {}, problem, NO_FILES_HELP, started))
        return _Making(self, source, before, found, stamps, paths).make(declaration, program, started)

    def _show(self, source: SourceProgram, files: tuple[str, ...]) -> None:
        """Makes the rows known by the name of their source."""
        columns = ", ".join(name(column.name) for column in source.columns)
        paths = file_list([str(self.lake.root / file) for file in files])
        self.session.define(
            f"CREATE OR REPLACE TEMP VIEW {name(source.name)} AS SELECT {columns} FROM read_parquet({paths})"
        )


@dataclass(slots=True)
class _Making:
    """One source of which something is to be made."""

    step: SourceStep
    source: SourceProgram
    before: Entry | None
    found: Changes
    stamps: Mapping[str, Stamp]
    paths: Mapping[str, Path]
    location: str = ""
    written: list[str] = field(default_factory=list)

    def make(self, declaration: str, program: str, started: float) -> MadeSource:
        source, step = self.source, self.step
        self.location = step.lake.new_version("sources", source.name, step.run)
        landed = self._read()
        quarantine = self._quarantine()
        record = self._record(declaration, landed)
        self._drop()
        step._show(source, record.files)
        rows, bad = self._count(name(source.name)), quarantine.current.rows if quarantine else 0
        reasons = self._reasons(quarantine)
        problem, help, checks = self._judged(rows, bad, reasons)
        facts = {
            "rows": rows,
            "rows_in": rows + bad,
            "quarantined": bad,
            "reasons": {one.reason: one.count for one in reasons},
            "extra_keys": record.extra_keys,
            "notes": record.notes,
            "checks": checks,
            "files": len(self.stamps),
            "files_read": len(self.found.new),
            "bytes_read": sum(self.stamps[file].size for file in self.found.new),
        }
        report = _report(source, facts, problem, help, started)
        if problem:
            return MadeSource(report)
        return MadeSource(report, self._entry(record, program, report), quarantine)

    def ask_again(self, before: Entry, program: str, started: float) -> MadeSource:
        """The same rows, of which something else is asked."""
        version, quarantine = before.current, self.step.catalog.quarantine.get(self.source.name)
        self.step._show(self.source, version.files)
        bad = quarantine.current.rows if quarantine else 0
        problem, help, checks = self._judged(version.rows, bad, self._reasons(quarantine))
        report = replace(
            unchanged(self.source, version, time.perf_counter() - started),
            status=Status.FAILED if problem else Status.OK,
            checks=checks,
            problem=problem,
            help=help,
            unchanged=not problem,
        )
        if problem:
            return MadeSource(report)
        again = replace(version, program=program, made=made(report))
        return MadeSource(report, replace(before, versions=(again, *before.versions[1:])), quarantine)

    def edited(self, before: Entry, started: float) -> MadeSource:
        """The rows as the edits leave them; those that leave or come are `#removed NAME` and `#added NAME`, too."""
        session, source, old = self.step.session, self.source.name, before.current
        rows = f"FROM read_parquet({self._files(old.files)})"
        session.execute(f"CREATE TEMP TABLE {landing_table(source)} AS {rows}")
        for statement in self.step.edits[source]:
            session.execute(statement)
        now = f"FROM {landing_table(source)}"
        for word, some, others in (("removed", rows, now), ("added", now, rows)):
            session.execute(f"CREATE TEMP TABLE {name(f'#{word} {source}')} AS ({some}) EXCEPT ALL ({others})")
        self.location = self.step.lake.new_version("sources", source, self.step.run)
        target = self._copy(now)
        self._drop()
        self.step._show(self.source, (target,))
        count = self._count(name(source))
        checks = tuple(self.step.check(check) for check in self.source.checks)
        report = replace(
            unchanged(self.source, old, time.perf_counter() - started),
            status=Status.FAILED if broken(checks) else Status.OK,
            rows=count,
            checks=checks,
            problem=broken(checks),
            unchanged=False,
        )
        if report.problem:
            return MadeSource(report)
        version = Version(self.step.run, count, (target,), made=made(report))
        versions = with_newer(before.versions, version, self.source.keep_versions)
        return MadeSource(report, replace(before, versions=versions), self.step.catalog.quarantine.get(source))

    def _judged(self, rows: int, bad: int, reasons: Sequence[Bad]) -> tuple[str, str, tuple[CheckReport, ...]]:
        """What keeps rows from being published, what to do, and what the checks say."""
        problem, help = too_many(rows + bad, bad, self.source.max_bad_rows), ""
        if problem:
            problem, help = f"{problem}: {commonest(reasons, self.source.hidden)}", BAD_ROWS_HELP
        checks = tuple(self.step.check(check) for check in self.source.checks)
        return "; ".join(filter(None, (problem, broken(checks)))), help, checks

    def _read(self) -> LandingReport:
        """Decodes the new files, into a file of their rows or the source's temporary tables."""
        new, step = self.found.new, self.step
        if not new:
            return LandingReport()
        into = step.lake.root / self._new_file()
        source = landing_source(self.source)
        landed = read_landing(step.session.connection, source, step.data, only=frozenset(new), into=into)
        if not landed.apart:
            into.unlink(missing_ok=True)
            self.written.clear()
        try:
            check_unchanged(self.source.name, {self.paths[file]: self.stamps[file] for file in new})
        except LakeError as error:
            raise LandingError(self.source.name, "", str(error).partition(": ")[2]) from None
        return landed

    def _record(self, declaration: str, landed: LandingReport) -> Record:
        """Writes the rows that aren't where they stay already."""
        file = name(file_column(column.name for column in self.source.columns))
        batches = list(self.found.kept)
        for batch, gone in self.found.thinned:
            rows = f"FROM read_parquet({self._files(batch.files)}) WHERE NOT list_contains($1, {file})"
            batches.append(batch.without(gone, (self._copy(rows, [sorted(gone)]),)))
        if self.found.new:
            new = {name: self.stamps[name] for name in self.found.new}
            batches.append(Batch(self._new_rows(landed), new, landed.extra_keys, landed.notes))
        if len(batches) > MOST_BATCHES:
            batches = [self._together(batches)]
        record = Record(declaration, tuple(batches))
        write_record(self.step.lake.root / self.location / RECORD, record)
        return record

    def _new_rows(self, landed: LandingReport) -> tuple[str, ...]:
        """The files of the rows that were decoded; one without rows where there are none."""
        apart = self.written[:1] if landed.apart else []
        if landed.apart == landed.rows > 0:
            return tuple(apart)
        return (*apart, self._copy(f"FROM {landing_table(self.source.name)}"))

    def _together(self, batches: list[Batch]) -> Batch:
        known = Record("", tuple(batches))
        landing = {file: found for batch in batches for file, found in batch.landing.items()}
        rows = f"FROM read_parquet({self._files(known.files)})"
        return Batch((self._copy(rows),), landing, known.extra_keys, known.notes)

    def _quarantine(self) -> Entry | None:
        """The lines that are no rows: those of the files that stay, and of the new ones."""
        source, before = self.source.name, self.step.catalog.quarantine.get(self.source.name)
        parts = [f"FROM {quarantine_table(source)}"] if self.found.new else []
        stay = sorted({file for batch in self.found.kept for file in batch.landing} | self._left())
        if before and stay:
            files = self._files(before.current.files)
            parts.append(f"FROM read_parquet({files}) WHERE list_contains($1, file)")
        values = [stay] if before and stay else []
        query = " UNION ALL ".join(f"({part})" for part in parts)
        rows = self._number(f"SELECT count(*) FROM ({query})", values) if parts else 0
        if not rows:
            return None
        if before and not self.found.new and rows == before.current.rows:
            return before
        location = self.step.lake.new_version("quarantine", source, self.step.run)
        target = f"{location}/part-0.parquet"
        self._write(f"FROM ({query}) ORDER BY file, line", target, values)
        zone = self.source.zone
        return Entry(zone, QUARANTINE_COLUMNS, (Version(self.step.run, rows, (target,)),))

    def _left(self) -> set[str]:
        return {file for batch, gone in self.found.thinned for file in batch.landing if file not in gone}

    def _reasons(self, quarantine: Entry | None) -> list[Bad]:
        if quarantine is None:
            return []
        cursor = self.step.session.execute(
            "SELECT reason, count(*) AS count,"
            " arg_min(file, (file, line)) AS file, arg_min(line, (file, line)) AS line,"
            " arg_min(coalesce(detail, ''), (file, line)) AS detail"
            f" FROM read_parquet({self._files(quarantine.current.files)}) GROUP BY reason ORDER BY reason"
        )
        names = [column[0] for column in cursor.description or ()]
        return first_of_each(dict(zip(names, row, strict=True)) for row in cursor.fetchall())

    def _entry(self, record: Record, program: str, report: TableReport) -> Entry:
        source = self.source
        version = Version(
            self.step.run,
            report.rows or 0,
            record.files,
            record=f"{self.location}/{RECORD}",
            program=program,
            made=made(report),
        )
        columns = tuple((column.name, column.type) for column in source.columns)
        before = self.before.versions if self.before else ()
        return Entry(source.zone, columns, with_newer(before, version, source.keep_versions))

    def _copy(self, rows: str, values: Sequence[object] = ()) -> str:
        """Writes rows to a file of their own; returns its place in the lake."""
        target = self._new_file()
        self._write(rows, target, values)
        return target

    def _new_file(self) -> str:
        """The place in the lake of a file to be written."""
        self.written.append(f"{self.location}/part-{len(self.written)}.parquet")
        return self.written[-1]

    def _write(self, rows: str, target: str, values: Sequence[object]) -> None:
        self.step.session.execute(f"COPY ({rows}) TO {parquet_file(self.step.lake.root / target)}", list(values))

    def _files(self, files: tuple[str, ...]) -> str:
        return file_list([str(self.step.lake.root / file) for file in files])

    def _count(self, table: str) -> int:
        return self._number(f"SELECT count(*) FROM {table}", [])

    def _number(self, sql: str, values: Sequence[object]) -> int:
        row = self.step.session.execute(sql, list(values)).fetchone()
        return int(row[0]) if row else 0

    def _drop(self) -> None:
        with suppress(errors()):
            self.step.session.execute(f"DROP TABLE IF EXISTS {landing_table(self.source.name)}")


def landing_source(source: SourceProgram) -> LandingSource:
    """A source as the landing reader takes it."""
    columns = tuple(
        LandingColumn(one.name, one.key, parse_type(one.type), Spelling.of(one.spelling)) for one in source.columns
    )
    return LandingSource(source.name, source.paths, source.format, columns, ReadOptions.of(source.options))


def _report(source: SourceProgram, facts: Mapping[str, object], problem: str, help: str, started: float) -> TableReport:
    report = TableReport(
        name=source.name,
        zone=source.zone,
        is_source=True,
        status=Status.FAILED if problem else Status.OK,
        expected=source.expected,
        seconds=time.perf_counter() - started,
        problem=problem,
        help=help,
    )
    return replace(report, **facts)  # type: ignore[arg-type]
