"""The Terraform root module that users own: written once, for those who begin without one."""

from __future__ import annotations

from pathlib import Path

from generator.render.build_folder import replace_files
from generator.render.templates import templates_folder


def root_module() -> dict[str, str]:
    """The text of each file, by its path in the folder."""
    folder = templates_folder() / "root_module"
    return {
        path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8")
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def start_root_module(folder: Path) -> bool:
    """Writes the root module, unless there is something of that name; returns whether it did.

    Raises:
        BuildError: it can't be written; nothing is left then.
    """
    if folder.exists() or folder.is_symlink():
        return False
    replace_files(folder, root_module(), ())
    return True
