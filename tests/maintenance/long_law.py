"""The law of maintenance, at length: `python -m tests.maintenance.long_law --changes 20000 --first-seed 10000`.

On Spark (`--engine spark`) a lake is kept there, and made from nothing on DuckDB.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from contextlib import ExitStack
from itertools import count
from pathlib import Path

from tests.maintenance.law import Figures, check_lake, keep_by_all_means
from tests.maintenance.on_spark import on_spark


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--changes", type=int, default=20_000, help="how many changes to check at least")
    parser.add_argument("--first-seed", type=int, default=10_000)
    parser.add_argument("--engine", choices=("duckdb", "spark"), default="duckdb", help="what keeps the lakes")
    options = parser.parse_args()
    figures, started = Figures(), time.monotonic()
    keep_by_all_means(setattr)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="lakes-")))
        spark = stack.enter_context(on_spark(folder)) if options.engine == "spark" else None
        for seed in count(options.first_seed):
            if figures.counts["changes"] >= options.changes or len(figures.violations) >= 10:
                break
            check_lake(seed, folder / str(seed), figures, spark=spark)
            done = f"{figures.counts['changes']:,} changes, {len(figures.violations)} violations"
            print(f"seed {seed}: {done}, {time.monotonic() - started:.0f} s", file=sys.stderr)
    for name, number in sorted(figures.counts.items()):
        print(f"{number:>9,}  {name}")
    print(f"{len(figures.violations):>9,}  violations, in {time.monotonic() - started:.0f} s")
    print("\n".join(figures.violations))
    return 1 if figures.violations else 0


if __name__ == "__main__":
    raise SystemExit(main())
