"""Personal data isn't printed by accident, and examples of a broken check show what it is about."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from generator.checks import check_spec
from generator.cli.main import main
from generator.diagnostics import SourceText
from generator.run.build_program import build_program
from generator.run.execute import execute
from generator.run.lake_folder import LakeFolder
from generator.run.masking import MASK, without_values
from generator.run.report import TableReport
from generator.runtime.error import first_line

SPEC = """\
version: 1
lake: club
subjects: {member: {registry: members, keys: [email]}}
zones: {landing: {}, trusted: {}}
sources:
  members:
    path: members/
    columns:
      a1: int
      a2: int
      a3: int
      a4: int
      a5: int
      a6: int
      number: bigint
      email: {type: string, pii: true}
      plan: string
  plans:
    path: plans/
    columns: {plan: string, email: string}
tables:
  people:
    zone: trusted
    source: members
    expect:
      - {unique: number, severity: warn}
      - {values: {plan: [gold, free]}, severity: warn}
      - {not_null: a6, severity: warn}
      - {sql: "a1 < 5 and email like '%@example.com'", severity: warn}
      - {references: {plan: plans.plan}, severity: warn}
      - {rows: 1, severity: warn}
  by_plan:
    zone: trusted
    source: plans
    join:
      - {left: members, as: m, on: plans.plan = m.plan, cardinality: many_to_many}
    select: [plans.plan, plans.email, {number: m.number}, {address: m.email}]
    expect:
      - {unique: [plan, email], severity: warn, name: one each}
      - {sql: "address is null", severity: warn, name: nobody}
"""


class Quiet:
    def started(self, name: str, position: int, total: int) -> None: ...

    def finished(self, report: TableReport) -> None: ...


def told(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """What a command prints on stdout."""
    assert main(words) == 0
    return capsys.readouterr().out


@pytest.fixture
def club(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data/members").mkdir(parents=True)
    (tmp_path / "data/plans").mkdir()
    rows: list[dict[str, Any]] = [
        {"a1": 9, "a6": 1, "number": 1, "email": "ada@example.com", "plan": "gold"},
        {"a1": 1, "number": 2, "email": "bob@example.org", "plan": "silver"},
        {"a1": 1, "a6": 1, "number": 2, "email": "eve@example.com", "plan": "free"},
    ]
    plans = [{"plan": "gold", "email": "sales@example.com"}] * 2
    for name, lines in (("members", rows), ("plans", plans)):
        (tmp_path / f"data/{name}/a.json").write_text("".join(json.dumps(row) + "\n" for row in lines))
    (tmp_path / "pipeline.yaml").write_text(SPEC)
    return tmp_path


def examples(folder: Path, **options: bool) -> dict[str, list[Mapping[str, Any]]]:
    analysis = check_spec(SourceText("pipeline.yaml", SPEC))
    assert analysis.lake is not None, analysis.diagnostics
    report = execute(build_program(analysis.lake), folder / "data", LakeFolder(folder / ".lake"), Quiet(), **options)  # type: ignore[arg-type]
    return {
        f"{table.name}: {check.name}": list(check.examples)
        for table in report.tables
        for check in table.checks
        if check.violations
    }


def test_examples_show_the_key_and_what_the_check_is_about(club: Path) -> None:
    found = examples(club)
    assert found["people: values: plan [gold, free]"] == [{"email": MASK, "plan": "silver"}]
    assert found["people: not_null: a6"] == [{"email": MASK, "a6": None}]
    assert found["people: unique: number"] == [{"number": 2, "#times": 2}]
    sql = found["people: sql: a1 < 5 and email like '%@example.com'"]
    assert sorted(sql, key=lambda row: row["a1"]) == [{"email": MASK, "a1": 1}, {"email": MASK, "a1": 9}]
    assert found["people: references: plan plans.plan"][0].keys() == {"email", "plan"}
    assert found["people: rows: 1"] == []


def test_labels_are_those_of_the_column_and_not_of_one_of_its_name(club: Path) -> None:
    found = examples(club)
    assert found["by_plan: one each"] == [{"plan": "gold", "email": "sales@example.com", "#times": 2}]
    assert found["by_plan: nobody"][0] == {"address": MASK}


def test_reveal_shows_them_and_keeps_them_out_of_the_lake_folder(
    club: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert {"email": "bob@example.org", "plan": "silver"} in examples(club, reveal=True)[
        "people: values: plan [gold, free]"
    ]
    for options, shown in (((), False), (("--reveal",), True)):
        text = told(capsys, "run", "--lake", "other", "--full", *options)
        assert ("bob@example.org" in text) is shown
        assert "bob@example.org" not in (club / "other/last_run.json").read_text()


def test_a_key_that_tells_is_taken_rather_than_a_personal_one(club: Path) -> None:
    spec = SPEC.replace("path: members/", "path: members/\n    unique: [a1]")
    analysis = check_spec(SourceText("pipeline.yaml", spec))
    assert analysis.lake is not None
    people = next(one for one in build_program(analysis.lake).tables if one.name == "people")
    by_name = {check.name: check for check in people.checks}
    assert 'SELECT "#t"."a1", "#t"."a6" FROM' in (by_name["not_null: a6"].examples or "")


def test_simulations_mask(club: Path, capsys: pytest.CaptureFixture[str]) -> None:
    spec = SPEC.replace("zones:", "consent: {mail: {subject: member, when: plan = 'gold'}}\nzones:")
    spec = spec.replace("source: members\n    expect", "source: members\n    filter: plan = 'gold'\n    expect")
    (club / "pipeline.yaml").write_text(spec)
    words = ("simulate", "--withdraw", "member.email=ada@example.com")
    for options, shown in (((), False), (("--reveal",), True), (("--json",), False)):
        text = told(capsys, *words, *options)
        assert ("ada@example.com" in text.replace('"value": "ada@example.com"', "")) is shown, text
        assert "1 row leaves" in text or "--json" in options


def test_the_site_masks_raw_lines(club: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with open(club / "data/members/a.json", "a") as file:
        file.write('{"number": "x", "email": "mallory@example.com"}\n{"email": {"a": "trudy@example.com"}}\n')
    (club / "pipeline.yaml").write_text(SPEC.replace("path: members/", "path: members/\n    max_bad_rows: 10"))
    for words in (["run"], ["docs", "--raw-lines", "2", "--output", "shy"]):
        told(capsys, *words)
    page = (club / "shy/index.html").read_text()
    assert "wrong_type" in page
    assert not any(name in page for name in ("mallory", "trudy", "bob@"))
    told(capsys, "docs", "--raw-lines", "2", "--reveal", "--output", "open")
    assert "mallory" in (club / "open/index.html").read_text()


@pytest.mark.parametrize(
    ("message", "shown"),
    [
        (
            "Conversion Error: Could not convert string 'it's ada@x' to INT64",
            f"Conversion Error: Could not convert string {MASK} to INT64",
        ),
        (
            'Conversion Error: timestamp field value out of range: "1978-13-01", expected format is (YYYY-MM-DD)',
            f"Conversion Error: timestamp field value out of range: {MASK}, expected format is (YYYY-MM-DD)",
        ),
        (
            "Out of Range Error: Overflow in multiplication of INT64 (9223372036854775807 * 2)!",
            f"Out of Range Error: Overflow in multiplication of INT64 {MASK}!",
        ),
        ("no files in data/ada@x", "no files in data/ada@x"),
        ("it breaks: values: plan ['gold']", "it breaks: values: plan ['gold']"),
    ],
)
def test_what_an_engine_says_is_without_values(message: str, shown: str) -> None:
    assert without_values(message) == shown


def test_what_spark_says_is_without_values() -> None:
    said = '[CAST_INVALID_INPUT] The value \'ada@x\' of the type "STRING" cannot be cast to "INT"'
    assert first_line(ValueError(said)) == (
        '[CAST_INVALID_INPUT] The value … of the type "STRING" cannot be cast to "INT"'
    )
    assert first_line(ValueError("members: no files in 'x'")) == "members: no files in 'x'"
