"""What of a lake is current as it is, before and while its scripts run."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as installed_version
from io import BytesIO
from pathlib import Path

from generator.jobs.plan import job_of_each_step
from generator.plan.lake import CompiledLake
from generator.run.lake_folder import Catalog, Entry, LakeFolder, Version
from generator.run.landing.files import find_files
from generator.run.program import Program, SourceProgram, TableProgram
from generator.run.report import TableReport
from generator.run.spark.session import no_pyspark
from generator.run.unchanged import Fingerprint, all_inputs, declared, fingerprint, is_current, made, source_digest
from generator.runtime.code import archive_modules, reading_digest, without_words
from generator.runtime.folder_catalog import aged, changing
from generator.runtime.record import Changes, changes, read_record, stamp

PACKAGE = "lake.zip"
"""The runtime that the scripts import, beside them."""


@dataclass(frozen=True)
class LakeScripts:
    """A lake and its scripts.

    Attributes:
        program: the part of the lake that is to be run.
        texts: the text of each job's script by file name.
        package: the runtime, as a zip.
        steps: of jobs that make several: what makes each source and table, as if it had a job of its own. It is current
            as long as that is the same, whichever job makes it.
    """

    lake: CompiledLake
    program: Program
    texts: Mapping[str, str]
    package: bytes
    steps: Mapping[str, str] = field(default_factory=dict)

    def call(self, step: str) -> tuple[str, Mapping[str, str]]:
        """The script that makes a source or table, and the arguments by which it makes that alone."""
        job = self._makers[step]
        return job, {"steps": step} if self._sizes[job] > 1 else {}

    def text(self, step: str) -> str:
        """What makes a source or table, as if it had a job of its own."""
        return self.steps[step] if step in self.steps else self.texts[f"{self._makers[step]}.py"]

    @cached_property
    def _makers(self) -> Mapping[str, str]:
        return job_of_each_step(self.lake)

    @cached_property
    def _sizes(self) -> Mapping[str, int]:
        return Counter(self._makers.values())

    def write(self, folder: Path) -> None:
        (folder / PACKAGE).write_bytes(self.package)
        for name, text in self.texts.items():
            (folder / name).write_text(text, encoding="utf-8")


@dataclass(frozen=True)
class Currency:
    """Compares what is published with what the scripts would make of the landing data in `data`."""

    scripts: LakeScripts
    data: Path
    folder: LakeFolder

    def pending(self) -> bool:
        """Whether anything is to be made."""
        program = self.scripts.program
        return any(self.current_source(source) is None for source in program.sources) or any(
            self.current_table(table) is None for table in program.tables if not table.is_view
        )

    def current_source(self, source: SourceProgram) -> Version | None:
        """The version of a source that is current as it is; None if its script has to run."""
        entry = self.folder.catalog().sources.get(source.name)
        if entry is None or not self._changes(source, entry.current).none:
            return None
        same = is_current(entry.current, self.source_program(source), {}, self.folder.root)
        return entry.current if same else None

    def all_is_new(self, source: SourceProgram) -> bool:
        """Whether no landing file of a source was read before."""
        entry = self.folder.catalog().sources.get(source.name)
        if entry is None:
            return True
        found = self._changes(source, entry.current)
        return not found.kept and not found.thinned

    def _changes(self, source: SourceProgram, version: Version) -> Changes:
        files = {file.name: stamp(file.path) for file in find_files(source.name, self.data, source.paths).files}
        record = read_record(self.folder.root, version.record)
        return changes(record, declared(source).digest(self.reader), files)

    def current_table(self, table: TableProgram) -> Version | None:
        """The version of a table that is current as it is; None if its script has to run."""
        entry = self.folder.catalog().tables.get(table.name)
        if entry is None:
            return None
        same = is_current(entry.current, self.table_program(table), self._inputs(table), self.folder.root)
        return entry.current if same else None

    def _inputs(self, table: TableProgram) -> dict[str, str]:
        catalog = self.folder.catalog()
        entries = {name: catalog.entry(name) for name in all_inputs(self.scripts.program, table)}
        return {name: entry.current.run for name, entry in entries.items() if entry is not None}

    @cached_property
    def reader(self) -> str:
        """As the runtime calls itself.

        Raises:
            SparkError: there is no pyspark.
        """
        modules = archive_modules(BytesIO(self.scripts.package))
        try:
            return f"spark {installed_version('pyspark')} {reading_digest(modules)}"
        except PackageNotFoundError:
            raise no_pyspark() from None

    def source_program(self, source: SourceProgram) -> str:
        return source_digest(source, self.reader, without_words(self.scripts.text(source.name)))

    def table_program(self, table: TableProgram) -> Fingerprint:
        rows, asked = _parted(without_words(self.scripts.text(table.name)))
        return fingerprint(self.scripts.program, table, self.reader, rows, asked=asked)

    def note_source(self, source: SourceProgram, report: TableReport) -> None:
        """Notes what the version that was just published was made by."""
        program = self.source_program(source)
        with changing(self.folder.root):
            catalog = self.folder.catalog()
            entry = _noted(catalog.sources[source.name], source.zone, program, {}, report)
            self._publish(replace(catalog, sources={**catalog.sources, source.name: entry}), entry.current.run)

    def note_table(self, table: TableProgram, report: TableReport) -> None:
        """Notes what the version that was just published was made by, and of what."""
        program, inputs = self.table_program(table).made(), self._inputs(table)
        with changing(self.folder.root):
            catalog = self.folder.catalog()
            entry = _noted(catalog.tables[table.name], table.zone, program, inputs, report)
            self._publish(replace(catalog, tables={**catalog.tables, table.name: entry}), entry.current.run)

    def _publish(self, catalog: Catalog, run: str) -> None:
        self.folder.publish(self.scripts.program.lake, run, catalog)

    def completed(self, catalog: Catalog, unchanged: Collection[str]) -> Catalog:
        """The catalog with all zones, and with older versions of what is unchanged one run older."""
        program = self.scripts.program
        made_here: list[SourceProgram | TableProgram] = [*program.sources, *program.tables]
        zones = {one.name: one.zone for one in made_here}
        kept = {one.name: one.keep_versions for one in made_here}

        def complete(name: str, entry: Entry) -> Entry:
            versions = entry.versions
            if name in unchanged:
                versions = (entry.current, *aged(versions[1:], kept[name]))
            return replace(entry, zone=zones.get(name, entry.zone), versions=versions)

        return Catalog(
            _each(catalog.tables, complete),
            _each(catalog.sources, complete),
            _each(catalog.quarantine, lambda name, entry: replace(entry, zone=zones.get(name, entry.zone))),
        )


def _parted(script: str) -> tuple[str, str]:
    """What a table's script makes its rows by, and what it asks of them: its last words, `lake.publish(...)`."""
    lines, body = script.splitlines(), ast.parse(script).body
    calls = {one: one.value.func for one in body if isinstance(one, ast.Expr) and isinstance(one.value, ast.Call)}
    named = [(one, called.attr) for one, called in calls.items() if isinstance(called, ast.Attribute)]
    publish = next(one.lineno for one, name in named if name == "publish") - 1
    asked = {
        line for one, name in named if name == "table" for line in range(one.lineno - 1, one.end_lineno or one.lineno)
    }
    rows = (line for number, line in enumerate(lines[:publish]) if number not in asked)
    return "\n".join(rows), "\n".join(lines[publish:])


def _noted(entry: Entry, zone: str | None, program: str, inputs: Mapping[str, str], report: TableReport) -> Entry:
    version = replace(entry.current, program=program, inputs=inputs, made=made(report))
    return replace(entry, zone=zone, versions=(version, *entry.versions[1:]))


def _each(entries: Mapping[str, Entry], change: Callable[[str, Entry], Entry]) -> dict[str, Entry]:
    return {name: change(name, entry) for name, entry in entries.items()}
