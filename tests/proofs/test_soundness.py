"""What the build claims of a table is so, on random lakes over random people.

A longer run by hand: `python -m tests.proofs.long_fuzz --tables 10000`.
"""

from __future__ import annotations

import duckdb
import pytest

from tests.proofs.fuzz import SHAPES, Outcome, fuzz

WITH_DUCKDB, BY_EVALUATOR = range(480, 600), range(1_000, 1_600)


def test_claims_hold_where_duckdb_ran_the_lake() -> None:
    with duckdb.connect(config={"threads": 1}) as connection:
        outcome = fuzz(WITH_DUCKDB, connection)
    assert outcome.violations == []
    tells_something(outcome)


@pytest.mark.slow
def test_claims_hold_on_more_lakes() -> None:
    outcome = fuzz(BY_EVALUATOR, None)
    assert outcome.violations == []
    tells_something(outcome)


def tells_something(outcome: Outcome) -> None:
    """A fuzz that claims nothing tests nothing."""
    counts = outcome.counts
    assert counts["tables"] > 4 * counts["lakes"]
    assert counts["rows"] > 3 * counts["tables"]
    assert counts["persons proven"] > 0.08 * counts["persons"]
    assert counts["checks of a zone passed, with people"] > 0.04 * counts["checks of a zone"]
    assert counts["tables whose people are all known"] > 0.15 * counts["tables"]
    assert counts["keys with two rows or more"] > 0.15 * counts["tables"]
    assert counts["sides of joins unique"] > 0.1 * counts["sides of joins"]
    assert counts["persons proven by a table of consents"] > 0.005 * counts["persons proven"]
    assert counts["columns said to be impersonal"] > counts["tables"]
    assert all(counts[shape] > 0.004 * counts["tables"] for shape in SHAPES), counts
