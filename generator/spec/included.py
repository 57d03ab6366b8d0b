"""What is wrong with the files that a spec includes."""

from __future__ import annotations

from collections.abc import Iterator

from generator.diagnostics import Diagnostic
from generator.spec.include import may_be_pattern
from generator.spec.nodes import Document, Path


def include_problems(document: Document) -> Iterator[Diagnostic]:
    """Patterns that no file has, or that can't be one; and files that can't be read."""
    given = document.data.get("include")
    if isinstance(given, str):
        yield from _problems(document, ("include",), given)
    elif isinstance(given, list):
        for number, pattern in enumerate(given):
            if isinstance(pattern, str):
                yield from _problems(document, ("include", number), pattern)


def _problems(document: Document, path: Path, pattern: str) -> Iterator[Diagnostic]:
    source, span = document.source, document.span(path)
    unreadable = {file.name: file.problem for file in source.included if file.problem}
    names = dict(source.patterns).get(pattern, ())
    for name in names:
        if name in unreadable:
            yield Diagnostic("S009", f"cannot read the included file {name}: {unreadable[name]}", span)
    if names:
        return
    if not may_be_pattern(pattern):
        message, help = f"`{pattern}` is no path from the folder of this file", "write one such as `tables/*.yaml`"
    else:
        message = f"`{pattern}` includes no file"
        help = (
            "paths begin at the folder of this file: `tables/*.yaml` is all of a folder, `tables/**/*.yaml` any below"
        )
    yield Diagnostic("S009", message, span, "nothing there", help=(help,))
