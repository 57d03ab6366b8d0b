"""The runtime as the scripts import it: modules side by side."""

from __future__ import annotations

import re
from importlib.resources import files

_RELATIVE = re.compile(r"^(\s*)from \.(\w+) import", re.MULTILINE)


def runtime_modules() -> dict[str, str]:
    """File name to text of every module of the runtime."""
    return {
        module.name: _RELATIVE.sub(r"\1from \2 import", module.read_text(encoding="utf-8"))
        for module in files("generator.runtime").iterdir()
        if module.name.startswith("lake_") and module.name.endswith(".py")
    }
