"""Numbers, lists and files of any size: a sentence, and soon."""

from __future__ import annotations

import difflib
import gzip
import json
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from generator.cli.main import main
from generator.diagnostics import Diagnostic, suggestion
from generator.run.landing import files as landing_files
from generator.scratch import scratch_folder

ROOT = Path(__file__).parents[2]
SPEC = """\
version: 1
lake: club
zones:
  open: {pii: allow}
sources:
  members:
    path: members/
    columns:
      email: string
      visits: int
      price: decimal(10,2)
tables:
  guests:
    source: members
    zone: open
"""
MANY = 10_000
LONG = "9" * 5000
VALUES = ", ".join(f"'v{number}'" for number in range(MANY))


@pytest.fixture
def lake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    (tmp_path / "pipeline.yaml").write_text(SPEC, encoding="utf-8")
    (tmp_path / "data" / "members").mkdir(parents=True)
    (tmp_path / "data" / "members" / "a.json").write_text('{"email": "a", "visits": 1, "price": 1.5}\n')
    return tmp_path


class Late(BaseException):
    """A command takes so long that it may never end."""


def command(*words: str, seconds: float = 90) -> int:
    """The exit code of a command, which has to end in time."""

    def late(*_: object) -> None:
        raise Late(f"{words} takes more than {seconds} s")

    before = signal.signal(signal.SIGALRM, late)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        return main(words)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@pytest.mark.parametrize(
    "text",
    [
        "row_counts: {guests: 1e999999999}",
        "    expect:\n      - between: {price: {max: 1e999999999}}",
        "    expect:\n      - between: {visits: {min: -1e999999999}}",
        "    expect:\n      - between: {price: {min: 1e-999999999}}",
        "    add: {x: 1e999999999}",
        f"    add: {{x: {LONG}}}",
        f"    filter: visits = {LONG}",
        f"    add: {{x: date'2024-01-01' + interval {LONG} day}}",
        f"    filter: email rlike 'a{{{LONG}}}'",
        r"    filter: email = '\U00110000'" + LONG,
        f"row_counts: {{guests: {LONG}}}",
        f"    keep_versions: {LONG}",
        f"    expect:\n      - values: {{visits: [{LONG}]}}",
        "    ? [a, b]\n    : 1",
        '    "a\\0b": 1',
    ],
)
def test_what_is_too_large_is_an_error_with_its_place(
    lake: Path, capsys: pytest.CaptureFixture[str], text: str
) -> None:
    (lake / "pipeline.yaml").write_text(f"{SPEC}{text}\n", encoding="utf-8")
    assert command("check") == 1
    shown = capsys.readouterr().out
    assert "pipeline.yaml:1" in shown and len(shown) < 10_000


@pytest.mark.parametrize("kind", [f"decimal({LONG},2)", "decimal(²,1)", f"array<decimal(3,{LONG})>"])
def test_a_type_with_digits_that_no_number_has(lake: Path, capsys: pytest.CaptureFixture[str], kind: str) -> None:
    (lake / "pipeline.yaml").write_text(SPEC.replace("decimal(10,2)", kind), encoding="utf-8")
    assert command("check") == 1
    assert "pipeline.yaml:11" in capsys.readouterr().out


def test_a_path_with_a_null_character(lake: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (lake / "pipeline.yaml").write_text(SPEC.replace("members/", '"mem\\0bers/"'), encoding="utf-8")
    assert command("run") == 1
    assert "pipeline.yaml:7" in capsys.readouterr().err


@pytest.mark.slow
def test_a_list_of_very_many_values(lake: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (lake / "pipeline.yaml").write_text(f"{SPEC}    filter: email in ({VALUES}, 'a')\n", encoding="utf-8")
    assert command("run") == 0
    assert command("build") == 0
    spec = f"{SPEC}    expect:\n      - values: {{email: [{VALUES}, a]}}\n"
    (lake / "pipeline.yaml").write_text(spec, encoding="utf-8")
    assert command("run") == 0
    assert command("build") == 1
    assert "a Data Quality ruleset of" in capsys.readouterr().err


def test_thousands_of_unknown_columns(lake: Path, capsys: pytest.CaptureFixture[str]) -> None:
    added = ", ".join(f"x{number}: cal_{number}" for number in range(3000))
    (lake / "pipeline.yaml").write_text(f"{SPEC}    add: {{{added}}}\n", encoding="utf-8")
    assert command("check") == 1
    shown = capsys.readouterr().out
    assert "… and 2,900 more" in shown and shown.endswith("3,000 errors\n") and len(shown) < 100_000


def test_suggestions_among_very_many_names(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each unknown name is compared with few of them: thousands of both would take minutes."""
    compared = []

    def matches(word: str, possibilities: list[str], **options: Any) -> list[str]:
        compared.append(len(possibilities))
        return real(word, possibilities, **options)

    real = difflib.get_close_matches
    monkeypatch.setattr(difflib, "get_close_matches", matches)
    known = [f"column_{number}" for number in range(3000)]
    assert suggestion("colunm_1234", known) == ("did you mean `column_1234`?",)
    assert suggestion("xolumn_2999", known) == ("did you mean `column_2999`?",)
    assert max(compared) <= 100


def test_a_finding_quotes_no_whole_file() -> None:
    found = Diagnostic("C001", "x" * 5_000_000, label="y" * 5_000_000, help=("z" * 5_000_000,))
    assert max(map(len, (found.message, found.label, *found.help))) < 5000


def test_a_description_that_is_longer_than_aws_takes(lake: Path) -> None:
    (lake / "pipeline.yaml").write_text(f"{SPEC}    description: {'ü€' * 5000}\n", encoding="utf-8")
    assert command("build") == 0
    rendered = (lake / "build/terraform/lake_tables.tf").read_text(encoding="utf-8")
    (line,) = [line for line in rendered.splitlines() if "ü€" in line]
    assert 2000 < len(line.partition('"')[2].rstrip('"').encode()) <= 2048


# Landing data ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["b.json.gz", "b.json"])
def test_a_line_without_end(
    lake: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(landing_files, "MAX_LINE", 40_000_000)
    path = lake / "data/members" / name
    with gzip.open(path, "wb", 1) if name.endswith(".gz") else open(path, "wb") as file:
        for _ in range(64):
            file.write(bytes(1 << 20))
    assert command("run") == 1
    shown = capsys.readouterr().out
    assert f"members/{name}: " in shown and "which is no record" in shown


@pytest.mark.slow
@pytest.mark.parametrize("keys", [("un_known_{key}",), ("un_known_{key}_{line}", "other_{key}_{line}")])
def test_lines_with_thousands_of_undeclared_keys(
    lake: Path, capsys: pytest.CaptureFixture[str], keys: Sequence[str]
) -> None:
    """As where names are used as values: what is remembered of them is bounded, and so is what is shown."""
    with open(lake / "data/members/b.json", "w", encoding="utf-8") as file:
        for line in range(40):
            extra = {form.format(key=key, line=line): 1 for form in keys for key in range(5000 // len(keys))}
            file.write(json.dumps({"email": f"m{line}", "visits": 1, "price": 1.5, **extra}) + "\n")
    assert command("run", seconds=30) == 0
    shown = capsys.readouterr().out
    assert "and " in shown and " more" in shown and len(shown) < 3_000
    assert sum(file.stat().st_size for file in (lake / ".lake").rglob("*.json")) < 2_000_000


@pytest.mark.skipif(sys.platform == "darwin", reason="names of files are always UTF-8 there")
@pytest.mark.parametrize("name", [b"b\xff.json", "b\x1b[31m\n\u202e.json".encode()])
def test_a_bad_line_in_a_file_with_an_odd_name(lake: Path, capsys: pytest.CaptureFixture[str], name: bytes) -> None:
    with open(os.fsencode(lake / "data/members") + b"/" + name, "w") as file:
        file.write('{"email": "b", "visits": 1, "price": 1.5}\nbroken\n')
    assert command("run") == 1
    shown = capsys.readouterr()
    assert "not valid JSON" in shown.out and "\n\N{REPLACEMENT CHARACTER}" not in shown.out + shown.err
    spec = (lake / "pipeline.yaml").read_text(encoding="utf-8")
    (lake / "pipeline.yaml").write_text(spec.replace("members/", "members/\n    max_bad_rows: 1"), encoding="utf-8")
    assert command("run") == 0
    assert "1 line quarantined" in capsys.readouterr().out


KILLED = """
import os, signal, sys
from generator.scratch import scratch_folder
with scratch_folder("landing-") as folder:
    (folder / "people.json").write_text("ada@example.com")
    print(folder, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_a_killed_run_unpacked_goes_with_the_next_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", KILLED], env=environment, stdout=subprocess.PIPE, text=True, check=False
    )
    left = Path(done.stdout.strip())
    assert done.returncode == -signal.SIGKILL and left.is_relative_to(tmp_path) and left.exists()
    (left.parent / "link").symlink_to(tmp_path, target_is_directory=True)
    with scratch_folder("one-") as one, scratch_folder("two-") as two:
        assert not left.exists() and one.exists() and two.exists()
    assert sorted(path.name for path in left.parent.iterdir()) == [".lock", "link"]
    assert left.parent.stat().st_mode & 0o077 == 0 and tmp_path.exists()


def test_a_place_that_somebody_else_made_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    (tmp_path / f"lakegen-{os.getuid()}").mkdir()
    (tmp_path / f"lakegen-{os.getuid()}").chmod(0o777)
    with scratch_folder("one-") as folder:
        assert folder.parent.stat().st_mode & 0o077 == 0
