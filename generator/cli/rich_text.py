"""What rich makes of texts. It is imported where there is a terminal, and something that plain lines can't show."""

from __future__ import annotations

import io

from rich.console import Console, RenderableType

from generator.printable import ours, plain


def markdown(text: str, width: int, color: bool) -> str:
    """A page written in Markdown."""
    from generator.cli.rich_markdown import Page

    return rendered(Page(plain(text), code_theme="ansi_dark", hyperlinks=False), width, color)


def rendered(what: RenderableType, width: int, color: bool) -> str:
    """What rich makes of texts in which nothing steers a terminal, without a final line end."""
    console = Console(
        file=io.StringIO(), width=width, force_terminal=color, color_system="standard" if color else None,
        legacy_windows=False, markup=False, highlight=False, emoji=False,
    )  # fmt: skip
    with console.capture() as captured:
        console.print(what)
    return ours("\n".join(line.rstrip() for line in captured.get().rstrip("\n").split("\n")))
