"""Where the characters of a YAML value stand in the file, whatever style the value is written in."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from generator.diagnostics import SourceText
from generator.spec.nodes import Document, load_yaml, scalar_offsets

Path = tuple[str | int, ...]

WORDS = "a b c - : # ' \" \\ \\n \\x41 | > & * ? { } , é ß 日本 😀 \u0301 \x7f \x01 \x85 \u2028 \ufeff x=1".split(" ")
SPACES = [" ", "  ", "\n", "\n\n", " \n", "\n  ", "\t", "\u3000"]


def document(text: str) -> Document:
    found, problems = load_yaml(SourceText("p.yaml", text))
    assert found is not None, problems
    return found


def decoded(source: str, at: int) -> str:
    """The character that an escape in double quotes stands for."""
    length = {"x": 4, "u": 6, "U": 10}.get(source[at + 1], 2)
    found: str = yaml.safe_load(f'"{source[at : at + length]}"')
    return found


def written(source: str, style: str, at: int, character: str) -> int:
    """How many characters of the source, from an offset, are this character of the value; 0 if they are not."""
    if style == '"' and source[at] == "\\":
        length = {"x": 4, "u": 6, "U": 10}.get(source[at + 1], 2)
        return length if decoded(source, at) == character else 0
    if style == "'" and character == "'":
        return 2 if source.startswith("''", at) else 0
    return int(source[at] == character)


def skipped(source: str, style: str) -> bool:
    """Whether a piece of the source is nothing but white space, escaped or not."""
    return not (source.replace("\\", "") if style == '"' else source).strip(" \t\r\n\x85\u2028\u2029\u3000ntNLPr_e0")
