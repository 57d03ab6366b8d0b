"""Reads the text of a spec as it was in a revision of git."""

from __future__ import annotations

import subprocess
from pathlib import Path

from generator.diagnostics import GeneratorError, SourceText, suggestion
from generator.spec.source import UnreadableSpecError


class RevisionError(GeneratorError):
    """A revision can't be read, for want of git, of a repository, or of the revision."""


class NotInRevisionError(RevisionError):
    """The revision is there, but it has no such file."""


def read_revision(revision: str, spec: Path) -> SourceText:
    """Reads what a spec was in a revision.

    Args:
        revision: as `git rev-parse` takes it, such as `main` or `HEAD~1`.
        spec: where it is now; it may be gone.

    Raises:
        RevisionError: there is no git, no repository or no such revision.
        NotInRevisionError: the revision has no such file.
        UnreadableSpecError: the file is not UTF-8.
    """
    return _read(f"{revision}:./{spec.name}", f"{revision}:{spec}", spec.parent)


def read_object(name: str) -> SourceText:
    """Reads what `REVISION:PATH` names; the path is relative to the repository, or begins with `./`.

    Raises:
        RevisionError, NotInRevisionError, UnreadableSpecError: as `read_revision`.
    """
    return _read(name, name, Path())


def _read(name: str, shown: str, folder: Path) -> SourceText:
    revision, _, path = name.partition(":")
    if revision.startswith("-"):
        raise RevisionError(f"`{revision}` is no revision")
    found = _git(folder, "cat-file", "blob", name)
    if found.returncode != 0:
        raise _why_not(folder, revision, path, found)
    try:
        return SourceText(shown, found.stdout.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise UnreadableSpecError(shown, "it is not UTF-8 text") from None


def _git(folder: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run(["git", *arguments], cwd=folder, capture_output=True, stdin=subprocess.DEVNULL)
    except FileNotFoundError:
        if folder.is_dir():
            raise RevisionError("git is not installed: compare two files instead") from None
        raise RevisionError(f"there is no folder {folder}") from None


def _why_not(folder: Path, revision: str, path: str, failed: subprocess.CompletedProcess[bytes]) -> RevisionError:
    """Asks git step by step what is wrong, since its messages are for people and in their language."""
    inside = _git(folder, "rev-parse", "--git-dir")
    if inside.returncode != 0:
        where = f"cannot read revision `{revision}` in {folder.resolve()}"
        return RevisionError(f"{where}: {_first_line(inside)}; compare two files instead")
    if revision and _git(folder, "rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}").returncode != 0:
        return RevisionError(f"there is no file and no revision `{revision}`; {'; '.join(_hints(folder, revision))}")
    if _git(folder, "cat-file", "-e", f"{revision}:{path}").returncode == 0:
        return RevisionError(f"cannot read `{revision}:{path}`: {_first_line(failed)}")
    help = "name the file it was, as in `main:path/in/the/repository.yaml`"
    return NotInRevisionError(f"`{revision or 'the index'}` has no {path.removeprefix('./')}: {help}")


def _hints(folder: Path, revision: str) -> tuple[str, ...]:
    names = _git(folder, "for-each-ref", "--format=%(refname:short)", "refs/heads", "refs/remotes", "refs/tags")
    hints = suggestion(revision, names.stdout.decode(errors="replace").split())
    if _git(folder, "rev-parse", "--is-shallow-repository").stdout.strip() == b"true":
        return (*hints, "this clone is shallow: `git fetch --unshallow` brings the rest")
    return hints


def _first_line(failed: subprocess.CompletedProcess[bytes]) -> str:
    lines = failed.stderr.decode(errors="replace").strip().splitlines()
    return lines[0].removeprefix("fatal: ") if lines else f"git ends with {failed.returncode}"
