"""Remembers the program of the last run, so that an unchanged spec runs without being compiled again.

The key covers the spec's text, the version of the generator and the state of its own files; a cache that doesn't fit,
can't be read or can't be written is as good as none.
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
from generator.run.program import Program, program_from_json

_FILE = ".program.json"
_PACKAGE = Path(__file__).resolve().parents[1]


def cache_key(source: SourceText) -> str:
    """A digest of all that a program depends on."""
    digest = hashlib.sha256(f"{__version__}\0{source.path}\0".encode())
    for line in _code_state(_PACKAGE):
        digest.update(line.encode())
    digest.update(source.text.encode("utf-8", "surrogatepass"))
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
        data = json.loads((lake / _FILE).read_text(encoding="utf-8"))
        if data["key"] != key:
            return None
        return program_from_json(data["program"]), tuple(_diagnostic(one) for one in data["diagnostics"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def store(lake: Path, key: str, program: Program, diagnostics: tuple[Diagnostic, ...]) -> None:
    """Remembers a program in the lake folder, if that can be written."""
    data = {"key": key, "program": asdict(program), "diagnostics": [asdict(one) for one in diagnostics]}
    temporary = lake / f"{_FILE}.new"
    with suppress(OSError):
        lake.mkdir(parents=True, exist_ok=True)
        temporary.write_text(json.dumps(data), encoding="utf-8")
        os.replace(temporary, lake / _FILE)


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
