"""Looks for a person everywhere: first what they are called, then where they are."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path

import duckdb

from generator import stopping
from generator.erasure.finding import Finding, Search
from generator.erasure.known import Known
from generator.erasure.person import Named, PersonError
from generator.plan.lake import CompiledLake
from generator.run.erasure.folder import Folder
from generator.run.erasure.landing import Landing
from generator.run.erasure.published import Published
from generator.run.lake_folder import CATALOG, LakeFolder
from generator.run.own_folder import LakeFolderError, is_marked
from generator.run.program import Program
from generator.run.session import engine
from generator.scratch import scratch_folder


def search(
    lake: CompiledLake,
    program: Program,
    data: Path,
    folder: LakeFolder,
    who: Iterable[Named],
    told: Callable[[str], None],
    since: str = "",
) -> Search:
    """Looks for a person in all files of the landing folder and of the lake folder.

    Args:
        who: keys of one person.
        told: is told what is being looked at.
        since: the run from which on landing data was without the person, if they know it who ask.

    Raises:
        PersonError: a key isn't of its type, or of another kind of person.
        LakeFolderError: there is no lake folder, or a run is going on there.
    """
    if not is_marked(folder.root):
        raise LakeFolderError(f"there is no lake folder {folder.root}: name the one that runs write to with --lake")
    if not data.is_dir():
        raise PersonError(f"there is no folder {data}: name the one with the landing data with --data")
    with (
        folder.locked(),
        scratch_folder("erased-") as spill,
        _connect(spill) as connection,
        stopping.interrupting(connection.interrupt),
    ):
        return _Searching(lake, program, data, folder, connection, told).search(who, since)


def _connect(spill: Path) -> duckdb.DuckDBPyConnection:
    return duckdb.connect(
        config={
            "preserve_insertion_order": "false",
            "autoinstall_known_extensions": "false",
            "temp_directory": str(spill),
        }
    )


class _Searching:
    def __init__(
        self,
        lake: CompiledLake,
        program: Program,
        data: Path,
        folder: LakeFolder,
        connection: duckdb.DuckDBPyConnection,
        told: Callable[[str], None],
    ) -> None:
        self.lake, self.program, self.data, self.folder = lake, program, data, folder
        self.connection, self.told = connection, told

    def search(self, who: Iterable[Named], since: str) -> Search:
        root, catalog = self.folder.root, self.folder.catalog()
        for setting in self.program.settings:
            self.connection.execute(setting)
        known = Known.named(self.connection, self.lake, who)
        published = Published(self.lake, root, catalog, known, since)
        reader = f"{engine()} {self.program.reader}"
        landing = Landing(self.lake, self.program, self.data, root, catalog, known, reader)
        self.told("reading the landing files that are new")
        landing.read()
        if not any(source.paths for source in landing.sources) and not landing.unread:
            raise PersonError(f"no source has a file in {self.data}: name the folder with the landing data with --data")
        self.told("looking for what else the person is called")
        while any([landing.learn(), published.learn()]):
            pass
        findings: list[Finding] = []
        self.told("looking through the landing files")
        findings += landing.find()
        self.told("looking through tables and versions")
        findings += published.find()
        keep = [
            *(one.keep_versions for one in self.program.sources),
            *(one.keep_versions for one in self.program.tables),
        ]
        rest = Folder(root, published, max(2, *keep))
        findings += rest.find()
        unread = {**landing.unread, **published.unread, **rest.unread}
        return Search(
            known.subject,
            tuple(known.keys()),
            tuple(findings),
            tuple(unread.values()),
            (*landing.looked, *rest.looked),
            _last_run(root),
            since,
            tuple(published.untold.values()),
            self._nobodys(known, landing),
        )

    def _nobodys(self, known: Known, landing: Landing) -> dict[str, int]:
        """Rows with a key of a sort that isn't known of the person, whose value no row of the registry has."""
        registry = self.lake.subjects[known.subject].registry
        found: dict[str, int] = {}
        for key in self.lake.subjects[known.subject].keys:
            if key not in known.forms:
                theirs = [value for source, value in landing.values(key) if source == registry]
                others = [value for source, value in landing.values(key) if source != registry]
                there = " UNION ALL ".join((*theirs, "SELECT ''"))
                for rows in others:
                    sql = f"SELECT count(*) FROM ({rows}) AS t(v) WHERE v NOT IN (FROM ({there}) AS r(v) WHERE v <> '')"
                    row = self.connection.execute(sql).fetchone()
                    found[key] = found.get(key, 0) + (row[0] if row else 0)
        return found


def _last_run(root: Path) -> str:
    try:
        found = json.loads((root / CATALOG).read_text(encoding="utf-8"))["run"]
    except (OSError, ValueError, KeyError, TypeError):
        return ""
    return found if isinstance(found, str) else ""
