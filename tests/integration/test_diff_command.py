"""`diff` between files and revisions of a real repository: what it reads, prints, and ends with."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
STEDI = (ROOT / "pipeline.yaml").read_text(encoding="utf-8")
LOOSER = STEDI.replace("curated: {require: research}", "curated: {}")
DESCRIBED = STEDI.replace("description: Customers, from", "description: People, from")
BROKEN = STEDI.replace("filter: sharewith", "filter: sharwith")
ENVIRONMENT = {
    **{name: value for name, value in os.environ.items() if not name.startswith("GIT_")},
    "PYTHONPATH": str(ROOT),
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_SYSTEM": os.devnull,
    "NO_COLOR": "1",
}
IDENTITY = ("-c", "user.name=Somebody", "-c", "user.email=somebody@example.org")

Done = subprocess.CompletedProcess[str]


def git(folder: Path, *arguments: str) -> None:
    subprocess.run(["git", *IDENTITY, *arguments], cwd=folder, check=True, capture_output=True, env=ENVIRONMENT)


def commit(folder: Path, text: str, message: str = "a change") -> None:
    (folder / "pipeline.yaml").write_text(text, encoding="utf-8")
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "--allow-empty", "-m", message)


def diff(folder: Path, *arguments: str, **environment: str) -> Done:
    command = [sys.executable, "-m", "generator", "diff", *arguments]
    env = {**ENVIRONMENT, **environment}
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, env=env)


@pytest.fixture
def repository(tmp_path: Path, need: Callable[[object, str], None]) -> Path:
    """A repository with one commit of the reference lake, on branch `main`."""
    need(shutil.which("git"), "git isn't installed")
    folder = tmp_path / "repository"
    folder.mkdir()
    git(folder, "init", "--quiet", "--initial-branch=main", ".")
    commit(folder, STEDI)
    return folder


def test_the_last_commit_with_what_is_here(repository: Path) -> None:
    same = diff(repository)
    assert (same.returncode, same.stderr) == (0, "")
    assert same.stdout == "nothing changes from HEAD:pipeline.yaml to pipeline.yaml: both make the same lake\n"
    (repository / "pipeline.yaml").write_text(LOOSER, encoding="utf-8")
    changed = diff(repository)
    assert changed.returncode == 0
    assert changed.stdout.startswith("HEAD:pipeline.yaml → pipeline.yaml: 1 zone and 2 tables change\n")
    assert "! consent  zone curated: consent `research` is no longer required" in changed.stdout


def test_revisions(repository: Path) -> None:
    commit(repository, DESCRIBED)
    commit(repository, LOOSER)
    git(repository, "tag", "v1", "HEAD~1")
    assert "1 source changes" in diff(repository, "HEAD~2", "v1").stdout
    assert "zone curated" in diff(repository, "v1", "main").stdout
    assert "nothing changes" in diff(repository, "main").stdout
    assert "1 source changes" in diff(repository, "HEAD~2:pipeline.yaml", "v1:pipeline.yaml").stdout
    assert "1 source changes" in diff(repository, "v1:./pipeline.yaml", "HEAD~2").stdout


def test_the_staged_file(repository: Path) -> None:
    (repository / "pipeline.yaml").write_text(LOOSER, encoding="utf-8")
    git(repository, "add", ".")
    assert "nothing changes" in diff(repository, ":pipeline.yaml").stdout
    assert "zone curated" in diff(repository, "HEAD", ":pipeline.yaml").stdout


def test_a_spec_in_a_folder_from_another_folder(repository: Path, tmp_path: Path) -> None:
    (repository / "lakes").mkdir()
    git(repository, "mv", "pipeline.yaml", "lakes/one.yaml")
    git(repository, "commit", "--quiet", "-m", "moved")
    (repository / "lakes" / "one.yaml").write_text(LOOSER, encoding="utf-8")
    assert "zone curated" in diff(repository, "--spec", "lakes/one.yaml").stdout
    outside = diff(tmp_path, "--spec", str(repository / "lakes" / "one.yaml"))
    assert "zone curated" in outside.stdout
    moved = diff(repository, "HEAD~1:pipeline.yaml", "lakes/one.yaml")
    assert "zone curated" in moved.stdout


def test_two_files_need_no_git(tmp_path: Path) -> None:
    for name, text in (("old.yaml", STEDI), ("new.yaml", LOOSER)):
        (tmp_path / name).write_text(text, encoding="utf-8")
    done = diff(tmp_path, "old.yaml", "new.yaml", PATH="")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("old.yaml → new.yaml: ")


@pytest.mark.parametrize(
    ("text", "arguments", "code"),
    [
        (STEDI, ("--exit-code",), 0),
        (STEDI, ("--fail-on", "risk"), 0),
        (f"# a comment\n{STEDI}", ("--exit-code",), 0),
        (DESCRIBED, (), 0),
        (DESCRIBED, ("--exit-code",), 1),
        (DESCRIBED, ("--fail-on", "change"), 1),
        (DESCRIBED, ("--fail-on", "risk"), 0),
        (LOOSER, ("--fail-on", "risk"), 1),
        (LOOSER, (), 0),
        (BROKEN, (), 1),
    ],
)
def test_exit_codes(repository: Path, text: str, arguments: tuple[str, ...], code: int) -> None:
    (repository / "pipeline.yaml").write_text(text, encoding="utf-8")
    assert diff(repository, *arguments).returncode == code


def test_a_spec_that_is_new_in_the_repository(repository: Path) -> None:
    (repository / "other.yaml").write_text(STEDI, encoding="utf-8")
    done = diff(repository, "--spec", "other.yaml", "--format", "json")
    assert done.returncode == 0
    assert "note: `HEAD` has no other.yaml" in done.stderr
    changes = json.loads(done.stdout)["changes"]
    assert {change["change"] for change in changes if change["aspect"] == "definition"} == {"added"}


# What can't be compared ------------------------------------------------------------------------------


def test_a_new_spec_that_does_not_compile_shows_its_findings(repository: Path) -> None:
    (repository / "pipeline.yaml").write_text(BROKEN, encoding="utf-8")
    text = diff(repository)
    assert "error[C001]: unknown column" in text.stdout
    assert "did you mean `sharewithresearchasofdate`?" in text.stdout
    markdown = diff(repository, "--format", "markdown").stdout
    assert markdown.startswith("### pipeline.yaml doesn't compile\n\n```\nerror[C001]")
    found = json.loads(diff(repository, "--format", "json").stdout)
    assert [one["code"] for one in found["diagnostics"]] == ["C001"]


def test_an_old_spec_that_does_not_compile(repository: Path) -> None:
    commit(repository, BROKEN)
    commit(repository, STEDI)
    done = diff(repository, "HEAD~1")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("error: HEAD~1:pipeline.yaml doesn't compile (1 error; C001: unknown column")
    assert "take a revision that does" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("mian",), "there is no file and no revision `mian`; did you mean `main`?"),
        (("HEAD~7",), "there is no file and no revision `HEAD~7`"),
        (("main:other.yaml",), "`main` has no other.yaml: name the file it was"),
        (("main:",), "cannot read `main:`"),
        (("none.yaml",), "cannot read none.yaml: there is no such file"),
        (("HEAD", "none.yaml"), "cannot read none.yaml: there is no such file"),
        (("--spec", "none/pipeline.yaml", "HEAD", "main"), "there is no folder none"),
        (("HEAD:binary",), "cannot read HEAD:binary: it is not UTF-8 text"),
    ],
)
def test_what_can_not_be_read(repository: Path, arguments: tuple[str, ...], message: str) -> None:
    (repository / "binary").write_bytes(b"\xff\xfe\x00")
    commit(repository, STEDI)
    done = diff(repository, *arguments)
    assert (done.returncode, done.stdout) == (1, "")
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_no_repository(tmp_path: Path) -> None:
    (tmp_path / "pipeline.yaml").write_text(STEDI, encoding="utf-8")
    done = diff(tmp_path, GIT_CEILING_DIRECTORIES=str(tmp_path.parent))
    assert done.returncode == 1
    assert "cannot read revision `HEAD`" in done.stderr
    assert "not a git repository" in done.stderr
    assert "compare two files instead" in done.stderr


def test_no_git(tmp_path: Path) -> None:
    (tmp_path / "pipeline.yaml").write_text(STEDI, encoding="utf-8")
    done = diff(tmp_path, PATH="")
    assert done.returncode == 1
    assert done.stderr == "error: git is not installed: compare two files instead\n"


def test_a_shallow_clone_says_how_to_get_the_rest(repository: Path, tmp_path: Path) -> None:
    commit(repository, DESCRIBED)
    git(tmp_path, "clone", "--quiet", "--depth=1", repository.as_uri(), "clone")
    done = diff(tmp_path / "clone", "HEAD~1")
    assert done.returncode == 1
    assert "this clone is shallow: `git fetch --unshallow` brings the rest" in done.stderr


PAGE = (ROOT / "docs" / "pull-requests.md").read_text(encoding="utf-8")


def page_commands() -> list[str]:
    found = re.findall(r"^python -m generator (diff[^#\n]*)", PAGE, re.MULTILINE)
    assert len(found) >= 6
    return [command.strip() for command in found]


@pytest.mark.parametrize("command", page_commands())
def test_commands_of_the_page(command: str, repository: Path) -> None:
    shutil.copytree(ROOT / "docs" / "examples", repository / "docs" / "examples")
    commit(repository, STEDI)
    done = diff(repository, *shlex.split(command)[1:])
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("nothing changes")


def test_the_example_of_the_page(repository: Path) -> None:
    (repository / "pipeline.yaml").write_text(LOOSER, encoding="utf-8")
    shown = re.findall(r"^```\n(HEAD:.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    assert diff(repository).stdout.startswith(shown[0])


def test_an_option_is_no_revision(repository: Path) -> None:
    done = diff(repository, "--", "--output=stolen:pipeline.yaml")
    assert done.returncode == 1
    assert "is no revision" in done.stderr
    assert not (repository / "stolen").exists()
