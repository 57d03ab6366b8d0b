"""What a run costs where little changed, beside a run of everything: whole processes, as ratios.

    python benchmarks/what_changed.py [--scale 100] [--runs 3] [--engine spark] [--json]

The reference lake on DuckDB, or on local Spark. Every round makes all of it (`--full`), then runs it after each of the
changes, and takes them back. A ratio is taken within a round, and the median over the rounds is shown.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from contenders import make_sample
from landing_changes import LandingChanges
from processes import ROOT, Cost, measure

FULL, NOTHING = "everything (--full)", "nothing changed"
FILTER = "filter: sharewithresearchasofdate is not null"


@dataclass(frozen=True, slots=True)
class Bench:
    """Where the data and the lake of a scale are."""

    here: Path
    engine: str

    @property
    def data(self) -> Path:
        return self.here / "data"

    def run(self, spec: str, *more: str) -> Cost:
        file = self.here / "what_changed.yaml"
        file.write_text(spec, encoding="utf-8")
        where = ("--data", self.data, "--lake", self.here / f"what_changed_{self.engine}", "--engine", self.engine)
        return measure([sys.executable, "-m", "generator", "run", "--spec", file, *where, "--json", *more])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scale", type=int, default=100, metavar="N", help="of the sample (100)")
    parser.add_argument("--runs", type=int, default=3, metavar="N", help="rounds (3)")
    parser.add_argument(
        "--folder", type=Path, default=ROOT / ".benchmarks", metavar="DIR", help="for data (.benchmarks)"
    )
    parser.add_argument("--engine", choices=("duckdb", "spark"), default="duckdb", help="what runs the lake (duckdb)")
    parser.add_argument("--json", action="store_true", help="print one JSON value, and nothing else, on stdout")
    options = parser.parse_args()
    bench = Bench(options.folder.absolute() / f"scale-{options.scale}", options.engine)
    make_sample(bench.data, options.scale)
    rounds = []
    for number in range(options.runs):
        print(f"round {number + 1} of {options.runs}, load {os.getloadavg()[0]:.1f}", file=sys.stderr)
        rounds.append(dict(one_round(bench)))
    found = {name: _figures(name, rounds) for name in rounds[0]}
    print(json.dumps(found, indent=2) if options.json else _text(found))


def one_round(bench: Bench) -> Iterator[tuple[str, Cost]]:
    """The cost of a full run, and of one after each change."""
    spec = (ROOT / "pipeline.yaml").read_text(encoding="utf-8").partition("\nrow_counts:")[0] + "\n"
    with LandingChanges(bench.data, bench.here / "customers.json") as landing:
        yield FULL, bench.run(spec, "--full")
        yield NOTHING, bench.run(spec)
        landing.add_readings(0.001)
        yield "0.1 % more readings", bench.run(spec)
        landing.withdraw()
        yield "a customer withdraws", bench.run(spec)
        landing.agree()
        yield "a customer agrees", bench.run(spec)
        yield "another filter", bench.run(spec.replace(FILTER, f"{FILTER} and registrationdate % 100 <> 7"))


def _figures(name: str, rounds: list[dict[str, Cost]]) -> dict[str, Any]:
    tables = json.loads(rounds[-1][name].output)["tables"].values()
    costs = {
        quantity: {
            "median": round(median(one[name].of(quantity) for one in rounds), 3),
            "times_full": round(median(one[name].of(quantity) / one[FULL].of(quantity) for one in rounds), 3),
        }
        for quantity in ("wall", "cpu", "peak")
    }
    return {**costs, "rows_read": sum(_rows_read(table) for table in tables)}


def _rows_read(table: dict[str, Any]) -> int:
    if table["rows_read"] is not None or table["unchanged"] or table["is_source"]:
        return table["rows_read"] or 0
    return table["rows_in"] or 0


def _text(found: dict[str, dict[str, Any]]) -> str:
    lines = [f"{'':22}{'wall s':>8}{'of full':>9}{'CPU s':>8}{'of full':>9}{'MiB':>7}{'of full':>9}{'rows read':>13}"]
    for name, figures in found.items():
        cells = "".join(
            f"{figures[quantity]['median']:{width}.{digits}f}{figures[quantity]['times_full']:9.2f}"
            for quantity, width, digits in (("wall", 8, 2), ("cpu", 8, 2), ("peak", 7, 0))
        )
        lines.append(f"{name:22}{cells}{figures['rows_read']:13,}")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
