"""Remembers the program of the last run, so that an unchanged spec runs without being compiled again.

The key covers the spec's text, the version of the generator and the state of its own files; a cache that doesn't fit,
can't be read or can't be written is as good as none.

A program is SQL, settings and paths, and a lake folder may come from anywhere. So what is remembered carries a seal
that only this user can make (`seal`); what somebody else wrote, or changed, is not used.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from generator import __version__
from generator.diagnostics import Diagnostic, Label, Severity, SourceText, Span
from generator.regular_files import read_regular
from generator.run.lake_folder import LakeFolder, LakeFolderError
from generator.run.program import Program, program_from_json
from generator.run.seal import is_sealed, sealed

_FILE = ".program.json"
_PACKAGE = Path(__file__).resolve().parents[1]


def cache_key(source: SourceText) -> str:
    """A digest of all that a program depends on."""
    digest = hashlib.sha256(f"{__version__}\0".encode())
    for line in _code_state(_PACKAGE):
        digest.update(line.encode())
    for file, _ in source.files():
        digest.update(f"{file.path}\0{len(file.text)}\0{file.problem}\0".encode("utf-8", "surrogatepass"))
        digest.update(file.text.encode("utf-8", "surrogatepass"))
    digest.update(repr((source.patterns, source.variables)).encode("utf-8", "surrogatepass"))
    return digest.hexdigest()


def _code_state(folder: Path) -> list[str]:
    """Size and time of each of the generator's own files."""
    lines, folders = [], [str(folder)]
    for path in folders:
        with os.scandir(path) as entries:
            for entry in entries:
                if entry.is_dir():
                    if entry.name != "__pycache__":
                        folders.append(entry.path)
                elif entry.name.endswith(".py"):
                    state = entry.stat()
                    lines.append(f"{entry.path} {state.st_size} {state.st_mtime_ns}\n")
    return sorted(lines)


def load(lake: Path, key: str) -> tuple[Program, tuple[Diagnostic, ...]] | None:
    """The remembered program and the warnings that came with it, if they were made from the same spec."""
    try:
        data = json.loads(read_regular(lake / _FILE))
        seal = data.pop("seal")
        if data["key"] != key or not is_sealed(seal, json.dumps(data)):
            return None
        return program_from_json(data["program"]), tuple(_diagnostic(one) for one in data["diagnostics"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def store(lake: Path, key: str, program: Program, diagnostics: tuple[Diagnostic, ...]) -> None:
    """Remembers a program in the lake folder, if that can be written."""
    data = {"key": key, "program": asdict(program), "diagnostics": [asdict(one) for one in diagnostics]}
    temporary = lake / f"{_FILE}.new"
    with suppress(OSError, LakeFolderError):
        LakeFolder(lake).claim()
        text = json.dumps(data)
        mark = sealed(text)
        if mark is None:
            return
        temporary.unlink(missing_ok=True)
        try:
            temporary.write_text(json.dumps({"seal": mark, **data}), encoding="utf-8")
            os.replace(temporary, lake / _FILE)
        finally:
            temporary.unlink(missing_ok=True)


def _diagnostic(data: Mapping[str, Any]) -> Diagnostic:
    return Diagnostic(
        data["code"],
        data["message"],
        _span(data["span"]),
        data["label"],
        tuple(data["notes"]),
        tuple(data["help"]),
        tuple(Label(Span(**one["span"]), one["text"]) for one in data["secondary"]),
        Severity(data["severity"]),
    )


def _span(data: Mapping[str, int] | None) -> Span | None:
    return Span(**data) if data is not None else None
