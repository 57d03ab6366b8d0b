"""Jobs that are killed while they keep Iceberg tables: `python -m tests.maintenance.killed_on_iceberg --kills 20`.

It needs SPARK35_PYTHON, as the tests do.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from random import Random
from threading import Timer
from typing import Any

from tests.maintenance.on_iceberg import OnIceberg, Stopped, on_iceberg
from tests.maintenance.shop import Shop, order

TABLES = """
  known: {zone: raw, source: orders, join: [{semi: people, on: orders.who = people.who and ok}]}
  copy: {zone: raw, source: known}
  sums: {zone: raw, source: copy, group_by: [who], aggregate: {n: count(*), most: max(total)}}
"""
MADE = ("known", "copy", "sums")


class KilledJobs:
    """A lake whose jobs are killed: after each kill, a Spark of its own runs them again."""

    def __init__(self, python: Path, root: Path, seed: int) -> None:
        self.python, self.root, self.random = python, root, Random(seed)
        self.shop = Shop(root / "shop", TABLES)
        self.shop.put("people/1", *({"who": f"w{number}", "name": "n", "ok": True} for number in range(20)))
        for file in range(3):
            self.shop.put(f"orders/{file}", *(self.order(file * 100 + number) for number in range(50)))
        self.fresh = 0

    def order(self, number: int) -> dict[str, object]:
        return order(number, f"w{self.random.randrange(25)}", self.random.randrange(9))

    def change(self) -> None:
        """Changes a file of each source, or puts back what was there: then runs have nothing to publish."""
        kept = self.shop.root / "data" / "orders" / "1.json"
        text = kept.read_text()
        self.shop.put("orders/1", *(self.order(100 + number) for number in range(30)))
        self.shop.put("people/1", *({"who": f"w{n}", "name": "n", "ok": self.random.random() < 0.9} for n in range(20)))
        self.undo = (kept, text) if self.random.random() < 0.25 else None

    def kill_some(self, kills: int) -> list[str]:
        """Runs the lake, and then, for each kill, a change that a killed run begins with; returns what is wrong."""
        problems: list[str] = []
        killed, takes = 0, 0.0
        while True:
            with on_iceberg(self.python, self.root) as iceberg:
                self.shop.spark = iceberg
                iceberg.by_all_means = iceberg.orphans = True
                started = time.monotonic()
                self.shop.run()
                takes = takes or time.monotonic() - started
                problems += [f"after kill {killed}: {one}" for one in self.wrong(iceberg.answered)]
                if killed == kills:
                    return problems
                self.change()
                after = self.random.uniform(0.05, 1) * takes
                lasted = self.run_killed(iceberg, after)
                killed, takes = (killed + 1, takes) if lasted is None else (killed, lasted)
                print(f"{killed} killed, this run after {lasted or after:.1f} s; {len(problems)} problems", flush=True)

    def run_killed(self, iceberg: OnIceberg, seconds: float) -> float | None:
        """Runs the lake, and kills that; returns how long the run took, if it was done sooner."""
        timer, started = Timer(seconds, iceberg.kill), time.monotonic()
        timer.start()
        try:
            self.shop.run()
            return time.monotonic() - started
        except (Stopped, BrokenPipeError):
            return None
        finally:
            timer.cancel()
            iceberg.kill()
            if self.undo is not None:
                self.undo[0].write_text(self.undo[1])

    def wrong(self, answered: Mapping[str, Any]) -> list[str]:
        """What isn't as it would be had nobody been killed."""
        found = [f"{name}: {step['problem']}" for name, step in answered["steps"].items() if step["problem"]]
        data = [one for one in answered["orphans"] if "/data/" in one]
        found += [f"files that belong to nothing: {data}"] if data else []
        found += [f"branches: {answered['branches']}"] if answered["branches"] else []
        spark, self.shop.spark, self.fresh = self.shop.spark, None, self.fresh + 1
        self.shop.run(f"fresh {self.fresh}")
        self.shop.spark = spark
        names = (name for name in MADE if self.shop.rows(name) != self.shop.rows(name, f"fresh {self.fresh}"))
        return found + [f"{name} has other rows than one made from nothing" for name in names]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="killed-") as folder:
        problems = KilledJobs(Path(os.environ["SPARK35_PYTHON"]), Path(folder), options.seed).kill_some(options.kills)
    print("\n".join(problems) or f"{options.kills} kills, all right")
    return 1 if problems else 0


if __name__ == "__main__":
    raise SystemExit(main())
