"""The page of a diagnostic code, for a terminal."""

from __future__ import annotations

import textwrap

from generator.codes import CodePage
from generator.printable import paint

_WIDTH = 88


def format_explanation(page: CodePage, color: bool = False) -> str:
    """What the code means, why it matters, and an example put right; without a final line end."""
    bold = _bold if color else str
    parts = [
        bold(f"{page.severity.value}[{page.code}]: {page.name}"),
        _wrapped(page.summary),
        _wrapped(page.why),
    ]
    if page.runtime:
        parts.append("Found while a lake runs.")
    parts += [f"{bold(f'{head}:')}\n\n{textwrap.indent(text, '    ')}" for head, text in page.examples]
    return "\n\n".join(parts)


def _bold(text: str) -> str:
    return paint(text, "1")


def _wrapped(text: str) -> str:
    """The paragraphs of a text, each filled anew."""
    return "\n\n".join(textwrap.fill(paragraph, _WIDTH) for paragraph in text.strip().split("\n\n"))
