"""Each deliberately broken rule of how tables are kept makes a lake that isn't the one made from nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.maintenance.cases import Made, first_difference, from_nothing
from tests.maintenance.law import Figures, check_lake, keep_by_all_means
from tests.maintenance.rule_mutants import RULE_MUTANTS, RuleMutant

pytestmark = pytest.mark.slow
LAKES = 40


@pytest.fixture(scope="module")
def right(tmp_path_factory: pytest.TempPathFactory) -> list[Made]:
    """What the rules make as they are."""
    return from_nothing(tmp_path_factory.mktemp("right"))


@pytest.mark.parametrize("mutant", RULE_MUTANTS, ids=lambda mutant: mutant.name)
def test_a_broken_rule_is_caught(
    mutant: RuleMutant, right: list[Made], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep_by_all_means(monkeypatch.setattr)
    mutant.apply(monkeypatch)
    found = first_difference(tmp_path / "cases", right) or caught_by_chance(tmp_path)
    assert found, f"nothing differs although {mutant.name}"


def caught_by_chance(root: Path) -> bool:
    figures = Figures()
    for seed in range(LAKES):
        check_lake(seed, root / str(seed), figures, thorough=False)
        if figures.violations:
            return True
    return False
