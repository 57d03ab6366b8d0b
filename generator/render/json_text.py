"""JSON for people to read: files that are reviewed as differences of lines."""

from __future__ import annotations

from typing import Any

from pydantic_core import to_json


def json_text(values: Any) -> str:
    """Values as JSON, two blanks a level, with a last line end; json's own writer takes ten times as long."""
    return to_json(values, indent=2).decode() + "\n"
