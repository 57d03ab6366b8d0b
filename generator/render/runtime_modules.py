"""The modules that ship with the jobs: `generator/runtime`, as flat modules that import each other by name."""

from __future__ import annotations

import re
from pathlib import Path

from generator.plan.lake import CompiledLake
from generator.render.build_folder import BuildError

FOLDER = Path(__file__).parent.parent / "runtime"
_RELATIVE = re.compile(r"^(\s*)from \.(\w+) import ", re.MULTILINE)


def runtime_modules(lake: CompiledLake) -> dict[str, str]:
    """The text of each module, by file name.

    Raises:
        BuildError: a table has the name of a module, whose file its script would replace.
    """
    found = {path.name: flattened(path.read_text(encoding="utf-8")) for path in sorted(FOLDER.glob("lake_*.py"))}
    for name, table in lake.tables.items():
        if f"{name}.py" in found and not table.is_view:
            raise BuildError(f"table `{name}` has the name of a module that ships with the jobs: rename the table")
    return found


def flattened(module: str) -> str:
    """A module of the package as one beside its scripts."""
    return _RELATIVE.sub(r"\1from \2 import ", module)
