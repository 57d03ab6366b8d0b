"""The reference lake against a hand-written DuckDB script and dbt-duckdb: whole processes, as ratios.

    python benchmarks/run_lake.py [--scale 1 100] [--runs 5] [--json]

Every round runs each contender once, so that whatever else the machine does hits all of them; a ratio is
taken within a round, and the median over the rounds is shown. One round before is not counted. At the end of
each scale the tables of all contenders must be the same.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path

from contenders import BENCHMARKS, contenders, make_sample
from processes import ROOT, measure
from ratios import Result, to_json, to_text


def main() -> None:
    options = _options()
    dbt = options.dbt.absolute() if options.dbt.exists() else None
    if dbt is None:
        _note(f"without dbt-duckdb: there is no {options.dbt}; benchmarks/README.md says how to install it")
    results = [_compare(scale, options.runs, options.folder.absolute(), dbt) for scale in options.scale]
    if options.json:
        print(json.dumps([to_json(result) for result in results], indent=2))
    else:
        print("\n\n".join(map(to_text, results)))


def _options() -> argparse.Namespace:
    formatter = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=formatter)
    add = parser.add_argument
    add("--scale", type=int, nargs="+", default=[1, 100], metavar="N", help="of the sample (1 100)")
    add("--runs", type=int, default=5, metavar="N", help="rounds (5)")
    add("--folder", type=Path, default=ROOT / ".benchmarks", metavar="DIR", help="for data (.benchmarks)")
    add("--dbt", type=Path, default=ROOT / ".venv-dbt/bin/dbt", metavar="FILE", help="(.venv-dbt/bin/dbt)")
    add("--json", action="store_true", help="print one JSON value, and nothing else, on stdout")
    options = parser.parse_args()
    if min(*options.scale, options.runs) < 1:
        parser.error("--scale and --runs begin at 1")
    return options


def _compare(scale: int, runs: int, folder: Path, dbt: Path | None) -> Result:
    here = folder / f"scale-{scale}"
    _note(f"scale {scale}: sample in {here / 'data'}")
    make_sample(here / "data", scale)
    competing = contenders(here, here / "data", scale, dbt)
    rounds = []
    for number in range(runs + 1):
        title = f"round {number} of {runs}" if number else "warming up"
        _note(f"scale {scale}: {title}, load {os.getloadavg()[0]:.1f}")
        rounds.append({one.name: one.run() for one in competing})
    same = measure([sys.executable, BENCHMARKS / "same_tables.py", *(one.tables for one in competing)])
    _note(f"scale {scale}: all made the same tables\n{same.output.rstrip()}")
    return Result(scale, {one.name: [costs[one.name] for costs in rounds[1:]] for one in competing})


def _note(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
