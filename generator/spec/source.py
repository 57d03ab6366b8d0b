"""Reads the texts of a spec. Light, because every command begins with it."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterable
from pathlib import Path

from generator.diagnostics import GeneratorError, SourceText
from generator.regular_files import read_regular
from generator.spec.include import with_included


class UnreadableSpecError(GeneratorError):
    """The spec's file can't be read as text.

    Attributes:
        path: the file.
        reason: why it can't be read.
    """

    def __init__(self, path: str, reason: str) -> None:
        self.path = path
        self.reason = reason
        super().__init__(f"cannot read {path}: {reason}")


def read_source(path: Path) -> SourceText:
    """Reads a spec's text, and those of the files that it includes.

    Raises:
        UnreadableSpecError: the file is missing, a folder, or not UTF-8. What is wrong with included files is told by
            the compiler, where `include` stands.
    """
    return with_files(SourceText(str(path), _read_text(path)), path)


def with_files(source: SourceText, path: Path) -> SourceText:
    """A text with the files that it includes, as it would have them at a path."""
    folder = path.parent

    def matching(pattern: str) -> Iterable[str]:
        found = glob.iglob(pattern, root_dir=folder, recursive=True)
        return (name.replace(os.sep, "/") for name in found if not (folder / name).is_dir())

    def read(name: str) -> SourceText:
        try:
            return SourceText(str(folder / name), _read_text(folder / name), name=name)
        except UnreadableSpecError as error:
            return SourceText(str(folder / name), "", name=name, problem=error.reason)

    return with_included(source, path.name, matching, read)


def _read_text(path: Path) -> str:
    try:
        return read_regular(path)
    except FileNotFoundError:
        raise UnreadableSpecError(str(path), "there is no such file") from None
    except IsADirectoryError:
        raise UnreadableSpecError(str(path), "it is a folder") from None
    except OSError as error:
        raise UnreadableSpecError(str(path), error.strerror or str(error)) from None
    except UnicodeDecodeError as error:
        reason = f"it is not UTF-8 text (byte {error.start} is 0x{error.object[error.start]:02x})"
        raise UnreadableSpecError(str(path), reason) from None
