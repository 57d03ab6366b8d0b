"""The examples for GitHub and pre-commit: valid, and their commands run in a repository like a user's."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
WORKFLOW = ROOT / "docs" / "examples" / "ci" / "github.yml"
LOCAL_HOOKS = ROOT / "docs" / "examples" / "ci" / "pre-commit.yaml"
HOOKS = ROOT / ".pre-commit-hooks.yaml"
STEDI = (ROOT / "pipeline.yaml").read_text(encoding="utf-8")
LOOSER = STEDI.replace("curated: {require: research}", "curated: {}")
BROKEN = STEDI.replace("filter: sharewith", "filter: sharwith")

Done = subprocess.CompletedProcess[str]


@pytest.fixture
def repository(tmp_path: Path, need: Callable[[object, str], None]) -> Path:
    """A repository with the reference lake, built and committed, and the tool on the path as `python` and `lakegen`."""
    need(shutil.which("git"), "git isn't installed")
    folder = tmp_path / "repository"
    folder.mkdir()
    (folder / "pipeline.yaml").write_text(STEDI, encoding="utf-8")
    tools = tmp_path / "bin"
    tools.mkdir()
    (tools / "python").write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    (tools / "lakegen").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m generator "$@"\n')
    (tools / "gh").write_text('#!/bin/sh\nprintf "%s\\n" "$@" > gh.txt\ntest -s "$7"\n')
    for tool in tools.iterdir():
        tool.chmod(0o755)
    shell(folder, "git init -q -b main . && lakegen build && git add . && git commit -qm one")
    return folder


def shell(folder: Path, script: str, check: bool = True, **more: str) -> Done:
    """Runs a script as a runner does: bash, ended by the first command that fails."""
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "PRE_COMMIT"))},
        "PATH": f"{folder.parent / 'bin'}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GITHUB_STEP_SUMMARY": str(folder / "summary.md"),
        "PULL_REQUEST": "7",
        **{f"GIT_{who}_{what}": "x@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")},
        **more,
    }
    command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, env=environment)
    assert not check or done.returncode == 0, done.stdout + done.stderr
    return done


def steps() -> dict[str, str]:
    """The scripts of the job that needs no account, by name."""
    workflow = yaml.safe_load(WORKFLOW.read_text(encoding="utf-8"))
    return {step["name"]: step["run"] for step in workflow["jobs"]["check"]["steps"] if "run" in step}


def run_steps(folder: Path, text: str) -> dict[str, int]:
    """Commits a change of the spec as a pull request's merge, and runs the steps; gives their exit codes."""
    (folder / "pipeline.yaml").write_text(text, encoding="utf-8")
    shell(folder, "lakegen build || true; git add . && git commit -qm two")
    scripts = steps()
    assert scripts.pop("Install") == "python -m pip install ."
    return {name: shell(folder, script, check=False).returncode for name, script in scripts.items()}


def test_the_workflow_is_valid(need: Callable[[object, str], None]) -> None:
    need(importlib.util.find_spec("check_jsonschema"), "check-jsonschema isn't installed")
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.github-workflows", str(WORKFLOW)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_change_without_risk_passes(repository: Path) -> None:
    codes = run_steps(repository, STEDI.replace("description: Customers, from", "description: People, from"))
    assert set(codes.values()) == {0}, codes
    assert "1 source changes" in (repository / "summary.md").read_text(encoding="utf-8")
    assert '"version": "2.1.0"' in (repository / "findings.sarif").read_text(encoding="utf-8")
    told = (repository / "gh.txt").read_text(encoding="utf-8").splitlines()
    assert told == ["pr", "comment", "7", "--edit-last", "--create-if-none", "--body-file", "difference.md"]


def test_a_risk_asks_for_a_second_look(repository: Path) -> None:
    codes = run_steps(repository, LOOSER)
    assert [name for name, code in codes.items() if code] == [
        "Ask for a second look at risks, which the label risk-accepted confirms"
    ]
    assert "less consent" in (repository / "difference.md").read_text(encoding="utf-8")


def test_what_does_not_compile_fails_and_is_told(repository: Path) -> None:
    codes = run_steps(repository, BROKEN)
    assert codes["Check the spec"] == codes["Check that build/ is current"] == 1
    assert codes["Tell what changes"] == 0
    assert "doesn't compile" in (repository / "difference.md").read_text(encoding="utf-8")
    mended = run_steps(repository, STEDI)
    assert mended["Check the spec"] == mended["Tell what changes"] == 0
    assert "take a revision that does" in (repository / "difference.md").read_text(encoding="utf-8")


def test_a_stale_build_fails(repository: Path) -> None:
    (repository / "pipeline.yaml").write_text(LOOSER, encoding="utf-8")
    done = shell(repository, steps()["Check that build/ is current"], check=False)
    assert done.returncode == 1
    assert "manifest.json" in done.stderr


# Hooks -----------------------------------------------------------------------------------------------


def hooks(repository: Path, config: dict[str, Any], need: Callable[[object, str], None]) -> Callable[[], Done]:
    """Installs hooks into a repository; gives a function that commits."""
    need(importlib.util.find_spec("pre_commit"), "pre-commit isn't installed")
    (repository / ".pre-commit-config.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")
    home = {"PRE_COMMIT_HOME": str(repository.parent / "hooks")}
    shell(repository, "git add . && python -m pre_commit install", **home)
    return lambda: shell(repository, "git add pipeline.yaml && git commit -m change", check=False, **home)


def published() -> dict[str, Any]:
    """The hooks that other repositories get, without the environment of their own that pre-commit would install."""
    manifest = yaml.safe_load(HOOKS.read_text(encoding="utf-8"))
    assert {hook["language"] for hook in manifest} == {"python"}
    return {"repos": [{"repo": "local", "hooks": [{**hook, "language": "system"} for hook in manifest]}]}


def local() -> dict[str, Any]:
    config: dict[str, Any] = yaml.safe_load(LOCAL_HOOKS.read_text(encoding="utf-8"))
    return config


@pytest.mark.parametrize("config", [published, local])
def test_hooks(config: Callable[[], dict[str, Any]], repository: Path, need: Callable[[object, str], None]) -> None:
    commit = hooks(repository, config(), need)
    spec = repository / "pipeline.yaml"

    spec.write_text(BROKEN, encoding="utf-8")
    refused = commit()
    assert refused.returncode == 1
    assert "did you mean `sharewithresearchasofdate`?" in refused.stdout + refused.stderr

    spec.write_text(LOOSER, encoding="utf-8")
    stale = commit()
    assert stale.returncode == 1
    assert "files were modified by this hook" in stale.stdout + stale.stderr
    shell(repository, "git add build")
    assert commit().returncode == 0

    (repository / "notes.txt").write_text("x", encoding="utf-8")
    shell(repository, "git add notes.txt")
    assert "(no files to check)Skipped" in (commit().stderr)


@pytest.mark.parametrize("path", [HOOKS, LOCAL_HOOKS], ids=lambda path: path.name)
def test_hooks_are_valid(path: Path, need: Callable[[object, str], None]) -> None:
    need(importlib.util.find_spec("pre_commit"), "pre-commit isn't installed")
    kind = "validate-manifest" if path == HOOKS else "validate-config"
    done = subprocess.run([sys.executable, "-m", "pre_commit", kind, str(path)], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
