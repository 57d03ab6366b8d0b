"""Completion: what a user gets by pressing Tab, asked of the program, and of real shells."""

from __future__ import annotations

import os
import pty
import select
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from generator.cli.completing import SHELLS
from generator.cli.main import ASKING, COMMANDS, main
from tests.command_line import every_command, options_of

ROOT = Path(__file__).parents[2]
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
Complete = Callable[..., list[str]]


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with specs, files and folders, and the scripts of all shells."""
    folder = tmp_path_factory.mktemp("lake")
    shutil.copy(ROOT / "pipeline.yaml", folder)
    (folder / "other.yaml").write_text(SPEC, encoding="utf-8")
    (folder / "broken.yaml").write_text("tables: {a: [", encoding="utf-8")
    (folder / "several" / "more").mkdir(parents=True)
    (folder / "several" / "spec.yaml").write_text(
        'version: 1\ninclude: ["more/*.yaml", none/*.yaml]\n', encoding="utf-8"
    )
    (folder / "several" / "listed.yaml").write_text("include:\n  - more/a.yaml # one\n  - more/b*\n", encoding="utf-8")
    for name in ("a", "b"):
        text = f"tables:\n  of_{name}: {{zone: landing, source: letters}}\n"
        (folder / "several" / "more" / f"{name}.yaml").write_text(text, encoding="utf-8")
    (folder / "data").mkdir()
    for shell in SHELLS:
        command = [sys.executable, "-m", "generator", "completion", shell]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
        (folder / f"script.{shell}").write_text(done.stdout, encoding="utf-8")
    return folder


@pytest.fixture
def complete(lake: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]) -> Complete:
    """What the program answers after some words, as bash splits them, the last of which is begun."""
    monkeypatch.chdir(lake)

    def answered(*words: str) -> list[str]:
        monkeypatch.setenv(ASKING, "bash_complete")
        monkeypatch.setenv("COMP_WORDS", " ".join(("lakegen", *words)))
        monkeypatch.setenv("COMP_CWORD", str(len(words)))
        assert main([]) == 0
        out, err = capfdbinary.readouterr()
        assert err == b""
        return sorted(line.replace("plain,", "") for line in out.decode().splitlines() if line)

    return answered


def test_commands(complete: Complete) -> None:
    assert complete("") == sorted(COMMANDS)
    assert complete("ex") == ["explain"]
    assert complete("--v") == ["--version"]
    assert complete("deploy", "") == ["apply", "destroy", "plan"]
    assert complete("deploy", "plan", "--ex") == ["--exit-code"]


def test_every_command_offers_its_options(complete: Complete) -> None:
    for words, command in every_command():
        assert set(complete(*words.split(), "-")) == options_of(command), words


def test_choices(complete: Complete) -> None:
    assert complete("diff", "--format", "") == ["json", "markdown", "text"]
    assert complete("diff", "main", "--format", "m") == ["markdown"]
    assert complete("diff", "--format", "=", "j") == ["json"]
    assert complete("completion", "") == ["bash", "fish", "zsh"]
    assert complete("completion", "bash", "") == []


def test_tables_of_the_spec(complete: Complete) -> None:
    assert complete("explain", "c") == ["customer_landing", "customer_trusted", "customers_curated"]
    assert [one for one in complete("run", "--select", "") if one.endswith("_landing")] == SOURCES
    assert len(complete("run", "--select", "customer_trusted", "--exclude", "")) == 8
    assert complete("show", "mach") == ["machine_learning_curated"]
    assert complete("explain", "--spec", "other.yaml", "") == ["letters", "mail", "mail_by_day"]
    assert complete("explain", "--spec", "=", "other.yaml", "mail_") == ["mail_by_day"]
    assert complete("explain", "--spec", "several/spec.yaml", "") == ["of_a", "of_b"]
    assert complete("explain", "--spec", "several/listed.yaml", "") == ["of_a", "of_b"]
    assert complete("explain", "customer_trusted", "") == []
    assert complete("explain", "--spec", "none.yaml", "") == complete("explain", "--spec", "broken.yaml", "") == []


def test_files_and_folders(complete: Complete) -> None:
    assert complete("check", "--spec", "o") == ["file,o"]
    assert complete("run", "--data", "d") == ["dir,d"]
    assert complete("sample", "--scale", "") == []


def test_revisions(complete: Complete, lake: Path, tmp_path: Path, need: Callable[[object, str], None]) -> None:
    need(shutil.which("git"), "git isn't installed")
    folder = tmp_path / "repository"
    shutil.copytree(lake, folder)
    git = ["git", "-c", "user.name=x", "-c", "user.email=x@example.org"]
    for arguments in (["init", "-q", "-b", "main"], ["add", "."], ["commit", "-qm", "x"], ["tag", "made"]):
        subprocess.run([*git, *arguments], cwd=folder, check=True, env={**os.environ, "GIT_CONFIG_GLOBAL": os.devnull})
    os.chdir(folder)
    assert complete("diff", "ma") == ["made", "main"]
    assert complete("diff", "main", "o") == ["file,o"]


def test_an_unknown_shell(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["completion", "tcsh"]) == 2
    assert "'tcsh' is not one of 'bash', 'zsh', 'fish'" in capsys.readouterr().err


# Real shells ------------------------------------------------------------------------------------------

# They complete at a terminal only: the list that Tab shows is read off one.
BASH = r"""
bind 'set enable-bracketed-paste off'; bind 'set page-completions off'; bind 'set completion-query-items 0'
bind '"\C-t": possible-completions'; bind '"\C-x": kill-whole-line'; PS1=''; source script.bash
"""
ZSH = """
unset zle_bracketed_paste; LISTMAX=9999; stty cols 200; bindkey '^T' list-choices; bindkey '^X' kill-whole-line
autoload -U compinit; compinit -u -D; source script.zsh
"""


def fish(folder: Path, line: str) -> set[str]:
    code = f"source script.fish; complete -C {line!r}"
    done = subprocess.run(
        ["fish", "--no-config", "-c", code], cwd=folder, env=environment(), capture_output=True, text=True, check=True
    )
    assert done.stderr == ""
    return {one.split("\t")[0] for one in done.stdout.splitlines()}


def bash(folder: Path, line: str) -> set[str]:
    return at_a_terminal(["bash", "--norc", "--noprofile", "-i"], BASH, folder, line)


def zsh(folder: Path, line: str) -> set[str]:
    return at_a_terminal(["zsh", "-f", "-i"], ZSH, folder, line)


def environment() -> dict[str, str]:
    return {**os.environ, "TERM": "dumb", "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}


def at_a_terminal(shell: list[str], settings: str, folder: Path, line: str) -> set[str]:
    """The words of the list that the shell shows of what can follow a line."""
    leader, follower = pty.openpty()
    with subprocess.Popen(
        shell, cwd=folder, env=environment(), stdin=follower, stdout=follower, stderr=follower, start_new_session=True
    ) as process:
        os.close(follower)
        os.write(leader, settings.strip().replace("\n", "; ").encode() + b"; printf 'rea''dy\\n'\n")
        read_until(leader, b"ready\r\n")
        os.write(leader, f"{line}\x14\x18printf 'do''ne\\n'\nexit\n".encode())
        shown = read_until(leader, b"done\r\n").decode()
        process.wait(timeout=20)
        os.close(leader)
    lines = [one for one in shown.splitlines() if not one.startswith(line)]
    return {word for one in lines for word in one.split(" -- ")[0].split()}


def read_until(stream: int, mark: bytes) -> bytes:
    found = b""
    while mark not in found:
        assert select.select([stream], [], [], 20)[0], found
        found += os.read(stream, 65536)
    return found.split(mark)[0]


@pytest.mark.slow
@pytest.mark.parametrize("run", [bash, zsh, fish])
def test_shells(run: Callable[[Path, str], set[str]], lake: Path, need: Callable[[object, str], None]) -> None:
    need(shutil.which(run.__name__), f"{run.__name__} isn't installed")
    assert set(COMMANDS) <= run(lake, "lakegen ")
    assert {"json", "markdown", "text"} <= run(lake, "lakegen diff --format ")
    assert {"customer_landing", "customer_trusted"} <= run(lake, "lakegen explain cust")
    assert {"letters", "mail", "mail_by_day"} <= run(lake, "lakegen explain --spec other.yaml ")
    assert "accelerometer_trusted" not in run(lake, "lakegen explain --spec other.yaml ")
    assert {"of_a", "of_b"} <= run(lake, "lakegen explain --spec=several/listed.yaml ")
    assert {"--select", "--data", "--lake"} <= run(lake, "lakegen run --")
    assert {"plan", "apply"} <= run(lake, "lakegen deploy ")
    assert "--var-file" in run(lake, "lakegen deploy plan --var")
    assert "other.yaml" in run(lake, "lakegen check --spec o")
    folders = run(lake, "lakegen run --data ")
    assert any(one.startswith("data") for one in folders) and "other.yaml" not in folders
