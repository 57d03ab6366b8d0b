"""A withdrawal that is simulated from the lake that is kept tells what two runs from nothing tell."""

from __future__ import annotations

import json
import time
from pathlib import Path
from random import Random
from unittest.mock import Mock

import pytest

from generator.checks import check_spec
from generator.diagnostics import SourceText
from generator.erasure.person import Named
from generator.run.build_program import build_program
from generator.run.lake_folder import LakeFolder
from generator.run.simulate import SimulationError, TableChange, simulate
from generator.runtime.maintenance import keeper
from tests.maintenance.law import KeptLake

SECONDS, LAKES = 12, 3
"""It goes on for so long, and for so many lakes at least."""


def told(kept: KeptLake, who: Named, folder: LakeFolder | None) -> tuple[TableChange, ...] | str:
    """What is told of a withdrawal, but for which of several rows are shown."""
    lake = check_spec(SourceText("pipeline.yaml", json.dumps(kept.spec, indent=1))).lake
    assert lake is not None
    try:
        return simulate(lake, build_program(lake), kept.root / "data", who, Mock(), 1000, folder)
    except SimulationError as error:
        return str(error)


def state(folder: Path) -> dict[str, tuple[int, int]]:
    files = (path for path in folder.rglob("*") if path.name != ".lock")
    return {str(path): (path.lstat().st_mtime_ns, path.lstat().st_ino) for path in files}


@pytest.mark.slow
def test_random_lakes_tell_the_same_both_ways(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeper, "MOST", 10**9)
    started, asked, seed = time.monotonic(), 0, 0
    while asked < LAKES or time.monotonic() - started < SECONDS:
        seed += 1
        kept, random = KeptLake.drawn(seed, tmp_path / str(seed)), Random(seed)
        if kept is None or not kept.lake.ground.subjects:
            continue
        for _ in range(2):
            kept.run()
            for _ in range(random.choice((0, 1))):
                kept.change()  # of which the lake knows nothing yet
            subject = random.choice(kept.lake.ground.subjects)
            key = random.choice(subject.keys)
            rows = [row for file in kept.files[subject.registry].values() for row in file if isinstance(row, dict)]
            value = random.choice([row[key] for row in rows if row.get(key) is not None] or ["nobody"])
            who = Named(subject.name, key, str(value))
            before = state(kept.root / "lake")
            found = told(kept, who, LakeFolder(kept.root / "lake"))
            assert state(kept.root / "lake") == before, seed
            assert found == told(kept, who, None), seed
            asked += not isinstance(found, str) and any(one.leaving for one in found)


def test_what_a_lake_has_read_is_not_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = KeptLake.drawn(1, tmp_path)
    assert kept is not None
    kept.run()
    subject = kept.lake.ground.subjects[0]
    values = [row[subject.keys[0]] for rows in kept.files[subject.registry].values() for row in rows]  # type: ignore[index]
    monkeypatch.setattr("generator.run.source_step.read_landing", Mock(side_effect=AssertionError))
    who = Named(subject.name, subject.keys[0], str(values[0]))
    assert not isinstance(told(kept, who, LakeFolder(kept.root / "lake")), str)
