"""What the generated scripts compute is what the compiled queries say: on Spark 4.1 and on Spark 3.5.

The scripts run as they are; only the runtime that reads and publishes is a small stand-in.
"""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import pytest

from generator.plan.emit import SPARK, emit
from generator.plan.expressions import SPARK_SETTINGS
from generator.plan.lake import CompiledLake
from generator.render.jobs import render_jobs
from generator.render.studio import render_studio
from tests.engines.relational_claims import compiled
from tests.engines.relational_plans import Row, Tables, as_keys, as_query, evaluate
from tests.engines.relational_random import KEYS, SOURCES, random_data, random_plan
from tests.engines.test_relational import OWN_NAMES, OWN_ROWS, QUERIES, TABLES

HERE = Path(__file__).parent
Need = Callable[[object, str], None]
Results = list[dict[str, Any]]


@pytest.fixture(scope="module", params=["current", "3.5"])
def interpreter(request: pytest.FixtureRequest, need: Need) -> str:
    need(shutil.which("java") or os.environ.get("JAVA_HOME"), "Java isn't installed")
    if request.param == "current":
        need(importlib.util.find_spec("pyspark"), "pyspark isn't installed: pip install '.[spark]'")
        return sys.executable
    found = os.environ.get("SPARK35_PYTHON", "")
    need(found, "SPARK35_PYTHON doesn't name an interpreter with pyspark 3.5")
    return found


def run_scripts(interpreter: str, folder: Path, cases: list[dict[str, Any]]) -> Results:
    request, output = folder / "request.json", folder / "output.json"
    request.write_text(json.dumps({"settings": SPARK_SETTINGS, "cases": cases, "output": str(output)}))
    command = [interpreter, str(HERE / "run_scripts.py"), str(request)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=folder)
    assert done.returncode == 0, done.stderr[-3000:]
    results: Results = json.loads(output.read_text())["results"]
    return results


def schema(lake: CompiledLake, name: str) -> str:
    columns = lake.relation(name).columns.values()
    return ", ".join(f"`{column.name}` {column.type}" for column in columns)


def case_of(lake: CompiledLake, table: str, data: Tables) -> dict[str, Any]:
    """The script of a table over the rows of the lake's sources, beside the query that it stands for."""
    given = {name: {"schema": schema(lake, name), "rows": [list(row.values()) for row in data[name]]} for name in data}
    views = [[one.name, emit(one.query, SPARK)] for one in lake.tables.values() if one.is_view]
    sql = emit(lake.tables[table].query, SPARK)
    nodes = json.loads(render_studio(lake)[f"{table}.json"])["CodeGenConfigurationNodes"]
    script = render_jobs(lake)[f"{table}.py"]
    return {"script": script, "tables": given, "views": views, "sql": sql, "studio": nodes}


def bag(rows: list[list[Any]]) -> Counter[tuple[Any, ...]]:
    return Counter(map(tuple, rows))


def check(results: Results, lakes: list[CompiledLake], expected: list[list[Row]], cases: list[dict[str, Any]]) -> None:
    for found, lake, rows, case in zip(results, lakes, expected, cases, strict=True):
        assert "error" not in found, f"{found['error']}\n{case['script']}"
        columns = [[column.name, str(column.type)] for column in lake.tables["t"].columns]
        assert found["schema"] == found["emitted_schema"] == columns, case["script"]
        wanted = bag([list(row.values()) for row in rows])
        assert bag(found["rows"]) == bag(found["emitted_rows"]) == wanted, case["script"]
        assert found["studio_schema"] == columns
        assert bag(found["studio_rows"]) == wanted, case["studio"]


@pytest.mark.spark
@pytest.mark.slow
def test_random_plans(interpreter: str, tmp_path: Path) -> None:
    """By keys, as a query, and over a view: the rows of the evaluator, and those of the emitted SQL."""
    lakes, cases, expected = [], [], []
    for seed in range(3):
        for key in KEYS:
            random = Random(f"{seed} {key}")
            tables = dict(SOURCES)
            view, tables["v"] = random_plan(random, SOURCES)
            plan, _ = random_plan(random, tables, key, source="v" if seed == 2 else None)
            form = as_query if seed == 1 else None
            body = {"sql": as_query(plan)} if form else as_keys(plan)
            lake = compiled({"v": {**as_keys(view), "view": True}, "t": body})
            data = random_data(random)
            rows = dict(data)
            rows["v"] = evaluate(view, rows)[1]
            lakes.append(lake)
            cases.append(case_of(lake, "t", data))
            expected.append(evaluate(plan, rows)[1])
    check(run_scripts(interpreter, tmp_path, cases), lakes, expected, cases)


@pytest.mark.spark
def test_names_nesting_and_queries(interpreter: str, tmp_path: Path) -> None:
    sources = {name: {"path": name, "columns": columns} for name, columns in OWN_NAMES.items()}
    lakes = [compiled({"t": table.body}, sources) for table in TABLES]
    cases = [case_of(lake, "t", OWN_ROWS) for lake in lakes]
    expected = [[dict(enumerate(row)) for row in table.expected] for table in TABLES]
    data = random_data(Random(7))
    for query in QUERIES:
        lakes.append(compiled({"t": {"sql": query.sql}}))
        cases.append(case_of(lakes[-1], "t", data))
        expected.append(list(query.expected(data["a"], data["b"], data["c"])))  # type: ignore[arg-type]
    check(run_scripts(interpreter, tmp_path, cases), lakes, expected, cases)  # type: ignore[arg-type]
