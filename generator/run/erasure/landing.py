"""Landing files: the rows of each that are the person's, and the lines in which a key of theirs stands."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from generator.erasure.finding import BY_TEXT, Finding, Looked, Part, Unread
from generator.erasure.known import KeyColumn, Known, key_columns
from generator.jobs.check_sql import sql_literal, sql_name
from generator.plan.lake import CompiledLake, CompiledSource
from generator.run.erasure.files import Opaque, files_below, lines_with, looked, open_plain, refuse, shown
from generator.run.erasure.rows import RowSearch
from generator.run.lake_folder import Catalog
from generator.run.landing import LandingError, landing_table, quarantine_table, read_landing
from generator.run.landing.files import find_files
from generator.run.landing.sql import file_list
from generator.run.program import Program, SourceProgram
from generator.run.source_step import landing_source
from generator.run.unchanged import declared
from generator.runtime.record import changes, read_record, stamp
from generator.runtime.rules import file_column

_CHANGED = "it changed while it was looked at: ask again when nobody writes"


@dataclass(slots=True)
class _Source:
    """A source: where its rows and its lines that are no rows can be asked for.

    Attributes:
        paths: its files by name.
        parts: FROM relations with the rows of some of these files, and which files.
        quarantines: likewise of lines.
    """

    program: SourceProgram
    compiled: CompiledSource
    paths: dict[str, Path]
    parts: list[tuple[str, frozenset[str]]] = field(default_factory=list)
    quarantines: list[tuple[str, frozenset[str]]] = field(default_factory=list)


@dataclass(slots=True)
class Landing:
    """Searches the landing folder.

    Attributes:
        root: the lake folder, which may lie in the landing folder.
        reader: what a run reads with.
    """

    lake: CompiledLake
    program: Program
    data: Path
    root: Path
    catalog: Catalog
    known: Known
    reader: str
    sources: list[_Source] = field(default_factory=list)
    unread: dict[str, Unread] = field(default_factory=dict)
    looked: list[Looked] = field(default_factory=list)

    def read(self) -> None:
        """Makes the rows of all files known: those of files that no run has read yet are decoded."""
        for source in self.program.sources:
            try:
                self._read(source)
            except LandingError as error:
                self._refuse(error.file, str(error).partition(f"{error.source}: ")[2])

    def _refuse(self, file: str, problem: str) -> None:
        self.unread[file] = Unread(Part.LANDING, file, problem.removeprefix(f"{file}: "))

    def _read(self, source: SourceProgram) -> None:
        paths = {file.name: file.path for file in find_files(source.name, self.data, source.paths).files}
        found = _Source(source, self.lake.sources[source.name], paths)
        self.sources.append(found)
        entry = self.catalog.sources.get(source.name)
        record = read_record(self.root, entry.current.record) if entry else None
        stamps = {name: stamp(path) for name, path in paths.items()}
        new = frozenset(changes(record, declared(source).digest(self.reader), stamps).new)
        kept = frozenset(paths) - new
        if entry and kept:
            rows = f"FROM read_parquet({self._files(entry.current.files)})"
            if record is not None and kept != record.landing:
                file = sql_name(file_column(column.name for column in source.columns))
                rows = f"FROM (FROM read_parquet({self._files(entry.current.files)}) WHERE {file} IN ({_list(kept)}))"
            found.parts.append((rows, kept))
        quarantine = self.catalog.quarantine.get(source.name)
        if quarantine and kept:
            found.quarantines.append((f"FROM read_parquet({self._files(quarantine.current.files)})", kept))
        if new:
            read_landing(self.known.connection, landing_source(source), self.data, only=new)
            found.parts.append((f"FROM {landing_table(source.name)}", new))
            found.quarantines.append((f"FROM {quarantine_table(source.name)}", new))

    def _files(self, files: Sequence[str]) -> str:
        return file_list([str(self.root / file) for file in files if (self.root / file).is_file()])

    def learn(self) -> bool:
        """Takes from all rows what else the person is called; whether that was anything new."""
        parts = [(rows, source) for source in self.sources for rows, _ in source.parts]
        learnt = [self.known.learn(rows, self.keys(source), self.kinds(rows)) for rows, source in parts]
        return any(learnt)

    def keys(self, source: _Source) -> tuple[KeyColumn, ...]:
        return key_columns(self.lake, self.known.subject, source.compiled.relation)

    def kinds(self, rows: str) -> dict[str, str]:
        return {row[0]: row[1] for row in self.known.connection.execute(f"DESCRIBE {rows}").fetchall()}

    def values(self, key: str) -> Iterator[tuple[str, str]]:
        """Each source with a column that is a key, and SQL of the values in it."""
        for source in self.sources:
            for column in self.keys(source):
                for rows, _ in source.parts if column.key == key else ():
                    value = self.known.value(column, self.kinds(rows)[column.name])
                    yield source.program.name, f"SELECT {value} {rows}"

    # Files -------------------------------------------------------------------------------------------

    def find(self) -> Iterator[Finding]:
        """What the files of the landing folder have of the person."""
        own = {path: (source, name) for source in self.sources for name, path in source.paths.items()}
        known = own.keys() | {folder for path in own for folder in path.parents}
        others = [path for path in files_below(self.data, self.root) if path not in known]
        for source in self.sources:
            rows, lines = self._rows(source), self._quarantined(source)
            for name, path in source.paths.items():
                yield from self._file(path, name, source, rows.get(name, 0), lines.get(name, []))
        for path in others:
            yield from self._file(path, shown(path, self.data), None, 0, [])

    def _rows(self, source: _Source) -> Mapping[str, int]:
        """The rows that are theirs, by file."""
        rows, keys = Counter[str](), self.keys(source)
        file = sql_name(file_column(column.name for column in source.compiled.columns))
        for part, files in source.parts if keys else ():
            kinds = self.kinds(part)
            theirs = " OR ".join(self.known.is_theirs(column, kinds[column.name]) for column in keys)
            sql = f"SELECT {file}, count(*) {part} WHERE {theirs} GROUP BY 1"
            rows.update({name: count for name, count in self._ask(sql) if name in files})
        return rows

    def _quarantined(self, source: _Source) -> Mapping[str, list[int]]:
        """The lines that are no rows, and in which a key of theirs stands, by file."""
        found: dict[str, list[int]] = {}
        is_csv = source.program.format == "csv"
        pattern = re.compile(self.known.texts().pattern(fields=True, separated=is_csv) or r"(?!)")
        for part, files in source.quarantines:
            for name, line, raw in self._ask(f"SELECT file, line, raw {part}"):
                if name in files and pattern.search(raw or ""):
                    found.setdefault(name, []).append(line)
        return found

    def _ask(self, sql: str) -> Iterator[tuple[Any, ...]]:
        try:
            cursor = self.known.connection.execute(sql)
            while rows := cursor.fetchmany(10_000):
                yield from rows
        except duckdb.Error as error:
            self._refuse("", str(error).strip().splitlines()[0])

    def _file(
        self, path: Path, name: str, source: _Source | None, rows: int, quarantined: list[int]
    ) -> Iterator[Finding]:
        owner = source.program.name if source else ""
        try:
            refuse(path, links=source is not None)
            before = stamp(path)
            self.looked.append(looked(Part.LANDING, path, name))
            keys = " and ".join(dict.fromkeys(key.name for key in self.keys(source))) if source else ""
            lines = self._lines(path, source, rows)
            if stamp(path) != before:
                raise Opaque(_CHANGED)
        except Opaque as error:
            self._refuse(name, str(error))
            return
        except OSError as error:
            self._refuse(name, error.strerror or str(error))
            return
        if self.known.texts().is_in_name(name):
            yield Finding(Part.LANDING, owner, (name,), None, True, "its name")
        if rows:
            yield Finding(Part.LANDING, owner, (name,), rows, True, f"by {keys}", lines=tuple(lines))
        others = sorted({*quarantined}.difference(lines) if rows else {*lines, *quarantined})
        if others:
            yield Finding(Part.LANDING, owner, (name,), len(others), False, BY_TEXT, lines=tuple(others))

    def _lines(self, path: Path, source: _Source | None, rows: int) -> list[int]:
        """The lines of a file, or the records of Parquet, in which a key of theirs stands."""
        texts = self.known.texts()
        if path.suffix == ".parquet" or (source and source.program.format == "parquet"):
            return self._records(path, source)
        options = source.compiled.options if source else None
        found = lines_with(path, texts, options.encoding if options else "utf-8")
        if rows > len(found) and source:
            return sorted({*found, *self._fields(path, source)})
        return found

    def _records(self, path: Path, source: _Source | None) -> list[int]:
        search, raw = RowSearch(self.known, self.known.texts()), []
        for one in [source] if source else self.sources:
            spelled = {column.name: column.key for column in one.compiled.columns}
            raw += [KeyColumn(spelled[key.name], key.key, 0, key.normal) for key in self.keys(one)]
        try:
            found = search.find([str(path)], dict.fromkeys(raw), numbered=True)
        except duckdb.Error as error:
            raise Opaque(str(error).strip().splitlines()[0]) from None
        return [line for hits in found.values() for line in hits.lines]

    def _fields(self, path: Path, source: _Source) -> Iterator[int]:
        """The lines of a text file of which a field is a key of theirs: for keys that are too short to be searched."""
        names = {column.name: column.key for column in source.compiled.columns}
        values = {key.name: self.known.spellings.get(key.key, set()) for key in self.keys(source)}
        with open_plain(path, source.compiled.options.encoding) as stream:
            if source.program.format == "json":
                patterns = [
                    re.compile(self.known.texts().of_field(names[name], sorted(texts)).encode())
                    for name, texts in values.items()
                    if texts
                ]
                for number, line in enumerate(stream, 1):
                    if any(pattern.search(line) for pattern in patterns):
                        yield number
                return
            yield from _csv_lines(stream, source, {names[name]: texts for name, texts in values.items()})


def _list(names: Iterable[str]) -> str:
    return ", ".join(map(sql_literal, sorted(names)))


def _csv_lines(stream: Iterator[bytes], source: _Source, values: Mapping[str, set[str]]) -> Iterator[int]:
    options = source.compiled.options
    text = (line.decode("utf-8-sig", "replace") for line in stream)
    reader = csv.reader(
        text,
        delimiter=options.delimiter,
        quotechar=options.quote or None,
        escapechar=options.escape or None,
        quoting=csv.QUOTE_MINIMAL if options.quote else csv.QUOTE_NONE,
    )
    header = None if options.header else [column.key for column in source.compiled.columns]
    begun = 1
    try:
        for fields in reader:
            line, begun = begun, reader.line_num + 1
            if header is None and line > options.skip_lines and fields:
                header = fields
            elif header is not None:
                known = dict(zip(header, fields, strict=False))
                if any(known.get(name, "").strip() in texts for name, texts in values.items()):
                    yield line
    except csv.Error:
        return
