"""The commands in README and docs/ run as written, and the links lead somewhere."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
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


def test_the_tutorial_leads_from_raw_files_to_a_lake(tmp_path: Path) -> None:
    """Its commands, one after the other, in an empty folder; nothing is edited in between."""
    text = TUTORIAL.read_text(encoding="utf-8")
    commands = [line.split(" #")[0].strip() for block in BLOCK.findall(text) for line in block.splitlines()]
    assert [command.split()[3] for command in commands] == ["sample", "init", "check", "run", "docs", "build"]
    for command in commands:
        done = subprocess.run(
            [sys.executable, *shlex.split(command)[1:]],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"},
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
        if " run " in command:
            assert "40,981" in done.stdout
    assert {"docs", "jobs", "terraform"} <= {path.name for path in (tmp_path / "build").iterdir()}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    links = LINK.findall(page.read_text(encoding="utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []
