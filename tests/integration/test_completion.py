"""Completion in real shells: what a user gets by pressing Tab."""

from __future__ import annotations

import argparse
import os
import pty
import select
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from generator.cli.commands.completion import SHELLS
from generator.cli.formats.completion import read_parser
from generator.cli.main import command_parser

ROOT = Path(__file__).parents[2]
NAMES = [command.name for command in read_parser(command_parser()).children]
SPEC = """version: 1
lake: test
zones:
  landing: {}
sources:     # raw
    letters:
        path: l/
        columns: {a: int}
tables:

    # the only one
    mail: {zone: landing, source: letters}
    mail_by_day:
        zone: landing
        source: mail
row_counts:
    letters: 3
"""
SOURCES = ["accelerometer_landing", "customer_landing", "step_trainer_landing"]

# bash: the words as bash splits them, the last one being completed.
BASH = """
source "$1"; shift
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMPREPLY=()
_lakegen
printf '%s\\n' "${COMPREPLY[@]}"
"""
# zsh completes at a terminal only: the list that Tab shows is read off one.
ZSH = """
unset zle_bracketed_paste; LISTMAX=9999; stty cols 200; bindkey '^I' list-choices; bindkey '^X' kill-whole-line
autoload -U compinit; compinit -u -D; source script.zsh; print rea''dy
"""


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with specs, files and folders, and the scripts of all shells."""
    folder = tmp_path_factory.mktemp("lake")
    shutil.copy(ROOT / "pipeline.yaml", folder)
    (folder / "other.yaml").write_text(SPEC, encoding="utf-8")
    (folder / "several").mkdir()
    (folder / "several" / "spec.yaml").write_text(
        'version: 1\ninclude: ["more/*.yaml", none/*.yaml]\n', encoding="utf-8"
    )
    (folder / "several" / "listed.yaml").write_text("include:\n  - more/a.yaml # one\n  - more/b*\n", encoding="utf-8")
    (folder / "several" / "more").mkdir()
    for name in ("a", "b"):
        text = f"tables:\n  of_{name}: {{zone: landing, source: letters}}\n"
        (folder / "several" / "more" / f"{name}.yaml").write_text(text, encoding="utf-8")
    (folder / "data").mkdir()
    (folder / "with space").mkdir()
    for shell in SHELLS:
        (folder / f"script.{shell}").write_text(script(shell), encoding="utf-8")
    return folder


def script(shell: str) -> str:
    command = [sys.executable, "-m", "generator", "completion", shell]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout


def bash(folder: Path, *words: str) -> list[str]:
    command = ["bash", "--norc", "-c", BASH, "bash", "script.bash", "lakegen", *words]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    return sorted(done.stdout.split("\n")[:-1]) if done.stdout.strip() else []


@pytest.fixture
def complete(lake: Path, need: Callable[[object, str], None]) -> Callable[..., list[str]]:
    """What bash offers after some words, the last of which is begun."""
    need(shutil.which("bash"), "bash isn't installed")
    return lambda *words: bash(lake, *words)


def test_commands(complete: Callable[..., list[str]]) -> None:
    assert complete("") == sorted(NAMES)
    assert complete("ex") == ["explain"]
    assert complete("--v") == ["--version"]
    assert complete("nonsense", "--h") == ["--help"]


def test_every_command_offers_its_options(complete: Callable[..., list[str]]) -> None:
    for command in read_parser(command_parser()).walk():
        names = {name for option in command.options for name in option.names}
        assert set(complete(*command.path, "-")) == names, command.path


def test_choices(complete: Callable[..., list[str]]) -> None:
    assert complete("diff", "--format", "") == ["json", "markdown", "text"]
    assert complete("diff", "main", "--format", "m") == ["markdown"]
    assert complete("diff", "--format", "=", "j") == ["json"]
    assert complete("completion", "") == ["bash", "fish", "zsh"]
    assert complete("completion", "bash", "") == []


def test_tables_of_the_spec(complete: Callable[..., list[str]]) -> None:
    assert complete("explain", "c") == ["customer_landing", "customer_trusted", "customers_curated"]
    assert [one for one in complete("run", "--select", "") if one.endswith("_landing")] == SOURCES
    assert len(complete("run", "--select", "customer_trusted", "--select", "")) == 8
    assert complete("explain", "--spec", "other.yaml", "") == ["letters", "mail", "mail_by_day"]
    assert complete("explain", "--spec", "=", "other.yaml", "mail_") == ["mail_by_day"]
    assert complete("explain", "--spec", "none.yaml", "") == []
    assert complete("explain", "--spec", "several/spec.yaml", "") == ["of_a", "of_b"]
    assert complete("explain", "--spec", "several/listed.yaml", "") == ["of_a", "of_b"]
    assert complete("explain", "customer_trusted", "") == []


def test_files_and_folders(complete: Callable[..., list[str]]) -> None:
    assert complete("check", "o") == ["other.yaml"]
    assert complete("run", "--spec", "p") == ["pipeline.yaml"]
    assert complete("run", "--data", "d") == ["data"]
    assert complete("run", "--data", "o") == []
    assert complete("sample", "--scale", "") == []


def test_revisions(lake: Path, tmp_path: Path, need: Callable[[object, str], None]) -> None:
    need(shutil.which("git"), "git isn't installed")
    folder = tmp_path / "repository"
    shutil.copytree(lake, folder)
    git = ["git", "-c", "user.name=x", "-c", "user.email=x@example.org"]
    for arguments in (["init", "-q", "-b", "main"], ["add", "."], ["commit", "-qm", "x"], ["tag", "made"]):
        subprocess.run([*git, *arguments], cwd=folder, check=True, env={**os.environ, "GIT_CONFIG_GLOBAL": os.devnull})
    assert bash(folder, "diff", "ma") == ["made", "main"]
    assert bash(folder, "diff", "main", "o") == ["other.yaml"]


def test_nested_commands(complete: Callable[..., list[str]]) -> None:
    nested = next(command for command in read_parser(command_parser()).walk() if command.path and command.children)
    names = sorted(child.name for child in nested.children)
    assert complete(*nested.path, "") == names
    child = nested.children[0]
    option = next(option for option in child.options if option.values is None and "--help" in option.names)
    assert complete(*child.path, "--hel") == [option.names[-1]]


def test_what_a_parser_says() -> None:
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--half", type=float, help="50%% of it")
    parser.add_argument("--in", type=Path, metavar="DIR", action="append")
    parser.add_argument("files", type=Path, nargs="+")
    command = read_parser(parser)
    assert [(option.names, option.help, option.repeatable) for option in command.options] == [
        (("--half",), "50% of it", False),
        (("--in",), "", True),
    ]
    assert [option.values.kind for option in command.options if option.values] == ["", "folder"]
    assert [(one.values.kind, one.repeatable) for one in command.positions] == [("file", True)]


def test_an_unknown_shell() -> None:
    command = [sys.executable, "-m", "generator", "completion", "tcsh"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 2
    assert "choose from" in done.stderr


# The other shells, where they are installed -----------------------------------------------------------


def fish(folder: Path, line: str) -> list[str]:
    code = f"source script.fish; complete -C {line!r}"
    done = subprocess.run(["fish", "--no-config", "-c", code], cwd=folder, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    return sorted(one.split("\t")[0] for one in done.stdout.splitlines())


def zsh(folder: Path, line: str) -> list[str]:
    leader, follower = pty.openpty()
    streams: dict[str, Any] = {"stdin": follower, "stdout": follower, "stderr": follower, "start_new_session": True}
    with subprocess.Popen(["zsh", "-f", "-i"], cwd=folder, env={**os.environ, "TERM": "dumb"}, **streams) as shell:
        os.close(follower)
        os.write(leader, ZSH.strip().replace("\n", "; ").encode() + b"\n")
        read_until(leader, b"ready\r\n")
        os.write(leader, f"{line}\t\x18print do''ne\nexit\n".encode())
        shown = read_until(leader, b"done\r\n").decode()
        shell.wait(timeout=20)
        os.close(leader)
    return sorted({word for one in shown.splitlines() for word in one.split(" -- ")[0].split()})


def read_until(stream: int, mark: bytes) -> bytes:
    found = b""
    while mark not in found:
        assert select.select([stream], [], [], 20)[0], found
        found += os.read(stream, 65536)
    return found.split(mark)[0]


OTHERS = [(shell, run) for shell, run in (("fish", fish), ("zsh", zsh)) if shutil.which(shell)]


@pytest.mark.parametrize("run", [one[1] for one in OTHERS], ids=[one[0] for one in OTHERS])
def test_other_shells(run: Callable[[Path, str], list[str]], lake: Path) -> None:
    assert set(NAMES) <= set(run(lake, "lakegen "))
    assert {"json", "markdown", "text"} <= set(run(lake, "lakegen diff --format "))
    assert {"customer_landing", "customer_trusted"} <= set(run(lake, "lakegen explain cust"))
    assert {"letters", "mail", "mail_by_day"} <= set(run(lake, "lakegen explain --spec other.yaml "))
    assert {"of_a", "of_b"} <= set(run(lake, "lakegen explain --spec several/spec.yaml "))
    assert {"of_a", "of_b"} <= set(run(lake, "lakegen explain --spec several/listed.yaml "))
    assert "accelerometer_trusted" not in run(lake, "lakegen explain --spec other.yaml ")
    assert {"--select", "--data", "--lake"} <= set(run(lake, "lakegen run --"))
    assert "other.yaml" in run(lake, "lakegen check o")
    assert {"plan", "apply"} <= set(run(lake, "lakegen deploy "))
    assert "--var-file" in run(lake, "lakegen deploy plan --var")
