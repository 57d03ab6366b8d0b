"""One suite for all engines: the same lake and data through the command, the same tables and quarantine, row for row.

The reference is DuckDB. Spark 4.1 is in the environment of the tests; Spark 3.5 has one of its own, whose Python
`SPARK35_PYTHON` names.

A known gap: Spark makes 0.0 of -0.0 where it groups or takes out doubles, DuckDB keeps the one that it met first. The
two are equal to every comparison, so no data of these lakes has a -0.0 in such a place.

Another: DuckDB refuses links in a circle, links to nothing and files that are none; Spark follows a circle 40 times,
leaves out a link to nothing, and reads undeclared Parquet columns whose types it doesn't know as an error.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import duckdb
import pytest

from generator.checks import check_spec
from generator.jobs.plan import plan_steps
from generator.render.jobs import render_jobs
from generator.render.runtime_package import runtime_package
from generator.sample import write_sample
from generator.spec.source import read_source
from tests.engines import awkward_lake
from tests.iceberg import python_with_iceberg, tables_of

ROOT = Path(__file__).parents[2]
Need = Callable[[object, str], None]
EXAMPLES = ["shop", "jaffle", "clicks"]
OTHER_LAKES = ["everything", "awkward", "per customer", "since consent", *EXAMPLES]
"""For one of the Sparks: the other makes Iceberg tables of the first two, and nothing of the rest is new there."""


@pytest.fixture(scope="session")
def lake_of(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Callable[[str], tuple[Path, Path]]:
    """A function that gives the spec and the landing data of a lake."""

    def find(name: str) -> tuple[Path, Path]:
        if name == "sample":
            sample = tmp_path_factory.mktemp("sample") / "data"
            write_sample(sample)
            return ROOT / "pipeline.yaml", sample
        if name == "awkward":
            return awkward_lake.write(tmp_path_factory.mktemp("awkward"))
        if name in (*EXAMPLES, "everything"):
            folder = ROOT / ("tests/specs" if name == "everything" else "docs/examples") / name
            return folder / "pipeline.yaml", folder / "landing"
        stedi: Path = request.getfixturevalue("stedi")
        spec = "pipeline.yaml" if name == "stedi" else f"tests/specs/stedi_{name.replace(' ', '_')}.yaml"
        return ROOT / spec, stedi

    return find


@pytest.fixture(scope="session")
def duckdb_of(
    lake_of: Callable[[str], tuple[Path, Path]], tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], tuple[Path, Path, Path, dict[str, Any]]]:
    """A function that gives a lake's spec and landing data, its folder as DuckDB makes it, and what that run told."""

    @cache
    def make(name: str) -> tuple[Path, Path, Path, dict[str, Any]]:
        spec, data = lake_of(name)
        lake = tmp_path_factory.mktemp("duckdb") / "lake"
        return spec, data, lake, run(sys.executable, spec, data, lake)

    return make


Run = Callable[..., dict[str, Any]]


@pytest.fixture(scope="module")
def on_spark(request: pytest.FixtureRequest, need: Need, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    """A function that runs the command on a Spark and returns its JSON; of each version there is one JVM."""
    need(shutil.which("java") and find_spec("pyspark"), "local Spark needs pyspark and Java 17")
    python = sys.executable
    if request.param != "4.1":
        python = os.environ.get("SPARK35_PYTHON", "")
        need(python and Path(python).exists(), "SPARK35_PYTHON names no Python with pyspark 3.5 and this project")
    folder = tmp_path_factory.mktemp("spark")
    with (
        (folder / "errors").open("w") as errors,
        subprocess.Popen(
            [python, "-m", "tests.engines.spark_commands", str(folder)],
            cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, text=True,
        ) as child,
    ):  # fmt: skip

        def run_there(spec: Path, data: Path, lake: Path) -> dict[str, Any]:
            assert child.stdin and child.stdout
            child.stdin.write(json.dumps(["run", *options(spec, data, lake), "--engine", "spark"]) + "\n")
            child.stdin.flush()
            answer = child.stdout.readline()
            assert answer, (folder / "errors").read_text()[-4000:]
            done = json.loads(answer)
            assert done["code"] == 0, done["err"] + done["out"]
            report: dict[str, Any] = json.loads(done["out"])
            return report

        yield run_there
        child.communicate()
    assert child.returncode == 0, (folder / "errors").read_text()[-4000:]


def options(spec: Path, data: Path, lake: Path) -> list[str]:
    return ["--spec", str(spec), "--data", str(data), "--lake", str(lake), "--json"]


def run(python: str, spec: Path, data: Path, lake: Path, *more: str) -> dict[str, Any]:
    """Runs the command and returns its JSON."""
    command = [python, "-m", "generator", "run", *options(spec, data, lake), *more]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr + done.stdout
    report: dict[str, Any] = json.loads(done.stdout)
    return report


def contents(lake: Path, kind: str) -> dict[str, tuple[list[Any], list[Any]]]:
    """Columns with their types, and all rows in one order, of every table, source or quarantine."""
    catalog = json.loads((lake / "catalog.json").read_text(encoding="utf-8"))
    return {name: rows_of([str(lake / file) for file in entry["files"]]) for name, entry in catalog[kind].items()}


def rows_of(files: list[str], but: int = 0) -> tuple[list[Any], list[Any]]:
    """Columns with their types, and all rows in one order, of Parquet files; without some columns at the end."""
    found = duckdb.read_parquet(files)
    columns = found.columns[: len(found.columns) - but]
    kinds = [(name, str(kind)) for name, kind in zip(columns, found.types, strict=False)]
    quoted = [f'"{name}"' for name in columns]
    return kinds, sorted(map(repr, found.project(", ".join(quoted)).fetchall()))


def told(report: dict[str, Any]) -> dict[str, Any]:
    """What both engines have to tell of a run; of several steps that change how many rows there are, Spark doesn't."""
    kept = ("zone", "is_source", "status", "rows", "rows_in", "quarantined", "reasons", "extra_keys", "expected")
    figures = ("name", "kind", "of", "violations")
    return {
        name: {key: table[key] for key in kept}
        | {"stages": table["stages"] if len(table["stages"]) == 1 else []}
        | {"checks": [tuple(one[key] for key in figures) for one in table["checks"]]}
        for name, table in report["tables"].items()
    }


def assert_engines_agree(by_duckdb: tuple[Path, Path, Path, dict[str, Any]], on_spark: Run, lake: Path) -> None:
    spec, data, reference, expected = by_duckdb
    actual = on_spark(spec, data, lake)
    assert told(actual) == told(expected)
    for kind in ("tables", "sources", "quarantine"):
        assert contents(lake, kind) == contents(reference, kind)


@pytest.mark.spark
@pytest.mark.parametrize("on_spark", ["4.1", "3.5"], indirect=True, scope="module")
def test_spark_makes_what_duckdb_makes(
    on_spark: Run, duckdb_of: Callable[[str], tuple[Path, Path, Path, dict[str, Any]]], tmp_path: Path
) -> None:
    assert_engines_agree(duckdb_of("stedi"), on_spark, tmp_path / "spark")


@pytest.mark.spark
@pytest.mark.parametrize("on_spark", ["4.1"], indirect=True, scope="module")
@pytest.mark.parametrize("name", OTHER_LAKES)
def test_spark_makes_of_other_lakes_what_duckdb_makes(
    name: str, on_spark: Run, duckdb_of: Callable[[str], tuple[Path, Path, Path, dict[str, Any]]], tmp_path: Path
) -> None:
    assert_engines_agree(duckdb_of(name), on_spark, tmp_path / "spark")


@pytest.mark.spark
@pytest.mark.parametrize("name", ["everything", "awkward"])
def test_jobs_make_of_iceberg_tables_what_duckdb_makes(
    name: str, duckdb_of: Callable[[str], tuple[Path, Path, Path, dict[str, Any]]], tmp_path: Path, need: Need
) -> None:
    python = python_with_iceberg(need)
    spec, data, reference, _ = duckdb_of(name)
    lake = check_spec(read_source(spec)).lake
    assert lake is not None
    (tmp_path / "jobs").mkdir()
    for file, text in render_jobs(lake).items():
        (tmp_path / "jobs" / file).write_text(text, encoding="utf-8")
    (tmp_path / "jobs" / "lake.zip").write_bytes(runtime_package())
    columns = tables_of(lake)
    asked = json.dumps({"jobs": list(plan_steps(lake)), "tables": columns})
    command = [str(python), str(Path(__file__).parent / "spark_iceberg_lake.py"), str(tmp_path / "jobs"), str(data)]
    done = subprocess.run(
        [*command, str(tmp_path)], input=asked, capture_output=True, text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-4000:]
    assert json.loads(done.stdout.splitlines()[-1]) == {"problems": {}, "log": ""}
    bad = contents(reference, "quarantine")
    expected = {**contents(reference, "tables"), **{f"{source}_quarantine": found for source, found in bad.items()}}
    for source, entry in json.loads((reference / "catalog.json").read_text(encoding="utf-8"))["sources"].items():
        expected[source] = rows_of([str(reference / file) for file in entry["files"]], but=1)
    for one in columns:
        found = rows_of(list(map(str, (tmp_path / one).glob("*.parquet"))))
        if one in expected or found[1]:  # a local lake has no quarantine where every line is a row
            assert found == expected[one], one


def test_ties_are_broken_whatever_the_order_of_rows(tmp_path: Path) -> None:
    """Rows in another order, in other files: the same rows come first, second and last."""
    found = []
    for seed in (1, 2, 3):
        spec, data = awkward_lake.write(tmp_path / str(seed), seed, files=seed)
        run(sys.executable, spec, data, tmp_path / str(seed) / "lake")
        found.append(contents(tmp_path / str(seed) / "lake", "tables"))
    assert found[0] == found[1] == found[2]


def test_strings_are_what_the_spec_says(tmp_path: Path) -> None:
    spec, data = awkward_lake.write(tmp_path)
    run(sys.executable, spec, data, tmp_path / "lake")
    tables = contents(tmp_path / "lake", "tables")
    assert "(2, '${a}', '${system:user.home}-${env:HOME}${a}', 'b')" in tables["braces"][1]
    assert len(tables["braces"][1]) == 4


@pytest.mark.spark
def test_the_engines_share_a_lake_folder(
    lake_of: Callable[[str], tuple[Path, Path]], tmp_path: Path, need: Need
) -> None:
    need(shutil.which("java") and find_spec("pyspark"), "local Spark needs pyspark and Java 17")
    spec, data = lake_of("shop")
    for engine in ("duckdb", "spark", "duckdb"):
        run(sys.executable, spec, data, tmp_path, "--engine", engine)
    catalog = json.loads((tmp_path / "catalog.json").read_text(encoding="utf-8"))
    assert [len(entry["versions"]) for entry in catalog["tables"].values()] == [3, 3, 3]
    assert [len(list((tmp_path / "tables" / name).iterdir())) for name in catalog["tables"]] == [3, 3, 3]
