"""The fuzz of the proofs, at length: `python -m tests.proofs.long_fuzz --tables 10000 --first-seed 10000`."""

from __future__ import annotations

import argparse
import time
from itertools import count

import duckdb

from tests.proofs.fuzz import Outcome, check_lake


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tables", type=int, default=10_000, help="how many tables to check at least")
    parser.add_argument("--first-seed", type=int, default=10_000)
    parser.add_argument("--without-duckdb", action="store_true", help="go by the evaluator alone, which is faster")
    options = parser.parse_args()
    outcome, started = Outcome(), time.monotonic()
    with duckdb.connect(config={"threads": 1}) as connection:
        for seed in count(options.first_seed):
            if outcome.counts["tables"] >= options.tables or len(outcome.violations) >= 10:
                break
            check_lake(seed, outcome, None if options.without_duckdb else connection)
    for name, number in outcome.counts.items():
        print(f"{number:>9,}  {name}")
    print(f"{len(outcome.violations):>9,}  violations, in {time.monotonic() - started:.0f} s")
    print("\n".join(outcome.violations))
    return 1 if outcome.violations else 0


if __name__ == "__main__":
    raise SystemExit(main())
