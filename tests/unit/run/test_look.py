"""Looking at a lake folder: rows of tables, questions to them, and what a change of the spec does to rows."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import pytest

from generator.cli.main import main

SPEC = """\
version: 1
lake: club
subjects: {member: {registry: members, keys: [email]}}
zones: {landing: {}, trusted: {}}
sources:
  members:
    path: members/
    max_bad_rows: 9
    columns: {number: bigint, email: {type: string, pii: true}, plan: string, tags: array<string>, joined: date,
              paid: "decimal(6,2)"}
    unique: [number]
  visits:
    path: visits/
    columns: {number: bigint, minutes: double}
tables:
  paying:
    zone: trusted
    source: members
    filter: plan <> 'free'
  per_member:
    view: true
    source: visits
    join: [{inner: paying, using: number}]
    group_by: number
    aggregate: {email: max(email), minutes: sum(minutes), n: count(*)}
  minutes:
    zone: trusted
    source: per_member
    select: [number, minutes]
"""
MEMBERS: list[dict[str, Any]] = [
    {"number": 1, "email": "ada@x", "plan": "gold", "tags": ["a", "b"], "joined": "2026-01-31", "paid": 12.5},
    {"number": 2, "email": "bob@x", "plan": "free"},
    {"number": 3, "email": "eve@x", "plan": "gold", "tags": []},
    {"number": "x", "email": "mallory@x"},
]
VISITS = [{"number": 1, "minutes": 10}, {"number": 1, "minutes": 5.5}, {"number": 3, "minutes": 1}]


def fill(folder: Path) -> None:
    for name, rows in (("members", MEMBERS), ("visits", VISITS)):
        (folder / "data" / name).mkdir(parents=True)
        (folder / "data" / name / "a.json").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (folder / "pipeline.yaml").write_text(SPEC)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("club")
    fill(folder)
    subprocess.run([sys.executable, "-m", "generator", "run"], cwd=folder, check=True, capture_output=True)
    return folder


@pytest.fixture
def club(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copytree(made, tmp_path / "club")
    monkeypatch.chdir(tmp_path / "club")
    return tmp_path / "club"


Captured = pytest.CaptureFixture[str]


def told(capsys: Captured, *words: str, code: int = 0) -> str:
    assert main(words) == code
    done = capsys.readouterr()
    return done.out if code == 0 else done.err


def rows(capsys: Captured, *words: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(told(capsys, *words, "--json"))["rows"]
    return found


# show -------------------------------------------------------------------------------------------------


def test_rows_are_shown_and_masked(club: Path, capsys: Captured) -> None:
    text = told(capsys, "show", "paying")
    assert "(personal)" in text
    assert "ada@x" not in text
    assert "2 rows; personal data is masked" in text
    assert "[a, b]" in text
    assert "ada@x" in told(capsys, "show", "paying", "--reveal")
    assert "personal" not in told(capsys, "show", "minutes")


def test_conditions_are_those_of_the_spec(club: Path, capsys: Captured) -> None:
    found = rows(capsys, "show", "members", "--where", "email = 'ada@x' and size(tags) = 2")
    assert [one["number"] for one in found] == [1]
    assert found[0] | {"email": "(personal)", "paid": "12.50", "joined": "2026-01-31"} == found[0]
    assert rows(capsys, "show", "minutes", "--where", "minutes > 1", "--limit", "0") == []
    error = told(capsys, "show", "members", "--where", "emial = 'a'", code=1)
    assert "did you mean `email`" in error
    assert "--where:1:" in error


def test_views_and_quarantines_are_shown(club: Path, capsys: Captured) -> None:
    found = rows(capsys, "show", "per_member", "--where", "n > 1")
    assert found == [{"number": 1, "email": "(personal)", "minutes": 15.5, "n": 2}]
    (line,) = rows(capsys, "show", "members_quarantine")
    assert (line["reason"], line["raw"], line["detail"]) == ("wrong_type", "(personal)", "(personal)")
    assert "mallory" in told(capsys, "show", "members_quarantine", "--reveal")
    assert rows(capsys, "show", "visits_quarantine") == []


def test_older_versions_are_shown(club: Path, capsys: Captured) -> None:
    before = json.loads((club / ".lake/catalog.json").read_text())["tables"]["paying"]["versions"][0]["run"]
    with open(club / "data/members/b.json", "w") as file:
        file.write('{"number": 9, "email": "new@x", "plan": "gold"}\n')
    told(capsys, "run")
    assert len(rows(capsys, "show", "paying")) == 3
    assert len(rows(capsys, "show", "paying", "--version", before)) == 2
    assert before in told(capsys, "show", "paying", "--version", "2001", code=1)
    assert "a view has none" in told(capsys, "show", "per_member", "--version", before, code=1)


@pytest.mark.parametrize("end", ["csv", "parquet", "json"])
@pytest.mark.parametrize("reveal", [True, False])
def test_rows_are_written(club: Path, capsys: Captured, end: str, reveal: bool) -> None:
    out = club / f"rows.{end}"
    out.write_text("what was there before")
    told(capsys, "show", "paying", "--out", str(out), *(("--reveal",) if reveal else ()))
    found = duckdb.sql(f"SELECT number, email, paid FROM '{out}' ORDER BY number").fetchall()
    people = ["ada@x", "eve@x"] if reveal else ["(personal)"] * 2
    assert [(row[0], row[1]) for row in found] == list(zip((1, 3), people, strict=True))
    assert float(found[0][2]) == 12.5
    assert not list(club.glob(".rows*"))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("show", "payng"), "did you mean `paying`"),
        (("show", "paying", "--out", "rows.xlsx"), ".csv, .parquet, .json"),
        (("show", "paying", "--out", "gone/rows.csv"), "there is no folder gone"),
        (("show", "paying", "--out", ".lake/catalog.json"), "inside the lake folder"),
        (("show", "paying", "--lake", "nowhere"), "there is no lake in nowhere"),
        (("show", "paying", "--limit", "-1"), "--limit"),
        (("show", "paying", "--where", "1 = 1; drop table x"), "more than one statement"),
        (("query", "drop table paying"), "nothing can be written"),
        (("query", "copy paying to 'x.csv'"), "nothing can be written"),
        (("query", "select * from read_parquet('x')"), "and no files"),
        (("query", "select * from 'data/members/a.json'"), "query:1:"),
        (("query", "select * from `data/members/a.json`"), "unknown table"),
        (("query", "select read_text('/etc/passwd') from paying"), "read_text"),
        (("query", "select * from duckdb_settings"), "unknown table"),
        (("query", "select number from paying order by emial"), "did you mean `email`"),
        (("query", "select distinct number from paying order by email"), "unknown column `email`"),
        (
            ("query", "select plan, count(*) from members group by plan order by email"),
            "neither grouped nor aggregated",
        ),
        (("query", "select number from paying order by 2"), "no column number 2"),
        (("query", "select number from paying limit -1"), "whole number"),
        (("query", "select 1; select 2"), "query:1:"),
    ],
)
def test_what_cannot_be_shown_is_told(club: Path, capsys: Captured, words: tuple[str, ...], said: str) -> None:
    error = told(capsys, *words, code=1)
    assert said in error
    assert "Traceback" not in error
    assert not (club / "x.csv").exists()
    assert json.loads((club / ".lake/catalog.json").read_text())["lake"] == "club"


def test_a_lake_of_another_spec_is_told(club: Path, capsys: Captured) -> None:
    (club / "pipeline.yaml").write_text(SPEC.replace("plan: string", "plan: string, age: int"))
    assert "made by another spec (it has no column `age`)" in told(capsys, "show", "members", code=1)
    (club / "pipeline.yaml").write_text(SPEC.replace("lake: club", "lake: other"))
    assert "is of the lake `club`" in told(capsys, "show", "members", code=1)


# query ------------------------------------------------------------------------------------------------


def test_labels_follow_into_what_a_query_computes(club: Path, capsys: Captured) -> None:
    found = rows(capsys, "query", "select upper(email) as e, substr(email, 1, 1) as c, number from paying order by 3")
    assert found == [{"e": "(personal)", "c": "(personal)", "number": n} for n in (1, 3)]
    (named,) = rows(capsys, "query", "select e from (select email as e from members where number = 1) as x", "--reveal")
    assert named == {"e": "ada@x"}
    (one,) = rows(
        capsys, "query", "select plan, count(*), sum(paid) as s from members group by plan having count(*) > 1"
    )
    assert one == {"plan": "gold", "count(*)": 2, "s": "12.50"}


def test_orders_and_limits(club: Path, capsys: Captured) -> None:
    def numbers(rest: str) -> list[int]:
        return [one["number"] for one in rows(capsys, "query", f"select number, joined from members {rest}")]

    assert numbers("order by number desc") == [3, 2, 1]
    assert numbers("order by joined, number limit 2") == [2, 3]
    assert numbers("order by joined desc, 1") == [1, 2, 3]
    assert numbers("order by joined asc nulls last, number desc") == [1, 3, 2]
    assert [one["number"] for one in rows(capsys, "query", "select number from paying order by email desc")] == [3, 1]
    grouped = "select plan from members group by plan order by count(*) desc, max(number)"
    assert rows(capsys, "query", grouped) == [{"plan": "gold"}, {"plan": "free"}]
    assert rows(capsys, "query", "select m.plan from members m where number < 3 order by upper(m.email) desc") == [
        {"plan": "free"},
        {"plan": "gold"},
    ]
    union = "select number from members union all select number from visits order by number desc limit 2"
    assert [one["number"] for one in rows(capsys, "query", union)] == [3, 3]


def test_views_tables_and_quarantines_go_together(club: Path, capsys: Captured) -> None:
    sql = "select p.number, v.n from paying p left join per_member v on p.number = v.number order by 1"
    assert rows(capsys, "query", sql) == [{"number": 1, "n": 2}, {"number": 3, "n": 1}]
    assert rows(capsys, "query", "select reason, count(*) as n from members_quarantine group by reason") == [
        {"reason": "wrong_type", "n": 1}
    ]


# compare ----------------------------------------------------------------------------------------------


def compared(capsys: Captured, *words: str, code: int = 0) -> dict[str, Any]:
    assert main(("compare", "old.yaml", "--json", *words)) == code
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def change(club: Path, old: str, new: str) -> None:
    (club / "old.yaml").write_text(SPEC)
    assert old in SPEC
    (club / "pipeline.yaml").write_text(SPEC.replace(old, new))


def test_nothing_changes(club: Path, capsys: Captured) -> None:
    change(club, "plan <> 'free'", "not (plan = 'free')")
    assert compared(capsys, "--exit-code")["same"]
    assert "no row of any table changes" in told(capsys, "compare", "old.yaml")


def test_rows_added_gone_and_changed_by_key(club: Path, capsys: Captured) -> None:
    (club / "old.yaml").write_text(SPEC)
    spec = SPEC.replace("plan <> 'free'", "number < 3").replace("sum(minutes)", "max(minutes)")
    (club / "pipeline.yaml").write_text(spec)
    catalog = (club / ".lake/catalog.json").read_bytes()
    found = compared(capsys, "--exit-code", code=1)["tables"]
    paying, minutes = found["paying"], found["minutes"]
    assert (paying["key"], paying["added"], paying["gone"], paying["changed"]) == (["number"], 1, 1, 0)
    assert paying["rows_added"] == [
        {"number": 2, "email": "(personal)", "plan": "free", "tags": None, "joined": None, "paid": None}
    ]
    assert (minutes["changed"], minutes["gone"]) == (1, 1)
    assert minutes["rows_changed"] == [{"key": {"number": 1}, "before": {"minutes": 15.5}, "after": {"minutes": 10.0}}]
    assert minutes["by_column"] == {"minutes": 1}
    assert (club / ".lake/catalog.json").read_bytes() == catalog
    text = told(capsys, "compare", "old.yaml", "--reveal")
    assert "~ number=1: minutes: 15.5 → 10.0" in text
    assert "bob@x" in text
    markdown = told(capsys, "compare", "old.yaml", "--format", "markdown")
    assert "| `minutes` | 2 | 1 |  | -1 | ~1 | number |" in markdown
    assert "! number=1: minutes: 15.5 → 10.0" in markdown
    assert "bob@x" not in markdown


def test_tables_and_columns_that_come_and_go(club: Path, capsys: Captured) -> None:
    (club / "old.yaml").write_text(SPEC)
    spec = SPEC.replace("select: [number, minutes]", "select: [number, {n: cast(n as int)}]").replace(
        "  paying:", "  payers:"
    )
    (club / "pipeline.yaml").write_text(spec.replace("inner: paying", "inner: payers"))
    found = compared(capsys)["tables"]
    assert (found["payers"]["before"], found["payers"]["after"]) == (None, 2)
    assert (found["paying"]["before"], found["paying"]["after"]) == (2, None)
    assert (found["minutes"]["new_columns"], found["minutes"]["gone_columns"]) == (["n"], ["minutes"])
    assert (found["minutes"]["added"], found["minutes"]["changed"]) == (0, 0)


def test_a_label_of_either_spec_masks(club: Path, capsys: Captured) -> None:
    (club / "old.yaml").write_text(SPEC)
    spec = SPEC.replace("email: {type: string, pii: true}", "email: string").replace("plan <> 'free'", "number < 3")
    (club / "pipeline.yaml").write_text(spec.replace("subjects: {member: {registry: members, keys: [email]}}\n", ""))
    assert "bob@x" not in told(capsys, "compare", "old.yaml")


def test_a_spec_that_does_not_run_is_told(club: Path, capsys: Captured) -> None:
    change(club, "  per_member:", "    expect: [{rows: 7}]\n  per_member:")
    assert "the spec doesn't run: paying: it breaks: rows: 7" in told(capsys, "compare", "old.yaml", code=1)
    assert "no such file" in told(capsys, "compare", "gone.yaml", code=1)


def test_compared_with_the_last_commit(club: Path, capsys: Captured) -> None:
    for words in (["init", "-q"], ["add", "pipeline.yaml"], ["commit", "-qm", "x"]):
        subprocess.run(["git", "-c", "user.name=a", "-c", "user.email=a@b", *words], cwd=club, check=True)
    (club / "pipeline.yaml").write_text(SPEC.replace("plan <> 'free'", "true"))
    assert "1 table changes" in told(capsys, "compare")
