"""The reference lake on local Spark: the generated jobs against hand-written DataFrames and Glue Studio's usual output.

    python benchmarks/run_spark.py [--scale 1 20 100] [--runs 3] [--json]

Whole processes, as ratios within a round; see run_lake.py. Afterwards each contender runs once more, not timed, with
Spark's event log on: how much each table read, shuffled and wrote by Spark's own count.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

from contenders import BENCHMARKS, HAND, RUN, STUDIO, Contender, make_sample, spark_contenders
from processes import ROOT, measure
from ratios import SPARK_TARGETS, Result, to_json, to_text
from spark.event_log import Work, work_by_table


def main() -> None:
    options = _options()
    results = []
    for scale in options.scale:
        here = options.folder.absolute() / f"scale-{scale}"
        make_sample(here / "data", scale)
        competing = [
            one
            for one in spark_contenders(here, here / "data", scale)
            if one.name != STUDIO or scale <= options.studio_up_to
        ]
        results.append((_compare(scale, options.runs, competing), _work(competing)))
    if options.json:
        print(json.dumps([{**to_json(result), "work": _plain(work)} for result, work in results], indent=2))
    else:
        print("\n\n".join(f"{to_text(result)}\n\n{_table(work)}" for result, work in results))


def _options() -> argparse.Namespace:
    formatter = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=formatter)
    add = parser.add_argument
    add("--scale", type=int, nargs="+", default=[1, 20, 100], metavar="N", help="of the sample (1 20 100)")
    add("--runs", type=int, default=3, metavar="N", help="rounds (3)")
    add("--studio-up-to", type=int, default=20, metavar="N", help="largest scale for Glue Studio's output (20)")
    add("--folder", type=Path, default=ROOT / ".benchmarks", metavar="DIR", help="for data (.benchmarks)")
    add("--json", action="store_true", help="print one JSON value, and nothing else, on stdout")
    options = parser.parse_args()
    if min(*options.scale, options.runs) < 1:
        parser.error("--scale and --runs begin at 1")
    return options


def _compare(scale: int, runs: int, competing: list[Contender]) -> Result:
    rounds = []
    for number in range(runs + 1):
        title = f"round {number} of {runs}" if number else "warming up"
        _note(f"scale {scale}: {title}, load {os.getloadavg()[0]:.1f}")
        rounds.append({one.name: one.run() for one in competing})
    same = [one.tables for one in competing if one.name in (HAND, RUN)]
    done = measure([sys.executable, BENCHMARKS / "same_tables.py", *same])
    _note(f"scale {scale}: all made the same tables\n{done.output.rstrip()}")
    return Result(scale, {one.name: [costs[one.name] for costs in rounds[1:]] for one in competing}, SPARK_TARGETS)


def _work(competing: list[Contender]) -> dict[str, dict[str, Work]]:
    """Spark's own count of each contender's work, by table; a run that starts no Spark has none."""
    found = {}
    for one in competing:
        with tempfile.TemporaryDirectory() as folder:
            one.run(LAKEGEN_SPARK_EVENT_LOG=folder)
            found[one.name] = work_by_table(Path(folder))
    return found


def _table(work: Mapping[str, Mapping[str, Work]]) -> str:
    sizes = f"{'read MB':>8}  {'shuffled MB':>11}  {'written MB':>10}"
    lines = [f"{'':18}  {'table':26}  {'jobs':>4}  {'shuffles':>8}  {sizes}"]
    for name, tables in work.items():
        for table, one in tables.items():
            sizes = f"{one.read / 1e6:8.2f}  {one.shuffled / 1e6:11.2f}  {one.written / 1e6:10.2f}"
            lines.append(f"{name:18}  {table:26}  {one.jobs:4}  {one.shuffles:8}  {sizes}")
    return "\n".join(lines)


def _plain(work: Mapping[str, Mapping[str, Work]]) -> dict[str, dict[str, dict[str, int]]]:
    return {name: {table: asdict(one) for table, one in tables.items()} for name, tables in work.items()}


def _note(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
