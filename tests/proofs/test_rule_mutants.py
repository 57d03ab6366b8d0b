"""Each deliberately broken rule of proof is caught, by the table of mutants or by the fuzz."""

from __future__ import annotations

import pytest

from generator.checks import check_spec
from generator.diagnostics import SourceText
from tests.proofs.fuzz import fuzz
from tests.proofs.mutants import mixed
from tests.proofs.mutated import BROKEN, HOLES, MIXED, PROVEN
from tests.proofs.rule_mutants import RULE_MUTANTS, RuleMutant
from tests.proofs.test_mutants import FLOWS, test_labels_follow_the_data

MOST_LAKES = range(2_000, 3_500)


@pytest.mark.parametrize("mutant", RULE_MUTANTS, ids=lambda mutant: mutant.name)
def test_a_broken_rule_is_caught(mutant: RuleMutant, monkeypatch: pytest.MonkeyPatch) -> None:
    mutant.apply(monkeypatch)
    assert caught_by_tables() or caught_by_fuzz()


def caught_by_tables() -> list[str]:
    """The mutants of specs whose findings aren't as they should be."""
    found = []
    for mutant in BROKEN + HOLES:
        errors = [one.code for one in check_spec(mutant.source()).diagnostics if one.severity == "error"]
        found += [mutant.name] if tuple(errors) != (mutant.errors or ("G001",)) else []
    found += [mutant.name for mutant in PROVEN if check_spec(mutant.source()).diagnostics]
    for name, join, codes in MIXED:
        warned = sorted(one.code for one in check_spec(SourceText("pipeline.yaml", mixed(join))).diagnostics)
        found += [name] if warned != codes else []
    return found + [name for name, *flow in FLOWS if not labels_follow(*flow)]


def labels_follow(body: str, direct: set[str], pseudonymous: set[str]) -> bool:
    try:
        test_labels_follow_the_data(body, direct, pseudonymous)
    except AssertionError:
        return False
    return True


def caught_by_fuzz() -> list[str]:
    return fuzz(MOST_LAKES, None, at_most=1).violations
