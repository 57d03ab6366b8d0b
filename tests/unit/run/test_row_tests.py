"""Tests with rows: what passes, what fails and how it is shown, and what is wrong with a test itself."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from contextlib import chdir, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

import pytest
import yaml

from generator.checks import check_spec
from generator.cli.main import main
from generator.diagnostics import SourceText
from generator.plan.lake import CompiledLake
from generator.run.build_program import build_program
from generator.run.row_tests.compare import judge, matching, same
from generator.run.row_tests.on_duckdb import run_on_duckdb
from generator.run.row_tests.result import TestResult
from generator.spec.nodes import load_yaml
from tests.row_test_lake import GIVEN, LAKE, NESTED


def compiled(tests: str) -> CompiledLake:
    analysis = check_spec(SourceText("pipeline.yaml", LAKE + tests))
    assert analysis.lake is not None, analysis.diagnostics
    return analysis.lake


def results(tests: str) -> list[TestResult]:
    analysis = check_spec(SourceText("pipeline.yaml", LAKE + tests))
    assert analysis.lake is not None, analysis.diagnostics
    lake = analysis.lake
    made = run_on_duckdb(lake, build_program(lake), analysis.tests)
    return [judge(lake, test, found) for test, found in made]


def result(rest: str, given: str = GIVEN) -> TestResult:
    (found,) = results(f"  one:\n{given}{rest}")
    return found


def findings(tests: str) -> list[tuple[str, str, int]]:
    """Code, the text that is pointed at, and the line from the first test on."""
    source = SourceText("pipeline.yaml", LAKE + tests)
    top = LAKE.count("\n")
    return [
        (one.code, source.text[one.span.start : one.span.end], source.line_column(one.span.start)[0] - top)
        for one in check_spec(source).diagnostics
        if one.span is not None
    ]


# What passes ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "expected",
    [
        "rich: [{id: 2, spent: 50}, {id: 1}]",
        "rich: [{id: 1}, {email: a@x, id: 1}]",
        "matched: [{amount: 0.2}, {amount: 0.1}]",
        "totals: [{id: 1, n: 2, amount: 0.3}]",
        "{rich: [{id: 1}, {id: 2}], totals: [{n: 2}]}",
    ],
)
def test_rows_are_compared_by_what_they_name(expected: str) -> None:
    passes = expected != "rich: [{id: 1}, {email: a@x, id: 1}]"
    rest = f"    expect: {expected}\n" if expected.startswith("{") else f"    expect:\n      {expected}\n"
    assert result(rest).failed is not passes


def test_what_is_not_given_is_empty_or_computed() -> None:
    alone = "    given:\n      rich: [{id: 7, email: z}]\n      orders: [{person: 7, amount: 1}]\n"
    assert not result("    expect:\n      totals: [{id: 7, n: 1, amount: 1}]\n", alone).failed
    assert not result("    expect:\n      totals: []\n", "    given:\n      rich: [{id: 7}]\n").failed
    assert not result("    expect:\n      rich: []\n", "    now: 2026-01-31\n").failed


def test_the_clock_stands_still() -> None:
    early = GIVEN.replace("now: 2026-01-31", "now: 2026-02-01T01:00:00+02:00")
    assert not result("    expect:\n      rich: [{id: 1}, {id: 2}]\n", early).failed  # still January in UTC
    late = GIVEN.replace("now: 2026-01-31", "now: 2026-02-01 00:00:00")
    assert not result("    expect:\n      rich: [{id: 1}, {id: 2}, {id: 3}]\n", late).failed


def test_values_of_every_type_go_in_and_come_out() -> None:
    rows = NESTED.split("people:\n")[1]
    again = rows.replace("2026-01-30T01:02:03.123456+02:00", "2026-01-29 23:02:03.123456").replace("1.50", "1.5")
    assert not result(f"    expect:\n      rich:\n{again}", NESTED).failed
    for old, new in (
        ("b: ''", "b: null"),
        ("'null'", "null"),
        ("address: {}", "address: null"),
        ("tags: []", "tags: null"),
        ("scores: {}", "scores: {a: null}"),
        ("23:02:03.123456", "23:02:03.123457"),
        ("nan", "0"),
        ("AP8=", "AP4="),
        ("é", "e"),
    ):
        assert old in again
        assert result(f"    expect:\n      rich:\n{again.replace(old, new, 1)}", NESTED).failed, old


# What fails -------------------------------------------------------------------------------------------


def test_a_failure_shows_rows_by_their_key() -> None:
    found = result("    expect:\n      rich: [{id: 1, spent: 10.02, email: a@x}, {id: 9, spent: 1, email: q}]\n")
    (one,) = found.differences
    assert one.key == ("id",)
    assert one.columns == ("id", "email", "spent")
    ((changed,), (missing,), (unexpected,)) = one.changed, one.missing, one.unexpected
    assert changed.differing == ("spent",)
    assert missing["id"] == 9
    assert unexpected["id"] == 2


def test_rows_without_a_key_are_paired_by_likeness() -> None:
    found = result("    expect:\n      matched: [{id: 1, amount: 0.1}, {id: 1, amount: 0.3}]\n")
    ((changed,),) = (one.changed for one in found.differences)
    assert changed.differing == ("amount",)


def test_as_many_rows_are_matched_as_can_be() -> None:
    found = [{"a": 1, "b": 1}, {"a": 1, "b": 2}, {"a": 2, "b": 2}]
    assert len(matching([{"a": 1}, {"b": 1}, {"b": 2}], found)) == 3
    assert len(matching([{"b": 2}, {"a": 1}, {"b": 1}], found)) == 3
    assert len(matching([{"b": 1}, {"b": 1}], found)) == 1
    assert len(matching([{"a": 1}, {"a": 1}, {"a": 1}], found)) == 2


def test_long_chains_of_rows_are_matched() -> None:
    rows = [{"a": number, "b": number + 1} for number in range(1500)]
    expected = [{"b": number} for number in range(1, 1501)]
    assert len(matching([*({"a": n} for n in range(1500))], rows)) == 1500
    assert len(matching(expected, rows)) == 1500


def test_doubles_are_the_same_but_for_rounding() -> None:
    assert same(0.1 + 0.2, 0.3)
    assert same([float("nan")], [float("nan")])
    assert not same(0.3, 0.3000001)
    assert not same(None, 0)
    assert not same({"a": 1}, {"a": 1, "b": None})


def test_checks_have_to_notice_and_no_others() -> None:
    twice = GIVEN.replace("{id: 2,", "{id: 1,").replace(", email: b@x", "")
    assert not result("    breaks: {rich: ['unique: id', has a mail]}\n", twice).failed
    ((one,),) = (result("    breaks: {rich: ['unique: id', 'not_null: id']}\n", twice).unbroken,)
    assert dict(one.found) == {"unique: id": 1, "has a mail": 1}
    assert not result("    breaks: {rich: []}\n").failed
    lost = "    given:\n      matched: [{id: 5}]\n      people: []\n"
    assert not result("    breaks: {totals: [knows them]}\n", lost).failed
    known = "    given:\n      matched: [{id: 5}]\n      people: [{id: 5}]\n"
    assert result("    breaks: {totals: [knows them]}\n", known).failed


def test_checks_of_given_rows() -> None:
    given = "    given:\n      rich: [{id: 1, email: a}, {email: b}]\n"
    assert not result("    breaks: {rich: ['not_null: id']}\n", given).failed


def test_checks_of_views() -> None:
    given = "    given:\n      rich: [{id: 1}]\n      orders: [{person: 1, amount: -1}, {person: 1, amount: 1}]\n"
    assert not result("    breaks: {matched: [paid]}\n", given).failed
    assert result("    breaks: {matched: []}\n", given).failed


def test_one_test_leaves_nothing_to_the_next() -> None:
    tests = (
        f"  one:\n{GIVEN}    expect: {{totals: [{{n: 2}}]}}\n  two:\n    expect: {{totals: []}}\n    now: 2026-01-31\n"
    )
    assert [one.failed for one in results(tests)] == [False, False]


# What is wrong with a test ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "code", "pointed"),
    [
        ("{id: abc}", "V001", "abc"),
        ("{id: 1.5}", "V001", "1.5"),
        ("{id: '1'}", "V001", "'1'"),
        ("{id: true}", "V001", "true"),
        ("{id: 9223372036854775808}", "V001", "9223372036854775808"),
        ("{small: 128}", "V001", "128"),
        ("{spent: 1.005}", "V001", "1.005"),
        ("{spent: 100000000}", "V001", "100000000"),
        ("{joined: 2026-02-30}", "V001", "2026-02-30"),
        ("{joined: 20260230}", "V001", "20260230"),
        ("{at: yesterday}", "V001", "yesterday"),
        ("{ok: 1}", "V001", "1"),
        ("{email: 12}", "V001", "12"),
        ("{email: {a: 1}}", "V001", "email"),
        ("{tags: a}", "V001", "a"),
        ("{tags: [[a]]}", "V001", "[a]"),
        ("{address: X}", "V001", "X"),
        ("{address: {zip: {a: x}}}", "V001", "x"),
        ("{address: {town: X}}", "C005", "town"),
        ("{scores: [1]}", "V001", "scores"),
        ("{scores: {a: 1.005}}", "V001", "1.005"),
        ("{raw: '?'}", "V001", "'?'"),
        ("{share: much}", "V001", "much"),
        ("{mail: a@x}", "C001", "mail"),
    ],
)
@pytest.mark.parametrize("part", ["given", "expect"])
def test_wrong_values_have_a_place(row: str, code: str, pointed: str, part: str) -> None:
    table = "people" if part == "given" else "rich"
    given = f"    given:\n      people: [{row}]\n" if part == "given" else "    given:\n      people: []\n"
    expect = "[]" if part == "given" else f"[{row}]"
    found = findings(f"  one:\n    now: 2026-01-31\n{given}    expect:\n      rich: {expect}\n")
    assert [(one, line) for one, _, line in found] == [(code, 4 if part == "given" else 6)], table
    assert pointed.startswith("[") or found[0][1] == pointed


@pytest.mark.parametrize(
    ("test", "code", "pointed"),
    [
        ("{given: {peple: []}, expect: {rich: []}, now: 2026-01-31}", "N001", "peple"),
        ("{expect: {poor: []}, now: 2026-01-31}", "N001", "poor"),
        ("{expect: {people: []}}", "V002", "people"),
        ("{given: {rich: []}, expect: {rich: []}}", "V002", "rich"),
        ("{given: {matched: []}, breaks: {totals: [knows]}}", "V003", "knows"),
        ("{breaks: {people: ['unique: id']}}", "V003", "'unique: id'"),
        ("{given: {matched: [], rich: []}, expect: {totals: []}}", "V002", "rich"),
        ("{expect: {totals: []}}", "V004", "one"),
        ("{expect: {rich: []}, now: soon}", "V001", "soon"),
        ("{given: {people: []}}", "S004", "one"),
        ("{inputs: {people: []}, expect: {rich: []}}", "S002", "inputs"),
        ("{expect: {rich: {rows: []}}}", "S001", "rich"),
    ],
)
def test_what_a_test_names_is_there_and_tests_something(test: str, code: str, pointed: str) -> None:
    assert findings(f"  one: {test}\n")[0][:2] == (code, pointed)


@pytest.mark.parametrize(
    ("tests", "help"),
    [
        ("  - {name: one, model: rich}\n", "write the name of each test as a key"),
        ("  one: {given: {people: {rows: []}}, expect: {rich: []}}\n", "rows stand right below the table"),
        ("  one: {given: {people: }, expect: {rich: []}}\n", "write `people: []` for no rows"),
        ("  one: {inputs: {people: []}, expect: {rich: []}}\n", "write `given: {TABLE: [{column: value}]}`"),
        ("  one: {model: rich, expect: {rich: []}}\n", "the tables that are tested are those in `expect`"),
    ],
)
def test_what_other_tools_write_has_a_way_out(tests: str, help: str) -> None:
    found = check_spec(SourceText("pipeline.yaml", LAKE + tests)).diagnostics
    assert any(help in line for one in found for line in one.help), found


def test_tests_of_broken_tables_say_nothing_more() -> None:
    broken = LAKE.replace("spent > 10", "spnt > 10") + "  one:\n    expect: {totals: [{n: x}]}\n"
    found = check_spec(SourceText("pipeline.yaml", broken)).diagnostics
    assert [one.code for one in found] == ["C001"]


# The command ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Done:
    returncode: int
    stdout: str
    stderr: str


def command(folder: Path, *words: str) -> Done:
    out, err = io.StringIO(), io.StringIO()
    with chdir(folder), redirect_stdout(out), redirect_stderr(err):
        code = main(words)
    return Done(code, out.getvalue(), err.getvalue())


def test_command(folder: Path, *words: str) -> Done:
    return command(folder, "test", *words)


test_command.__test__ = False  # type: ignore[attr-defined]


def lake_folder(folder: Path, files: Mapping[str, str], spec: str = "") -> Path:
    (folder / "pipeline.yaml").write_text(LAKE.removesuffix("tests:\n") + (f"tests:\n{spec}" if spec else ""))
    (folder / "tests").mkdir()
    for name, text in files.items():
        (folder / name).write_text(text)
    return folder


def test_files_beside_the_spec_and_named_ones(tmp_path: Path) -> None:
    passes = f"tests:\n  from a file:\n{GIVEN}    expect: {{totals: [{{n: 2}}]}}\n"
    fails = f"tests:\n  other file:\n{GIVEN}    expect: {{totals: [{{n: 3, id: 1}}]}}\n"
    files = {"tests/a.yaml": passes, "tests/ci.yml": "steps: []\n", "more.yaml": fails}
    lake_folder(tmp_path, files, f"  in the spec:\n{GIVEN}    expect: {{rich: [{{id: 1}}, {{id: 2}}]}}\n")
    found = test_command(tmp_path)
    assert found.returncode == 0, found.stderr
    assert "tests/ci.yml has no `tests:`" in found.stderr
    assert "✓ in the spec" in found.stdout
    assert "✓ from a file" in found.stdout
    assert "coverage: 2 of 3 tables and views have a test; without: matched" in found.stdout
    found = test_command(tmp_path, "more.yaml", "--junit", "out.xml", "--json")
    assert found.returncode == 1
    told = json.loads(found.stdout)
    assert [one["status"] for one in told["tests"]] == ["ok", "failed"]
    (difference,) = told["tests"][1]["differences"]
    assert difference["changed"][0]["differing"] == ["n"]
    suite = ElementTree.parse(tmp_path / "out.xml").getroot()[0]
    assert (suite.get("tests"), suite.get("failures")) == ("2", "1")
    case = next(one for one in suite if one.get("name") == "other file")
    assert (case.get("file"), case.get("line")) == ("more.yaml", "2")
    assert "2 (expected 3)" in (case[0].text or "")
    assert "other file" not in test_command(tmp_path, "more.yaml", "-k", "SPEC").stdout


def test_findings_of_files_are_found_by_check_and_build(tmp_path: Path) -> None:
    lake_folder(tmp_path, {"tests/a.yaml": "tests:\n  one:\n    expect:\n      totals: [{m: 3}]\n"})
    spec = tmp_path / "pipeline.yaml"
    for words in (["check"], ["build"], ["test"], ["check", "--format", "json"], ["check", "--format", "sarif"]):
        if words[-1] == "sarif":
            spec.write_text(spec.read_text().replace("tables:\n", "tables:\n  lost: {zone: trust, source: people}\n"))
        found = command(tmp_path, *words)
        assert found.returncode == 1, words
        said = found.stdout + found.stderr
        assert "unknown column `m` in `totals`" in said, words
        assert "a.yaml" in said
        if words[-1] == "sarif":
            (run,) = json.loads(found.stdout)["runs"]
            rules = run["tool"]["driver"]["rules"]
            assert [rules[one["ruleIndex"]]["id"] for one in run["results"]] == ["N003", "C001"]
        if words[-1] == "json":
            (finding, *_) = json.loads(found.stdout)["diagnostics"]
            assert (finding["path"], finding["line"], finding["column"]) == ("tests/a.yaml", 4, 17)
    assert not (tmp_path / "build").exists()


def test_a_spec_of_another_name_has_the_files_that_are_named(tmp_path: Path) -> None:
    lake_folder(tmp_path, {"tests/a.yaml": "tests:\n  one:\n    expect:\n      totals: [{m: 3}]\n"})
    (tmp_path / "pipeline.yaml").rename(tmp_path / "other.yaml")
    for words, code in ((["check", "other.yaml"], 0), (["test", "tests", "--spec", "other.yaml"], 1)):
        assert command(tmp_path, *words).returncode == code


def test_a_name_is_used_once_in_all_files(tmp_path: Path) -> None:
    one = f"tests:\n  same:\n{GIVEN}    expect: {{totals: [{{n: 2}}]}}\n"
    found = test_command(lake_folder(tmp_path, {"tests/a.yaml": one, "tests/b.yaml": one}))
    assert found.returncode == 1
    assert "tests/b.yaml:2:3" in found.stderr
    assert "tests/a.yaml, line 2" in found.stderr


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "the file is empty"),
        ("test:\n  one: {expect: {rich: []}}\n", "unknown key `test`"),
        ("tests: {}\n", "at least one"),
        ("tests:\n  one: [\n", "invalid YAML"),
        ("tests:\n  one:\n", "must be a mapping"),
    ],
)
def test_a_named_file_has_to_be_one_of_tests(tmp_path: Path, text: str, said: str) -> None:
    found = test_command(lake_folder(tmp_path, {"x.yaml": text}), "x.yaml")
    assert found.returncode == 1
    assert said in found.stderr
    assert "x.yaml" in found.stderr


def test_no_tests_and_no_such_test(tmp_path: Path) -> None:
    lake_folder(tmp_path, {})
    found = test_command(tmp_path)
    assert (found.returncode, found.stdout) == (1, "")
    assert "there are no tests" in found.stderr
    assert "no such file" in test_command(tmp_path, "gone.yaml").stderr


def test_a_query_that_fails_is_told(tmp_path: Path) -> None:
    lake = LAKE.replace("aggregate: {n: count(*)", "aggregate: {n: sum(9223372036854775807 * id)")
    assert load_yaml(SourceText("x", lake))[0] is not None
    (tmp_path / "pipeline.yaml").write_text(
        f"{lake}  big:\n    given: {{matched: [{{id: 2}}]}}\n    expect: {{totals: []}}\n"
    )
    found = test_command(tmp_path, "--junit", "j.xml")
    assert found.returncode == 1
    assert "Traceback" not in found.stderr


def test_rows_of_the_spec_are_there_unless_others_are_given() -> None:
    tables = """  levels: {view: true, values: {columns: {code: int, name: string}, rows: [[1, low], [2, high]]}}
  named: {zone: work, source: levels, filter: code > 1}
"""
    assert LAKE.count("tables:\n") == 1
    text = LAKE.replace("tables:\n", "tables:\n" + tables)
    zone = next(iter(yaml.safe_load(LAKE)["zones"]))
    text = text.replace("zone: work, source: levels", f"zone: {zone}, source: levels")
    tests = """  as they are: {expect: {named: [{code: 2, name: high}]}}
  others:
    given: {levels: [{code: 7, name: lucky}]}
    expect: {named: [{code: 7, name: lucky}]}
"""
    analysis = check_spec(SourceText("pipeline.yaml", text + tests))
    assert analysis.lake is not None, analysis.diagnostics
    made = run_on_duckdb(analysis.lake, build_program(analysis.lake), analysis.tests)
    assert [judge(analysis.lake, test, found).failed for test, found in made] == [False, False]
