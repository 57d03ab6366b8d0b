"""The command line as a whole: the same words in every command, help that fits, answers to what was misspelled."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import click
import pytest

from generator.cli.main import COMMANDS, main
from tests.command_line import every_command, options_of
from tests.conftest import ROOT

ALL = dict(every_command())


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copy(ROOT / "pipeline.yaml", tmp_path)
    (tmp_path / "tests").mkdir()
    shutil.copy(ROOT / "tests/stedi.yaml", tmp_path / "tests")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_same_words_everywhere() -> None:
    for words, command in ALL.items():
        options = options_of(command)
        assert {"-h", "--help"} <= options, words
        assert isinstance(command, click.Group) or {"-q", "--quiet"} <= options, words
        assert ("--json" in options) == ("--format" in options), words
        assert "--spec" in options or "--var" not in options, words
    defaults = {
        (option, str(one.default))
        for command in ALL.values()
        for one in command.params
        for option in ("--lake", "--terraform", "--format", "--engine")
        if option in one.opts and one.default
    }
    assert len(defaults) == 4


@pytest.mark.parametrize("words", ["", *ALL])
def test_help_fits_eighty_columns(words: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*words.split(), "--help"]) == 0
    shown = capsys.readouterr().out
    assert all(len(line) <= 80 for line in shown.splitlines()), shown
    assert f"python -m generator {words}" in shown or not words


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["-h"]) == 0
    shown = capsys.readouterr().out
    assert all(f"\n  {name} " in shown for name in COMMANDS)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["chekc"], "there is no command `chekc`; did you mean `check`?"),
        (["deploy", "aply"], "there is no action `aply`; did you mean `apply`?"),
        (["run", "--exlude", "x"], "there is no option `--exlude`; did you mean `--exclude`?"),
        (["diff", "--format", "jsn"], "'jsn' is not one of 'text', 'markdown', 'json'"),
        (["check", "--json", "--format", "sarif"], "--json is --format json: it doesn't go with --format sarif"),
        (["check", "a.yaml", "--spec", "b.yaml"], "two specs: --spec b.yaml, and a.yaml"),
        (["check", "--spec", "b.yaml", "a.yaml"], "two specs: --spec b.yaml, and a.yaml"),
        (["diff", "--exit-code", "--fail-on", "risk"], "--exit-code is --fail-on change: give one of them"),
        (["init", "data", "--name", "Shop!"], "`Shop!` is no name of a lake"),
        (["show"], "Missing argument 'TABLE'"),
        ([], "a command is missing"),
    ],
)
def test_wrong_usage_ends_with_two(words: list[str], told: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words) == 2
    shown = capsys.readouterr()
    assert shown.out == "" and shown.err.startswith("error: ")
    assert told in shown.err.splitlines()[0] and "sage: " in shown.err


def test_json_in_two_spellings(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for words in (["check"], ["explain", "C001"], ["explain", "customer_trusted"], ["test"]):
        found = []
        for spelling in (["--json"], ["--format", "json"], ["--format", "json", "--json"]):
            assert main([*words, *spelling]) == 0
            found.append(json.loads(capsys.readouterr().out))
        assert len({str(sorted(one)) for one in found}) == 1


def test_the_spec_as_an_argument_works_as_before(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "pipeline.yaml").rename(folder / "other.yaml")
    for words in (["check", "--spec", "other.yaml"], ["check", "other.yaml"], ["build", "other.yaml", "--diff"]):
        assert main(words) == 0, words
    assert "[SPEC]" not in capsys.readouterr().out
    assert main(["check"]) == 1 and "pipeline.yaml" in capsys.readouterr().err


def test_quiet(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for words in (["check"], ["build"], ["build", "--check"], ["test"], ["sample", "data"], ["run"], ["docs"]):
        assert main([*words, "-q"]) == 0, words
        assert capsys.readouterr() == ("", ""), words
    assert main(["show", "customer_trusted", "--limit", "1", "-q"]) == 0
    assert "customer" in capsys.readouterr().out


def test_quiet_says_what_is_wrong(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "-q", "--data", "nothing"]) == 1
    assert "failed customer_landing: no files in" in capsys.readouterr().out
    assert main(["build", "--check", "-q"]) == 1
    assert "is not current" in capsys.readouterr().err
    spec = folder / "pipeline.yaml"
    spec.write_text(spec.read_text(encoding="utf-8").replace("zone: trusted", "zone: trust"), encoding="utf-8")
    assert main(["check", "-q"]) == 1
    assert "did you mean `trusted`?" in capsys.readouterr().out
