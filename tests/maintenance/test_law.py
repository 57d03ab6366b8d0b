"""Random lakes that are kept are those made from nothing. At length: `python -m tests.maintenance.long_law`."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.maintenance.cases import first_difference, from_nothing
from tests.maintenance.killed import Killed
from tests.maintenance.law import Figures, check_lake, keep_by_all_means

SECONDS, LAKES = 20, 6
"""It goes on for so long, and for so many lakes at least."""


@pytest.mark.slow
def test_a_kept_lake_is_one_that_was_made_from_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keep_by_all_means(monkeypatch.setattr)
    figures, started, seed = Figures(), time.monotonic(), 0
    while seed < LAKES or time.monotonic() - started < SECONDS:
        check_lake(seed, tmp_path / str(seed), figures, thorough=seed % 5 == 0)
        seed += 1
    assert figures.violations == []
    assert figures.counts["tables kept, with changes"] > 5


@pytest.mark.slow
def test_tables_of_every_sort_through_a_few_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keep_by_all_means(monkeypatch.setattr)
    assert first_difference(tmp_path / "kept", from_nothing(tmp_path / "made")) == ""


@pytest.mark.slow
def test_a_run_after_one_that_was_killed_makes_the_lake_as_from_nothing(tmp_path: Path) -> None:
    lake = Killed(tmp_path)
    assert [told for number in range(5) if (told := lake.kill_one(number))] == []
