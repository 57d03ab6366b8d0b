"""How long compiling takes, and whether it is linear: lakes of 1,000 and 5,000 tables with 12 columns each.

    python benchmarks/compile_lake.py [--tables 1000 5000]

Each lake is checked in a process of its own, as `python -m generator check` would, and its SQL is emitted for both
engines. Prints seconds of the whole process, and per thousand tables.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

COLUMNS = 12
EMIT = """
import resource, sys
from pathlib import Path
from generator.checks import check_spec
from generator.plan.emit import DUCKDB, SPARK, emit
from generator.spec.source import read_source
analysis = check_spec(read_source(Path(sys.argv[1])))
assert analysis.lake is not None, analysis.diagnostics[:3]
for table in analysis.lake.tables.values():
    emit(table.query, DUCKDB), emit(table.query, SPARK)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""


def spec(tables: int) -> str:
    """A lake of chains and joins: each table filters, computes columns, and is joined with a table before it."""
    columns = "\n".join(f"      c{number}: {'string' if number % 3 else 'bigint'}" for number in range(1, COLUMNS))
    lines = [
        "version: 1\nlake: large\nzones: {trusted: {}}\nsources:",
        *(f"  s{n}:\n    path: s{n}/\n    unique: [id]\n    columns:\n      id: bigint\n{columns}" for n in range(10)),
        "tables:",
    ]
    for number in range(tables):
        source = f"t{number - 10}" if number >= 10 else f"s{number}"
        other = f"t{number - 7}" if number >= 17 else f"s{number % 10}"
        lines.append(
            f"  t{number}:\n    zone: trusted\n    source: {source}\n    as: a\n"
            f"    join:\n      - semi: {other}\n        as: b\n        on: a.id = b.id and b.c3 > {number}\n"
            f"    filter: c3 > {number} and c1 is not null\n"
            "    select:\n      - id\n      - c1: coalesce(c1, 'none')\n      - c2\n      - c3: c3 + c6\n      - c4\n"
            "      - c5: case when c3 > 10 then c4 else c5 end\n      - c6\n      - c7\n      - c8\n      - c9\n"
            "      - c10\n      - c11"
        )
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tables", type=int, nargs="+", default=[1000, 5000])
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    print(f"{'tables':>7}  {'seconds':>8}  {'s per 1,000':>11}  {'MiB':>5}")
    for tables in options.tables:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "pipeline.yaml"
            path.write_text(spec(tables), encoding="utf-8")
            seconds, memory = min(_timed(path) for _ in range(options.runs))
        print(f"{tables:>7,}  {seconds:>8.2f}  {seconds / tables * 1000:>11.2f}  {memory:>5}")


def _timed(path: Path) -> tuple[float, int]:
    started = time.perf_counter()
    done = subprocess.run([sys.executable, "-c", EMIT, str(path)], check=True, capture_output=True, text=True)
    return time.perf_counter() - started, int(done.stdout)


if __name__ == "__main__":
    main()
