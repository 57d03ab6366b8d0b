"""Every snapshot of every table: versions, the rows by which these differ, and what killed runs left."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from generator.deploy.catalog import Table, Version
from generator.deploy.erasure.sql import NESTED, name
from generator.erasure.finding import Part
from generator.plan.lake import CompiledLake
from generator.runtime.versions import MAIN

PARTS = {"sources": Part.SOURCE, "quarantine": Part.QUARANTINE, "tables": Part.TABLE}
CAME, LEFT = "came_", "left_"
"""What begins the names of the branches with the rows that only a version has, or only the one before."""
_RUN, _INPUTS = "lake.run", "lake.inputs"
"""What a snapshot's summary says of the run that made it, and of which snapshots."""
_ICEBERG = {"long": "bigint"}


@dataclass(frozen=True, slots=True)
class Place:
    """Rows that Athena can be asked for.

    Attributes:
        table: as the catalog calls it.
        name: the source or table.
        run: that made it; empty where nobody noted it.
        version: the run of the version that it is, or whose rows it has; empty for others.
        is_version: whether it is that version.
        branch: of the table, where it isn't a version.
        rows: None where nobody noted it.
        kinds: columns and their types in the catalog; nested ones as `nested`.
        inputs: of a version: the run of each input. Of others the snapshot, as far as the run noted it.
        runs: new versions of the table after which it is gone; None where no run takes it away.
    """

    part: Part
    table: str
    name: str
    snapshot: int
    run: str
    kinds: Mapping[str, str] = field(compare=False)
    version: str = ""
    is_version: bool = False
    branch: str = ""
    current: bool = False
    rows: int | None = None
    runs: int | None = None
    inputs: Mapping[str, Any] = field(default_factory=dict, compare=False)

    @property
    def relation(self) -> str:
        """What stands behind FROM."""
        return f"{name(self.table)} FOR VERSION AS OF {self.snapshot}"

    def __hash__(self) -> int:
        return hash((self.table, self.snapshot))


def places_of(lake: CompiledLake, table: Table) -> list[Place]:
    """The snapshots of a table: versions, the newest first, and then others."""
    if table.metadata is None:
        return []
    return sorted(_Places(lake, table).all(), key=lambda one: (not one.is_version, _newest(one)))


def _newest(place: Place) -> tuple[int, ...]:
    return tuple(-ord(letter) for letter in place.version)


class _Places:
    def __init__(self, lake: CompiledLake, table: Table) -> None:
        assert table.metadata is not None
        self.table, self.data = table, table.metadata.data
        self.part = PARTS[table.kind]
        self.name = table.name.removesuffix("_quarantine") if self.part is Part.QUARANTINE else table.name
        self.keep = _keep(lake, self.part, self.name)
        self.versions: dict[int, Version] = {one.snapshot: one for one in table.versions}
        if table.version is not None:
            self.versions[self.data["current-snapshot-id"]] = table.version
        refs: Mapping[str, Mapping[str, Any]] = self.data.get("refs") or {}
        self.branches = {one["snapshot-id"]: name for name, one in refs.items() if name != MAIN}

    def all(self) -> Iterator[Place]:
        assert self.table.metadata is not None
        for number, snapshot in self.table.metadata.snapshots.items():
            said = snapshot.get("summary") or {}
            yield self._version(number, snapshot) if number in self.versions else self._other(number, snapshot, said)

    def _version(self, number: int, snapshot: Mapping[str, Any]) -> Place:
        known = self.versions[number]
        current = number == self.data.get("current-snapshot-id")
        return Place(
            self.part, self.table.name, self.name, number, known.run, self._kinds(snapshot), known.run, True, "",
            current, known.rows, self._runs(known.run), known.inputs,
        )  # fmt: skip

    def _other(self, number: int, snapshot: Mapping[str, Any], said: Mapping[str, str]) -> Place:
        branch, run = self.branches.get(number, ""), said.get(_RUN, "")
        rows = int(said["total-records"]) if said.get("total-records", "").isdigit() else None
        version = self._whose(branch, run)
        runs = self._runs(self._before(run) if branch.startswith((CAME, LEFT)) else "")
        return Place(
            self.part, self.table.name, self.name, number, run, self._kinds(snapshot), version, False, branch, False,
            rows, runs, _noted(said),
        )  # fmt: skip

    def _whose(self, branch: str, run: str) -> str:
        """The run of the version whose rows a branch has."""
        if branch.startswith(LEFT):
            return self._before(run)
        return run if any(one.run == run for one in self.table.versions) else ""

    def _before(self, run: str) -> str:
        return next((one.before for one in self.table.versions if one.run == run), "")

    def _runs(self, run: str) -> int | None:
        """After how many new versions a version is gone; what is none goes with the next run."""
        if self.keep is None:
            return None
        newest_first = [one.run for one in self.table.versions]
        return max(self.keep - newest_first.index(run), 1) if run in newest_first else 1

    def _kinds(self, snapshot: Mapping[str, Any]) -> dict[str, str]:
        """The columns of a snapshot: those of the schema that it was written with, which Athena reads it by."""
        wanted = snapshot.get("schema-id", self.data.get("current-schema-id"))
        fields: Sequence[Mapping[str, Any]] = next(
            (one["fields"] for one in self.data["schemas"] if one["schema-id"] == wanted), []
        )
        return {one["name"]: _kind(one["type"]) for one in fields}


def _keep(lake: CompiledLake, part: Part, name: str) -> int | None:
    """How many versions stay; None for what the spec doesn't have any more, which no job makes."""
    known = lake.tables.get(name) if part is Part.TABLE else lake.sources.get(name)
    if known is None:
        return None
    return 1 if part is Part.QUARANTINE else known.keep_versions


def _kind(kind: Any) -> str:
    if not isinstance(kind, str):
        return NESTED
    return "timestamp" if kind.startswith("timestamp") else _ICEBERG.get(kind, kind)


def _noted(said: Mapping[str, str]) -> dict[str, Any]:
    try:
        found = json.loads(said.get(_INPUTS) or "{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def alike(places: Sequence[Place]) -> list[list[Place]]:
    """Places of one table with the same columns together, so that one query can ask for all of them."""
    groups: dict[tuple[str, tuple[tuple[str, str], ...]], list[Place]] = {}
    for place in places:
        groups.setdefault((place.table, tuple(place.kinds.items())), []).append(place)
    return list(groups.values())
