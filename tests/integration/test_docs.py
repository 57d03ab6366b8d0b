"""The commands in README and docs/ run as written, and the links lead somewhere."""

from __future__ import annotations

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
LINK = re.compile(r"\]\(([^)#:]+?)(?:#[^)]*)?\)")


def commands() -> list[str]:
    """Every `python -m generator …` of the pages that is a command and not a pattern of one."""
    found: dict[str, None] = {}
    for page in PAGES:
        for block in BLOCK.findall(page.read_text(encoding="utf-8")):
            for line in block.replace("\\\n", " ").splitlines():
                command = line.split(" #")[0].split("   #")[0].strip()
                if command.startswith("python -m generator ") and not re.search(r"…|\bDIR\b|\[--", command):
                    found[command] = None
    return list(found)


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder like a clone after `make run`: the spec, the docs' examples, and the sample."""
    folder = tmp_path_factory.mktemp("checkout")
    shutil.copy(ROOT / "pipeline.yaml", folder)
    shutil.copytree(ROOT / "docs", folder / "docs")
    shutil.copytree(ROOT / "build", folder / "build")
    write_sample(folder / ".sample")
    write_sample(folder / "data")
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


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    links = LINK.findall(page.read_text(encoding="utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []
