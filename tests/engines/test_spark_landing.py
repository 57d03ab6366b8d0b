"""What the jobs read of landing data is what DuckDB reads, row for row, quarantine included, on both Sparks."""

from __future__ import annotations

import json
import os
import pprint
import random
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any, TypeVar

import duckdb
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from generator.plan.types import parse_type
from generator.run.landing import LandingColumn, LandingSource, landing_table, quarantine_table, read_landing
from generator.runtime.options import ReadOptions
from generator.runtime.spelling import Spelling
from tests.quick_spark import TINY

sys.path.insert(0, str(Path(__file__).parent))
import landing_fuzz
from case_groups import shared
from dirty_cases import CASES, Case
from wide_lines import WIDE

HERE = Path(__file__).parent
Need = Callable[[object, str], None]
pytestmark = pytest.mark.spark


@dataclass(frozen=True)
class Spark:
    """A Spark that reads sources, in one JVM until it is closed.

    Attributes:
        is_other: whether it isn't the one of this Python.
    """

    python: str
    child: subprocess.Popen[str]
    log: IO[str]

    @property
    def is_other(self) -> bool:
        return self.python != sys.executable

    def read(self, sources: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """In a session of their own."""
        assert self.child.stdin and self.child.stdout
        self.child.stdin.write(json.dumps(sources) + "\n")
        self.child.stdin.flush()
        found = [self.child.stdout.readline() for _ in sources]
        if not all(found):
            self.log.seek(0)
            raise AssertionError(self.log.read()[-4000:])
        return [json.loads(line) for line in found]


@contextmanager
def running(python: str, memory: str = "1g") -> Iterator[Spark]:
    """A Spark of that Python; `memory` is that of its JVM."""
    variables = {**os.environ, "PYSPARK_SUBMIT_ARGS": f"--driver-memory {memory} pyspark-shell"}
    command = [python, str(HERE / "spark_landing.py")]
    with (
        TemporaryFile("w+") as log,
        subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True, env=variables
        ) as child,
    ):
        yield Spark(python, child, log)
        child.communicate()


@pytest.fixture(scope="module", params=["4.1", "3.5"])
def spark(request: pytest.FixtureRequest, need: Need) -> Iterator[Spark]:
    need(shutil.which("java") and find_spec("pyspark"), "local Spark needs pyspark and Java 17")
    python = sys.executable
    if request.param != "4.1":
        python = os.environ.get("SPARK35_PYTHON", "")
        need(python and Path(python).exists(), "SPARK35_PYTHON names no Python with pyspark 3.5 and this project")
    with running(python) as found:
        yield found


def columns_of(case: Case) -> dict[str, tuple[str, str]]:
    return {key.lower() or "c": (key, kind) for key, kind in case.columns.items()}


def as_source(case: Case, root: Path, out: Path, **spark_settings: str) -> dict[str, Any]:
    columns = columns_of(case)
    return {
        "root": str(root),
        "out": str(out),
        "path": "in",
        "format": case.format,
        "columns": {name: kind for name, (_, kind) in columns.items()},
        "keys": {name: key for name, (key, _) in columns.items() if name != key},
        "formats": {name: case.formats[key] for name, (key, _) in columns.items() if key in case.formats},
        "options": dict(case.options),
        "settings": spark_settings,
    }


def write(folder: Path, case: Case) -> None:
    for file, content in case.files.items():
        path = folder / "in" / file
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, str):
            duckdb.sql(f"COPY ({content}) TO '{path}' (FORMAT parquet)")
        else:
            path.write_bytes(content)


def expected_of(case: Case, root: Path) -> dict[str, Any]:
    columns = tuple(
        LandingColumn(name, key, parse_type(kind), Spelling.of(case.formats.get(key, {})))
        for name, (key, kind) in columns_of(case).items()
    )
    source = LandingSource("src", ("in",), case.format, columns, ReadOptions.of(case.options))
    with duckdb.connect() as connection:
        report = read_landing(connection, source, root)
        rows = connection.execute(f"FROM {landing_table('src')}").fetchall()
        quarantine = connection.execute(f"FROM {quarantine_table('src')}").fetchall()
        return {
            "lines": report.lines,
            "quarantined": report.quarantined,
            "reasons": dict(report.reasons),
            "extra_keys": list(report.extra_keys),
            "files": report.files,
            "notes": list(report.notes),
            "missing": report.missing,
            "rows": sorted(map(repr, rows)),
            "quarantine": sorted(map(repr, quarantine)),
        }


def actual_of(report: dict[str, Any], out: Path) -> dict[str, Any]:
    if "error" in report:
        return report
    found = {
        name: sorted(map(repr, duckdb.sql(f"FROM read_parquet('{out / name}/*.parquet')").fetchall()))
        for name in ("rows", "quarantine")
    }
    return {**report, **found}


def batches(cases: Sequence[Case]) -> list[Case]:
    """Cases of the same columns become one source, each a folder of it; those with errors stay alone."""
    found: dict[str, list[Case]] = {}
    for case in cases:
        alone = case.name if case.error or case.missing or case.of_folder or case.format == "parquet" else ""
        found.setdefault(repr((alone, case.format, case.columns, case.formats, case.options)), []).append(case)
    return [
        replace(
            alike[0],
            name=", ".join(case.name for case in alike),
            files={
                file if case.of_folder else f"{number}/{file}": text
                for number, case in enumerate(alike)
                for file, text in case.files.items()
            },
        )
        for alike in found.values()
    ]


def differences(spark: Spark, cases: Sequence[Case], folder: Path, **spark_settings: str) -> dict[str, Any]:
    """What Spark makes of the cases and DuckDB doesn't."""
    sources = []
    for number, case in enumerate(cases):
        write(folder / str(number), case)
        sources.append(as_source(case, folder / str(number), folder / f"out{number}", **spark_settings))
    wrong = {}
    for number, (case, report) in enumerate(zip(cases, spark.read(sources), strict=True)):
        if case.error:
            if case.error not in report.get("error", ""):
                wrong[case.name] = (case.error, report)
            continue
        expected = expected_of(case, folder / str(number))
        actual = actual_of(report, folder / f"out{number}")
        found = {key: (value, actual.get(key, report)) for key, value in expected.items() if actual.get(key) != value}
        if found:
            wrong[case.name] = found
    return wrong


@pytest.mark.slow
def test_a_line_that_is_too_long_needs_little_memory(need: Need, tmp_path: Path) -> None:
    """Not every step copies all of it: 1.1 GB do for 64 MiB, and 2.2 for 192; Spark's own scan takes most of that."""
    need(shutil.which("java") and find_spec("pyspark"), "local Spark needs pyspark and Java 17")
    usual = b'{"k":"g","n":1,"d":1.5}\n'
    longest = usual[:6] + b"x" * (64 << 20) + usual[6:]
    case = Case("", "", {"a.json": usual * 3 + longest + usual}, columns={"k": "string", "n": "bigint", "d": "double"})
    with running(sys.executable, memory="1100m") as spark:
        assert differences(spark, [case], tmp_path) == {}


@pytest.mark.parametrize("spark", ["4.1"], indirect=True)
def test_every_case(spark: Spark, tmp_path: Path) -> None:
    """On Spark 3.5 they are published as well (`test_published_dirt.py`)."""
    wrong = differences(spark, batches([*shared(CASES), *WIDE]), tmp_path, **TINY)
    assert not wrong, pprint.pformat(wrong, width=150)


def test_a_pipe_is_refused_at_once(spark: Spark, tmp_path: Path) -> None:
    case = Case("pipe", "", {})
    (tmp_path / "in").mkdir()
    os.mkfifo(tmp_path / "in/pipe")
    (report,) = spark.read([as_source(case, tmp_path, tmp_path / "out")])
    assert "in/pipe: neither a file nor a folder" in report["error"]


def test_of_a_stream_what_it_has_finished_is_read(spark: Spark, tmp_path: Path) -> None:
    """Wherever it wrote to: in so many batches that its log is put together, with a file that it left."""
    raw, written, copied = tmp_path / "raw", tmp_path / "written", tmp_path / "0/in"
    raw.mkdir()
    for number in range(5):
        (raw / f"{number}.json").write_text(f'{{"k": "a b%20{number % 2}", "n": {number}}}\n')
    query = {"stream": str(raw), "schema": "k string, n bigint", "partition": "k", "into": str(written)}
    assert spark.read([query]) == [{}]
    assert {file.name for file in (written / "_spark_metadata").glob("[0-9]*")} >= {"2.compact", "3", "4"}
    copied.parent.mkdir()
    written.rename(copied)
    first = min(copied.rglob("part-*.json"))
    left = shutil.copy(first, first.with_name(first.name.replace("part-00000", "part-00001")))
    case = Case("stream", "", {}, columns={"n": "bigint", "k": "string"}, options={"partitions": ("k",)})
    expected = expected_of(case, copied.parent)
    assert [row.rpartition(", ")[0] for row in expected["rows"]] == [f"({n}, 'a b%20{n % 2}'" for n in range(5)]
    assert [note.split(": ")[0] for note in expected["notes"]] == [left.relative_to(copied).as_posix()]
    assert differences(spark, [case], tmp_path) == {}


Drawn = TypeVar("Drawn")


def examples(usual: int) -> int:
    return int(os.environ.get("SPARK_LANDING_EXAMPLES", usual))


def half(drawn: Sequence[Drawn], spark: Spark) -> Sequence[Drawn]:
    """Every other one: each Spark has those that the other doesn't have."""
    return drawn[spark.is_other :: 2]


def fuzzed(count: int) -> list[tuple[Case, Case]]:
    """Sources of random columns, one of JSON and one of CSV, with damaged lines in their files."""
    found: list[tuple[Case, Case]] = []

    @settings(
        max_examples=count, database=None, derandomize=True, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck), deadline=None,
    )  # fmt: skip
    @given(data=st.data())
    def collect(data: Any) -> None:
        schema = data.draw(landing_fuzz.columns(landing_fuzz.SCALARS + landing_fuzz.NESTED))
        files = {f"{number}.json": data.draw(landing_fuzz.files(schema)) for number in range(6)}
        new = {"on_new_key": data.draw(st.sampled_from(("ignore", "quarantine")))}
        columns, counted = landing_fuzz.as_declared(schema)
        plain = Case(f"JSON {len(found)}", "", files, columns=columns, formats=counted, options=new)
        schema, formats, content = data.draw(landing_fuzz.spelled())
        options = {"delimiter": ";", **new}
        spelled = Case(
            f"CSV {len(found)}", "", {"a.csv": content}, columns=schema, formats=formats, format="csv", options=options
        )
        found.append((plain, spelled))

    collect()
    return found


def test_damaged_csv(spark: Spark, tmp_path: Path) -> None:
    """Each way to read CSV on one of the Sparks."""
    found: list[Case] = []

    @settings(
        max_examples=examples(len(landing_fuzz.CSV_OPTIONS)), database=None, derandomize=True,
        phases=[Phase.generate], suppress_health_check=list(HealthCheck), deadline=None,
    )  # fmt: skip
    @given(data=st.data())
    def collect(data: Any) -> None:
        options = landing_fuzz.CSV_OPTIONS[len(found) % len(landing_fuzz.CSV_OPTIONS)]
        files = {f"{number}.csv": data.draw(landing_fuzz.csv_files(options)) for number in range(6)}
        columns = {"a": "string", "b": "bigint", "c": "double"}
        found.append(Case(f"fuzz {len(found)}", "", files, columns=columns, format="csv", options=options))

    collect()
    wrong = differences(spark, half(found, spark), tmp_path)
    assert not wrong, pprint.pformat(wrong, width=150)


def test_damaged_lines(spark: Spark, tmp_path: Path) -> None:
    drawn = half(fuzzed(examples(8)), spark)
    wrong = differences(spark, [case for both in drawn for case in both], tmp_path)
    assert not wrong, pprint.pformat(wrong, width=150)


@pytest.mark.parametrize("format_", ["json", "csv"])
def test_lines_keep_their_numbers_in_many_splits(spark: Spark, tmp_path: Path, format_: str) -> None:
    """Files are read in pieces of a few kilobytes, here and there a bad line among them."""
    dice = random.Random(7)
    good = '{"k":"%s","n":1,"d":1.5}' if format_ == "json" else "%s,1,1.5"
    bad = ["{", '{"N":1}', "[1]"] if format_ == "json" else ["x", 'x",,', ",,,"]
    files = {}
    for name in "abc":
        lines = ["k,n,d"] if format_ == "csv" else []
        lines += [
            dice.choice(bad)
            if dice.random() < 0.05
            else ""
            if dice.random() < 0.05
            else good % ("x" * dice.randint(0, 90))
            for _ in range(400)
        ]
        files[f"{name}.{format_}"] = "\n".join(lines).encode()
    case = Case("split", "", files, format=format_)
    write(tmp_path, case)
    small = {"spark.sql.files.maxPartitionBytes": "2500", "spark.sql.files.openCostInBytes": "100"}
    (report,) = spark.read([as_source(case, tmp_path, tmp_path / "out", **small)])
    assert actual_of(report, tmp_path / "out") == expected_of(case, tmp_path)
