"""Published versions: of tables, of sources' rows, and of the lines that are no rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import reduce
from operator import add
from pathlib import Path

import duckdb

from generator.erasure.finding import BY_TEXT, MADE_OF, Finding, Part, Unread, Untold
from generator.erasure.known import KeyColumn, Known, hashed_in, keys_in
from generator.erasure.made_of import Kept, MadeOf
from generator.plan.lake import CompiledLake
from generator.run.erasure.rows import Hits, RowSearch
from generator.run.lake_folder import Catalog, Entry, Version


@dataclass(slots=True)
class Published:
    """Searches what the catalog names.

    Attributes:
        since: the run from which on landing data was without the person, if that is known.
        unread: files that can't be looked into.
        theirs: versions that have rows of theirs, or are made of such: name and run.
        lacking: files that lack a column with a key, as it was called otherwise when they were made.
        untold: versions of which nobody can tell, by name and run.
    """

    lake: CompiledLake
    root: Path
    catalog: Catalog
    known: Known
    since: str = ""
    unread: dict[str, Unread] = field(default_factory=dict)
    theirs: set[tuple[str, str]] = field(default_factory=set)
    lacking: set[str] = field(default_factory=set)
    untold: dict[tuple[str, str], Untold] = field(default_factory=dict)

    def learn(self) -> bool:
        """Takes from all versions what else the person is called; whether that was anything new."""
        learnt = False
        for _, name, entry in self._entries():
            columns = keys_in(self.lake, self.known.subject, name)
            for files in self._alike(entry) if columns else ():
                learnt |= self._learn(files, columns)
        return learnt

    def _learn(self, files: list[str], columns: tuple[KeyColumn, ...]) -> bool:
        search = RowSearch(self.known, self.known.texts())
        paths = [str(self.root / file) for file in files]
        try:
            return self.known.learn(search.rows(paths), columns, search.kinds(paths))
        except duckdb.Error:
            return False  # the search says so

    def find(self) -> Iterator[Finding]:
        """What the versions have of the person."""
        for part, name, entry in self._entries():
            hits = self._hits(part, name, entry)
            for number, version in enumerate(entry.versions):
                found = reduce(add, (hits[file] for file in version.files if file in hits), Hits())
                if found.sure:
                    self.theirs.add((name, version.run))
                runs = self._runs(part, name, number, version)
                why = " and ".join(found.columns)
                where = (part, name, version.files)
                at = {"run": version.run, "current": number == 0, "runs": runs}
                if found.sure:
                    yield Finding(*where, found.sure, True, f"by {why}", **at)  # type: ignore[arg-type]
                if found.maybe:
                    yield Finding(*where, found.maybe, False, BY_TEXT, **at)  # type: ignore[arg-type]
        yield from self._made_of()

    def _entries(self) -> Iterator[tuple[Part, str, Entry]]:
        kinds = ((Part.SOURCE, "sources"), (Part.QUARANTINE, "quarantine"), (Part.TABLE, "tables"))
        for part, kind in kinds:
            yield from ((part, name, entry) for name, entry in getattr(self.catalog, kind).items())

    def _alike(self, entry: Entry) -> list[list[str]]:
        """The files of all versions that are there, those with the same columns together: they are of one run."""
        groups: dict[str, dict[str, None]] = {}
        for version in entry.versions:
            for file in version.files:
                if (self.root / file).is_file():
                    groups.setdefault(file.rpartition("/")[0], {})[file] = None
        return [list(files) for files in groups.values()]

    def _hits(self, part: Part, name: str, entry: Entry) -> Mapping[str, Hits]:
        hits: dict[str, Hits] = {}
        for files in self._alike(entry):
            hits |= self.hits(part, name, files)
        return hits

    def hits(self, part: Part, name: str, files: list[str]) -> Mapping[str, Hits]:
        """What is in files with the same columns, of a table, a source or a quarantine."""
        search = RowSearch(self.known, self.known.texts())
        paths = {str(self.root / file): file for file in files}
        is_raw = part is Part.QUARANTINE
        keys, hashed = (() if is_raw else keys_in(self.lake, self.known.subject, name)), hashed_in(self.lake, name)
        try:
            if not {column.name for column in keys} <= search.kinds(list(paths)).keys():
                self.lacking.update(files)
            found = search.find(list(paths), keys, hashed=hashed, raw=is_raw)
        except duckdb.Error as error:
            if len(files) > 1:
                return {key: hit for file in files for key, hit in self.hits(part, name, [file]).items()}
            self.unread[files[0]] = Unread(part, files[0], str(error).strip().splitlines()[0])
            return {}
        return {paths[path]: hit for path, hit in found.items()}

    # How long versions stay --------------------------------------------------------------------------

    def _runs(self, part: Part, name: str, number: int, version: Version) -> int:
        """After how many runs the files of a version are gone, if the next one replaces it or it was replaced."""
        if part is Part.QUARANTINE:
            return 2
        known = self.lake.sources.get(name) if part is Part.SOURCE else self.lake.tables.get(name)
        if known is None:
            return 2
        return max(known.keep_versions, 2) if number == 0 else max(known.keep_versions - version.aged, 1)

    # What rows don't tell ----------------------------------------------------------------------------

    def _made_of(self) -> Iterator[Finding]:
        """Versions made of rows of theirs whose own rows don't say whose they are: sums, and columns left out."""
        runs = {name: [one.run for one in entry.versions] for _, name, entry in self._entries()}
        made = MadeOf(self.lake, self.known.subject, runs, self.since, self.theirs, self.untold)
        for name, table in self.lake.tables.items():
            entry = self.catalog.tables.get(name)
            if entry is None or table.is_view:
                continue
            kept = [self._kept(name, number, version) for number, version in enumerate(entry.versions)]
            for number, of in made.find(name, kept):
                version = entry.versions[number]
                at = {"run": version.run, "current": number == 0, "runs": kept[number].runs}
                why = f"{MADE_OF}: {', '.join(of)}"
                yield Finding(Part.TABLE, name, version.files, None, True, why, **at)  # type: ignore[arg-type]

    def _kept(self, name: str, number: int, version: Version) -> Kept:
        lacking = bool(self.lacking.intersection(version.files))
        return Kept(version.run, version.inputs, self._runs(Part.TABLE, name, number, version), lacking)
