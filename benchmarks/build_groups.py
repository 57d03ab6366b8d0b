"""How long `build` takes for a lake of 200 sources and tables that ten jobs make.

    python benchmarks/build_groups.py [--runs 5] [--json]

Whole processes: a build where there is no `build/` yet, and one of the same spec again. Shown are the medians.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
from pathlib import Path
from statistics import median

from processes import Cost, measure

TARGET_SECONDS = 2.0
SOURCES, LAYERS = 40, ("staging", "core", "detail", "marts")
VALUES = ", ".join(f"value_{number}: double" for number in range(10))
HEAD = """version: 1
lake: warehouse
subjects: {customer: {registry: source_00, keys: [email]}}
consent: {research: {subject: customer, when: agreed is not null}}
zones: {landing: {}, staging: {require: research}, core: {require: research}, detail: {require: research},
        marts: {require: research}}
"""
SOURCE = """
  {name}: {{path: {name}/, columns: {{email: {{type: string, pii: true{identifies}}}, agreed: date, {values}}}}}"""
FIRST = """
  {name}:
    description: What number {number} landed, of customers who agreed.
    zone: staging
    source: {source}
    {kept}"""
NEXT = """
  {name}:
    description: Number {number} of {layer}, of customers whom its neighbour knows.
    zone: {layer}
    source: {source}
    join: [{{semi: {other}, on: {source}.email = {other}.email}}]
    add: {{total_{layer}: value_1 + value_2}}"""


def spec() -> str:
    """Forty sources, and four layers of forty tables; the sources and each layer are made by two jobs."""
    sources = "".join(
        SOURCE.format(name=f"source_{n:02}", identifies=", identifies: customer.email" if n else "", values=VALUES)
        for n in range(SOURCES)
    )
    tables = "".join(_table(place, number) for place in range(len(LAYERS)) for number in range(SOURCES))
    jobs = "".join(
        f"\n  {made}_{half}: {{steps: [{', '.join(f'{made}_{tens}*' for tens in numbers)}]}}"
        for made in ("source", *LAYERS)
        for half, numbers in (("a", "01"), ("b", "23"))
    )
    return f"{HEAD}sources:{sources}\ntables:{tables}\njobs:{jobs}\n"


def _table(place: int, number: int) -> str:
    layer, before = LAYERS[place], ("source", *LAYERS)[place]
    source, other = f"{before}_{number:02}", f"{before}_{(number + 1) % SOURCES:02}"
    name = f"{layer}_{number:02}"
    if place:
        return NEXT.format(name=name, number=number, layer=layer, source=source, other=other)
    join = f"join: [{{semi: source_00, on: {source}.email = source_00.email and source_00.agreed is not null}}]"
    return FIRST.format(name=name, number=number, source=source, kept=join if number else "filter: agreed is not null")


def main() -> None:
    formatter = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=formatter)
    parser.add_argument("--runs", type=int, default=5, metavar="N", help="builds of each kind (5)")
    parser.add_argument("--json", action="store_true", help="print one JSON value, and nothing else, on stdout")
    options = parser.parse_args()
    if options.runs < 1:
        parser.error("--runs begins at 1")
    figures = {name: _figures(costs) for name, costs in _costs(options.runs).items()}
    if options.json:
        print(json.dumps(figures))
        return
    print(f"{'build':<10}  {'wall s':>7}  {'(min - max)':>13}  {'CPU s':>6}  {'peak MiB':>8}")
    for name, found in figures.items():
        spread = f"({found['least']:.2f} - {found['most']:.2f})"
        print(f"{name:<10}  {found['wall']:>7.2f}  {spread:>13}  {found['cpu']:>6.2f}  {found['peak']:>8.0f}")
    seconds = figures["first"]["wall"]
    print(f"target: a first build takes under {TARGET_SECONDS} s: {'met' if seconds < TARGET_SECONDS else 'MISSED'}")


def _costs(runs: int) -> dict[str, list[Cost]]:
    """What the builds took; one before isn't counted."""
    found: dict[str, list[Cost]] = {"first": [], "unchanged": []}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "pipeline.yaml"
        path.write_text(spec(), encoding="utf-8")
        build = [sys.executable, "-m", "generator", "build", "--spec", path]
        measure(build)
        for _ in range(runs):
            shutil.rmtree(path.with_name("build"))
            found["first"].append(measure(build))
            found["unchanged"].append(measure(build))
    return found


def _figures(costs: list[Cost]) -> dict[str, float]:
    walls = [cost.wall for cost in costs]
    return {
        "wall": median(walls),
        "least": min(walls),
        "most": max(walls),
        "cpu": median(cost.cpu for cost in costs),
        "peak": max(cost.peak for cost in costs),
    }


if __name__ == "__main__":
    main()
