"""`erased` says where a person still is, until they are nowhere."""

from __future__ import annotations

import bz2
import gzip
import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import jsonschema
import pytest

from generator.cli.main import main
from generator.erasure.certificate import schema, scrypt
from tests.conftest import ROOT

ADA, BOB = "ada@example.com", "bob@example.com"
SPEC = """
version: 1
lake: club
keep_versions: KEEP
subjects:
  member: {registry: members, keys: ["lower(trim(email))", number]}
zones: {open: {}}
sources:
  members:
    path: members/
    max_bad_rows: 100%
    columns:
      email: {type: string, key: eMail, pii: true}
      number: {type: bigint, key: No}
      notes: array<string>
  visits:
    path: visits/
    format: csv
    delimiter: ";"
    encoding: ENCODING
    max_bad_rows: 100%
    columns:
      member: {type: bigint, identifies: member.number}
      place: string
  letters:
    path: letters/
    format: parquet
    columns:
      sender: {type: string, identifies: member.email}
      about: string
tables:
  known:
    zone: open
    source: members
  seen:
    zone: open
    source: visits
    join: [{semi: members, on: member = number}]
  places:
    zone: open
    source: seen
    group_by: place
    aggregate: {visits: count(*)}
  ciphers:
    zone: open
    source: letters
    select: [{who: "sha2(sender, 256)"}, about]
"""


@dataclass
class Club:
    """A lake of members, in a folder."""

    root: Path
    capsys: pytest.CaptureFixture[str]

    def write(self, file: str, text: str | bytes) -> Path:
        path = self.root / "data" / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    def members(self, *rows: dict[str, Any] | str, file: str = "members/1.json") -> None:
        self.write(file, "".join((row if isinstance(row, str) else json.dumps(row)) + "\n" for row in rows))

    def letters(self, sql: str) -> None:
        (self.root / "data" / "letters").mkdir(parents=True, exist_ok=True)
        duckdb.execute(f"COPY ({sql}) TO '{self.root}/data/letters/1.parquet'")

    def run(self) -> None:
        assert main(["run"]) == 0, self.capsys.readouterr()
        self.capsys.readouterr()

    def erased(self, *words: str) -> dict[str, Any]:
        code = main(["erased", *(words or (f"member.email={ADA}",)), "--json"])
        told: dict[str, Any] = json.loads(self.capsys.readouterr().out)
        jsonschema.validate(told, json.loads(schema()))
        assert code == (0 if told["erased"] else 1)
        return told

    def shown(self, *words: str) -> str:
        main(["erased", *(words or (f"member.email={ADA}",))])
        done = self.capsys.readouterr()
        return done.out + done.err

    def holds(self, *texts: str) -> list[str]:
        """Which files of the lake have a text, by looking at every value of every one."""
        return [file.name for file in (self.root / ".lake").rglob("*") if file.is_file() and any(_has(file, texts))]


def _has(file: Path, texts: tuple[str, ...]) -> Iterator[bool]:
    if file.suffix == ".parquet":
        rows = repr(duckdb.read_parquet(str(file)).fetchall())
        yield any(text in rows for text in texts)
    else:
        yield any(text.encode() in file.read_bytes() for text in texts)


@pytest.fixture
def club(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Club:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    made = Club(tmp_path, capsys)
    spec(made)
    made.members({"eMail": " Ada@Example.com", "No": 17, "notes": []}, {"eMail": BOB, "No": 18, "notes": ["x"]})
    made.write("visits/1.csv", "member;place\n17;pool\n18;pool\n18;bar\n")
    made.letters(f"SELECT '{ADA}' AS sender, 'hello' AS about UNION ALL SELECT '{BOB}', 'a' UNION ALL SELECT NULL, 'b'")
    return made


def spec(club: Club, keep: int = 3, encoding: str = "utf-8") -> None:
    text = SPEC.replace("KEEP", str(keep)).replace("ENCODING", encoding)
    (club.root / "pipeline.yaml").write_text(text)


def places(told: dict[str, Any], *parts: str) -> dict[tuple[str, str], Any]:
    """What was found in landing files, or in the current versions, by part and name."""
    return {
        (one["part"], one["name"] or one["files"][0]): one
        for one in told["findings"]
        if one["part"] in parts and (one["current"] or not one["run"])
    }


@pytest.mark.slow
@pytest.mark.parametrize("keep", [1, 2, 3])
def test_from_the_first_question_to_the_certificate(club: Club, keep: int) -> None:
    spec(club, keep)
    club.run()
    club.members({"eMail": "eve@example.com", "No": 19, "notes": []}, file="members/2.json")
    club.run()  # versions that share files
    told = club.erased()
    assert {(one["key"], one["given"], one["values"]) for one in told["keys"]} == {
        ("email", True, 1), ("number", False, 1),
    }  # fmt: skip
    found = places(told, "landing", "source", "table")
    assert found["landing", "members"]["lines"] == [1] and found["landing", "members"]["rows"] == 1
    assert found["landing", "visits"]["lines"] == [2] and found["landing", "letters"]["lines"] == [1]
    assert found["table", "known"]["rows"] == found["table", "seen"]["rows"] == 1
    assert found["table", "places"]["rows"] is None and "seen" in found["table", "places"]["why"]
    club.members({"eMail": BOB, "No": 18, "notes": ["x"]})
    club.write("visits/1.csv", "member;place\n18;pool\n18;bar\n")
    club.letters(f"SELECT '{BOB}' AS sender, 'a' AS about UNION ALL SELECT NULL, 'b'")
    wanted = max(keep, 2)
    for left in range(wanted, 0, -1):
        told = club.erased()
        assert not places(told, "landing") and told["runs_until_gone"] == left, told["findings"]
        assert not list(club.root.glob("erased-*.json"))
        club.run()
    assert club.erased()["erased"] and club.holds("da@", "hello") == []
    (file,) = club.root.glob("erased-*.json")
    kept = json.loads(file.read_text())
    assert ADA not in file.read_text().lower() and kept["erased"] and kept["findings"] == []
    email = next(one for one in kept["keys"] if one["key"] == "email")
    assert email["scrypt"] == [scrypt(ADA, bytes.fromhex(email["salt"]))]
    assert {one["file"] for one in kept["looked_at"]["files"]} >= {"members/1.json", "catalog.json", "last_run.json"}


@pytest.mark.slow
def test_a_version_that_nobody_can_look_into(club: Club) -> None:
    """Sums keep more versions than their source."""
    text = (club.root / "pipeline.yaml").read_text()
    text = text.replace("    format: csv", "    keep_versions: 1\n    format: csv")
    (club.root / "pipeline.yaml").write_text(text.replace("source: seen", "source: visits"))
    club.run()
    club.members({"eMail": BOB, "No": 18, "notes": []})
    club.letters(f"SELECT '{BOB}' AS sender, 'a' AS about")
    club.write("visits/1.csv", "member;place\n18;pool\n18;bar\n")
    for _ in range(3):
        club.run()
        club.write("visits/more.csv", f"member;place\n18;{os.urandom(4).hex()}\n")
    told = club.erased()
    assert not told["findings"] and {one["name"] for one in told["untold"]} == {"places"} and not told["erased"]
    first = min(one["run"] for one in told["untold"])
    assert "--since RUN" in club.shown() and told["runs_until_gone"] == 2
    told = club.erased(f"member.email={ADA}", "--since", first)
    assert told["erased"] and told["since"] == first


def test_what_nothing_tells_any_more_is_said(club: Club) -> None:
    club.members({"eMail": BOB, "No": 18, "notes": ["x"]})
    club.letters(f"SELECT '{BOB}' AS sender, 'a' AS about")
    club.run()
    told = club.erased()
    assert told["erased"] and told["rows_of_nobody"] == {"number": 1}
    (club.root / next(club.root.glob("erased-*.json"))).unlink()
    assert "1 row has one that no row of the registry has" in club.shown()
    told = club.erased(f"member.email={ADA}", "member.number=017")
    assert places(told, "landing")["landing", "visits"]["lines"] == [2]


def test_all_that_landing_files_may_be(club: Club) -> None:
    spec(club, encoding="utf-16")
    club.members("{broken " + ADA, '{"eMail": 5, "other": "ADA@EXAMPLE.COM"}', {"eMail": "x", "No": 1, "to": ADA})
    club.write("members/2.json.gz", gzip.compress(b'\n{"eMail":"\\u0061da@example.com","No":17}\n'))
    club.write(
        "members/3.json.bz2", bz2.compress(f'{{"eMail":"l{ADA}","No":2}}\n{{"eMail":"{ADA}.au","No":3}}\n'.encode())
    )
    club.write("visits/1.csv", 'member;place\n"17";pool\n1;17\nx17;17\n'.encode("utf-16"))
    club.write("members/_old/4.json", f"copied from {ADA}.")
    club.write("elsewhere/5.txt", f"mailto:{ADA}\n")
    club.write(f"elsewhere/{ADA}.txt", "")
    club.letters(f"SELECT 'x' AS sender, 'y' AS about, ['to', '{ADA}'] AS others")
    club.run()
    told = club.erased()
    found = [one for one in told["findings"] if one["part"] == "landing"]
    assert [(one["files"][0], one["rows"], one["certain"], one["lines"]) for one in found] == [
        ("members/1.json", 3, False, [1, 2, 3]),
        ("members/2.json.gz", 1, True, [2]),
        ("visits/1.csv", 1, True, [2]),
        ("visits/1.csv", 1, False, [4]),
        ("letters/1.parquet", 1, False, [1]),
        ("elsewhere/5.txt", 1, False, [1]),
        (f"elsewhere/{ADA}.txt", None, True, []),
        ("members/_old/4.json", 1, False, [1]),
    ]
    assert places(told, "quarantine")["quarantine", "members"]["rows"] == 2


def test_folders_that_are_linked_and_a_lake_in_the_landing_folder(club: Club) -> None:
    club.run()
    elsewhere = club.root / "far"
    (club.root / "data" / "members").rename(elsewhere)
    (club.root / "data" / "members").symlink_to(elsewhere)
    (club.root / ".lake").rename(club.root / "data" / "lake")
    told = club.erased(f"member.email={ADA}", "--lake", "data/lake")
    assert places(told, "landing")["landing", "members"]["lines"] == [1] and told["unread"] == []


def test_files_that_no_run_has_read_yet(club: Club) -> None:
    club.run()
    club.members({"eMail": "  ADA@example.com ", "No": 20, "notes": []}, file="members/new.json")
    club.write("visits/new.csv", "member;place\n5;x\n20;bar\n")
    told = club.erased()
    found = {one["files"][0]: one["lines"] for one in told["findings"] if one["part"] == "landing"}
    assert found["members/new.json"] in ([], [1]) and found["visits/new.csv"] == [3]


def test_whatever_else_lies_in_the_lake_folder(club: Club) -> None:
    club.run()
    lake = club.root / ".lake"
    (lake / "notes.txt").write_text(f"ask {ADA}, please")
    (lake / ".spark.log").write_text(f"x\n{ADA}\n")
    (lake / "tables" / "known" / "mine").mkdir()
    duckdb.execute(f"COPY (SELECT '{ADA}' AS a) TO '{lake}/tables/known/mine/x.parquet'")
    version = next(lake.glob("tables/known/2*"))
    left = shutil.copy(version / "part-0.parquet", version / "part-9.parquet")  # of a run that was killed
    told = club.erased()
    found = {one["files"][0]: one for one in told["findings"] if one["part"] == "file"}
    killed = found.pop(str(Path(left).relative_to(lake)))
    assert killed["rows"] == 1 and killed["certain"] and killed["runs"] == 1
    assert {name: (one["lines"], one["runs"]) for name, one in found.items()} == {
        "notes.txt": ([1], None), ".spark.log": ([2], 1), "tables/known/mine/x.parquet": ([], None),
    }  # fmt: skip
    club.run()
    assert not Path(left).exists()


def test_a_hash_and_a_note(club: Club) -> None:
    club.members({"eMail": BOB, "No": 18, "notes": ["a", f"friend: {ADA.upper()}!"]})
    club.run()
    told = club.erased()
    found = {(one["name"], one["rows"], one["certain"]) for one in told["findings"] if one["part"] == "table"}
    assert found == {("ciphers", 1, False), ("ciphers", None, True), ("known", 1, False)}


def test_a_table_that_the_spec_lost(club: Club) -> None:
    club.run()
    text = (club.root / "pipeline.yaml").read_text()
    (club.root / "pipeline.yaml").write_text(text.replace("  known:\n    zone: open\n    source: members\n", ""))
    assert places(club.erased(), "table")["table", "known"]["runs"] == 2


def test_what_cannot_be_looked_into_is_no_certificate(club: Club) -> None:
    club.run()
    lake, other = club.root / ".lake", club.write("elsewhere/x.zip", b"PK\x03\x04").parent
    os.mkfifo(other / "pipe")
    (other / "x.gz").write_bytes(gzip.compress(bytes(100))[:-9])
    (lake / "link").symlink_to(club.root / "pipeline.yaml")
    (lake / "tables" / "x.parquet").write_bytes(b"PAR1")
    told = club.erased("member.email=nobody@example.com")
    assert {Path(one["file"]).name for one in told["unread"]} == {"x.zip", "pipe", "x.gz", "link", "x.parquet"}
    assert not list(club.root.glob("erased-*.json"))
    assert "can't be certified" in club.shown("member.email=nobody@example.com")


WRONG = (
    ((), "name somebody"),
    (("member.email",), "is not of the form"),
    (("guest.email=x",), "no subject `guest`"),
    (("member.name=x",), "no key of member"),
    (("member.number=x",), "member.number is bigint"),
    ((f"member.email={ADA}", "--lake", "nowhere"), "there is no lake folder"),
    ((f"member.email={ADA}", "--data", "nowhere"), "there is no folder"),
    ((f"member.email={ADA}", "--data", "state"), "no source has a file"),
    ((f"member.email={ADA}", "--output", "pipeline.yaml"), "is there already"),
    ((f"member.email={ADA}", "--output", "nowhere/x.json"), "there is no folder nowhere"),
)


def test_wrong_words(club: Club) -> None:
    club.run()
    for words, problem in WRONG:
        assert main(["erased", *words]) == 1
        assert problem in club.capsys.readouterr().err
    assert not (club.root / "nowhere").exists()


def test_nothing_is_told_of_others_and_no_value(club: Club) -> None:
    club.run()
    shown = club.shown()
    assert ADA not in shown and BOB not in shown and "17" not in shown.replace("T17", "").replace("-17", "")
    assert "delete line 1" in shown and "run the lake 3 times" in shown


def test_the_page_has_every_field_of_a_certificate() -> None:
    page = (ROOT / "docs" / "erasure.md").read_text(encoding="utf-8")
    known = list(fields(json.loads(schema())))
    assert [name for name, text in known if f"| `{name}` |" not in page or text not in page] == []


def fields(part: Any) -> Iterator[tuple[str, str]]:
    for name, one in part.get("properties", {}).items():
        yield name, one["description"]
        yield from fields(one)
        yield from fields(one.get("items", {}))
