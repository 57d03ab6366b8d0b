"""The jobs over a file system that answers as S3A does give what DuckDB gives on this disk, on both Sparks."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import duckdb
import pytest

from generator.checks import check_spec
from generator.diagnostics import SourceText
from generator.jobs.plan import plan_steps
from generator.render.jobs import render_jobs
from generator.render.runtime_package import runtime_package
from generator.runtime.folder_catalog import read_catalog

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
FAKE = ROOT.parent / "shared" / "fakes3a" / "FakeS3A.java"
Need = Callable[[object, str], None]
SPEC = """
version: 1
lake: gym
zones: {raw: {}, shared: {}}
sources:
  visits: {path: visits/, max_bad_rows: 5, columns: {person: {type: string, key: Person}, minutes: bigint}}
  people: {path: people/, format: csv, max_bad_rows: 5, columns: {person: string, born: date}}
  rooms: {path: rooms/, format: parquet, columns: {room: string, size: double}}
tables:
  long_visits: {zone: shared, source: visits, filter: minutes > 10}
  visitors: {zone: shared, source: people, join: [{semi: long_visits, on: people.person = long_visits.person}]}
  large_rooms: {zone: shared, source: rooms, filter: size > 1}
"""
MANY = 2000
"""More than S3 lists at once."""

pytestmark = pytest.mark.spark


@pytest.fixture(scope="module", params=["4.1", "3.5"])
def python(request: pytest.FixtureRequest, need: Need) -> str:
    need(shutil.which("java") and find_spec("pyspark"), "local Spark needs pyspark and Java 17")
    if request.param == "4.1":
        return sys.executable
    found = os.environ.get("SPARK35_PYTHON", "")
    need(found and Path(found).exists(), "SPARK35_PYTHON names no Python with pyspark 3.5 and this project")
    return found


@pytest.fixture(scope="module")
def classes(tmp_path_factory: pytest.TempPathFactory, need: Need) -> Path:
    """The file system, compiled."""
    need(find_spec("pyspark"), "pyspark isn't installed: pip install 'lakegen[spark]'")
    need(FAKE.exists(), "the file system that answers as S3A does isn't in ../shared/fakes3a beside the checkout")
    need(shutil.which("javac"), "javac isn't installed: a JDK 17 compiles the file system")
    import pyspark

    made = tmp_path_factory.mktemp("classes")
    sources = [str(FAKE), str(HERE / "RecordingS3A.java")]
    jars = f"{Path(pyspark.__file__).parent}/jars/*"
    subprocess.run(["javac", "--release", "17", "-cp", jars, "-d", str(made), *sources], check=True)
    return made


def land(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")


def visit(person: int, minutes: int) -> str:
    return json.dumps({"Person": f"p{person}", "minutes": minutes}) + "\n"


def clean(landing: Path) -> None:
    visits = [visit(number, 8 + number % 5) for number in range(40)]
    land(landing, {f"visits/2026/{part} of 2's é%.json": "".join(visits[part::4]) for part in range(4)})
    land(
        landing, {"people/a.csv": "person,born\np3,2001-01-01\np4,2002-02-02\n", "people/b.csv": "\nborn,person\n,p9\n"}
    )
    (landing / "rooms").mkdir()
    for number, size in enumerate(("1", "2.5::DOUBLE", "3::TINYINT")):
        query = f"SELECT 'r{number}' AS room, {size} AS size"
        duckdb.sql(f"COPY ({query}) TO '{landing}/rooms/{number}.parquet' (FORMAT parquet)")


def bad_line(landing: Path) -> None:
    clean(landing)
    for name, line in (("visits/2026/2 of 2's é%.json", '{"Person": "p", "minutes": "oops"}'), ("people/b.csv", "x,y")):
        with (landing / name).open("a", encoding="utf-8") as file:
            file.write(f"{line}\n")


def stray_files(landing: Path) -> None:
    bad_line(landing)
    junk = ("_SUCCESS", ".a.json.crc", "_temporary/0/x.json", ".hidden/y.json", "z.json._COPYING_", "_a=1/q.json")
    land(landing, {f"{source}/{name}": "junk\n" for source in ("visits", "people", "rooms") for name in junk})
    land(landing, {f"{source}/2026_$folder$": "" for source in ("visits", "people", "rooms")})
    land(landing, {"visits/read me.txt": "no JSON\n", "people/empty.csv": "", "visits/old.parquet": "PAR1\n"})
    (landing / "rooms" / "empty").mkdir()


def many_files(landing: Path) -> None:
    clean(landing)
    files = {f"visits/{n % 7}/{n}.json": visit(n, n % 60) for n in range(MANY)}
    files["visits/3/17.json"] += '{"Person": "p", "minutes": 1.5}\n'
    land(landing, files)


CASES = {"clean": clean, "stray_files": stray_files, "many_files": many_files}


@dataclass(frozen=True)
class Run:
    """What became of the cases on one Spark; `base` is what lies under `s3://bucket/`."""

    base: Path
    results: dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def run(python: str, classes: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    base, jobs = tmp_path_factory.mktemp("bucket"), tmp_path_factory.mktemp("jobs")
    lake = check_spec(SourceText("gym.yaml", SPEC)).lake
    assert lake is not None
    for name, text in render_jobs(lake).items():
        (jobs / name).write_text(text, encoding="utf-8")
    (jobs / "lake.zip").write_bytes(runtime_package())
    for name, write in CASES.items():
        (base / name / "landing").mkdir(parents=True)
        write(base / name / "landing")
    jobs_in_order = list(plan_steps(lake))
    lakes = json.dumps([{"name": name, "jobs": jobs_in_order} for name in CASES])
    command = [python, str(HERE / "spark_s3a.py"), str(jobs), str(base), str(classes)]
    done = subprocess.run(command, input=lakes, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-4000:]
    return Run(base, dict(zip(CASES, map(json.loads, done.stdout.splitlines()), strict=True)))


def published(base: Path, case: str) -> dict[str, list[str]]:
    """All rows in one order, of every table, source and quarantine that has any."""
    places = json.loads((base / case / "lake" / "places.json").read_text(encoding="utf-8"))
    files = {name: f"{base}/{place.removeprefix('s3://bucket/')}/*.parquet" for name, place in places.items()}
    found = {
        name: sorted(map(repr, duckdb.sql(f"FROM read_parquet('{one}')").fetchall())) for name, one in files.items()
    }
    return {name: rows for name, rows in found.items() if rows or not name.endswith("_quarantine")}


def on_disk(lake: Path) -> dict[str, list[str]]:
    """The same of a lake folder, where the rows of sources have the name of their file besides."""
    catalog = read_catalog(lake)
    entries = {**catalog.tables, **catalog.sources}
    entries |= {f"{name}_quarantine": one for name, one in catalog.quarantine.items()}
    found = {}
    for name, one in entries.items():
        rows = duckdb.read_parquet([str(lake / file) for file in one.current.files])
        columns = rows.columns[:-1] if name in catalog.sources else rows.columns
        found[name] = sorted(map(repr, rows.select(*columns).fetchall()))
    return found


@pytest.mark.parametrize("case", CASES)
def test_jobs_make_of_s3a_what_duckdb_makes_of_a_disk(case: str, run: Run, tmp_path: Path) -> None:
    assert run.results[case]["problems"] == {}, run.results[case]["log"]
    (tmp_path / "gym.yaml").write_text(SPEC, encoding="utf-8")
    options = ["--spec", "gym.yaml", "--data", str(run.base / case / "landing"), "--lake", "lake"]
    command = [sys.executable, "-m", "generator", "run", *options]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    found = published(run.base, case)
    assert found == on_disk(tmp_path / "lake")
    assert ("visits_quarantine" in found) == (case != "clean") and found["long_visits"]


def test_only_tasks_rename(run: Run) -> None:
    """The driver would copy a whole table, one object after the other."""
    renaming = set((run.base / "renames.txt").read_text().splitlines())
    assert renaming and all(name.startswith("Executor task launch worker") for name in renaming), renaming
