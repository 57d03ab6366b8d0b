"""Nothing that any command prints steers a terminal or tells of a person, whatever names and data hold."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

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
    max_bad_rows: 80%
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
tests:
  "a \e[31mred\u202E name":
    description: "\e[2J"
    given: {members: [{email: "\e[31m\u202Ea\r\nb", visits: 1}]}
    expect: {guests: [{email: "\x9b2J\u2028", visits: 1}]}
    breaks: {guests: ["unique: email"]}
"""
GOOD = (
    ("run",), ("run", "--json"), ("check",), ("check", "--format", "json"), ("check", "--format", "sarif"), ("build",),
    ("run", "--spec", "strict.yaml"), ("run", "--spec", "strict.yaml", "--json"),
    ("docs",), ("explain", "guests"), ("explain", "guests", "--json"), ("diff", "old.yaml", "pipeline.yaml"),
    ("diff", "old.yaml", "pipeline.yaml", "--format", "markdown"),
    ("diff", "old.yaml", "pipeline.yaml", "--format", "json"),
    ("simulate", "--withdraw", f"member.email={NASTY}"), ("erased", f"member.email={NASTY}"),
    ("erased", f"member.email={PEOPLE[0].title()}", "--json"), ("init", "data", "--output", "new.yaml"),
    ("test",), ("test", "--json"), ("test", "--junit", "tests.xml"), ("test", "--suggest", "guests"),
    ("show", "members"), ("show", "guests", "--json"), ("show", "members_quarantine"),
    ("query", "select email, visits from members"), ("query", "select * from members_quarantine", "--json"),
    ("compare", "old.yaml"), ("compare", "old.yaml", "--format", "markdown"), ("compare", "old.yaml", "--json"),
    ("import", "script.py"), ("completion", "bash"), ("sample", f"sample{NASTY}"),
)  # fmt: skip
BAD = (
    (NASTY,), ("run", "--select", NASTY), ("run", "--data", NASTY), ("run", "--lake", f"full{NASTY}"), ("run", NASTY),
    ("check", NASTY), ("build", "--output", f"full{NASTY}/x"), ("docs", "--lake", NASTY, "--spec", NASTY),
    ("explain", NASTY), ("diff", NASTY), ("simulate", "--withdraw", NASTY), ("erased", NASTY), ("erased",),
    ("init", NASTY), ("import", NASTY), ("test", NASTY), ("test", "-k", NASTY), ("test", "--suggest", NASTY),
    ("show", NASTY), ("show", "members", "--where", NASTY), ("query", NASTY), ("compare", NASTY),
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
    (tmp_path / "strict.yaml").write_text(SPEC.replace("80%", "0"), encoding="utf-8")
    (tmp_path / "bad.yaml").write_text(SPEC.replace("filter: email", 'filter: "\\e[1mx\\u202E" ||'), encoding="utf-8")
    (tmp_path / "script.py").write_text(f'glueContext.frobnicate("{NASTY}")\nx = "\x1b[31m"\n', encoding="utf-8")
    full = tmp_path / f"full{NASTY}"
    full.mkdir()
    (full / "x").write_text("mine")
    folder = tmp_path / "data" / "mem\x1b[31m\u202ebers"
    folder.mkdir(parents=True)
    rows = [{"email": email, "visits": 2, "\x1b[2J\u202e": 1} for email in (*PEOPLE, PEOPLE[0])]
    rows += [{"email": [PEOPLE[0]], "visits": 1}, {"email": PEOPLE[0], "visits": NASTY}, {"Email": PEOPLE[1]}]
    lines = "".join(json.dumps(row) + "\n" for row in rows) + '{"email": 5}\n\x1b[31m broken\n'
    (folder / f"f{NASTY}.json").write_text(lines, encoding="utf-8")
    return tmp_path


def printed(words: tuple[str, ...], capfd: pytest.CaptureFixture[str]) -> str:
    main(words)
    done = capfd.readouterr()
    return done.out + done.err


@pytest.mark.parametrize("words", [*GOOD, *BAD], ids=lambda words: " ".join(words).encode("unicode_escape").decode())
def test_nothing_printed_steers_a_terminal_or_tells_of_people(
    club: Path, capfd: pytest.CaptureFixture[str], words: tuple[str, ...]
) -> None:
    if words[0] in ("docs", "erased", "show", "query") or "--suggest" in words:
        printed(("run",), capfd)
    shown = printed(words, capfd)
    assert shown and not CONTROL.search(shown)
    assert not any(person in shown for person in PEOPLE)
    kept = club / ".lake" / "last_run.json"
    told = kept.read_text(encoding="utf-8") if kept.exists() else ""
    assert not any(person in told for person in PEOPLE) and ("(personal)" in told or words != ("run",))


@pytest.mark.parametrize("words", [("check", "a\0b"), ("run", "--lake", "a\0b"), ("sample", "a\0b")])
def test_null_characters_are_wrong_usage(capfd: pytest.CaptureFixture[str], words: tuple[str, ...]) -> None:
    assert main(words) == 2 and "null character" in capfd.readouterr().err


NAMES = st.text(
    st.one_of(st.characters(min_codepoint=1, max_codepoint=0x9F), st.characters(categories=["Cc", "Cf", "Zl", "Zp"])),
    min_size=1, max_size=12,
)  # fmt: skip
COMMANDS_OF_A_LAKE = (
    ("check",), ("check", "--format", "json"), ("check", "--format", "sarif"), ("run",), ("run", "--json"),
    ("explain", "guests"), ("explain", "guests", "--json"), ("diff", "old.yaml", "pipeline.yaml"),
    ("diff", "old.yaml", "pipeline.yaml", "--format", "markdown"), ("simulate", "--withdraw", "member.email=person-0"),
    ("erased", "member.email=person-0"), ("erased", "member.email=person-0", "--json"),
    ("docs",), ("init", "data", "--output", "new.yaml", "--force"),
)  # fmt: skip


def as_yaml(spec: Any) -> str:
    """A spec on one line, with escapes of YAML for all that isn't plain."""
    return re.sub(r"[^ -~]", lambda found: f"\\U{ord(found[0]):08x}", json.dumps(spec, ensure_ascii=False))


@pytest.mark.slow
@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_no_text_whatever_steers_a_terminal_or_tells_of_people(
    tmp_path_factory: pytest.TempPathFactory, capfd: pytest.CaptureFixture[str], data: st.DataObject
) -> None:
    """The same for random texts in every place of a spec, and of the data, that takes one."""
    folder = tmp_path_factory.mktemp("club")
    text, file, key, value, other = (data.draw(NAMES) for _ in range(5))
    people = data.draw(st.sampled_from([2, 3]))  # three: one of them twice, which a registry must not have
    plain = text.replace("'", "").replace("\\", "")
    spec: dict[str, Any] = {
        "version": 1, "lake": "club",
        "subjects": {"member": {"registry": "members", "keys": ["email"]}},
        "zones": {"open": {"pii": "allow"}},
        "sources": {"members": {"path": "members/", "max_bad_rows": data.draw(st.sampled_from(["90%", 0])),
            "description": text, "columns": {"email": {"type": "string", "identifies": "member.email", "key": key},
                                             "note": {"type": "string", "description": other}, "visits": "int"}}},
        "tables": {"guests": {"source": "members", "zone": "open", "description": other,
            "filter": f"note <> '{plain}' or visits > 0",
            "expect": [{"values": {"email": [value]}}, {"unique": ["email"]}, {"between": {"visits": {"max": 0}}}]}},
    }  # fmt: skip
    (folder / "pipeline.yaml").write_text(as_yaml(spec), encoding="utf-8")
    (folder / "old.yaml").write_text(
        as_yaml({**spec, "tables": {"guests": {**spec["tables"]["guests"], "filter": "visits > 1"}}}), encoding="utf-8"
    )
    (folder / "data/members").mkdir(parents=True)
    rows = [{key: f"person-{number % 2}{value}", "note": text, "visits": 1, other: 1} for number in range(people)]
    rows += [{key: ["person-3"], "visits": 1}, {key: "person-4", "visits": text}]
    lines = "".join(f"{json.dumps(row)}\n" for row in rows) + value
    name = file.replace("/", "").replace("\x00", "").replace(":", "") + ".json"
    (folder / "data/members" / f"f{name}").write_text(lines, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patched:
        patched.chdir(folder)
        patched.setenv("XDG_STATE_HOME", str(folder / "state"))
        for words in COMMANDS_OF_A_LAKE:
            shown = printed(words, capfd)
            assert not CONTROL.search(shown), words
            assert "person-" not in shown.replace("person-0", "", 1 if words[0] == "simulate" else 0), words


def test_every_command_is_tried() -> None:
    names = set(COMMANDS)
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
