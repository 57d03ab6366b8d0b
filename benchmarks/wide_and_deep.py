"""Sources of very many columns, and of structs in structs: the readers of both engines against hand-written ones.

Each side makes Parquet of the same files: `read_landing`, which proves each line, and `read_json` or `read_csv` with
the types given. They take turns in one process (on Spark in one JVM), after a round that doesn't count.

    python benchmarks/wide_and_deep.py            # both engines
    python benchmarks/wide_and_deep.py --engine duckdb --runs 3
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from generator.plan.types import duckdb_type, parse_type
from generator.run.landing import LandingColumn, LandingSource, read_landing

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

KINDS = ("string", "bigint", "double")
TARGET = 3.0
DEPTH = 10


@dataclass(frozen=True)
class Shape:
    """Data of one source, and how much of it there is."""

    name: str
    format: str
    columns: Mapping[str, str]
    rows: int

    def lines(self) -> Iterator[str]:
        if self.format == "csv":
            yield ",".join(self.columns)
        for row in range(self.rows):
            values = {name: _value(kind, row) for name, kind in self.columns.items()}
            yield json.dumps(values) if self.format == "json" else ",".join(map(str, values.values()))

    def write(self, folder: Path) -> None:
        target = folder / self.name
        target.mkdir(parents=True)
        (target / f"a.{self.format}").write_text("\n".join(self.lines()) + "\n", encoding="utf-8")


def _value(kind: str, row: int) -> object:
    if kind.startswith("struct"):
        inner = kind[len("struct<n:int,s:") : -1]
        return {"n": row, "s": _value(inner, row)}
    return {"string": f"text {row % 97}", "bigint": row, "double": row / 8}[kind]


def _flat(count: int) -> dict[str, str]:
    return {f"column{number}": KINDS[number % 3] for number in range(count)}


def _deep(depth: int) -> str:
    return f"struct<n:int,s:{_deep(depth - 1)}>" if depth else "string"


SHAPES = (
    Shape("json_1000", "json", _flat(1000), 2000),
    Shape("json_2000", "json", _flat(2000), 1000),
    Shape("deep", "json", {"id": "bigint", "tree": _deep(DEPTH)}, 40_000),
    Shape("csv_300", "csv", _flat(300), 10_000),
)


def duckdb_sides(folder: Path, shape: Shape) -> dict[str, Callable[[], None]]:
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    columns = {name: parse_type(kind) for name, kind in shape.columns.items()}
    source = LandingSource(
        shape.name,
        (shape.name,),
        shape.format,
        tuple(LandingColumn(name, name, kind) for name, kind in columns.items()),
    )
    out, files = folder / "out.parquet", folder / shape.name / f"*.{shape.format}"
    types = ", ".join(f"'{name}': '{duckdb_type(kind)}'" for name, kind in columns.items())
    reader = (
        f"read_{shape.format}('{files}', columns = {{{types}}}{', header = true' if shape.format == 'csv' else ''})"
    )

    def ours() -> None:
        report = read_landing(connection, source, folder, into=out)
        assert report.rows == report.apart == shape.rows, report

    def by_hand() -> None:
        connection.execute(f"COPY (FROM {reader}) TO '{out}' (FORMAT parquet)")

    return {"hand-written": by_hand, "read_landing": ours}


def spark_sides(spark: SparkSession, folder: Path, shape: Shape) -> dict[str, Callable[[], None]]:
    from generator.runtime.landing import read_landing as read_on_spark

    out, place = str(folder / "out"), folder / shape.name
    schema = ", ".join(f"`{name}` {kind}" for name, kind in shape.columns.items())

    def ours() -> None:
        os.utime(place / f"a.{shape.format}")  # else a proof is remembered
        session = spark.newSession()
        found = read_on_spark(
            session, str(folder), shape.name, path=shape.name, format=shape.format, columns=shape.columns, keys={}
        )
        assert (found.lines, found.quarantined) == (shape.rows, 0), found
        found.rows.write.mode("overwrite").parquet(out)
        found.release()

    def by_hand() -> None:
        reader = spark.newSession().read.schema(schema).option("header", "true")
        (reader.json if shape.format == "json" else reader.csv)(str(place)).write.mode("overwrite").parquet(out)

    return {"hand-written": by_hand, "read_landing": ours}


def measure(engine: str, sides: Mapping[str, Callable[[], None]], shape: Shape, runs: int) -> bool:
    """Shows the ratio of the two sides; whether it is within the target."""
    found: dict[str, list[float]] = {name: [] for name in sides}
    for _ in range(runs + 1):
        for name, run in sides.items():
            started = time.perf_counter()
            run()
            found[name].append(time.perf_counter() - started)
    by_hand, ours = found["hand-written"][1:], found["read_landing"][1:]
    ratios = [one / other for one, other in zip(ours, by_hand, strict=True)]
    ratio = statistics.median(ratios)
    print(
        f"{engine:<7} {shape.name:<10} {shape.rows:>6} rows, {len(shape.columns):>4} columns: hand-written"
        f" {statistics.median(by_hand):6.2f} s, read_landing {statistics.median(ours):6.2f} s, ratio {ratio:.2f}"
        f" ({min(ratios):.2f} - {max(ratios):.2f}), {'met' if ratio <= TARGET else 'MISSED'}; load"
        f" {os.getloadavg()[0]:.1f}",
        flush=True,
    )
    return ratio <= TARGET


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--engine", choices=("duckdb", "spark"), action="append")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--shape", choices=[shape.name for shape in SHAPES], action="append")
    options = parser.parse_args()
    os.environ["PYTHONPATH"] = str(Path(__file__).parents[1])
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shapes = [shape for shape in SHAPES if shape.name in (options.shape or [shape.name])]
        for shape in shapes:
            shape.write(folder)
        engines = options.engine or ("duckdb", "spark")
        if "duckdb" in engines:
            for shape in shapes:
                measure("duckdb", duckdb_sides(folder, shape), shape, options.runs)
        if "spark" in engines:
            from generator.run.spark.session import local_spark

            with local_spark("wide and deep", folder, Path(os.devnull)) as spark:
                for shape in shapes:
                    measure("spark", spark_sides(spark, folder, shape), shape, options.runs)


if __name__ == "__main__":
    main()
