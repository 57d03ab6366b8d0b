"""What a root module of Terraform takes."""

from __future__ import annotations

import re
from pathlib import Path

_VARIABLE = re.compile(r'(?m)^\s*variable\s+"?([\w-]+)"?\s*\{')


def declared_inputs(folder: Path) -> frozenset[str]:
    """The names of a root module's input variables; empty where the folder has none, or can't be read."""
    texts = (path.read_text(encoding="utf-8", errors="replace") for path in folder.glob("*.tf") if path.is_file())
    return frozenset(name for text in texts for name in _VARIABLE.findall(text))
