"""Archives: files whose content is packed, and how Python unpacks it."""

from __future__ import annotations

import bz2
import gzip
import importlib
import io
import zlib
from pathlib import Path
from types import ModuleType
from typing import IO, Any, cast

from .error import LakeError

MOST_BYTES = 2 << 30
"""What is unpacked in memory has no more: an archive of a few MB may hold any number of zeros."""
_ZSTD = ("compression.zstd", "backports.zstd", "pyarrow")
"""What knows zstd: Python itself from 3.14 on, its backport, and what Glue's Python has."""


def _zstd() -> ModuleType | None:
    for name in _ZSTD:
        try:
            return importlib.import_module(name)
        except ImportError:
            continue
    return None


def damages() -> tuple[type[Exception], ...]:
    """The errors by which it is seen that an archive can't be unpacked to its end."""
    found = getattr(_zstd(), "ZstdError", None)
    return (OSError, EOFError, zlib.error, *((found,) if found else ()))


def open_archive(name: str, file: Path | io.BytesIO) -> IO[bytes] | None:
    """The plain content of an archive; None if by its name it is none.

    Raises:
        LakeError: nothing here can unpack it.
    """
    suffix = name[name.rfind(".") :]
    if suffix == ".gz":
        return cast("IO[bytes]", gzip.GzipFile(fileobj=file) if isinstance(file, io.BytesIO) else gzip.GzipFile(file))
    if suffix == ".bz2":
        return cast("IO[bytes]", bz2.BZ2File(file))
    return _open_zstd(name, file) if suffix == ".zst" else None


def _open_zstd(name: str, file: Path | io.BytesIO) -> IO[bytes]:
    module: Any = _zstd()
    if module is None:
        raise LakeError(f"{name}: no Python package here unpacks zstd: install backports.zstd")
    if module.__name__ == "pyarrow":
        return cast("IO[bytes]", module.input_stream(file, compression="zstd"))
    return cast("IO[bytes]", module.ZstdFile(file))


def unpacked(name: str, content: bytes) -> bytes:
    """The plain content of a file, an archive or not.

    Raises:
        LakeError: it is damaged, or too large to be read as a whole.
    """
    archive = open_archive(name, io.BytesIO(content))
    if archive is None:
        return content
    try:
        with archive:
            plain = archive.read(MOST_BYTES + 1)
    except damages() as error:
        raise LakeError(f"{name}: damaged archive: {error}") from None
    if len(plain) > MOST_BYTES:
        raise LakeError(f"{name}: unpacked, it has more than {MOST_BYTES >> 20:,} MB: cut it into several files")
    return plain
