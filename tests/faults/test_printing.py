"""Nothing that any command prints steers a terminal or tells of a person, whatever names and data hold."""

from __future__ import annotations

import json
import re
from contextlib import suppress
from pathlib import Path

import pytest

from generator.cli.main import COMMANDS, main

CONTROL = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]"
)
NASTY = "a\x1b[31mb\x07\r\u202ec\x9b2J\u2028d\x7f\u200f\ufeff"
PEOPLE = ("grace@example.net", "bob@example.net")
SPEC = r"""
version: 1
lake: club
subjects:
  member:
    registry: members
    keys: [email]
zones:
  open: {pii: allow}
sources:
  members:
    path: "mem\e[31m\u202Ebers/"
    description: "a \e]0;title\a \x9b2J \u2028 text"
    columns:
      email: {type: string, identifies: member.email, description: "\e[2J"}
      visits: int
tables:
  guests:
    source: members
    zone: open
    description: "a \e[31mred\u202E line"
    filter: email <> '\e[31m\u202e'
    expect:
      - between: {visits: {max: 1}}
      - unique: [email]
      - values: {email: ["\e[0m\r\n\u202E"]}
"""
GOOD = (
    ("run",), ("run", "--json"), ("check",), ("check", "--format", "json"), ("check", "--format", "sarif"), ("build",),
    ("docs",), ("explain", "guests"), ("explain", "guests", "--json"), ("diff", "old.yaml", "pipeline.yaml"),
    ("diff", "old.yaml", "pipeline.yaml", "--format", "markdown"),
    ("diff", "old.yaml", "pipeline.yaml", "--format", "json"),
    ("simulate", "--withdraw", f"member.email={NASTY}"), ("init", "data", "--output", "new.yaml"),
    ("import", "script.py"), ("completion", "bash"), ("sample", f"sample{NASTY}"),
)  # fmt: skip
BAD = (
    (NASTY,), ("run", "--select", NASTY), ("run", "--data", NASTY), ("run", "--lake", f"full{NASTY}"), ("run", NASTY),
    ("check", NASTY), ("build", "--output", f"full{NASTY}/x"), ("docs", "--lake", NASTY, "--spec", NASTY),
    ("explain", NASTY), ("diff", NASTY), ("simulate", "--withdraw", NASTY), ("init", NASTY), ("import", NASTY),
    ("completion", NASTY), ("sample", f"full{NASTY}"), ("deploy", "plan", "--spec", NASTY), ("upload", NASTY, NASTY),
    ("start", "--spec", NASTY), ("status", "--spec", NASTY), ("verify", "--spec", NASTY),
    ("rollback", NASTY, "--spec", NASTY), ("emulate", "--spec", NASTY), ("check", "bad.yaml"),
    ("run", "--spec", "bad.yaml"),
)  # fmt: skip


@pytest.fixture
def club(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A lake whose checks fail on rows with personal data, with names and keys that steer terminals everywhere."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    (tmp_path / "pipeline.yaml").write_text(SPEC, encoding="utf-8")
    (tmp_path / "old.yaml").write_text(
        SPEC.replace("red", "blue\\r\\n\\e[1m").replace("max: 1", "max: 2"), encoding="utf-8"
    )
    (tmp_path / "bad.yaml").write_text(SPEC.replace("filter: email", 'filter: "\\e[1mx\\u202E" ||'), encoding="utf-8")
    (tmp_path / "script.py").write_text(f'glueContext.frobnicate("{NASTY}")\nx = "\x1b[31m"\n', encoding="utf-8")
    full = tmp_path / f"full{NASTY}"
    full.mkdir()
    (full / "x").write_text("mine")
    folder = tmp_path / "data" / "mem\x1b[31m\u202ebers"
    folder.mkdir(parents=True)
    rows = [{"email": email, "visits": 2, "\x1b[2J\u202e": 1} for email in (*PEOPLE, PEOPLE[0])]
    lines = "".join(json.dumps(row) + "\n" for row in rows) + '{"email": 5}\n\x1b[31m broken\n'
    (folder / f"f{NASTY}.json").write_text(lines, encoding="utf-8")
    return tmp_path


def printed(words: tuple[str, ...], capfd: pytest.CaptureFixture[str]) -> str:
    with suppress(SystemExit):  # wrong usage
        main(words)
    done = capfd.readouterr()
    return done.out + done.err


@pytest.mark.parametrize("words", [*GOOD, *BAD], ids=lambda words: " ".join(words).encode("unicode_escape").decode())
def test_nothing_printed_steers_a_terminal_or_tells_of_people(
    club: Path, capfd: pytest.CaptureFixture[str], words: tuple[str, ...]
) -> None:
    if words[0] == "docs":
        printed(("run",), capfd)
    shown = printed(words, capfd)
    assert shown and not CONTROL.search(shown)
    assert not any(person in shown for person in PEOPLE)
    kept = club / ".lake" / "last_run.json"
    assert not kept.exists() or not any(person in kept.read_text(encoding="utf-8") for person in PEOPLE)


def test_every_command_is_tried() -> None:
    names = {module.__name__.rsplit(".", 1)[1].rstrip("_") for module in COMMANDS}
    assert names == {words[0] for words in (*GOOD, *BAD)} - {NASTY}
    assert names - {words[0] for words in GOOD} == {
        "deploy",
        "upload",
        "start",
        "status",
        "verify",
        "rollback",
        "emulate",
    }
