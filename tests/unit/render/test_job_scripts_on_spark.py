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
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any

import duckdb
import pytest

from generator.checks import check_spec
from generator.diagnostics import SourceText
from generator.jobs.duckdb_checks import duckdb_check
from generator.jobs.expectation_rules import expectation_rules
from generator.jobs.plan import plan_steps
from generator.jobs.proof_rules import proof_rules, source_rules
from generator.jobs.rules import ConsentRule, MixingRule, SinceRule, UniqueBeforeRule, UniqueRule
from generator.jobs.spark_text import KEYWORDS
from generator.plan.emit import DUCKDB, SPARK, emit
from generator.plan.expressions import DUCKDB_SETTINGS, SPARK_SETTINGS
from generator.plan.lake import CompiledLake
from generator.plan.types import duckdb_type
from generator.render.jobs import render_jobs
from generator.render.studio import render_studio
from tests.engines.relational_claims import compiled
from tests.engines.relational_plans import Row, Tables, as_keys, as_query, evaluate
from tests.engines.relational_random import KEYS, SOURCES, random_data, random_plan
from tests.engines.test_relational import OWN_NAMES, OWN_ROWS, QUERIES, TABLES
from tests.unit.render.test_job_scripts import NASTY, SPECS, TEXTS

HERE = Path(__file__).parent
Need = Callable[[object, str], None]
Results = list[dict[str, Any]]
Run = Callable[[list[dict[str, Any]]], Results]


SPARKS = ("current", "3.5")


@pytest.fixture(scope="module", params=SPARKS)
def run_scripts(request: pytest.FixtureRequest, need: Need, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    """A function that runs cases on a Spark, in a process of its own that lives as long as the module's tests."""
    need(shutil.which("java") or os.environ.get("JAVA_HOME"), "Java isn't installed")
    interpreter = sys.executable
    if request.param == "current":
        need(importlib.util.find_spec("pyspark"), "pyspark isn't installed: pip install '.[spark]'")
    else:
        interpreter = os.environ.get("SPARK35_PYTHON", "")
        need(interpreter, "SPARK35_PYTHON doesn't name an interpreter with pyspark 3.5")
    folder = tmp_path_factory.mktemp("spark")
    command = [interpreter, str(HERE / "run_scripts.py"), json.dumps(SPARK_SETTINGS)]
    environment = {**os.environ, "PYTHONPATH": str(HERE.parents[2])}
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True, cwd=folder, env=environment
        )
    assert process.stdin is not None and process.stdout is not None

    def run(cases: list[dict[str, Any]]) -> Results:
        path = folder / "cases.json"
        path.write_text(json.dumps(cases))
        print(path, file=process.stdin, flush=True)
        assert process.stdout is not None
        assert process.stdout.readline().strip() == str(path), (folder / "log").read_text()[-3000:]
        found = json.loads(path.read_text())
        assert set(found["keywords"]) <= KEYWORDS, "names that Spark's lexer knows are quoted"
        results: Results = found["results"]
        return results

    yield run
    process.stdin.close()
    assert process.wait() == 0


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
def test_random_plans(run_scripts: Run, request: pytest.FixtureRequest) -> None:
    """By keys, as a query, and over a view: the rows of the evaluator, and those of the emitted SQL.

    Each Spark has every other plan, so both have each key and each of the three ways.
    """
    first = SPARKS.index(request.node.callspec.params["run_scripts"])
    lakes, cases, expected = [], [], []
    for seed in range(3):
        for key in KEYS[(first + seed) % 2 :: 2]:
            random = Random(f"{seed} {key}")
            tables = dict(SOURCES)
            view, tables["v"] = random_plan(random, SOURCES)
            plan, _ = random_plan(random, tables, key, source="v" if seed == 2 else None)
            body = {"sql": as_query(plan)} if seed == 1 else as_keys(plan)
            lake = compiled({"v": {**as_keys(view), "view": True}, "t": body})
            data = random_data(random)
            rows = dict(data)
            rows["v"] = evaluate(view, rows)[1]
            lakes.append(lake)
            cases.append(case_of(lake, "t", data))
            expected.append(evaluate(plan, rows)[1])
    check(run_scripts(cases), lakes, expected, cases)


@pytest.mark.spark
def test_names_nesting_and_queries(run_scripts: Run, request: pytest.FixtureRequest) -> None:
    """Spark 3.5, which Glue runs, has all of them; the other one every other."""
    every = 1 if request.node.callspec.params["run_scripts"] == "3.5" else 2
    tables, queries = TABLES[::every], QUERIES[::every]
    sources = {name: {"path": name, "columns": columns} for name, columns in OWN_NAMES.items()}
    lakes = [compiled({"t": table.body}, sources) for table in tables]
    cases = [case_of(lake, "t", OWN_ROWS) for lake in lakes]
    expected = [[dict(enumerate(row)) for row in table.expected] for table in tables]
    data = random_data(Random(7))
    for query in queries:
        lakes.append(compiled({"t": {"sql": query.sql}}))
        cases.append(case_of(lakes[-1], "t", data))
        expected.append(list(query.expected(data["a"], data["b"], data["c"])))  # type: ignore[arg-type]
    check(run_scripts(cases), lakes, expected, cases)  # type: ignore[arg-type]


@pytest.mark.spark
def test_scripts_of_whole_lakes_give_the_compiled_types(run_scripts: Run) -> None:
    """Over no rows: nested types, every clause, odd names and texts."""
    texts = [path.read_text(encoding="utf-8") for path in (SPECS["stedi"], SPECS["shop"], SPECS["everything"])]
    lakes, cases = [], []
    for text in (*texts, NASTY):
        lake = check_spec(SourceText("pipeline.yaml", text)).lake
        assert lake is not None
        for table in lake.tables.values():
            if not table.is_view:
                rows: Tables = {name: [] for name in (*lake.sources, *lake.tables) if name != table.name}
                lakes.append((lake, table.name))
                cases.append({**case_of(lake, table.name, rows), "only_schema": True})
    for found, (lake, name), case in zip(run_scripts(cases), lakes, cases, strict=True):
        assert "error" not in found, f"{found['error']}\n{case['script']}"
        columns = [[column.name, str(column.type)] for column in lake.tables[name].columns]
        assert found["schema"] == found["emitted_schema"] == columns
        assert found["studio_schema"] == columns


@pytest.mark.spark
def test_texts_of_the_spec_reach_spark_unchanged(run_scripts: Run) -> None:
    lake = check_spec(SourceText("pipeline.yaml", NASTY)).lake
    assert lake is not None
    row: Row = dict.fromkeys(column.name for column in lake.sources["lambda"].columns)
    data: Tables = {"lambda": [{**row, "class": "x", "select": "y", "_0": 1}], "order": []}
    (by_keys, by_query) = run_scripts([case_of(lake, name, data) for name in ("lake", "job")])
    assert "error" not in by_keys and "error" not in by_query, (by_keys, by_query)
    assert by_keys["rows"] == by_keys["emitted_rows"] == by_keys["studio_rows"]
    assert by_keys["rows"][0][-len(TEXTS) :] == TEXTS
    assert by_query["rows"] == by_query["studio_rows"] == []


PEOPLE = """
version: 1
lake: checks
subjects:
  person: {registry: people, keys: [id, device]}
consent:
  study: {subject: person, when: agreed or vip = 'yes', since: since}
zones: {landing: {}, open: {}, study: {require: study}}
sources:
  people:
    path: people/
    columns: {id: bigint, device: string, agreed: boolean, vip: string, since: timestamp}
  visits:
    path: visits/
    event_time: at
    columns:
      person: {type: bigint, identifies: person.id}
      at: timestamp
      ratio: float
      kind: string
      day: date
      price: decimal(8,2)
      "left": int
  devices:
    path: devices/
    columns: {device: {type: string, identifies: person.device}, at: timestamp, room: string}
  rooms:
    path: rooms/
    columns: {room: string, floor: int}
tables:
  all_devices:
    view: true
    source: devices
    add: {room: "trim(room)"}
    expect:
      - unique: [at, room]
      - not_null: [device, room]
        severity: warn
      - sql: room <> 'y'
      - rows: {max: 3}
      - references: {room: rooms.room}
  seen:
    zone: study
    source: visits
    join:
      - inner: people
        on: visits.person = people.id
    filter: (agreed or vip = 'yes') and at >= since
    select: [person, at, ratio, kind, day, price, left]
    expect:
      - not_null: [kind, left]
      - unique: [kind, day]
      - values: {kind: [a, "b'c", 'd\\e'], left: [1, 2]}
      - values: {kind: []}
        severity: warn
      - between: {ratio: {min: 0.1, max: 0.5}, price: [1, 2.5], day: [2024-01-02, "2024-02-01"], left: {max: 1}}
      - between: {at: {min: "2024-01-01T12:00:00+02:00"}}
      - matches: {kind: '[a-z]\\D?|b.c'}
      - sql: left > 1 or price is null
      - rows: {min: 3, max: 4}
        severity: warn
      - references: {person: people.id}
      - references: {person: people.id, kind: rooms.room}
  paired:
    zone: open
    source: visits
    join:
      - inner: all_devices
        on: visits.at = all_devices.at
        cardinality: one_to_many
      - inner: rooms
        on: all_devices.room = rooms.room
        cardinality: many_to_one
    select: [person, device, floor]
    expect:
      - references: {person: early.person}
  early:
    zone: open
    source: visits
    select: [person]
    expect:
      - references: {person: paired.person}
"""
T = ["2024-01-01 10:00:00", "2024-01-01 09:59:59", "2024-03-01 00:00:00"]
CHECKED: dict[str, list[list[Any]]] = {
    "people": [[1, "p", True, None, T[0]], [2, "q", False, "yes", T[2]], [3, "r", False, None, T[0]],
               [None, "r", True, "no", T[0]], [1, None, None, None, None]],
    "visits": [[1, T[0], 0.1, "a", None, None, 1], [2, T[0], 0.5, None, None, None, 2],
               [3, T[1], None, "b", None, None, 1], [None, T[1], None, None, None, None, None],
               [1, T[1], None, None, None, None, None]],
    "devices": [["p", T[0], " x"], ["r", T[0], "y "], ["q", T[1], "x"], [None, T[1], None], ["q", T[1], "x "],
                ["r", T[2], "z"]],
    "early": [[1], [7], [None]],
    "rooms": [["x", 1], ["x", 2], ["y", 3], [None, 4], [None, 5], ["a", 6]],
}  # fmt: skip
SEEN: list[list[Any]] = [
    [1, T[0], 0.1, "a", "2024-01-02", "1.00", 1], [1, T[1], 0.5, "a", "2024-01-02", "2.50", 2],
    [2, T[0], 0.09, "b'c", "2024-01-01", "2.51", 3], [3, T[2], 0.51, "d\\e", "2024-02-02", "0.99", None],
    [None, None, None, None, None, None, None], [9, T[1], None, "ab", None, None, 1],
    [1, T[2], None, "a", "2024-01-02", None, 0],
]  # fmt: skip


def typed_rows(lake: CompiledLake, name: str, rows: list[list[Any]]) -> str:
    """The rows as SQL that both engines read: values are written as strings and cast."""
    columns = list(lake.relation(name).columns.values())
    values = ", ".join("(" + ", ".join(quoted(cell) for cell in row) + ")" for row in rows)
    casts = ", ".join(f'CAST(c{i} AS {duckdb_type(one.type)}) AS "{one.name}"' for i, one in enumerate(columns))
    return f"SELECT {casts} FROM (VALUES {values}) AS v({', '.join(f'c{i}' for i in range(len(columns)))})"


def quoted(cell: Any) -> str:
    return "NULL" if cell is None else "'" + str(cell).replace("'", "''") + "'"


def in_duckdb(lake: CompiledLake, table: str, published: dict[str, list[list[Any]]]) -> dict[str, int]:
    """The violations that DuckDB counts in a source or table."""
    job = plan_steps(lake)[table]
    rules = (
        source_rules(lake, lake.sources[table])
        if job.is_source
        else (*proof_rules(lake, lake.tables[table]), *expectation_rules(lake, lake.tables[table]))
    )
    with duckdb.connect() as connection:
        for setting in DUCKDB_SETTINGS:
            connection.execute(setting)
        for name, rows in (CHECKED | published).items():
            connection.execute(f'CREATE TABLE "{name}" AS {typed_rows(lake, name, rows)}')
        for view in job.views:
            connection.execute(f'CREATE VIEW "{view}" AS {emit(lake.tables[view].query, DUCKDB)}')
        found = {}
        for rule in rules:
            check = duckdb_check(rule, lake)
            found[rule.name] = int(connection.execute(check.violations).fetchall()[0][0])
            if check.quick is not None and connection.execute(check.quick).fetchall()[0][0] == 0:
                assert found[rule.name] == 0
        return found


@pytest.mark.spark
def test_checks_count_what_duckdb_counts(run_scripts: Run) -> None:
    """Every kind of rule on rows that break it, nulls among them."""
    analysis = check_spec(SourceText("pipeline.yaml", PEOPLE))
    assert analysis.lake is not None, analysis.diagnostics
    lake = analysis.lake
    paired: list[list[Any]] = [[1, "p", 1], [8, "p", 1]]
    cases, expected = [], []
    sources = [(name, CHECKED[name]) for name in lake.sources]
    for table, rows in (*sources, ("seen", SEEN), ("seen", SEEN[:2]), ("paired", paired)):
        given = {
            name: {"schema": schema(lake, name), "strings": found} for name, found in (CHECKED | {table: rows}).items()
        }
        script = render_jobs(lake)[f"{table}.py"]
        cases.append({"script": script, "tables": given, "published": given[table]})
        expected.append(in_duckdb(lake, table, {table: rows}))
    results = run_scripts(cases)
    assert [found.get("checks", found) for found in results] == expected
    kinds = {type(rule) for name in ("seen", "paired") for rule in proof_rules(lake, lake.tables[name])}
    assert kinds == {ConsentRule, SinceRule, UniqueRule, UniqueBeforeRule, MixingRule}
    broken = {name for found in expected for name, violations in found.items() if violations}
    assert broken == {name for found in expected for name in found}, "each check is seen to count something"
