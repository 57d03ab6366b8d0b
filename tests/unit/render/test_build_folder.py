"""The build folder: all changes or none, whose files are whose, and what is in the way."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from generator.render.build_folder import BuildError, State, replace_files, survey, write
from generator.render.build_record import RECORD

FILES = {"a.json": "a\n", "jobs/x.py": "x = 1\n", "jobs/y.py": "y = 'ü'\n"}


def build(folder: Path, files: Mapping[str, str | bytes]) -> None:
    write(survey(folder, files))


def states(folder: Path, files: Mapping[str, str | bytes]) -> dict[str, State]:
    return {change.name: change.state for change in survey(folder, files).changes}


def content(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "deep" / "build"
    build(made, FILES)
    return made


def test_everything_is_written_and_recorded(folder: Path) -> None:
    found = content(folder)
    assert {name: text.decode() for name, text in found.items() if name != RECORD} == FILES
    assert set(json.loads(found[RECORD])["files"]) == set(FILES)
    assert survey(folder, FILES).is_current


def test_twice_is_the_same_and_touches_nothing(folder: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*")}
    build(folder, dict(reversed(FILES.items())))
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*")} == before


def test_states(folder: Path) -> None:
    (folder / "jobs" / "x.py").write_text("mine\n")
    (folder / "a.json").unlink()
    (folder / "new.txt").write_text("somebody's\n")
    wanted = {"a.json": "a\n", "jobs/x.py": "x = 2\n", "new.txt": "ours\n"}
    assert states(folder, wanted) == {
        "a.json": State.MISSING,
        "jobs/x.py": State.EDITED,
        "new.txt": State.FOREIGN,
        "jobs/y.py": State.LEFT_OVER,
    }
    assert states(folder, {**FILES, "jobs/y.py": "y = 2\n"})["jobs/y.py"] is State.STALE
    assert [one.name for one in survey(folder, wanted).changes if not one.is_safe] == ["jobs/x.py", "new.txt"]


def test_bytes_that_are_no_text_are_an_edit(folder: Path) -> None:
    (folder / "a.json").write_bytes(b"\xff\x00")
    assert states(folder, FILES) == {"a.json": State.EDITED}
    build(folder, FILES)
    assert survey(folder, FILES).is_current


PACKED = b"PK\x03\x04\x00\r\n\xff"


def test_files_that_are_no_text(folder: Path) -> None:
    files = {**FILES, "jobs/p.zip": PACKED}
    build(folder, files)
    assert (folder / "jobs" / "p.zip").read_bytes() == PACKED and survey(folder, files).is_current
    assert states(folder, {**FILES, "jobs/p.zip": b"PK\x00"}) == {"jobs/p.zip": State.STALE}
    assert states(folder, FILES) == {"jobs/p.zip": State.LEFT_OVER}
    (folder / "jobs" / "p.zip").write_bytes(PACKED.replace(b"\r\n", b"\n"))
    assert states(folder, files) == {"jobs/p.zip": State.EDITED}
    assert states(folder, FILES) == {"jobs/p.zip": State.EDITED}
    build(folder, files)
    assert (folder / "jobs" / "p.zip").read_bytes() == PACKED
    build(folder, FILES)
    assert not (folder / "jobs" / "p.zip").exists() and survey(folder, FILES).is_current


def test_a_left_over_file_that_was_edited_is_nobody_s_to_remove(folder: Path) -> None:
    (folder / "jobs" / "y.py").write_text("mine\n")
    assert states(folder, {"a.json": "a\n", "jobs/x.py": "x = 1\n"}) == {"jobs/y.py": State.EDITED}


def test_left_over_files_go_with_their_folders_but_not_those_of_others(folder: Path) -> None:
    (folder / "notes.txt").write_text("mine")
    build(folder, {"a.json": "a\n"})
    assert not (folder / "jobs").exists()
    assert set(content(folder)) == {"a.json", "notes.txt", RECORD}
    build(folder, FILES)
    (folder / "jobs" / "mine.py").write_text("mine")
    build(folder, {"a.json": "a\n"})
    assert set(content(folder)) == {"a.json", "notes.txt", "jobs/mine.py", RECORD}


def test_line_ends_are_no_edit(folder: Path) -> None:
    for path in (*folder.rglob("*.py"), folder / RECORD):
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert survey(folder, FILES).is_current
    before = content(folder)
    build(folder, FILES)
    assert content(folder) == before
    changed = {**FILES, "jobs/x.py": "x = 2\n"}
    assert states(folder, changed) == {"jobs/x.py": State.STALE}


@pytest.mark.parametrize(
    "record", ["", "<<<<<<< HEAD\n{}", "[]", '{"files": 1}', '{"files": {"a.json": 1}}', '{"files": {"../../x": "1"}}']
)
def test_a_damaged_record_knows_nothing(folder: Path, record: str) -> None:
    outside = folder.parent.parent / "x"
    outside.write_text("precious")
    (folder / RECORD).write_text(record)
    assert states(folder, FILES) == {}
    assert not survey(folder, FILES).is_current
    assert states(folder, {**FILES, "jobs/x.py": "x = 2\n"}) == {"jobs/x.py": State.FOREIGN}
    build(folder, FILES)
    assert survey(folder, FILES).is_current
    assert outside.read_text() == "precious"


class Disk:
    """`os.replace` that fails at its nth call."""

    def __init__(self, fails_at: int, error: BaseException) -> None:
        self.left, self.error, self.real = fails_at, error, os.replace

    def __call__(self, source: Any, target: Any) -> None:
        self.left -= 1
        if self.left < 0:
            raise self.error
        self.real(source, target)


CHANGED = {"a.json": "b\n", "jobs/x.py": "x = 2\n", "new/z.py": "z\n"}


@pytest.mark.parametrize("fails_at", range(4))
@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_an_error_on_the_way_changes_nothing(
    folder: Path, monkeypatch: pytest.MonkeyPatch, fails_at: int, error: BaseException
) -> None:
    before = content(folder)
    with monkeypatch.context() as patched:
        patched.setattr(os, "replace", Disk(fails_at, error))
        with pytest.raises((BuildError, KeyboardInterrupt)):
            build(folder, CHANGED)
    assert content(folder) == before
    if isinstance(error, OSError):
        assert not (folder / "new").exists()
    build(folder, CHANGED)
    assert survey(folder, CHANGED).is_current


def test_a_full_disk_is_noticed_before_anything_changes(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = content(folder)
    real = Path.write_bytes

    def write_bytes(path: Path, data: bytes) -> int:
        if data == b"z\n":
            raise OSError(28, "No space left on device", str(path))
        return real(path, data)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "write_bytes", write_bytes)
        with pytest.raises(BuildError, match=r"No space left on device; nothing was changed"):
            build(folder, CHANGED)
    assert content(folder) == before


def test_a_file_that_cannot_be_removed_keeps_everything(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = content(folder)
    real = Path.unlink

    def unlink(path: Path, missing_ok: bool = False) -> None:
        if path.name == "y.py":
            raise PermissionError(13, "Permission denied", str(path))
        real(path, missing_ok=missing_ok)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "unlink", unlink)
        with pytest.raises(BuildError, match="Permission denied"):
            build(folder, CHANGED)
    assert content(folder) == before


class Killed(BaseException):
    pass


@pytest.mark.parametrize("after", range(1, 4))
def test_what_a_killed_build_leaves_is_still_ours(folder: Path, monkeypatch: pytest.MonkeyPatch, after: int) -> None:
    """Some files are new and some old, all of them whole; the next build goes on without --force."""
    with monkeypatch.context() as patched:
        patched.setattr("generator.render.build_folder._put_back", lambda before: None)
        patched.setattr("generator.render.build_folder._clear", lambda staging: None)
        patched.setattr(os, "replace", Disk(after, Killed()))
        with pytest.raises(Killed):
            build(folder, CHANGED)
    assert (folder / ".staging").exists()
    for wanted in (FILES, CHANGED, {**CHANGED, "a.json": "c\n"}):
        assert all(change.is_safe for change in survey(folder, wanted).changes)
        build(folder, wanted)
        assert survey(folder, wanted).is_current
    assert not (folder / ".staging").exists()


def test_what_is_in_the_way_is_named(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(BuildError, match=r"jobs is a folder, where build writes a file"):
        survey(folder, {"jobs": "x"})
    with pytest.raises(BuildError, match=r"a\.json is a file, where build needs a folder"):
        survey(folder, {"a.json/x": "x"})
    target = tmp_path / "elsewhere"
    target.mkdir()
    (folder / "linked").symlink_to(target)
    with pytest.raises(BuildError, match=r"linked is a symbolic link"):
        survey(folder, {"linked/x": "x"})
    (folder / "a.json").unlink()
    (folder / "a.json").symlink_to(target / "x")
    with pytest.raises(BuildError, match=r"a\.json is a symbolic link"):
        survey(folder, FILES)
    assert list(target.iterdir()) == []


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(BuildError, match=r"file is a file, where build needs a folder"):
        build(tmp_path / "file" / "build", FILES)
    with pytest.raises(BuildError, match="cannot write"):
        replace_files(tmp_path / "file" / "build", FILES, ())
