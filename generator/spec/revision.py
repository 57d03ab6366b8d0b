"""Reads the text of a spec as it was in a revision of git."""

from __future__ import annotations

import os
import posixpath
import subprocess
from collections.abc import Iterable
from pathlib import Path

from generator.diagnostics import GeneratorError, SourceText, suggestion
from generator.spec.include import matches, with_included
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
    return _read(revision, f"./{spec.name}", spec.parent, str(spec))


def read_object(name: str) -> SourceText:
    """Reads what `REVISION:PATH` names; the path is relative to the repository, or begins with `./`.

    Raises:
        RevisionError, NotInRevisionError, UnreadableSpecError: as `read_revision`.
    """
    revision, _, path = name.partition(":")
    return _read(revision, path, Path(), path)


def _read(revision: str, path: str, folder: Path, shown: str) -> SourceText:
    """A spec and what it includes, all as they were in a revision.

    Args:
        path: of the spec, as git takes it behind the revision's name.
        shown: the same, as the user knows it.
    """
    if revision.startswith("-"):
        raise RevisionError(f"`{revision}` is no revision")
    found = _git(folder, "cat-file", "blob", f"{revision}:{path}")
    if found.returncode != 0:
        raise _why_not(folder, revision, path, found)
    parent, shown_parent = posixpath.dirname(path), posixpath.dirname(shown)

    def matching(pattern: str) -> Iterable[str]:
        top, names = _tracked(folder, revision)
        beside = top if path.startswith("./") else ""
        wanted = posixpath.normpath(posixpath.join(beside, parent, pattern))
        start = posixpath.normpath(posixpath.join(beside, parent))
        return (posixpath.relpath(name, start) for name in names if matches(name, wanted))

    def read(name: str) -> SourceText:
        blob = _git(folder, "cat-file", "blob", f"{revision}:{_joined(parent, name)}")
        where = f"{revision}:{posixpath.normpath(posixpath.join(shown_parent, name))}"
        text, problem = _text(blob.stdout) if blob.returncode == 0 else ("", _first_line(blob))
        return SourceText(where, text, name=name, problem=problem)

    text, problem = _text(found.stdout)
    if problem:
        raise UnreadableSpecError(f"{revision}:{shown}", problem)
    return with_included(SourceText(f"{revision}:{shown}", text), posixpath.basename(path), matching, read)


def _joined(parent: str, name: str) -> str:
    """The path of an included file as git takes it: relative to the working folder only if it begins with a dot."""
    joined = posixpath.normpath(posixpath.join(parent, name))
    return f"./{joined}" if parent.startswith(".") and not joined.startswith("..") else joined


def _text(blob: bytes) -> tuple[str, str]:
    try:
        return blob.decode("utf-8-sig"), ""
    except UnicodeDecodeError:
        return "", "it is not UTF-8 text"


def _tracked(folder: Path, revision: str) -> tuple[str, list[str]]:
    """The working folder's path in the repository, and the paths of all files there, as a revision has them."""
    top = os.fsdecode(_git(folder, "rev-parse", "--show-prefix").stdout).rstrip("\n")
    of_commit, of_index = ("ls-tree", "-r", "--full-tree", "--name-only"), ("ls-files", "--full-name")
    listed = _git(folder, *of_commit, "-z", revision) if revision else _git(folder, *of_index, "-z", ":/")
    return top, os.fsdecode(listed.stdout).split("\0")[:-1]


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
