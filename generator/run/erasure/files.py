"""Files as bytes: what is in a folder, size and hash of each, and the lines in which a key of the person stands."""

from __future__ import annotations

import codecs
import hashlib
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

from generator.erasure.finding import Looked, Part
from generator.erasure.text import Texts, TooLong
from generator.regular_files import kind_of
from generator.run.landing.files import MAX_LINE
from generator.runtime.archives import damages, open_archive
from generator.runtime.error import LakeError
from generator.runtime.names import ARCHIVES, refusal

_PACKED = frozenset(
    ".7z .avro .docx .duckdb .gpg .jar .ods .odt .orc .pdf .pkl .rar .tgz .xls .xlsb .xlsx .zip .whl".split()
)
_MARKS = ((codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


class Opaque(Exception):
    """Why a file can't be looked into."""


def shown(path: Path, root: Path) -> str:
    r"""How a file below a folder is called; a byte of its name that isn't UTF-8 is shown as `\xff`."""
    return os.fsencode(path.relative_to(root).as_posix()).decode("utf-8", "backslashreplace")


def files_below(folder: Path, without: Path | None = None) -> Iterator[Path]:
    """Everything below a folder that is no folder, links too, hidden or not; links to folders aren't followed.

    Args:
        without: a folder that is left out.
    """
    left_out = without.resolve() if without is not None else None
    for path, folders, names in os.walk(folder, onerror=_raise):
        here = Path(path)
        yield from (here / name for name in sorted(folders) if (here / name).is_symlink())
        folders[:] = sorted(name for name in folders if (here / name).resolve() != left_out)
        yield from (here / name for name in sorted(names))


def _raise(error: OSError) -> None:
    raise error


def refuse(path: Path, *, links: bool) -> None:
    """Raises Opaque for what is no file.

    Args:
        links: whether links are files, if they lead to one.
    """
    try:
        found = path.stat() if links else path.lstat()
    except OSError as error:
        raise Opaque(error.strerror or str(error)) from None
    if stat.S_ISLNK(found.st_mode):
        raise Opaque("a link, which isn't followed")
    if not stat.S_ISREG(found.st_mode):
        raise Opaque(f"it is {kind_of(found.st_mode)}")


def looked(part: Part, path: Path, name: str, rows: int | None = None) -> Looked:
    """A file, its size and hash.

    Raises:
        Opaque: it can't be read.
    """
    try:
        with path.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
            return Looked(part, name, os.fstat(file.fileno()).st_size, found, rows)
    except OSError as error:
        raise Opaque(error.strerror or str(error)) from None


def lines_with(path: Path, texts: Texts, encoding: str = "utf-8") -> list[int]:
    """The lines of a file in which a key of the person stands, unpacked if it is an archive.

    Raises:
        Opaque: it can't be read, or not as text.
    """
    suffix = path.suffix.lower()
    if suffix in _PACKED or (suffix not in ARCHIVES and refusal(f"x{suffix}")):
        raise Opaque(f"`{suffix}` can't be looked into")
    try:
        with open_plain(path, encoding) as stream:
            return list(texts.lines(stream, MAX_LINE))
    except TooLong:
        raise Opaque("it has a line of more than 256 MB") from None
    except damages() as error:
        raise Opaque(str(error)) from None
    except LakeError as error:
        raise Opaque(str(error).partition(": ")[2]) from None


def open_plain(path: Path, encoding: str = "utf-8") -> IO[bytes]:
    """The content of a file as UTF-8, unpacked if it is an archive.

    Raises:
        OSError, LakeError: it can't be read.
    """
    stream = open_archive(path.name, path) or path.open("rb")
    if encoding.lower().replace("_", "-") in ("utf-8", "utf8", "utf-8-sig"):
        if path.suffix in ARCHIVES:
            return stream
        begin = stream.read(2)
        encoding = next((name for mark, name in _MARKS if begin == mark), "")
        stream.seek(0)
    return cast("IO[bytes]", _AsUtf8(stream, encoding)) if encoding else stream


@dataclass(slots=True)
class _AsUtf8:
    """A file in another encoding, as UTF-8."""

    stream: IO[bytes]
    encoding: str
    reader: codecs.StreamReader | None = None

    def read(self, size: int) -> bytes:
        self.reader = self.reader or codecs.getreader(self.encoding)(self.stream, "replace")
        return self.reader.read(size).encode("utf-8", "replace")

    def __iter__(self) -> Iterator[bytes]:
        self.reader = self.reader or codecs.getreader(self.encoding)(self.stream, "replace")
        return (line.encode("utf-8", "replace") for line in self.reader)

    def __enter__(self) -> _AsUtf8:
        return self

    def __exit__(self, *_: object) -> None:
        self.stream.close()
