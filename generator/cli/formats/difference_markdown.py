"""A difference as the comment of a pull request: what to look at first, a table of all, and details to unfold."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from generator.cli.formats.difference import LOOK_FIRST, WORDS, by_aspect, lines, nothing, parts, summary, what_happened
from generator.render.difference import Change, Difference, Kind, On

LIMIT = 60_000
"""Characters that a comment may have, with room for what a workflow adds; GitHub takes 65,536."""
_SPAN = re.compile(r"(`[^`]*`)")
_SPECIAL = re.compile(r"([\\*_\[\]<>|~#@&])")


def format_markdown(difference: Difference) -> str:
    """GitHub's Markdown, at most `LIMIT` characters; without a final line end."""
    if not difference.changes:
        return escaped(nothing(difference)[:1].upper() + nothing(difference)[1:]) + "."
    head = "\n".join(_head(difference))
    table = "\n".join(limited(list(_table(difference)), LIMIT - len(head)))
    details = [_details(on, name, changes) for on, name, changes in parts(difference)]
    shown = limited(details, LIMIT - len(head) - len(table))
    return "\n\n".join(filter(None, (head, table, *shown, _affected(difference))))


def format_findings_markdown(path: str, findings: str) -> str:
    """Why there is nothing to compare."""
    return f"### {escaped(path)} doesn't compile\n\n{fenced(findings)}"


def limited(blocks: Sequence[str], room: int, command: str = "diff") -> list[str]:
    """As many blocks as there is room for, and how many are left out."""
    kept: list[str] = []
    room -= 400
    for block in blocks:
        room -= len(block) + 2
        if room < 0:
            left = len(blocks) - len(kept)
            return [*kept, f"\n_{left} more are left out here: `python -m generator {command}` shows all._"]
        kept.append(block)
    return kept


def _head(difference: Difference) -> Iterator[str]:
    yield f"### What this does to the lake: {summary(difference)}"
    yield ""
    yield f"`{difference.old}` → `{difference.new}`"
    if difference.risks:
        yield ""
        yield f"#### ⚠️ Look at this first ({len(difference.risks)})"
        yield ""
        yield "| | where | what |"
        yield "|---|---|---|"
        for change in difference.risks[:50]:
            why = LOOK_FIRST[change.risk] if change.risk else ""
            yield f"| **{why}** | {change.on} `{change.name}` | {cell(change.text)} |"
        if len(difference.risks) > 50:
            yield f"| | | and {len(difference.risks) - 50} more, below |"


def _table(difference: Difference) -> Iterator[str]:
    yield "| | | what changes |\n|---|---|---|"
    for on, name, changes in parts(difference):
        yield f"| {on} `{name}` | {what_happened(changes)} | {_in_short(changes)} |"


def _in_short(changes: Sequence[Change]) -> str:
    """Such as `columns (1 new, 1 gone), rows`."""
    said = []
    for aspect, some in by_aspect(changes):
        counts = Counter(change.kind for change in some if change.item)
        counted = ", ".join(f"{counts[kind]} {WORDS[kind]}" for kind in Kind if counts[kind])
        said.append(f"{aspect} ({counted})" if counted and len(some) > 1 else aspect.value)
    return ", ".join(said)


def _details(on: On, name: str, changes: Sequence[Change]) -> str:
    title = f"<b>{on} <code>{name}</code></b> ({what_happened(changes)})"
    blocks = [f"<details><summary>{title}</summary>"]
    for aspect, some in by_aspect(changes):
        blocks.append("\n".join(_items(aspect.value, some)))
    return "\n\n".join([*blocks, "</details>"])


def _items(aspect: str, changes: Sequence[Change]) -> Iterator[str]:
    yield f"**{aspect}**"
    yield ""
    for change in changes:
        yield f"- {'⚠️ ' if change.risk else ''}{escaped(change.text)}"
        shown = lines(change)
        if shown:
            block = fenced("\n".join(f"{sign} {line}" for sign, line in shown), "diff")
            yield "\n".join(f"  {line}" if line else "" for line in ("", *block.splitlines()))


def _affected(difference: Difference) -> str:
    names = ", ".join(f"`{name}`" for name in difference.affected)
    return f"Changed only by what they read: {names}" if names else ""


def escaped(text: str) -> str:
    """A text whose code spans stay, and in which nothing else means anything to Markdown."""
    pieces = _SPAN.split(" ".join(text.split()))
    return "".join(piece if piece.startswith("`") else _SPECIAL.sub(r"\\\1", piece) for piece in pieces)


def cell(text: str) -> str:
    """The same inside a table, where a bar ends a cell even in code."""
    pieces = _SPAN.split(escaped(text))
    return "".join(piece.replace("|", "\\|") if piece.startswith("`") else piece for piece in pieces)


def fenced(text: str, language: str = "") -> str:
    """A block of code, whatever is in it."""
    longest = max((len(run) for run in re.findall(r"`{3,}", text)), default=2)
    fence = "`" * (longest + 1)
    return f"{fence}{language}\n{text}\n{fence}"
