"""A digest of the code that makes rows of landing data, so that rows of other code are told from those of the same.

Only what decides counts: of the modules those that reading needs, and of these no comments and no docstrings. So a
release that reads as the one before has nothing to read again.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from io import BytesIO
from pathlib import Path, PurePath
from zipfile import ZipFile

READING = ("landing",)
"""The modules that make rows of landing data on Spark; with all that they import."""

_TOKEN = re.compile(
    r'#[^\n]*|(?:\b[rR])?"""(?:\\.|[^\\])*?"""|"(?:\\.|[^"\\\n])*"'
    r"|(?:\b[rR])?'''(?:\\.|[^\\])*?'''|'(?:\\.|[^'\\\n])*'",
    re.DOTALL,
)
_TRIPLE = re.compile(r"[rR]?(\"\"\"|''')")
_WITHIN = tuple("([{,=+%\\")
"""What stands before a text that is a part of an expression."""
_IMPORT = re.compile(r"^\s*from \.(\w+) import", re.MULTILINE)


def without_words(text: str, instead: str = "") -> str:
    """The text of a module without comments, docstrings and blank lines.

    Args:
        instead: what stands where a docstring was.
    """
    parts: list[str] = []
    at, before = 0, ""
    for token in _TOKEN.finditer(text):
        between = text[at : token.start()]
        before = between.rstrip()[-1:] or before
        parts.append(between)
        if token[0].startswith("#"):
            kept = ""
        elif _TRIPLE.match(token[0]) and _is_statement(text, token) and before not in _WITHIN:
            kept = instead
        else:
            kept, before = token[0], token[0][-1]
        parts.append(kept)
        at = token.end()
    lines = ("".join(parts) + text[at:]).splitlines()
    return "\n".join(line.rstrip() for line in lines if line.strip())


def _is_statement(text: str, token: re.Match[str]) -> bool:
    """Whether a text has its lines for itself."""
    start, end = text.rfind("\n", 0, token.start()) + 1, text.find("\n", token.end())
    rest = text[token.end() : end if end >= 0 else len(text)].partition("#")[0]
    return not text[start : token.start()].strip() and not rest.strip()


def needed(modules: Mapping[str, str], first: Iterable[str]) -> list[str]:
    """Some modules of a package, and those that they import from it.

    Args:
        modules: texts by name, without suffix.
    """
    found = list(dict.fromkeys(first))
    for name in found:
        found += (one for one in _IMPORT.findall(modules[name]) if one in modules and one not in found)
    return sorted(set(found))


def code_digest(texts: Iterable[str]) -> str:
    """A digest of modules that doesn't know their words."""
    digest = hashlib.sha256()
    for text in texts:
        digest.update(f"{without_words(text)}\0".encode())
    return digest.hexdigest()[:32]


def reading_digest(modules: Mapping[str, str]) -> str:
    """A digest of the code that makes rows of landing data on Spark."""
    return code_digest(modules[name] for name in needed(modules, READING))


def folder_modules(folder: Path) -> dict[str, str]:
    """The texts of a folder's modules, by name."""
    return {path.stem: path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.py"))}


def archive_modules(archive: Path | BytesIO) -> dict[str, str]:
    """Those of a package in a zip, without those of packages in it."""
    with ZipFile(archive) as package:
        own = (name for name in sorted(package.namelist()) if name.count("/") == 1)
        return {PurePath(name).stem: package.read(name).decode() for name in own}
