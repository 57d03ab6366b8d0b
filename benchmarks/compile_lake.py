"""How long compiling takes, and whether it is linear: lakes of 1,000 and 5,000 tables with 12 columns each.

    python benchmarks/compile_lake.py [--tables 1000 5000] [--runs 3]

Each lake is checked in a process of its own, as `python -m generator check` would, and its SQL is emitted for
both engines. Shown is the fastest of the runs: the whole process, and its seconds per thousand tables.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from processes import Cost, measure

TARGET_SECONDS, TARGET_TABLES = 3.0, 1000
SOURCES = 10
COLUMNS = [f"c{number}: {'string' if number % 3 else 'bigint'}" for number in range(1, 12)]
COMPILE = """
import sys
from pathlib import Path
from generator.checks import check_spec
from generator.cli.main import collect_rarely
from generator.plan.emit import DUCKDB, SPARK, emit
from generator.spec.source import read_source
collect_rarely()
analysis = check_spec(read_source(Path(sys.argv[1])))
assert analysis.lake is not None, analysis.diagnostics[:3]
for table in analysis.lake.tables.values():
    emit(table.query, DUCKDB), emit(table.query, SPARK)
"""
HEAD = """version: 1
lake: large
subjects: {person: {registry: s0, keys: [id]}}
consent: {agreed: {subject: person, when: c3 > 0}}
zones: {trusted: {require: agreed}}
"""
SOURCE = """
  {name}:
    path: {name}/
    unique: [id]
    columns:
      id: {{type: bigint{identifies}}}
      {columns}"""
TABLE = """
  {name}:
    zone: trusted
    source: {source}
    as: a
    join:
      - semi: {other}
        as: b
        on: a.id = b.id and b.c3 > {number}
    filter: c3 > {number} and c1 is not null
    select:
      - id
      - c1: coalesce(c1, 'none')
      - c2
      - c3: c3 + c6
      - c4
      - c5: case when c3 > 10 then c4 else c5 end
      - c6
      - c7
      - c8
      - c9
      - c10
      - c11"""


def spec(tables: int) -> str:
    """A lake of chains and joins: each table filters, computes columns, and is joined with one before it."""
    columns = "\n      ".join(COLUMNS)
    sources = "".join(
        SOURCE.format(name=f"s{number}", columns=columns, identifies=", identifies: person.id" if number else "")
        for number in range(SOURCES)
    )
    return f"{HEAD}sources:{sources}\ntables:{_tables(tables)}\n"


def _tables(tables: int) -> str:
    texts = []
    for number in range(tables):
        source = f"t{number - 10}" if number >= 10 else f"s{number}"
        other = f"t{number - 7}" if number >= 17 else "t0" if number else "s0"
        texts.append(TABLE.format(name=f"t{number}", source=source, other=other, number=number))
    return "".join(texts)


def main() -> None:
    formatter = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=formatter)
    parser.add_argument("--tables", type=int, nargs="+", default=[1000, 5000], metavar="N")
    parser.add_argument("--runs", type=int, default=3, metavar="N")
    options = parser.parse_args()
    if min(*options.tables, options.runs) < 1:
        parser.error("--tables and --runs begin at 1")
    print(f"{'tables':>7}  {'wall s':>7}  {'CPU s':>7}  {'s per 1,000':>11}  {'peak MiB':>8}")
    for tables in options.tables:
        cost = _compile(tables, options.runs)
        per_thousand = cost.wall / tables * 1000
        row = f"{tables:>7,}  {cost.wall:>7.2f}  {cost.cpu:>7.2f}  {per_thousand:>11.2f}  {cost.peak:>8.0f}"
        print(row + (_verdict(cost.wall) if tables == TARGET_TABLES else ""))


def _compile(tables: int, runs: int) -> Cost:
    """The fastest of the runs."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "pipeline.yaml"
        path.write_text(spec(tables), encoding="utf-8")
        costs = [measure([sys.executable, "-c", COMPILE, path]) for _ in range(runs)]
    return min(costs, key=lambda cost: cost.wall)


def _verdict(seconds: float) -> str:
    return f"  target: under {TARGET_SECONDS} s, {'met' if seconds < TARGET_SECONDS else 'MISSED'}"


if __name__ == "__main__":
    main()
