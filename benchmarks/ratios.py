"""From the costs of each round to ratios, the targets, and how both are shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from contenders import AGAIN, DBT, HAND, RUN, STUDIO
from processes import Cost

QUANTITIES = ("wall", "cpu", "peak")
_HEADER = (
    f"{'':18}  {'wall s':>7}  {'CPU s':>7}  {'peak MiB':>8}  {'wall':>6} {'(min - max)':>14}  {'CPU':>5}  {'peak':>5}"
)


@dataclass(frozen=True, slots=True)
class Target:
    """A ratio of two contenders' wall time or peak memory that is to be at most, or at least, so much."""

    scale: int
    quantity: str
    contender: str
    to: str
    bound: float
    at_least: bool = False

    def met(self, ratio: float) -> bool:
        return ratio >= self.bound if self.at_least else ratio <= self.bound

    def verdict(self, ratio: float) -> str:
        bound = f"{'at least' if self.at_least else 'at most'} {self.bound}"
        outcome = "met" if self.met(ratio) else "MISSED"
        return f"target: {self.quantity} of {self.contender} / {self.to} is {bound}: {ratio:.2f}, {outcome}"


SPARK_TARGETS = (
    *(Target(scale, "wall", RUN, HAND, 1.5) for scale in (20, 100)),
    *(Target(scale, "wall", AGAIN, HAND, 0.5) for scale in (20, 100)),
    Target(20, "wall", STUDIO, RUN, 3.0, at_least=True),
)
TARGETS = (
    Target(1, "wall", RUN, HAND, 2.0),
    Target(1, "wall", DBT, RUN, 4.0, at_least=True),
    Target(100, "wall", RUN, HAND, 1.5),
    Target(100, "wall", AGAIN, HAND, 0.1),
    Target(100, "peak", RUN, HAND, 1.2),
)


@dataclass(frozen=True, slots=True)
class Result:
    """The costs of each contender at a scale, round by round."""

    scale: int
    costs: Mapping[str, Sequence[Cost]]
    targets: tuple[Target, ...] = TARGETS

    def ratios(self, quantity: str, contender: str, to: str) -> list[float]:
        pairs = zip(self.costs[contender], self.costs[to], strict=True)
        return [one.of(quantity) / other.of(quantity) for one, other in pairs]

    def judged(self) -> list[tuple[Target, float]]:
        """The targets of this scale for which both contenders ran, with the ratios."""
        return [
            (target, median(self.ratios(target.quantity, target.contender, target.to)))
            for target in self.targets
            if target.scale == self.scale and {target.contender, target.to} <= self.costs.keys()
        ]


def to_text(result: Result) -> str:
    rounds = len(result.costs[HAND])
    title = f"scale {result.scale}, median of {rounds} rounds"
    rows = [_row(result, name) for name in result.costs]
    verdicts = [target.verdict(ratio) for target, ratio in result.judged()]
    return "\n".join([f"{title:49}in times {HAND}", _HEADER, *rows, *verdicts])


def _row(result: Result, name: str) -> str:
    wall, cpu, peak = (median(cost.of(quantity) for cost in result.costs[name]) for quantity in QUANTITIES)
    walls, cpus, peaks = (result.ratios(quantity, name, HAND) for quantity in QUANTITIES)
    spread = f"({min(walls):.2f} - {max(walls):.2f})"
    return (
        f"{name:18}  {wall:7.3f}  {cpu:7.3f}  {peak:8.0f}  {median(walls):6.2f} {spread:>14}"
        f"  {median(cpus):5.2f}  {median(peaks):5.2f}"
    )


def to_json(result: Result) -> dict[str, object]:
    return {
        "scale": result.scale,
        "costs": {
            name: [{quantity: round(cost.of(quantity), 4) for quantity in QUANTITIES} for cost in costs]
            for name, costs in result.costs.items()
        },
        "times_hand_written": {
            name: {quantity: round(median(result.ratios(quantity, name, HAND)), 3) for quantity in QUANTITIES}
            for name in result.costs
        },
        "targets": [
            {"target": target.verdict(ratio), "ratio": round(ratio, 3), "met": target.met(ratio)}
            for target, ratio in result.judged()
        ],
    }
