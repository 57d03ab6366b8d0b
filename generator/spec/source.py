"""Reads the text of a spec. Light, because every command begins with it."""

from __future__ import annotations

from pathlib import Path

from generator.diagnostics import GeneratorError, SourceText
from generator.regular_files import read_regular


class UnreadableSpecError(GeneratorError):
    """The spec's file can't be read as text.

    Attributes:
        path: the file.
    """

    def __init__(self, path: str, reason: str) -> None:
        self.path = path
        super().__init__(f"cannot read {path}: {reason}")


def read_source(path: Path) -> SourceText:
    """Reads a spec's text.

    Raises:
        UnreadableSpecError: the file is missing, a folder, or not UTF-8.
    """
    try:
        return SourceText(str(path), read_regular(path))
    except FileNotFoundError:
        raise UnreadableSpecError(str(path), "there is no such file") from None
    except IsADirectoryError:
        raise UnreadableSpecError(str(path), "it is a folder") from None
    except OSError as error:
        raise UnreadableSpecError(str(path), error.strerror or str(error)) from None
    except UnicodeDecodeError as error:
        reason = f"it is not UTF-8 text (byte {error.start} is 0x{error.object[error.start]:02x})"
        raise UnreadableSpecError(str(path), reason) from None
