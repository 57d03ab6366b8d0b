"""The scripts of the jobs as texts: as they were agreed on, tidy, and sound whatever the spec has in it."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import Any

import pytest
import yaml

from generator.checks import check_spec
from generator.codes import all_codes, example_text, load_code
from generator.diagnostics import SourceText
from generator.jobs.plan import Step, job_of_each_step, plan_jobs
from generator.plan.lake import CompiledJob, CompiledLake, CompiledSource, JobSettings, Place
from generator.render.jobs import render_jobs
from generator.render.jobs.layout import Code, Group, Node, Query, Text, call, listed, mapping, statement
from generator.render.jobs.literals import literal, width
from generator.render.jobs.names import OWN, Names
from generator.render.jobs.sql_lines import sql_lines
from generator.render.studio import render_studio
from tests.engines.relational_claims import compiled
from tests.engines.relational_plans import as_keys, as_query
from tests.engines.relational_random import KEYS, SOURCES, random_plan

ROOT = Path(__file__).parents[3]
GOLDEN = ROOT / "tests" / "golden" / "jobs"
SPECS = {
    "stedi": ROOT / "pipeline.yaml",
    "shop": ROOT / "docs" / "examples" / "shop" / "pipeline.yaml",
    "everything": ROOT / "tests" / "specs" / "everything" / "pipeline.yaml",
    **{path.stem: path for path in sorted((ROOT / "tests" / "specs").glob("*.yaml"))},
    **{path.stem: path for path in sorted((ROOT / "docs" / "examples" / "traps").glob("*.yaml"))},
}


def lake(text: str) -> CompiledLake | None:
    return check_spec(SourceText("pipeline.yaml", text)).lake


def lakes() -> Iterator[tuple[str, CompiledLake]]:
    """Every lake that the project has an example of, and random ones; each of them also in one job."""
    for name, found in _lakes():
        yield name, found
        steps = tuple(job_of_each_step(found))
        if len(steps) > 1:
            job = CompiledJob("all_in_one", None, steps, JobSettings(), Place(()), file="pipeline.yaml")
            yield f"{name}_in_one_job", replace(found, jobs={job.name: job})


def _lakes() -> Iterator[tuple[str, CompiledLake]]:
    texts = {name: path.read_text(encoding="utf-8") for name, path in SPECS.items()}
    for code in all_codes():
        page = load_code(code)
        if page is not None and not page.has_files:
            texts |= {f"{code}_{kind}": example_text(text) for kind in ("good", "bad") if (text := getattr(page, kind))}
    for name, text in (*texts.items(), ("nasty", NASTY)):
        found = lake(text)
        if found is not None:
            yield name, found
    for seed in range(4):
        for key in KEYS:
            plan, _ = random_plan(Random(f"{seed} {key}"), SOURCES, key)
            body = as_keys(plan) if seed % 2 else {"sql": as_query(plan)}
            yield f"random_{key.replace(' ', '_')}_{seed}", compiled({"t": body})


TEXTS = [
    "double \"quotes\" and 'single' ones",
    '"""',
    '" ""\\" """ \'\'\'',
    "back\\slash \\n \\",
    "new\nline\ttab\r",
    "ünï 🚲 漢字 \u202e\u2028\x85\x0c\x01",
    "{braces} %s # noqa",
    "long " * 60,
    "x" * 300,
    "漢" * 150,
]
NASTY = yaml.safe_dump(
    {
        "version": 1,
        "lake": "nasty",
        "zones": {"z": {}},
        "sources": {
            "lambda": {
                "path": "it's a \"path\"/",
                "description": TEXTS[5],
                "columns": {
                    "class": {"type": "string", "key": 'odd "key" \\ \u2028'},
                    "select": "string",
                    "_0": "bigint",
                    "s": "struct<order:struct<by:int>>",
                    **{f"{'long_' * 20}{number}": "string" for number in range(12)},
                },
            },
            "order": {"path": "o/", "format": "csv", "delimiter": "\t", "columns": {"class": "string", "sys": "int"}},
        },
        "tables": {
            "lake": {
                "zone": "z",
                "description": "\n".join(TEXTS[:9]),
                "source": "lambda",
                "join": [{"left": "order", "using": "class", "cardinality": "many_to_many"}],
                "filter": " and ".join(f"`select` <> {value}" for value in map(repr, ["a", "b\\'c", "d" * 200])),
                "add": {f"t{number}": "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
                        for number, text in enumerate(TEXTS)},
                "dedupe": {"by": ["class", "_0"], "order_by": ["t1 desc", "sys"]},
                "rename": {"sys": "args"},
                "expect": [
                    {"values": {"class": TEXTS}, "name": "a \"name\" \\ 'of' a check " + "long " * 40},
                    {"matches": {"class": "[\"']\\d+\\\\"}},
                    {"rows": {"min": 1}},
                ],
            },
            "job": {
                "zone": "z",
                "sql": f"""select `select`, concat(`select`, '{"wörd " * 60}') as c, '\"\"\"' as q, s.order.by as o,
                '{"漢" * 150}' as long from lambda where `class` in ('a\\'b', 'c\\\\', '\\n')""",
            },
            "print": {"zone": "z", "union": ["lake", "lake"]},
        },
    },
    allow_unicode=False, width=10_000, sort_keys=False,
)  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All scripts of all lakes, in one folder."""
    made = tmp_path_factory.mktemp("scripts")
    for name, found in lakes():
        for file, text in render_jobs(found).items():
            (made / f"{name.replace('.', '_')}__{file}").write_text(text, encoding="utf-8")
    return made


def ruff(*arguments: str) -> str:
    command = [sys.executable, "-m", "ruff", *arguments, "--config", str(ROOT / "pyproject.toml"), "--no-cache"]
    done = subprocess.run(command, capture_output=True, text=True, cwd="/")
    return done.stdout + done.stderr if done.returncode else ""


def test_the_scripts_pass_ruff(folder: Path) -> None:
    assert len(list(folder.iterdir())) > 100
    assert ruff("check", "--extend-ignore", "D403", str(folder)) == ""  # a description begins as the spec has it


def test_the_scripts_are_formatted(folder: Path) -> None:
    assert ruff("format", "--diff", str(folder)) == ""


@pytest.mark.parametrize("name", ["stedi", "shop", "everything", "stedi_grouped"])
def test_golden(name: str, golden: Callable[[Path, str], None]) -> None:
    found = lake(SPECS[name].read_text(encoding="utf-8"))
    assert found is not None
    scripts = render_jobs(found)
    assert set(scripts) == {f"{name}.py" for name in job_of_each_step(found).values()}
    for file, text in scripts.items():
        golden(GOLDEN / name / file, text)
    assert {path.name for path in (GOLDEN / name).iterdir()} == set(scripts)


def test_the_same_lake_gives_the_same_text() -> None:
    """In another process, with other hashes of strings."""
    program = (
        "import sys, hashlib; from pathlib import Path; from generator.checks import check_spec;"
        "from generator.spec.source import read_source; from generator.render.build import render_build;"
        "files = render_build(check_spec(read_source(Path(sys.argv[1]))).lake);"
        "print(hashlib.sha256(repr(files).encode()).hexdigest())"
    )
    found = {
        subprocess.run(
            [sys.executable, "-c", program, str(SPECS["everything"])],
            capture_output=True, text=True, check=True, cwd=ROOT, env={"PYTHONHASHSEED": seed, "PATH": ""},
        ).stdout
        for seed in ("1", "2")
    }  # fmt: skip
    assert len(found) == 1


def calls(script: str, function: str) -> list[ast.Call]:
    return [
        node
        for node in ast.walk(ast.parse(script))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == function
    ]


def arguments(node: ast.Call) -> dict[str, Any]:
    return {one.arg or "": one.value for one in node.keywords}


@pytest.mark.parametrize("name", ["stedi", "shop", "everything", "stedi_grouped"])
def test_a_script_reads_what_its_steps_read(name: str) -> None:
    found = lake(SPECS[name].read_text(encoding="utf-8"))
    assert found is not None
    for group in plan_jobs(found).values():
        whole = render_jobs(found)[f"{group.name}.py"]
        made = functions(whole)
        assert list(made) == ([f"make_{step}" for step in group.makes] if group.is_group else [])
        runs = [ast.unparse(one) for node in calls(whole, "run_steps") for one in node.args]
        assert runs == list(made)
        for step in group.steps:
            assert_reads(found, step, made.get(f"make_{step.name}", whole))


def functions(script: str) -> dict[str, str]:
    found = [one for one in ast.parse(script).body if isinstance(one, ast.FunctionDef)]
    return {one.name: ast.unparse(one) for one in found}


def assert_reads(found: CompiledLake, job: Step, script: str) -> None:
    tables = [ast.literal_eval(node.args[0]) for node in calls(script, "lake.table")]
    assert tables == [*job.inputs, *job.asked]
    made = {ast.literal_eval(node.args[0]): arguments(node) for node in calls(script, "lake.source")}
    assert list(made) == ([job.name] if job.is_source else [])
    if job.is_source:
        assert_declared(made[job.name], found.sources[job.name])
        return
    (publish,) = calls(script, "lake.publish")
    assert ast.literal_eval(publish.args[0]) == job.name
    asked = (one for one in ast.walk(publish) if isinstance(one, ast.Call))
    names = [ast.literal_eval(arguments(one)["name"]) for one in asked if ast.unparse(one.func).startswith("expect.")]
    expected = [one.name for one in found.tables[job.name].expectations]
    assert names[len(names) - len(expected) :] == expected


def assert_declared(given: dict[str, Any], source: CompiledSource) -> None:
    assert ast.literal_eval(given["columns"]) == {one.name: str(one.type) for one in source.columns}
    keys = ast.literal_eval(given["keys"]) if "keys" in given else {}
    assert keys == {one.name: one.key for one in source.columns if one.key != one.name}
    personal = {column.name for column in source.relation.columns.values() if column.personal}
    hidden = ast.literal_eval(given["personal"]) if "personal" in given else []
    assert hidden == [one.key for one in source.columns if one.name in personal]


def literals(script: str) -> set[str]:
    return {
        node.value
        for node in ast.walk(ast.parse(script))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def test_texts_of_the_spec_reach_the_runtime_unchanged() -> None:
    found = lake(NASTY)
    assert found is not None
    scripts = render_jobs(found)
    source, table = found.sources["lambda"], found.tables["lake"]
    assert {*source.paths, source.columns[0].key} <= literals(scripts["lambda.py"])
    assert {one.name for one in table.expectations} <= literals(scripts["lake.py"])
    assert all(line.isprintable() for script in scripts.values() for line in script.split("\n"))


@pytest.mark.parametrize("seed", range(20))
def test_layout_is_the_formatter_s(seed: int, tmp_path: Path) -> None:
    random = Random(seed)
    words = (
        "status amount 'x' \"y\" AND OR coalesce(a, b) CASE WHEN ELSE END ünï 漢字 \\d \\\\ \n order_id, > 12".split(
            " "
        )
    )

    def text(most: int) -> Text:
        return Text(" ".join(random.choice(words) for _ in range(random.randint(1, most))))

    def node(depth: int = 0) -> Node:
        kind = random.random()
        if kind < 0.3:
            return text(random.choice([3, 10, 40]))
        if kind < 0.5 or depth > 2:
            return Code("a" * random.randint(1, 30))
        if kind < 0.6:
            return mapping({f"{'k' * random.randint(1, 9)}{i}": text(4) for i in range(random.randint(1, 8))})
        if kind < 0.7:
            return listed([node(depth + 1) for _ in range(random.randint(1, 6))])
        if kind < 0.75:
            return Query("SELECT a\nFROM b\nWHERE c = " + random.choice(["'\\\\x'", "'d'"]))
        given = {f"n{number}": node(depth + 1) for number in range(random.randint(0, 3))}
        return call(random.choice(["expr", 'x.alias("y").join']), *(node(depth + 1) for _ in range(3)), **given)

    nodes = [node() for _ in range(20)]
    lines = [statement(one if isinstance(one, Group) else call("f", one), "x = ") for one in nodes]
    path = tmp_path / "layout.py"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert ruff("format", "--diff", str(path)) == ""
    assert ruff("check", "--select", "E501", str(path)) == ""


@pytest.mark.parametrize("text", [*TEXTS, "", "'", '"', "\\", "\\'", "\x7f\ufeff\U000e0001"])
def test_literals_mean_the_text(text: str) -> None:
    assert ast.literal_eval(literal(text)) == text
    assert literal(text).isprintable()
    parsed = ast.parse(statement(call("f", Text(text), name=Text(text)), "x = "))
    assert {node.value for node in ast.walk(parsed) if isinstance(node, ast.Constant)} == {text}


CLOCK = """
version: 1
lake: t
zones: {z: {}}
sources: {orders: {path: orders/, columns: {day: date, note: string}}}
tables:
  keys:
    zone: z
    source: orders
    filter: day < current_date() and note <> '{lake.now} `#lake.now`'
    add: {at: now()}
    expect: [{sql: at <= current_timestamp}]
  query: {zone: z, sql: "select day, '{x}' as note from orders where day in (current_date, date'2020-01-01')"}
  asked: {zone: z, source: orders, filter: lower(note) in (select upper(note) from orders where note > 'x')}
"""


def test_scripts_and_graphs_ask_for_the_time_in_their_own_words() -> None:
    compiled = check_spec(SourceText("pipeline.yaml", CLOCK)).lake
    assert compiled is not None
    scripts, graphs = render_jobs(compiled), render_studio(compiled)
    said = {"lake": SimpleNamespace(now="TIMESTAMP'2026-01-02 03:04:05'", today="DATE'2026-01-02'")}
    texts = {
        name: {eval(ast.unparse(node), said) for node in ast.walk(ast.parse(script)) if isinstance(node, ast.JoinedStr)}
        for name, script in scripts.items()
    }
    assert texts["keys.py"] == {
        r"`day` < DATE'2026-01-02' AND note <> '{lake.now} \u0060#lake.now`'",
        "TIMESTAMP'2026-01-02 03:04:05'",
        "NOT coalesce(`at` <= TIMESTAMP'2026-01-02 03:04:05', false)",
    }
    (query,) = texts["query.py"]
    assert "`day` IN (DATE'2026-01-02', date'2020-01-01')" in query and "'{x}' AS note" in query
    assert texts["asked.py"] == set() and "LEFT SEMI JOIN" in scripts["asked.py"]
    assert "current_date()" in graphs["keys.json"] and "#lake.now" not in graphs["keys.json"].replace("u0060#", "")


def test_long_queries_are_broken_between_words_and_in_literals() -> None:
    words = [f"column_{number}" for number in range(40)]
    long = "it\\'s \\\\ \\u202e " + "漢字 word " * 40
    sql = f"SELECT {', '.join(words)}, '{long}' AS `a  b`, date'2024-01-01'\n  WHERE x = 'a  b'"
    lines = list(sql_lines(sql, 60))
    assert all(width(line) <= 60 for line in lines)
    assert "'a  b'" in lines[-1] and any("`a  b`" in line for line in lines)
    assert any("date'2024-01-01'" in line for line in lines)
    assert f"'{long}'" in re.sub(r"(?<!\\)'\s+'", "", "\n".join(lines)), (
        "Spark puts literals that follow each other together"
    )


def test_variables_are_free() -> None:
    names = Names()
    taken = [names.new(name, "table") for name in ("lake", "class", "print", "orders", "orders", "expr", "order")]
    assert taken == ["lake_table", "class_table", "print_table", "orders", "orders_2", "expr_table", "order_table"]
    script = render_jobs(compiled({"t": {"source": "a"}}))["t.py"]
    assigned = {
        node.id
        for node in ast.walk(ast.parse(script))
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }
    imported = {
        name.name for node in ast.walk(ast.parse(script)) if isinstance(node, ast.ImportFrom) for name in node.names
    }
    assert assigned - {"a", "t"} | imported | {"sys"} <= OWN
