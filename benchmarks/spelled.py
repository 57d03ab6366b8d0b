"""What a spelling costs: sources of local dates and decimals, counted moments and words for null, beside usual ones.

The same rows stand in two folders, once in the spelling of a column's type, once in one of their own. `read_landing`
makes Parquet of each in turns, in one process (on Spark in one JVM), after a round that doesn't count.

    python benchmarks/spelled.py                  # both engines
    python benchmarks/spelled.py --engine duckdb --runs 3
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb

from generator.plan.types import parse_type
from generator.run.landing import LandingColumn, LandingSource, read_landing
from generator.runtime.options import ReadOptions
from generator.runtime.spelling import Spelling

TARGET = 2.0
USUAL, SPELLED = "usual", "spelled"
COLUMNS = {"id": "bigint", "at": "timestamp", "amount": "double", "paid": "boolean"}
FIRST = datetime(2024, 1, 1)


@dataclass(frozen=True)
class Data:
    """Rows of one source, in two spellings.

    Attributes:
        formats: of the columns of the spelled one.
        line: given a row's number, its line in the usual spelling, and in that of its own.
    """

    name: str
    format: str
    formats: Mapping[str, Mapping[str, Any]]
    line: Callable[[int], tuple[str, str]]

    def write(self, folder: Path, rows: int) -> None:
        lines = [self.line(number) for number in range(rows)]
        for spelling, texts in zip((USUAL, SPELLED), zip(*lines, strict=True), strict=True):
            target = folder / spelling / self.name
            target.mkdir(parents=True)
            header = [";".join(COLUMNS)] if self.format == "csv" else []
            (target / f"a.{self.format}").write_text("\n".join((*header, *texts)) + "\n", encoding="utf-8")

    def formats_of(self, spelling: str) -> Mapping[str, Mapping[str, Any]]:
        return self.formats if spelling == SPELLED else {}


def _moment(number: int) -> datetime:
    return FIRST + timedelta(minutes=number)


def _json(number: int, at: object) -> str:
    return json.dumps({"id": number, "at": at, "amount": number / 4, "paid": number % 3 == 0})


def _counted(number: int) -> tuple[str, str]:
    at = _moment(number)
    return _json(number, at.isoformat()), _json(number, int((at - datetime(1970, 1, 1)).total_seconds() * 1000))


def _offsets(number: int) -> tuple[str, str]:
    at = _moment(number).isoformat(" ")
    return _json(number, at), _json(number, f"{at}.{number % 7 + 1}+00")


def _local(number: int) -> tuple[str, str]:
    at, amount, paid = _moment(number), number / 4, number % 3 == 0
    known = number % 50 > 0
    usual = (str(number), at.isoformat(" "), str(amount) if known else "", str(paid).lower())
    spelled = (f"{at:%d.%m.%Y %H:%M}", f"{amount:,.2f}".translate(str.maketrans(",.", ".,")) if known else "NA")
    return ";".join(usual), ";".join((str(number), *spelled, "ja" if paid else "nein"))


SOURCES = (
    Data("json_counted", "json", {"at": {"format": "epoch_millis"}}, _counted),
    Data("json_offsets", "json", {"at": {"format": "yyyy-MM-dd HH:mm:ss[.SSSSSS]X"}}, _offsets),
    Data("csv_local", "csv", {"at": {"format": "dd.MM.yyyy HH:mm"}, "paid": {"true": ["ja"], "false": ["nein"]},
                              "amount": {"decimal": ",", "thousands": ".", "null": ["NA"]}}, _local),
)  # fmt: skip
Read = Callable[[Data, str], None]


def on_duckdb(folder: Path, rows: int) -> Read:
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")

    def read(data: Data, spelling: str) -> None:
        formats = data.formats_of(spelling)
        columns = [
            LandingColumn(n, n, parse_type(kind), Spelling.of(formats.get(n, {}))) for n, kind in COLUMNS.items()
        ]
        options = ReadOptions(delimiter=";") if data.format == "csv" else ReadOptions()
        source = LandingSource(data.name, (data.name,), data.format, tuple(columns), options)
        report = read_landing(connection, source, folder / spelling, into=folder / "out.parquet")
        assert (report.rows, report.quarantined) == (rows, 0), report

    return read


def on_spark(folder: Path, rows: int) -> Read:
    from generator.run.spark.session import start_session
    from generator.runtime.landing import read_landing as read_on_spark

    spark = start_session("spelled", folder)

    def read(data: Data, spelling: str) -> None:
        os.utime(folder / spelling / data.name / f"a.{data.format}")  # else a proof is remembered
        options = ReadOptions(delimiter=";") if data.format == "csv" else ReadOptions()
        found = read_on_spark(
            spark.newSession(), str(folder / spelling), data.name, path=data.name, format=data.format, columns=COLUMNS,
            keys={}, formats=data.formats_of(spelling), options=options,
        )  # fmt: skip
        assert (found.lines, found.quarantined) == (rows, 0), found
        found.rows.write.mode("overwrite").parquet(str(folder / "out"))
        found.release()

    return read


def compare(engine: str, read: Read, data: Data, runs: int) -> None:
    ratios, seconds = [], []
    for round_ in range(runs + 1):
        took = {}
        for spelling in (USUAL, SPELLED):
            started = time.perf_counter()
            read(data, spelling)
            took[spelling] = time.perf_counter() - started
        if round_:
            ratios.append(took[SPELLED] / took[USUAL])
            seconds.append(took[USUAL])
    ratio = statistics.median(ratios)
    print(
        f"{engine:<7} {data.name:<13} usual {statistics.median(seconds):5.2f} s; spelled {ratio:.2f} times that"
        f" ({min(ratios):.2f} – {max(ratios):.2f}), {'met' if ratio <= TARGET else 'missed'};"
        f" load {os.getloadavg()[0]:.1f}",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--engine", choices=("duckdb", "spark", "both"), default="both")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    os.environ["PYTHONPATH"] = str(Path(__file__).parents[1])
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for data in SOURCES:
            data.write(folder, options.rows)
        for engine, prepare in (("duckdb", on_duckdb), ("spark", on_spark)):
            if options.engine in (engine, "both"):
                read = prepare(folder, options.rows)
                for data in SOURCES:
                    compare(engine, read, data, options.runs)


if __name__ == "__main__":
    main()
