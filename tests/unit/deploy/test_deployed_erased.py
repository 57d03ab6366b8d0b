"""`erased --deployed` says where a person still is in the tables and the landing data of a deployed lake."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from generator.cli.main import main
from generator.deploy import athena
from generator.deploy.aws import Aws
from generator.deploy.erasure import asking
from generator.erasure.certificate import schema, scrypt
from generator.runtime.versions import VERSIONS
from tests.conftest import require_iceberg
from tests.unit.deploy.lakes import RUNS, create_iceberg_table, load_table, publish

require_iceberg()
import pyarrow as pa  # noqa: E402

ADA, BOB = "ada@example.com", "bob@example.com"
NOW, THEN, FIRST = RUNS
SPEC = """
version: 1
lake: club
keep_versions: 3
subjects:
  member: {registry: members, keys: ["lower(trim(email))", number]}
zones: {open: {}}
sources:
  members:
    path: members/
    columns:
      email: {type: string, key: eMail, pii: true}
      number: {type: bigint, key: No}
      notes: array<string>
  visits:
    path: visits/
    format: csv
    columns:
      member: {type: bigint, identifies: member.number}
      place: string
tables:
  known:
    zone: open
    source: members
  places:
    zone: open
    source: visits
    group_by: place
    aggregate: {visits: count(*)}
"""
BAD = {"file": "string", "line": "bigint", "reason": "string", "detail": "string", "raw": "string"}
COLUMNS = {
    "sources/members": {"email": "string", "number": "bigint", "notes": "array<string>", "landing_file": "string"},
    "sources/visits": {"member": "bigint", "place": "string", "landing_file": "string"},
    "tables/known": {"email": "string", "number": "bigint", "notes": "array<string>"},
    "tables/places": {"place": "string", "visits": "bigint"},
    "quarantine/members_quarantine": BAD,
    "quarantine/visits_quarantine": BAD,
}
JSON = "org.openx.data.jsonserde.JsonSerDe"
CSV = "org.apache.hadoop.hive.serde2.OpenCSVSerde"
Rows = list[dict[str, Any]]


def member(email: str | None, number: int | None, *notes: str) -> dict[str, Any]:
    return {"email": email, "number": number, "notes": list(notes)}


@dataclass
class Club:
    """A deployed lake of members."""

    aws: Aws
    bucket: str
    database: str
    root: Path
    capsys: pytest.CaptureFixture[str]

    def deploy(self) -> None:
        for folder, columns in COLUMNS.items():
            create_iceberg_table(self.aws, self.database, self.bucket, folder, columns)
        keys = {"case.insensitive": "FALSE", "mapping.email": "eMail", "mapping.number": "No"}
        columns = {"email": "string", "number": "bigint", "notes": "array<string>"}
        self._raw("members", columns, JSON, {"ignore.malformed.json": "TRUE", **keys})
        self._raw("visits", {"member": "string", "place": "string"}, CSV, {"separatorChar": ","})

    def _raw(self, name: str, columns: Mapping[str, str], library: str, serde: Mapping[str, str]) -> None:
        storage: Any = {
            "Columns": [{"Name": column, "Type": kind} for column, kind in columns.items()],
            "Location": f"s3://{self.bucket}/landing/{name}/",
            "SerdeInfo": {"SerializationLibrary": library, "Parameters": dict(serde)},
        }
        table: Any = {
            "Name": f"{name}_raw",
            "StorageDescriptor": storage,
            "Parameters": {"skip.header.line.count": "1"} if library == CSV else {},
        }
        self.aws.glue.create_table(DatabaseName=self.database, TableInput=table)

    def land(self, file: str, text: str) -> None:
        self.aws.s3.put_object(Bucket=self.bucket, Key=f"landing/{file}", Body=text.encode())

    def table(self, name: str) -> Any:
        return load_table(self.aws, self.database, name)

    def publish(self, name: str, run: str, rows: Rows, **noted: Any) -> None:
        arrow = self.table(name).schema().as_arrow()
        publish(self.aws, self.database, name, run, pa.Table.from_pylist(rows, schema=arrow), **noted)

    def branch(self, name: str, branch: str, run: str, rows: Rows, **summary: str) -> int:
        """Rows in a branch of their own, as runs append those by which versions differ."""
        table = self.table(name)
        arrow = pa.Table.from_pylist(rows, schema=table.schema().as_arrow())
        table.append(arrow, {"lake.run": run, **summary}, branch=branch)
        return int(table.refs()[branch].snapshot_id)

    def note(self, name: str, run: str, **noted: Any) -> None:
        table = self.table(name)
        notes = json.loads(table.properties[VERSIONS])
        for one in notes:
            one.update(noted if one["run"] == run else {})
        with table.transaction() as change:
            change.set_properties({VERSIONS: json.dumps(notes)})

    def without_ada(self) -> None:
        """All as it is long after she went."""
        self.publish("members", NOW, [member(BOB, 18)])
        self.publish("visits", NOW, [{"member": 18, "place": "pool"}])
        self.publish("known", NOW, [member(BOB, 18)], inputs={"members": NOW})
        self.publish("places", NOW, [{"place": "pool", "visits": 1}], inputs={"visits": NOW})
        for name in ("members", "visits"):
            self.publish(f"{name}_quarantine", NOW, [])
        self.land("members/1.json", json.dumps({"eMail": BOB, "No": 18, "notes": []}) + "\n")
        self.land("visits/1.csv", "member,place\n18,pool\n")

    def erased(self, *words: str) -> dict[str, Any]:
        given = ["--deployed", "--database", self.database, "--workgroup", "primary", "--json"]
        self.capsys.readouterr()
        ended = main(["erased", *(words or (f"member.email={ADA}",)), *given])
        printed, said = self.capsys.readouterr()
        assert printed, said
        told: dict[str, Any] = json.loads(printed)
        jsonschema.validate(told, json.loads(schema()))
        assert ended == (0 if told["erased"] else 1)
        return told

    def shown(self, *words: str) -> str:
        main(["erased", *(words or (f"member.email={ADA}",)), "--deployed", "--database", self.database,
              "--workgroup", "primary"])  # fmt: skip
        done = self.capsys.readouterr()
        return done.out + done.err


@pytest.fixture
def club(
    aws: Aws, bucket: str, database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Club:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pipeline.yaml").write_text(SPEC)
    made = Club(aws, bucket, database, tmp_path, capsys)
    made.deploy()
    return made


def places(told: dict[str, Any]) -> dict[tuple[str, str], tuple[int | None, bool, int | None]]:
    """What was found: of snapshots by table and run or branch, of landing data by file."""
    return {
        (one["name"], one.get("branch") or one["run"]) if "snapshot" in one else ("landing", one["files"][0]): (
            one["rows"], one["certain"], one["runs"],
        )
        for one in told["findings"]
    }  # fmt: skip


def test_nowhere_is_a_certificate_without_any_value(club: Club) -> None:
    club.without_ada()
    told = club.erased()
    assert told["erased"] and told["findings"] == told["unread"] == told["untold"] == []
    (file,) = club.root.glob("erased-*.json")
    text = file.read_text()
    assert not re.search("(?<![a-z0-9])ada(?![a-z0-9])", text.lower()), "as a word: hex digits may spell it"
    assert json.loads(text) == told
    (email,) = [one for one in told["keys"] if one["key"] == "email"]
    assert email["scrypt"] == [scrypt(ADA, bytes.fromhex(email["salt"]))]
    assert told["rows_of_nobody"] == {"number": 0} and told["last_run"] == NOW
    assert told["looked_at"]["database"] == club.database and told["looked_at"]["files"] == []
    assert {one["table"] for one in told["looked_at"]["snapshots"]} == {one.split("/")[1] for one in COLUMNS}
    assert {one["object"] for one in told["looked_at"]["objects"]} == {"members/1.json", "visits/1.csv"}
    assert any("CloudWatch" in one for one in told["not_looked_at"])
    file.unlink()
    shown = club.shown()
    assert "Nowhere: " in shown and "Not looked at:" in shown and "CloudWatch" in shown


def test_the_current_version_and_older_ones_with_what_was_made_of_them(club: Club) -> None:
    """The key is spelled in another way, the other key is learnt, and a sum over visits can't tell."""
    club.publish("members", FIRST, [member(" ADA@Example.com ", 17), member(BOB, 18)])
    club.publish("visits", FIRST, [{"member": 17, "place": "bar"}, {"member": 18, "place": "pool"}])
    club.publish("places", FIRST, [{"place": "bar", "visits": 1}], inputs={"visits": FIRST})
    club.publish("known", FIRST, [member(" ADA@Example.com ", 17), member(BOB, 18)], inputs={"members": FIRST})
    told = club.erased()
    assert {(one["key"], one["given"], one["values"]) for one in told["keys"]} == {
        ("email", True, 1), ("number", False, 1),
    }  # fmt: skip
    found = places(told)
    assert found == {
        ("members", FIRST): (1, True, 3), ("visits", FIRST): (1, True, 3),
        ("known", FIRST): (1, True, 3), ("places", FIRST): (None, True, 3),
    }  # fmt: skip
    whys = {one["name"]: one["why"] for one in told["findings"]}
    assert whys["members"] == "by email and number" and whys["places"] == "made of rows of theirs: visits"
    assert all(one["current"] for one in told["findings"]) and told["runs_until_gone"] == 3
    club.publish("visits", THEN, [{"member": 18, "place": "pool"}])
    club.publish("places", THEN, [{"place": "pool", "visits": 1}], inputs={"visits": THEN})
    club.without_ada()
    told = club.erased()
    assert places(told) == {
        ("members", FIRST): (1, True, 2), ("visits", FIRST): (1, True, 1),
        ("known", FIRST): (1, True, 2), ("places", FIRST): (None, True, 1),
    }  # fmt: skip
    assert not any(one["current"] for one in told["findings"]) and not list(club.root.glob("erased-*.json"))
    shown = club.shown()
    assert "until these tables have 2 new versions" in shown and f"known, version {FIRST}" in shown


def test_only_in_the_rows_that_left_and_in_what_a_killed_run_wrote(club: Club) -> None:
    club.publish("members", THEN, [member(BOB, 18)])
    club.publish("places", THEN, [{"place": "pool", "visits": 1}], inputs={"visits": NOW})
    club.without_ada()
    club.note("members", NOW, before=THEN)
    snapshot = club.branch("members", f"left_{NOW}", NOW, [member(ADA.upper(), 17)])
    killed = "20261123T000000-dddddd"
    inputs = json.dumps({"visits": 1, "members": snapshot})
    club.branch("places", f"run_{killed}", killed, [{"place": "bar", "visits": 1}], **{"lake.inputs": inputs})
    told = club.erased()
    assert places(told) == {
        ("members", f"left_{NOW}"): (1, True, 2), ("places", f"run_{killed}"): (None, True, 1),
    }  # fmt: skip
    assert f"members, branch left_{NOW}" in club.shown()


def test_a_killed_run_that_nobody_can_tell_of(club: Club) -> None:
    club.without_ada()
    club.branch("places", "run_x", "x", [{"place": "bar", "visits": 1}])
    told = club.erased()
    assert told["untold"] == [{"name": "places", "run": "x", "made_of": "visits", "runs": 1}] and not told["erased"]


def test_only_in_text(club: Club) -> None:
    """A quarantined line, whose file is still there; a note; and a landing file that no run has read."""
    club.without_ada()
    club.land("members/2.json", f'{{"eMail": "{BOB}", "No": 18, "notes": []}}\n{{broken {ADA}\n')
    line = {"file": "members/2.json", "line": 2, "reason": "not_json", "detail": "", "raw": f"{{broken {ADA.title()}"}
    club.publish("members_quarantine", "20261123T000000-dddddd", [line, {**line, "file": "members/gone.json"}])
    club.publish(
        "known", "20261123T000000-dddddd", [member(BOB, 18, "a", f"friend of {ADA}, too"), member(f"l{ADA}", 3)]
    )
    told = club.erased()
    assert {key: one[:2] for key, one in places(told).items()} == {
        ("landing", "members/2.json"): (1, False),
        ("members", "20261123T000000-dddddd"): (2, False),
        ("known", "20261123T000000-dddddd"): (1, False),
    }  # fmt: skip
    (file,) = [one for one in told["findings"] if one["part"] == "landing"]
    assert file["lines"] == [2] and file["why"] == "by text"


def test_landing_files_that_no_run_has_read(club: Club) -> None:
    club.without_ada()
    club.land("members/3.json", json.dumps({"eMail": f" {ADA.upper()}", "No": 17, "notes": []}) + "\n")
    club.land("visits/3.csv", "member,place\n017,bar\n18,pool\n")
    club.land(f"visits/{ADA}.csv", "member,place\n18,pool\n")
    told = club.erased()
    assert places(told) == {
        ("landing", "members/3.json"): (1, True, None),
        ("landing", "visits/3.csv"): (1, True, None),
        ("landing", f"visits/{ADA}.csv"): (None, True, None),
    }  # fmt: skip
    assert {one["why"] for one in told["findings"]} == {"by email and number", "by member", "its name"}


def test_what_cannot_be_looked_into_is_no_certificate(club: Club) -> None:
    club.without_ada()
    club.land("elsewhere/notes.txt", "x")
    told = club.erased()
    assert [one["file"] for one in told["unread"]] == ["elsewhere/notes.txt"] and not told["erased"]
    assert "can't be certified" in club.shown()


def test_documents_are_looked_for_in_what_runs_made_of_them(club: Club) -> None:
    (club.root / "pipeline.yaml").write_text(SPEC.replace("path: members/", "path: members/\n    multiline: true"))
    club.without_ada()
    rows = [
        {**member(ADA, 17), "landing_file": "members/1.json"},
        {**member(BOB, 18), "landing_file": "members/2.json"},
    ]
    club.publish("members", "20261123T000000-dddddd", rows, row_file="landing_file")
    told = club.erased()
    assert places(told)["landing", "members/1.json"] == (1, True, None)
    (one,) = told["unread"]
    assert one["file"] == "members/1.json" and "no run has read it as it is" in one["problem"]


def test_a_normal_form_that_athena_cannot_make_is_no_certificate(club: Club) -> None:
    text = SPEC.replace("lower(trim(email))", "regexp_replace(email, '[+].*@', '@')")
    (club.root / "pipeline.yaml").write_text(text)
    club.without_ada()
    club.publish("known", "20261123T000000-dddddd", [member(ADA, 17)])
    told = club.erased()
    assert places(told)["known", "20261123T000000-dddddd"] == (1, True, 3)
    assert told["unread"] and all("can't make the normal form" in one["problem"] for one in told["unread"])


def test_a_query_that_is_too_long_is_asked_in_parts(club: Club, monkeypatch: pytest.MonkeyPatch) -> None:
    club.publish("known", THEN, [member(ADA, 17)])
    club.publish("known", NOW, [member(ADA, 17), member(" ADA@example.com", 17)])
    lengths = []
    asked = athena.ask
    monkeypatch.setattr(asking, "ask", lambda *args: lengths.append(len(args[-1])) or asked(*args))
    found = places(club.erased())
    assert found == {("known", THEN): (1, True, 2), ("known", NOW): (2, True, 3)}
    longest = max(lengths)
    monkeypatch.setattr(asking, "_LONGEST", longest - 1)
    told = club.erased()
    assert places(told) == found and told["unread"] == []
    monkeypatch.setattr(asking, "_LONGEST", 100)
    told = club.erased()
    assert {one["problem"].split(":")[0] for one in told["unread"]} == {"the query is longer than Athena takes"}


def test_a_table_that_the_spec_lost(club: Club) -> None:
    club.publish("known", NOW, [member(ADA, 17)])
    (club.root / "pipeline.yaml").write_text(SPEC.replace("  known:\n    zone: open\n    source: members\n", ""))
    assert places(club.erased()) == {("known", NOW): (1, True, None)}
    shown = club.shown()
    assert "delete the table: no run does" in shown and "Still there. Delete the tables that no run makes, and" in shown


def test_wrong_words(club: Club) -> None:
    here = ["--deployed", "--database", club.database, "--workgroup", "primary"]
    wrong = (
        (["member.email"], here, "is not of the form", 1),
        (["member.number=x"], here, "member.number is bigint", 1),
        (
            [f"member.email={ADA}"],
            ["--deployed", "--database", "other", "--workgroup", "primary"],
            "AWS doesn't have",
            1,
        ),
        ([f"member.email={ADA}"], ["--deployed"], "terraform", 1),
        ([f"member.email={ADA}"], [*here, "--lake", "x"], "--lake goes with this machine's folders", 2),
        ([f"member.email={ADA}"], ["--database", "x"], "--database goes with --deployed", 2),
    )
    for who, options, problem, code in wrong:
        assert main(["erased", *who, *options]) == code
        assert problem in club.capsys.readouterr().err, problem
    club.aws.glue.delete_table(DatabaseName=club.database, Name="places")
    assert main(["erased", f"member.email={ADA}", *here]) == 1
    assert f"there is no table places in {club.database}: deploy this lake" in club.capsys.readouterr().err
