"""The package that ships with the jobs: `generator/runtime` as `lake`, in a zip that Python imports from.

The same modules are the same bytes, whatever made them: nothing is compressed, and no file has a time or an owner.
"""

from __future__ import annotations

import io
from pathlib import Path
from zipfile import ZIP_STORED, ZipFile, ZipInfo

FOLDER = Path(__file__).parent.parent / "runtime"
PACKAGE = "lake"
_UNIX, _READABLE = 3, 0o100644
_EARLIEST = (1980, 1, 1, 0, 0, 0)


def runtime_package() -> bytes:
    """The zip."""
    packed = io.BytesIO()
    with ZipFile(packed, "w", ZIP_STORED) as archive:
        for name, text in sorted(runtime_modules().items()):
            entry = ZipInfo(f"{PACKAGE}/{name}", _EARLIEST)
            entry.create_system, entry.external_attr = _UNIX, _READABLE << 16
            archive.writestr(entry, text.encode())
    return packed.getvalue()


def runtime_modules() -> dict[str, str]:
    """The text of each module, by its path."""
    return {path.relative_to(FOLDER).as_posix(): path.read_text(encoding="utf-8") for path in FOLDER.rglob("*.py")}
