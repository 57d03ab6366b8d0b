"""A suggested test: few rows, nobody's data, and it passes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from generator.cli.main import main
from generator.run.look.stand_ins import StandIns
from generator.run.look.suggest import reduced

SPEC = """\
version: 1
lake: club
subjects: {member: {registry: members, keys: [email]}}
zones: {landing: {}, trusted: {}}
sources:
  members:
    path: members/
    columns: {email: {type: string, pii: true}, born: {type: date, pii: true}, plan: string, at: timestamp,
              home: {type: "struct<town:string,no:int>", pii: true}, weight: {type: double, pii: true}}
  visits:
    path: visits/
    columns: {who: {type: string, identifies: member.email}, minutes: double, place: string}
  blocked: {path: blocked/, columns: {mail: {type: string, pii: true}}}
tables:
  paying: {zone: trusted, source: members, filter: plan = 'gold' and at < current_timestamp()}
  seen:
    view: true
    source: visits
    join: [{inner: paying, on: lower(who) = lower(email)}]
    select: [who, minutes, born, home]
  busy:
    zone: trusted
    source: seen
    join: [{anti: blocked, on: who = mail}]
    group_by: who
    aggregate: {n: count(*), minutes: sum(minutes), born: min(born)}
    filter: minutes > 10
  nobody: {zone: trusted, source: members, filter: plan = 'none'}
"""


@pytest.fixture(scope="module")
def club(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("club")
    members = [
        {"email": f"Person{n}@Mail.org", "born": f"19{n % 90 + 10}-05-17", "plan": ("gold", "free")[n % 2],
         "at": "2024-01-01 00:00:00", "home": {"town": f"Someplace{n}", "no": n}, "weight": 60.5 + n}
        for n in range(80)
    ]  # fmt: skip
    visits = [{"who": f"person{n % 80}@mail.org", "minutes": 15.25, "place": "gym"} for n in range(400)]
    blocked = [{"mail": f"person{n}@mail.org"} for n in range(20)]
    for name, rows in (("members", members), ("visits", visits), ("blocked", blocked)):
        (folder / "data" / name).mkdir(parents=True)
        (folder / f"data/{name}/a.json").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (folder / "pipeline.yaml").write_text(SPEC)
    subprocess.run([sys.executable, "-m", "generator", "run"], cwd=folder, check=True, capture_output=True)
    return folder


def suggested(club: Path, table: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(club)
    assert main(("test", "--suggest", table)) == 0
    return capsys.readouterr().out


SLOW = pytest.mark.slow


@pytest.mark.parametrize("table", [pytest.param("paying", marks=SLOW), "seen", pytest.param("busy", marks=SLOW)])
def test_it_is_short_tells_of_nobody_and_passes(
    club: Path, table: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    text = suggested(club, table, capsys, monkeypatch)
    assert suggested(club, table, capsys, monkeypatch) == text or table == "paying"  # which asks what time it is
    assert not any(word in text.lower() for word in ("person", "someplace", "mail.org", "05-17", "60.5"))
    (test,) = yaml.safe_load(text)["tests"].values()
    rows: dict[str, list[dict[str, Any]]] = test["expect"]
    assert len(rows[table]) == 2
    assert all(len(given) <= 8 for given in test["given"].values())
    (tmp_path / "tests.yaml").write_text(text)
    assert main(("test", str(tmp_path / "tests.yaml"))) == 0
    assert "1 test passed" in capsys.readouterr().out


def test_it_shows_what_is_left_out_and_what_stays(
    club: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (paying,) = yaml.safe_load(suggested(club, "paying", capsys, monkeypatch))["tests"].values()
    given = paying["given"]["members"]
    assert sorted(one["plan"] for one in given) == ["free", "gold", "gold"]
    assert all(one["email"].startswith("email") and one["email"].endswith("@example.com") for one in given)
    assert "now" in paying
    (seen,) = yaml.safe_load(suggested(club, "seen", capsys, monkeypatch))["tests"].values()
    assert "place" not in seen["given"]["visits"][0]
    assert {one["email"].lower() for one in seen["given"]["paying"]} >= {
        one["who"].lower() for one in seen["expect"]["seen"]
    }


@pytest.mark.parametrize(("table", "said"), [("nobody", "no row comes out"), ("members", "it is a source"),
                                             ("bussy", "did you mean `busy`")])  # fmt: skip
def test_what_has_no_example(
    club: Path, table: str, said: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(club)
    assert main(("test", "--suggest", table)) == 1
    assert said in capsys.readouterr().err


def test_numbers_are_reduced_to_those_that_matter() -> None:
    for wanted in ({3}, {0, 999}, {5, 6, 7, 500}, set(range(40)), set()):
        tried = []

        def enough(kept: list[int], wanted: set[int] = wanted, tried: list[int] = tried) -> bool:
            tried.append(len(kept))
            return wanted <= set(kept)

        assert set(reduced(list(range(1000)), enough)) == wanted
        assert len(tried) < 1500


def test_stand_ins_keep_types_and_what_is_equal() -> None:
    tables = {
        "a": ({"m": "Ada@x.org", "n": 70, "t": ["007", None]}, {"m": " ada@x.org", "n": 5, "t": []}),
        "b": ({"k": "ada@x.org", "v": 70, "o": "open"}, {"k": "", "v": None, "o": "open"}),
    }
    made = StandIns({"a": {"m", "n", "t"}, "b": {"k", "v"}}).replaced(tables)
    assert made["a"][0] == {"m": "m1@example.com", "n": 2, "t": ["001", None]}
    assert made["a"][1] == {"m": " M1@EXAMPLE.COM ", "n": 1, "t": []}
    assert made["b"] == ({"k": "M1@EXAMPLE.COM", "v": 2, "o": "open"}, {"k": "", "v": None, "o": "open"})
