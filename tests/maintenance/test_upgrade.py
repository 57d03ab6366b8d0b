"""What another version of the generator, or of the spec, makes anew: what it must, and nothing else."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import generator
from generator.checks import check_spec
from generator.diagnostics import SourceText
from generator.plan.expressions import macros
from generator.render.jobs import render_jobs
from generator.render.runtime_package import runtime_package
from generator.run import build_program
from generator.run.spark.currency import Currency, LakeScripts
from tests.conftest import require_pyspark
from tests.maintenance.shop import HEAD, Shop, order

TABLES = """
  plain: {zone: raw, source: orders, filter: id > 0, description: some, expect: [{not_null: [id]}]}
  rounded:
    zone: raw
    source: orders
    select: [id, {upper: "upper(who)"}]
  all: {zone: raw, source: orders, aggregate: {n: count(*)}, expect: [{rows: {min: 1}}]}
  known: {zone: raw, source: orders, join: [{semi: people, using: who}], expect: [{references: {who: people.who}}]}
"""
PACKAGE = Path(generator.__file__).parent
ALL = {"orders", "people", "plain", "rounded", "all", "known"}


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    made = Shop(tmp_path, TABLES)
    made.put("orders/1", order(1), order(2, "b"), "broken")
    made.put("people/1", {"who": "a"}, {"who": "b"})
    made.run()
    return made


def anew(shop: Shop) -> set[str]:
    """What a run makes: sources that are read, tables of which there are other files."""
    before = {name: entry.current for name, entry in shop.folder.catalog().tables.items()}
    shop.programs.clear()
    found = shop.run()
    assert all(one.status == "ok" for one in found.values()), [one.problem for one in found.values()]
    after = shop.folder.catalog().tables
    return {
        name
        for name, one in found.items()
        if (one.files_read if one.is_source else after[name].current.files != before[name].files)
    }


def code(shop: Shop, monkeypatch: pytest.MonkeyPatch, file: str, was: str, now: str) -> None:
    """Another version of a module that reads."""
    there = shop.root / "generator"
    for part in ("runtime", "run/landing", "plan/maintenance", "run/maintenance"):
        shutil.copytree(PACKAGE / part, there / part)
    (there / "jobs").mkdir()
    shutil.copy(PACKAGE / "jobs" / "delta_sql.py", there / "jobs")
    shutil.copy(PACKAGE / "plan" / "types.py", there / "plan")
    text = (there / file).read_text()
    assert was in text
    (there / file).write_text(text.replace(was, now))
    monkeypatch.setattr(build_program, "_PACKAGE", there)


def test_nothing_changed(shop: Shop) -> None:
    assert anew(shop) == set()


def test_another_version_that_reads_as_this_one(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(generator, "__version__", "9.9.9")
    code(shop, monkeypatch, "runtime/json_lines.py", "from __future__", "# another comment\nfrom __future__")
    assert anew(shop) == set()


def test_code_that_publishes_is_no_rule_of_reading(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    code(shop, monkeypatch, "runtime/parquet_tables.py", "from __future__ import annotations", "MORE = 1")
    assert anew(shop) == set()


@pytest.mark.parametrize("file", ["runtime/literals.py", "run/landing/regular.py", "plan/types.py"])
def test_another_rule_of_reading(shop: Shop, monkeypatch: pytest.MonkeyPatch, file: str) -> None:
    code(shop, monkeypatch, file, "from __future__ import annotations\n", "from __future__ import annotations\nX = 1\n")
    assert anew(shop) == ALL, "their rows may be others"


def test_another_way_of_keeping_tables(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.put("orders/2", order(3))
    shop.run()
    assert shop.reports["plain"].added == 1 and shop.reports["all"].anew
    code(shop, monkeypatch, "runtime/maintenance/keeper.py", "MOST = 0.5", "MOST = 0.4")
    assert anew(shop) == {"plain", "rounded", "known"}, "those that it kept"
    assert anew(shop) == set()


def test_a_function_that_is_written_otherwise(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    head = next(head for head in macros.MACROS if head.startswith("spark_upper("))
    other = {**macros.MACROS, head: f"({macros.MACROS[head]})"}
    settings = tuple(f"CREATE OR REPLACE MACRO {head} AS {body}" for head, body in other.items())
    monkeypatch.setattr(macros, "DUCKDB_SETTINGS", settings)
    assert anew(shop) == {"rounded"}


def test_a_function_that_another_table_begins_to_call(shop: Shop) -> None:
    shop.tables = shop.tables.replace("filter: id > 0", "filter: lower(who) <> 'q'")
    assert anew(shop) == {"plain"}


@pytest.mark.parametrize(
    ("was", "now"),
    [
        ("description: some", "description: others"),
        ("filter: id > 0", "filter: id  >  0"),
        ("not_null: [id]", "not_null: [id, who]"),
        ("{not_null: [id]}", "{not_null: [id], name: known}, {sql: 'day <= current_date'}"),
        ("expect: [{rows: {min: 1}}]", "expect: [{rows: {min: 1, max: 9}}]"),
    ],
)
def test_words_and_checks(shop: Shop, was: str, now: str) -> None:
    assert was in shop.tables
    shop.tables = shop.tables.replace(was, now)
    assert anew(shop) == set()
    if "not_null" in was:
        shop.tables = shop.tables.replace("not_null: [id", "values: {id: [7]}, name: x}, {not_null: [id")
        shop.programs.clear()
        assert shop.run()["plain"].problem == "it breaks: x", "they are asked all the same"


def test_a_check_of_a_source(shop: Shop) -> None:
    shop.head = HEAD.replace("  orders:\n", "  orders:\n    unique: [id]\n")
    assert anew(shop) == set() and shop.reports["orders"].checks
    shop.head = HEAD.replace("100%", "1%", 1)
    found = shop.run()
    assert "1 of 3 lines" in found["orders"].problem and "orders/1.json:3" in found["orders"].problem


def test_another_word_in_a_description_of_a_source(shop: Shop) -> None:
    shop.head = HEAD.replace("    columns: {id: bigint", "    columns: {id: {type: bigint, description: words}")
    assert anew(shop) == set()


@pytest.mark.parametrize(("was", "now", "same"), [("some", "others", True), ("id > 0", "id > 1", False)])
def test_scripts_for_spark_count_without_their_words(shop: Shop, was: str, now: str, same: bool) -> None:
    require_pyspark()
    programs = []
    for tables in (TABLES, TABLES.replace(was, now)):
        lake = check_spec(SourceText("shop.yaml", HEAD + tables)).lake
        assert lake is not None
        program = build_program.build_program(lake)
        scripts = LakeScripts(lake, program, render_jobs(lake), runtime_package())
        table = next(one for one in program.tables if one.name == "plain")
        programs.append(Currency(scripts, shop.root / "data", shop.folder).table_program(table))
    assert (programs[0] == programs[1]) == same


def test_what_only_checks_ask_changes(shop: Shop) -> None:
    shop.tables = shop.tables.replace("{rows: {min: 1}}", "{sql: n > 0}").replace(
        "aggregate: {n: count(*)}", "aggregate: {n: count(*), who: max(who)}"
    )
    shop.tables = shop.tables.replace("{sql: n > 0}", "{references: {who: people.who}}")
    shop.run()
    shop.put("people/2", {"who": "c"})
    assert "all" not in anew(shop)
    assert "all" not in anew(shop) and shop.reports["all"].unchanged
    shop.drop("people/1")
    assert shop.run()["all"].problem.startswith("it breaks: references")
