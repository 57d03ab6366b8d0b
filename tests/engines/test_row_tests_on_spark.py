"""Tests with rows give the same rows, and break the same checks, on Spark as on DuckDB."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from generator.checks import check_spec
from generator.diagnostics import SourceText
from generator.render.jobs import render_steps
from generator.run.build_program import build_program
from generator.run.row_tests.compare import judge, matching
from generator.run.row_tests.on_duckdb import run_on_duckdb
from generator.run.row_tests.on_spark import in_utc, run_in_session, without_views
from generator.run.row_tests.result import Found
from generator.run.spark.scripts import STAND_IN, importable
from generator.run.spark.session import local_spark
from tests.row_test_lake import GIVEN, LAKE, NESTED

ROOT = Path(__file__).parents[2]
SHOP = f"""{LAKE}\
  values:
{NESTED}
    expect: {{rich: [{{id: 1, share: -.inf}}, {{id: 2, share: nan}}]}}
  chain:
{GIVEN}
    expect: {{rich: [{{id: 2}}, {{id: 1}}], matched: [{{id: 1}}, {{id: 1}}], totals: [{{id: 1, n: 2, amount: 0.3}}]}}
    breaks: {{rich: [], matched: [], totals: []}}
  given views:
    given:
      matched: [{{id: 1, amount: 2}}, {{id: 9, amount: 1}}, {{id: 9, amount: -0.5}}]
      people: [{{id: 1}}]
    expect: {{totals: [{{id: 1, amount: 2}}, {{id: 9, amount: 0.5}}]}}
    breaks: {{totals: [knows them], matched: [paid]}}
  given rows break checks:
    given:
      rich: [{{id: 1}}, {{id: 1, email: a}}, {{email: b}}]
    breaks: {{rich: ['not_null: id', 'unique: id', has a mail]}}
  not as expected:
{GIVEN}
    expect: {{totals: [{{id: 1, n: 3}}, {{id: 2}}]}}
    breaks: {{rich: ['unique: id']}}
"""
STEDI = [(ROOT / file).read_text(encoding="utf-8") for file in ("pipeline.yaml", "tests/stedi.yaml")]
SPECS = {"shop": SHOP, "stedi": "".join(STEDI)}
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def spark(tmp_path_factory: pytest.TempPathFactory, need: Callable[[object, str], None]) -> Iterator[None]:
    need(find_spec("pyspark") and shutil.which("java"), "local Spark needs pyspark and Java 17")
    folder = tmp_path_factory.mktemp("spark")
    with in_utc(), local_spark("tests", folder, folder / "log"), importable([STAND_IN]):
        yield


@pytest.mark.parametrize("name", SPECS)
def test_both_engines_make_the_same_of_tests(name: str, spark: None, tmp_path: Path) -> None:
    analysis = check_spec(SourceText("pipeline.yaml", SPECS[name]))
    lake = analysis.lake
    assert lake is not None, analysis.diagnostics
    for table, text in render_steps(without_views(lake)).items():
        (tmp_path / f"{table}.py").write_text(text, encoding="utf-8")
    program = build_program(lake)
    on_duckdb = {test.name: found for test, found in run_on_duckdb(lake, program, analysis.tests)}
    on_spark = {test.name: found for test, found in run_in_session(lake, tmp_path, analysis.tests)}
    for test in analysis.tests:
        one, other = on_duckdb[test.name], on_spark[test.name]
        assert (one.problem, other.problem) == ("", "")
        assert one.violations == other.violations
        assert_same_rows(one, other)
        assert judge(lake, test, one).failed is judge(lake, test, other).failed is (test.name == "not as expected")


def assert_same_rows(one: Found, other: Found) -> None:
    assert one.rows.keys() == other.rows.keys()
    for table, rows in one.rows.items():
        assert len(rows) == len(other.rows[table]) == len(matching(rows, other.rows[table])), table
