"""A remembered program is used for exactly what it was made from."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from generator.checks import check_spec
from generator.codes import base_text
from generator.diagnostics import Diagnostic, Label, Severity, SourceText, Span
from generator.run import program_cache
from generator.run.build_program import build_program
from generator.run.program import Program

ROOT = Path(__file__).parents[3]
FILE = ".program.json"
WARNING = Diagnostic(
    "J001", "many", Span(3, 9), "here", ("a", "b"), ("c",), (Label(Span(1, 2), "first"),), Severity.WARNING
)
WITHOUT_PLACE = Diagnostic("J001", "none", severity=Severity.WARNING)


def program(text: str) -> Program:
    analysis = check_spec(SourceText("pipeline.yaml", text))
    assert analysis.lake is not None
    return build_program(analysis.lake)


STEDI = program((ROOT / "pipeline.yaml").read_text(encoding="utf-8"))
SHOP = program((ROOT / "docs/examples/shop/pipeline.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("remembered", [STEDI, SHOP, program(base_text())], ids=lambda one: one.lake)
def test_a_program_comes_back_as_it_was(tmp_path: Path, remembered: Program) -> None:
    program_cache.store(tmp_path, "key", remembered, (WARNING, WITHOUT_PLACE))
    assert program_cache.load(tmp_path, "key") == (remembered, (WARNING, WITHOUT_PLACE))
    assert sorted(os.listdir(tmp_path)) == [".gitignore", ".lakegen.json", FILE]


def test_the_lake_folder_is_made(tmp_path: Path) -> None:
    program_cache.store(tmp_path / "a" / "lake", "key", STEDI, ())
    assert program_cache.load(tmp_path / "a" / "lake", "key") == (STEDI, ())


def test_nothing_is_remembered_at_first(tmp_path: Path) -> None:
    assert program_cache.load(tmp_path, "key") is None
    assert program_cache.load(tmp_path / "missing", "key") is None


def test_the_last_program_is_remembered(tmp_path: Path) -> None:
    program_cache.store(tmp_path, "one", STEDI, ())
    program_cache.store(tmp_path, "two", SHOP, ())
    assert program_cache.load(tmp_path, "one") is None
    assert program_cache.load(tmp_path, "two") == (SHOP, ())


# The key ---------------------------------------------------------------------------------------------------


def key(text: str = "version: 1", path: str = "pipeline.yaml") -> str:
    return program_cache.cache_key(SourceText(path, text))


def test_the_key_is_the_same_for_the_same() -> None:
    assert key() == key()


@pytest.mark.parametrize("text", ["version: 1 ", "version: 1\n", "version: 2", "Version: 1", "", "version: 1\ud800"])
def test_another_text_has_another_key(text: str) -> None:
    assert key(text) != key()


def test_another_path_has_another_key() -> None:
    """Diagnostics name the file, so those of another file must not come back."""
    assert key(path="other.yaml") != key()
    assert key("x", path="a") != key("", path="ax")


def test_another_version_has_another_key(monkeypatch: pytest.MonkeyPatch) -> None:
    before = key()
    monkeypatch.setattr(program_cache, "__version__", "999")
    assert key() != before


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "plan" / "__pycache__").mkdir(parents=True)
    (tmp_path / "plan" / "emit.py").write_text("a = 1\n", encoding="utf-8")
    (tmp_path / "main.py").write_text("b = 1\n", encoding="utf-8")
    monkeypatch.setattr(program_cache, "_PACKAGE", tmp_path)
    return tmp_path


def test_changed_code_has_another_key(package: Path) -> None:
    keys = [key()]
    (package / "plan" / "emit.py").write_text("a = 22\n", encoding="utf-8")
    keys.append(key())
    os.utime(package / "main.py", ns=(1, 1))
    keys.append(key())
    (package / "plan" / "new.py").write_text("", encoding="utf-8")
    keys.append(key())
    (package / "main.py").rename(package / "other.py")
    keys.append(key())
    assert len(set(keys)) == len(keys)


def test_what_is_no_code_is_not_in_the_key(package: Path) -> None:
    before = key()
    (package / "plan" / "__pycache__" / "emit.py").write_text("x", encoding="utf-8")
    (package / "notes.txt").write_text("x", encoding="utf-8")
    assert key() == before


# What can't be used ----------------------------------------------------------------------------------------


def changed(**changes: Any) -> str:
    return json.dumps({"key": "key", "program": {}, "diagnostics": [], **changes})


DAMAGED = {
    "empty": b"",
    "garbage": b"\x00\xff\xfe garbage",
    "cut off": b'{"key": "key", "program": {"lake"',
    "a list": b"[]",
    "a number": b"7",
    "null": b"null",
    "no key": b"{}",
    "deep": b"[" * 100_000,
    "no program": b'{"key": "key"}',
    "an empty program": changed().encode(),
    "program as text": changed(program="x").encode(),
    "program as a list": changed(program=[1]).encode(),
    "sources as a number": changed(program={"lake": "x", "settings": [], "sources": 1, "tables": []}).encode(),
    "sources as text": changed(program={"lake": "x", "settings": [], "sources": ["x"], "tables": []}).encode(),
    "table with another key": changed(
        program={"lake": "x", "settings": [], "sources": [], "tables": [{"name": "x"}]}
    ).encode(),
    "diagnostics as a number": changed(
        program={"lake": "x", "settings": [], "sources": [], "tables": []}, diagnostics=[3]
    ).encode(),
    "unknown severity": changed(
        program={"lake": "x", "settings": [], "sources": [], "tables": []},
        diagnostics=[{"code": "J001", "message": "", "span": None, "label": "", "notes": [], "help": [],
                      "secondary": [], "severity": "fatal"}],
    ).encode(),
}  # fmt: skip


@pytest.mark.parametrize("name", DAMAGED)
def test_a_damaged_file_is_as_good_as_none(tmp_path: Path, name: str) -> None:
    (tmp_path / FILE).write_bytes(DAMAGED[name])
    assert program_cache.load(tmp_path, "key") is None
    program_cache.store(tmp_path, "key", STEDI, ())
    assert program_cache.load(tmp_path, "key") == (STEDI, ())


def test_a_file_that_cannot_be_read_or_written_is_as_good_as_none(tmp_path: Path) -> None:
    (tmp_path / FILE).mkdir()
    program_cache.store(tmp_path, "key", STEDI, ())
    assert program_cache.load(tmp_path, "key") is None
    (tmp_path / "file").write_text("", encoding="utf-8")
    program_cache.store(tmp_path / "file", "key", STEDI, ())
    assert program_cache.load(tmp_path / "file", "key") is None


def test_a_write_that_dies_leaves_the_old_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program_cache.store(tmp_path, "old", STEDI, ())

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", killed)
    with pytest.raises(KeyboardInterrupt):
        program_cache.store(tmp_path, "new", SHOP, ())
    assert program_cache.load(tmp_path, "old") == (STEDI, ())
