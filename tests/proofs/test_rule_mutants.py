"""Each deliberately broken rule of proof is caught, by the table of mutants or by the fuzz."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from generator.checks import check_spec
from generator.diagnostics import SourceText
from generator.plan.sql.parse import parse_conditions, parse_statement
from tests.proofs import test_natural_forms, test_registries, test_spelled_keys, test_whose_data
from tests.proofs.fuzz import fuzz
from tests.proofs.mutants import mixed
from tests.proofs.mutated import BROKEN, HOLES, MIXED, PROVEN
from tests.proofs.rule_mutants import RULE_MUTANTS, RuleMutant
from tests.proofs.test_mutants import FLOWS, test_labels_follow_the_data
from tests.proofs.test_soundness import BY_EVALUATOR

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def parsed_anew() -> Iterator[None]:
    """What was parsed by other rules isn't taken again."""
    for remembered in (parse_statement, parse_conditions):
        remembered.cache_clear()
    yield
    for remembered in (parse_statement, parse_conditions):
        remembered.cache_clear()


@pytest.mark.parametrize("mutant", RULE_MUTANTS, ids=lambda mutant: mutant.name)
def test_a_broken_rule_is_caught(mutant: RuleMutant, monkeypatch: pytest.MonkeyPatch) -> None:
    mutant.apply(monkeypatch)
    assert any(True for _ in caught_by_tables()) or fuzz(BY_EVALUATOR, None, at_most=1).violations


def test_sound_rules_are_not_caught() -> None:
    assert list(caught_by_tables()) == []


def caught_by_tables() -> Iterator[str]:
    """The cases whose findings aren't as they should be."""
    for mutant in BROKEN + HOLES:
        errors = [one.code for one in check_spec(mutant.source()).diagnostics if one.severity == "error"]
        if tuple(errors) != (mutant.errors or ("G001",)):
            yield mutant.name
    yield from (mutant.name for mutant in PROVEN if check_spec(mutant.source()).diagnostics)
    for name, join, codes in MIXED:
        if sorted(one.code for one in check_spec(SourceText("pipeline.yaml", mixed(join))).diagnostics) != codes:
            yield name
    yield from (name for name, body, direct, hashed in FLOWS if not labels_follow(body, direct, hashed))
    yield from test_whose_data.wrong()
    yield from test_natural_forms.wrong()
    yield from test_registries.wrong()
    yield from test_spelled_keys.wrong()


def labels_follow(body: str, direct: set[str], pseudonymous: set[str]) -> bool:
    try:
        test_labels_follow_the_data(body, direct, pseudonymous)
    except AssertionError:
        return False
    return True
