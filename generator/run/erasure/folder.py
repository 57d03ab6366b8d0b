"""Whatever else lies in the lake folder: what runs say and remember, logs, and files that no version has any more."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from generator.erasure.finding import BY_TEXT, Finding, Looked, Part, Unread
from generator.run.erasure.files import Opaque, files_below, lines_with, looked, refuse, shown
from generator.run.erasure.published import Published
from generator.run.lake_folder import CATALOG
from generator.run.landing.sql import file_list
from generator.run.last_run import FILE as LAST_RUN
from generator.run.own_folder import begun_runs, made_by, published_runs
from generator.runtime.folder_catalog import KINDS
from generator.runtime.record import RECORD

_PARTS = {"tables": Part.TABLE, "sources": Part.SOURCE, "quarantine": Part.QUARANTINE}
_WRITTEN_AGAIN = frozenset({LAST_RUN, ".program.json", ".spark.log"})
_LEFT = "left of a version that is gone"


@dataclass(slots=True)
class Folder:
    """Searches the files of the lake folder that are no rows of a version, and lists all of them.

    Attributes:
        most: the runs after which the oldest version is gone.
    """

    root: Path
    published: Published
    most: int
    unread: dict[str, Unread] = field(default_factory=dict)
    looked: list[Looked] = field(default_factory=list)

    def find(self) -> Iterator[Finding]:
        """What these files have of the person."""
        named = self.published.catalog.files()
        runs = begun_runs(self.root) | published_runs(self.published.catalog)
        for path in files_below(self.root):
            name = shown(path, self.root)
            try:
                refuse(path, links=False)
                is_rows = path.suffix == ".parquet"
                rows = self._count(path) if is_rows else None
                self.looked.append(looked(_PARTS.get(name.partition("/")[0], Part.FILE), path, name, rows))
                if not is_rows:
                    yield from self._text(path, name)
                elif name not in named:
                    yield from self._rows(name, made_by(path.parent.name, runs) is not None)
            except Opaque as error:
                self.unread[name] = Unread(Part.FILE, name, str(error))

    def _count(self, path: Path) -> int:
        connection, paths = self.published.known.connection, file_list([str(path)])
        try:
            row = connection.execute(f"SELECT sum(num_rows)::BIGINT FROM parquet_file_metadata({paths})").fetchone()
        except duckdb.Error as error:
            raise Opaque(str(error).strip().splitlines()[0]) from None
        return int(row[0] or 0) if row else 0

    def _text(self, path: Path, name: str) -> Iterator[Finding]:
        texts = self.published.known.texts()
        lines = lines_with(path, texts)
        if name == CATALOG or name.endswith(f"/{RECORD}"):
            runs: int | None = self.most
        else:
            runs = 1 if name in _WRITTEN_AGAIN else None
        if texts.is_in_name(name):
            yield Finding(Part.FILE, "", (name,), None, True, "its name", runs=runs)
        if lines:
            yield Finding(Part.FILE, "", (name,), len(lines), False, BY_TEXT, lines=tuple(lines), runs=runs)

    def _rows(self, file: str, is_ours: bool) -> Iterator[Finding]:
        """What a file has that no version has any more: the next run removes it, if a run made it."""
        kind, _, rest = file.partition("/")
        part = _PARTS[kind] if kind in KINDS and is_ours else Part.FILE
        before = dict(self.published.unread)
        hits = self.published.hits(part, rest.partition("/")[0], [file])
        if problem := self.published.unread.get(file):
            self.published.unread = before
            raise Opaque(problem.problem)
        for found in hits.values():
            for rows, certain, why in (
                (found.sure, True, f"by {' and '.join(found.columns)}"), (found.maybe, False, BY_TEXT),
            ):  # fmt: skip
                if rows:
                    why = f"{why}; {_LEFT}" if is_ours else why
                    yield Finding(Part.FILE, "", (file,), rows, certain, why, runs=1 if is_ours else None)
