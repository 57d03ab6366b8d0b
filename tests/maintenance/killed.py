"""Runs that are killed while they keep tables: `python -m tests.maintenance.killed --kills 60`."""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from random import Random

from generator.run.lake_folder import LakeFolder
from tests.maintenance.cases import TABLES
from tests.maintenance.shop import HEAD, Shop, order, rows_in


class Killed:
    """A lake whose runs are killed."""

    def __init__(self, root: Path) -> None:
        self.random = Random(7)
        self.shop = Shop(root, TABLES, HEAD)
        self.shop.put("people/1", *({"who": f"w{number}", "name": "n", "ok": True} for number in range(300)))
        self.shop.put("orders/1", *(self.order(number) for number in range(3000)))
        (root / "shop.yaml").write_text(HEAD + TABLES)
        self.shop.run()
        self.takes = self.run(None)

    def order(self, number: int) -> dict[str, object]:
        return order(number, f"w{self.random.randrange(400)}", self.random.randrange(9))

    def change(self, number: int) -> None:
        kind = self.random.choice(("orders", "people", "gone"))
        if kind == "people":
            chosen = [{"who": f"w{self.random.randrange(400)}", "name": "m", "ok": bool(n % 2)} for n in range(9)]
            self.shop.put(f"people/{self.random.randrange(2, 6)}", *chosen)
        elif kind == "orders" or not (self.shop.root / "data/orders/more.json").exists():
            self.shop.put("orders/more", *(self.order(10_000 + number * 100 + n) for n in range(40)))
        else:
            self.shop.drop("orders/more")

    def run(self, seconds: float | None) -> float:
        """Runs the lake in a process of its own, killed after a while; returns for how long it ran."""
        where = ("--spec", "shop.yaml", "--data", "data", "--lake", "lake")
        started = time.monotonic()
        command = [sys.executable, "-m", "generator", "run", *where, "--json"]
        with subprocess.Popen(command, cwd=self.shop.root, stdout=subprocess.DEVNULL) as process:
            try:
                process.wait(seconds)
            except subprocess.TimeoutExpired:
                process.kill()
        return time.monotonic() - started

    def kill_one(self, number: int) -> str:
        """Changes something, kills a run, and runs again; returns what is wrong then."""
        self.change(number)
        before = self.published()
        self.run(self.random.uniform(0.1, self.takes * 1.1))
        if (seen := self.published()) != before and not self.is_new(seen):
            return f"kill {number}: readers see tables of two runs"
        self.shop.run()
        return self.difference(number)

    def published(self) -> dict[str, list[str]]:
        """The rows that a reader finds."""
        root = self.shop.root / "lake"
        entries = LakeFolder(root).catalog().tables.items()
        return {name: rows_in(root / file for file in entry.current.files) for name, entry in entries}

    def is_new(self, seen: dict[str, list[str]]) -> bool:
        return seen == self.from_nothing("seen")

    def from_nothing(self, name: str) -> dict[str, list[str]]:
        folder = f"fresh {name}"
        self.shop.run(folder)
        entries = LakeFolder(self.shop.root / folder).catalog().tables
        return {one: self.shop.rows(one, folder) for one in entries}

    def difference(self, number: int) -> str:
        wanted, found = self.from_nothing(str(number)), self.published()
        wrong = [name for name in wanted if found.get(name) != wanted[name]]
        return f"kill {number}: {', '.join(wrong)} differ" if wrong else ""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=60, help="how many runs to kill")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="killed-") as folder:
        lake = Killed(Path(folder))
        wrong = [told for number in range(options.kills) if (told := lake.kill_one(number))]
    print("\n".join(wrong) or f"{options.kills} runs were killed, and each next one made the lake as from nothing")
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
