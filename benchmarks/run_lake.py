"""The reference lake against a hand-written DuckDB script and dbt-duckdb: whole processes, in turns, as ratios.

    python benchmarks/run_lake.py [--scale 1 100] [--runs 5] [--json]

Every round runs each contender once, so that whatever else the machine does hits all of them; a ratio is taken within
a round, and the median over the rounds is shown. One round before is not counted. At the end of each scale the tables
of all contenders must be the same.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from statistics import median

from processes import ROOT, Cost, measure

HAND, RUN, COLD, DBT = "hand-written", "generator", "generator, cold", "dbt-duckdb"
BENCHMARKS = Path(__file__).resolve().parent


@dataclass(frozen=True, slots=True)
class Contender:
    """A way to make the five tables.

    Attributes:
        tables: the folder that it writes to.
        forget: a file to be removed before each run.
    """

    name: str
    command: Sequence[str | Path]
    tables: Path
    variables: Mapping[str, str] = field(default_factory=dict)
    forget: Path | None = None

    def run(self) -> Cost:
        if self.forget is not None:
            self.forget.unlink(missing_ok=True)
        return measure(self.command, self.variables)


@dataclass(frozen=True, slots=True)
class Target:
    """A ratio of two contenders that is to be at most, or at least, so much."""

    scale: int
    quantity: str
    contender: str
    to: str
    bound: float
    at_least: bool = False

    def met(self, ratio: float) -> bool:
        return ratio >= self.bound if self.at_least else ratio <= self.bound


TARGETS = (
    Target(1, "wall", RUN, HAND, 2.0),
    Target(1, "wall", DBT, RUN, 4.0, at_least=True),
    Target(100, "wall", RUN, HAND, 1.2),
    Target(100, "peak", RUN, HAND, 1.2),
)


@dataclass(frozen=True, slots=True)
class Result:
    """The costs of each contender at a scale, round by round."""

    scale: int
    costs: Mapping[str, Sequence[Cost]]

    def ratios(self, quantity: str, contender: str, to: str) -> list[float]:
        pairs = zip(self.costs[contender], self.costs[to], strict=True)
        return [getattr(one, quantity) / getattr(other, quantity) for one, other in pairs]

    def median(self, quantity: str, contender: str) -> float:
        return median(getattr(cost, quantity) for cost in self.costs[contender])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scale", type=int, nargs="+", default=[1, 100], metavar="N")
    parser.add_argument("--runs", type=int, default=5, metavar="N", help="rounds (5)")
    parser.add_argument("--folder", type=Path, default=ROOT / ".benchmarks", help="data and tables (.benchmarks)")
    parser.add_argument("--dbt", type=Path, default=ROOT / ".venv-dbt/bin/dbt", metavar="FILE", help="(.venv-dbt/bin/dbt)")
    parser.add_argument("--json", action="store_true", help="print one JSON object, and nothing else, on stdout")
    options = parser.parse_args()
    if min(*options.scale, options.runs, 1) < 1:
        parser.error("--scale and --runs begin at 1")
    dbt = options.dbt.absolute() if options.dbt.exists() else None
    if dbt is None:
        _note(f"without dbt-duckdb: there is no {options.dbt}; benchmarks/README.md says how to install it")
    results = [_compare(scale, options.runs, options.folder.absolute(), dbt) for scale in options.scale]
    if options.json:
        print(json.dumps([_to_json(result) for result in results], indent=2))
    else:
        print("\n\n".join(_format(result) for result in results))


def _compare(scale: int, runs: int, folder: Path, dbt: Path | None) -> Result:
    here = folder / f"scale-{scale}"
    contenders = _contenders(here, _data(here, scale), _spec(here, scale), dbt)
    rounds = []
    for number in range(runs + 1):
        _note(f"scale {scale}: {f'round {number} of {runs}' if number else 'warming up'}, load {os.getloadavg()[0]:.1f}")
        rounds.append({contender.name: contender.run() for contender in contenders})
    same = measure([sys.executable, BENCHMARKS / "same_tables.py", *(contender.tables for contender in contenders)])
    _note(f"the same tables from all:\n{same.output.rstrip()}")
    return Result(scale, {one.name: [costs[one.name] for costs in rounds[1:]] for one in contenders})


def _contenders(here: Path, data: Path, spec: Path, dbt: Path | None) -> list[Contender]:
    hand, warm, cold, dbt_out = (here / name for name in ("hand_written", "lake", "lake_cold", "dbt/tables"))
    run = partial(_run_command, spec, data)
    found = [
        Contender(HAND, [sys.executable, BENCHMARKS / "hand_written.py", data, hand], hand),
        Contender(RUN, run(warm), warm),
        Contender(COLD, run(cold), cold, forget=cold / ".program.json"),
    ]
    if dbt is not None:
        dbt_out.mkdir(parents=True, exist_ok=True)
        variables = {"STEDI_DATA": str(data), "STEDI_OUT": str(dbt_out)}
        found.append(Contender(DBT, _dbt_command(dbt, here / "dbt"), dbt_out, variables))
    return found


def _run_command(spec: Path, data: Path, lake: Path) -> list[str | Path]:
    return [sys.executable, "-m", "generator", "run", "--spec", spec, "--data", data, "--lake", lake]


def _dbt_command(dbt: Path, work: Path) -> list[str | Path]:
    """Whatever dbt keeps goes to `work`, its parsed project too."""
    project = BENCHMARKS / "dbt"
    folders = ["--target-path", work / "target", "--log-path", work / "logs"]
    return [dbt, "run", "--project-dir", project, "--profiles-dir", project, *folders]


def _data(here: Path, scale: int) -> Path:
    """The landing data of a scale, made when it isn't there."""
    data = here / "data"
    if not (data / "sample.json").exists():
        _note(f"scale {scale}: making the sample")
        here.mkdir(parents=True, exist_ok=True)
        measure([sys.executable, "-m", "generator", "sample", data, "--scale", str(scale)])
    return data


def _spec(here: Path, scale: int) -> Path:
    """The reference lake, expecting so many times its rows."""
    text = (ROOT / "pipeline.yaml").read_text(encoding="utf-8")
    lake, counts = text.split("\nrow_counts:", 1)
    scaled = "".join(
        f"  {name}: {int(count) * scale}\n"
        for name, _, count in (line.strip().partition(":") for line in counts.splitlines()[1:] if line.strip())
    )
    spec = here / "pipeline.yaml"
    spec.write_text(f"{lake}\nrow_counts:\n{scaled}", encoding="utf-8")
    return spec


def _format(result: Result) -> str:
    lines = [
        f"scale {result.scale}, medians of {len(result.costs[HAND])} rounds        in times hand-written",
        f"{'':16}  {'wall s':>7}  {'CPU s':>7}  {'peak MiB':>8}  {'wall':>6} {'(min - max)':>14}  {'CPU':>5}  {'peak':>5}",
    ]
    for name in result.costs:
        wall, cpu, peak = (result.ratios(quantity, name, HAND) for quantity in ("wall", "cpu", "peak"))
        lines.append(
            f"{name:16}  {result.median('wall', name):7.3f}  {result.median('cpu', name):7.3f}"
            f"  {result.median('peak', name):8.0f}  {median(wall):6.2f} {f'({min(wall):.2f} - {max(wall):.2f})':>14}"
            f"  {median(cpu):5.2f}  {median(peak):5.2f}"
        )
    return "\n".join([*lines, *(_format_target(target, ratio) for target, ratio in _judged(result))])


def _format_target(target: Target, ratio: float) -> str:
    bound = f"{'at least' if target.at_least else 'at most'} {target.bound}"
    verdict = "met" if target.met(ratio) else "MISSED"
    return f"target: {target.quantity} of {target.contender} / {target.to} is {bound}: {ratio:.2f}, {verdict}"


def _judged(result: Result) -> list[tuple[Target, float]]:
    """The targets of this scale for which both contenders ran, with the ratios."""
    return [
        (target, median(result.ratios(target.quantity, target.contender, target.to)))
        for target in TARGETS
        if target.scale == result.scale and {target.contender, target.to} <= result.costs.keys()
    ]


def _to_json(result: Result) -> dict[str, object]:
    quantities = ("wall", "cpu", "peak")
    return {
        "scale": result.scale,
        "costs": {
            name: [{quantity: round(getattr(cost, quantity), 4) for quantity in quantities} for cost in costs]
            for name, costs in result.costs.items()
        },
        "ratios_to_hand_written": {
            name: {quantity: round(median(result.ratios(quantity, name, HAND)), 3) for quantity in quantities}
            for name in result.costs
        },
        "targets": [
            {"target": _format_target(target, ratio), "ratio": round(ratio, 3), "met": target.met(ratio)}
            for target, ratio in _judged(result)
        ],
    }


def _note(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
