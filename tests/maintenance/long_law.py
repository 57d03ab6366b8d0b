"""The law of maintenance, at length: `python -m tests.maintenance.long_law --changes 20000 --first-seed 10000`."""

from __future__ import annotations

import argparse
import tempfile
import time
from itertools import count
from pathlib import Path

from tests.maintenance.law import Figures, check_lake, keep_by_all_means


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--changes", type=int, default=20_000, help="how many changes to check at least")
    parser.add_argument("--first-seed", type=int, default=10_000)
    options = parser.parse_args()
    figures, started = Figures(), time.monotonic()
    keep_by_all_means(setattr)
    with tempfile.TemporaryDirectory(prefix="lakes-") as folder:
        for seed in count(options.first_seed):
            if figures.counts["changes"] >= options.changes or len(figures.violations) >= 10:
                break
            check_lake(seed, Path(folder) / str(seed), figures)
    for name, number in sorted(figures.counts.items()):
        print(f"{number:>9,}  {name}")
    print(f"{len(figures.violations):>9,}  violations, in {time.monotonic() - started:.0f} s")
    print("\n".join(figures.violations))
    return 1 if figures.violations else 0


if __name__ == "__main__":
    raise SystemExit(main())
