"""The page of a diagnostic code."""

from __future__ import annotations

import textwrap

from generator.cli.terminal import Terminal
from generator.codes import CodePage
from generator.printable import paint

_WIDEST = 88
_AT_RUN_TIME = "Found while a lake runs."


def format_explanation(page: CodePage, terminal: Terminal) -> str:
    """What the code means, why it matters, and an example put right; without a final line end."""
    if terminal.width:
        from generator.cli.rich_text import markdown

        return markdown(_markdown(page), min(terminal.width, _WIDEST), terminal.color)
    bold = _bold if terminal.color else str
    parts = [
        bold(_title(page)),
        _wrapped(page.summary),
        _wrapped(page.why),
    ]
    if page.runtime:
        parts.append(_AT_RUN_TIME)
    parts += [f"{bold(f'{head}:')}\n\n{textwrap.indent(text, '    ')}" for head, text in page.examples]
    return "\n\n".join(parts)


def _markdown(page: CodePage) -> str:
    parts = [f"**{_title(page)}**", page.summary, page.why, _AT_RUN_TIME * page.runtime]
    parts += [f"**{head}:**\n\n```yaml\n{text}\n```" for head, text in page.examples]
    return "\n\n".join(filter(None, parts))


def _title(page: CodePage) -> str:
    return f"{page.severity.value}[{page.code}]: {page.name}"


def _bold(text: str) -> str:
    return paint(text, "1")


def _wrapped(text: str) -> str:
    """The paragraphs of a text, each filled anew."""
    return "\n\n".join(textwrap.fill(paragraph, _WIDEST) for paragraph in text.strip().split("\n\n"))
