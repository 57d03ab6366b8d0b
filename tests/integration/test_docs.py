"""The commands in README and docs/ run as written, and the links lead somewhere."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from generator.sample import write_sample

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
BLOCK = re.compile(r"^```bash\n(.*?)^```", re.MULTILINE | re.DOTALL)
TUTORIAL = ROOT / "docs/tutorial.md"
LINK = re.compile(r"\]\(([^)#:]+?)(?:#[^)]*)?\)")


def commands() -> list[str]:
    """Every `python -m generator …` of the pages that is a command and not a pattern of one."""
    found: dict[str, None] = {}
    for page in PAGES:
        if page == TUTORIAL:
            continue
        for block in BLOCK.findall(page.read_text(encoding="utf-8")):
            for line in block.replace("\\\n", " ").splitlines():
                command = line.split(" #")[0].split("   #")[0].strip()
                if command.startswith("python -m generator ") and not re.search(r"…|\bDIR\b|\[--", command):
                    found[command] = None
    return list(found)


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder like a clone after `make run`: the spec, the docs' examples, and the sample, under version control."""
    folder = tmp_path_factory.mktemp("checkout")
    shutil.copy(ROOT / "pipeline.yaml", folder)
    shutil.copytree(ROOT / "docs", folder / "docs")
    shutil.copytree(ROOT / "build", folder / "build")
    (folder / "tests").mkdir()
    shutil.copy(ROOT / "tests/stedi.yaml", folder / "tests")
    write_sample(folder / ".sample")
    write_sample(folder / "data")
    for arguments in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "start"]):
        subprocess.run(["git", "-c", "user.name=a", "-c", "user.email=a@b", *arguments], cwd=folder, check=True)
    run = [sys.executable, "-m", "generator", "run", "--data", ".sample"]
    subprocess.run(run, cwd=folder, check=True, capture_output=True, env={**os.environ, "PYTHONPATH": str(ROOT)})
    return folder


def test_there_are_commands_to_run() -> None:
    assert len(commands()) >= 6


@pytest.mark.parametrize("command", commands())
def test_command_runs(command: str, checkout: Path) -> None:
    arguments = [sys.executable, *shlex.split(command)[1:]]
    environment = {"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"}
    done = subprocess.run(arguments, cwd=checkout, capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.strip()


@pytest.mark.parametrize("in_git", [False, True], ids=["without git", "in a repository"])
def test_the_tutorial_leads_from_raw_files_to_a_lake(in_git: bool, tmp_path: Path) -> None:
    """Its commands, one after the other, in an empty folder, and what it says between them."""
    text = TUTORIAL.read_text(encoding="utf-8")
    commands = [line.split(" #")[0].strip() for block in BLOCK.findall(text) for line in block.splitlines()]
    assert [command.split()[3] for command in commands] == ["sample", "init", "check", "run", "docs", "build"]
    spec = tmp_path / "pipeline.yaml"

    def said(command: str, code: int = 0) -> str:
        assert command in text, f"the tutorial doesn't say {command}"
        environment = {
            "PYTHONPATH": str(ROOT),
            "PATH": "/usr/bin:/bin",
            "GIT_CEILING_DIRECTORIES": str(tmp_path.parent),
        }
        arguments = [sys.executable, *shlex.split(command)[1:]]
        done = subprocess.run(arguments, cwd=tmp_path, capture_output=True, text=True, env=environment)
        assert done.returncode == code, f"{command}\n{done.stdout}{done.stderr}"
        return done.stdout + done.stderr

    assert "110,909 lines" in said(commands[0])
    for command in commands[1:]:
        if " run " in command:
            assert "40,981" in said(command)
            assert "40,981" in said(command), "run it again"
            _edits(spec, said)
            if in_git:
                for arguments in (
                    ["init", "-q", "-b", "main"],
                    ["add", "pipeline.yaml"],
                    ["commit", "-q", "-m", "start"],
                ):
                    subprocess.run(
                        ["git", "-c", "user.name=a", "-c", "user.email=a@b", *arguments], cwd=tmp_path, check=True
                    )
        else:
            said(command)
    assert {"docs", "jobs", "terraform"} <= {path.name for path in (tmp_path / "build").iterdir()}
    _differences(spec, said, in_git)


def _edits(spec: Path, said: Callable[..., str]) -> None:
    """What step 2 has a reader try."""
    written = spec.read_text(encoding="utf-8")
    join = re.compile(r"(  accelerometer_trusted:\n(?:    .*\n)*?)    join:\n(?:      .*\n)+")
    edited, count = join.subn(r"\1", written)
    assert count == 1
    spec.write_text(edited, encoding="utf-8")
    shown = said("python -m generator check", 1)
    line = edited[: edited.index("  accelerometer_trusted:")].count("\n") + 1
    assert "error[G001]" in shown and f"pipeline.yaml:{line}:3" in shown and "consent `research`" in shown
    spec.write_text(written, encoding="utf-8")
    assert "gave the consent `research`" in said("python -m generator explain accelerometer_trusted")
    assert "(personal)" in said("python -m generator show customer_trusted")
    test = said("python -m generator test --suggest customer_trusted")
    (spec.parent / "tests").mkdir()
    (spec.parent / "tests/customers.yaml").write_text(test, encoding="utf-8")
    assert "1 test passed" in said("python -m generator test")


def _differences(spec: Path, said: Callable[..., str], in_git: bool) -> None:
    """What step 4 says of `diff`, in a repository and elsewhere."""
    shutil.copy(spec, spec.with_name("before.yaml"))
    spec.write_text(
        spec.read_text(encoding="utf-8").replace("description: Each customer", "description: Any"), encoding="utf-8"
    )
    assert "customer_trusted" in said("python -m generator diff before.yaml pipeline.yaml")
    if in_git:
        assert "customer_trusted" in said("python -m generator diff")
    else:
        assert "compare two files instead" in said("python -m generator diff", 1)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    links = LINK.findall(page.read_text(encoding="utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []
