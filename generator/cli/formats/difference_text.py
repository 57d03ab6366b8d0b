"""A difference for a terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from generator.cli.formats.difference import by_aspect, lines, nothing, parts, summary, what_happened
from generator.printable import paint
from generator.render.difference import Change, Difference, Kind

_WIDEST = 110
_MARKS = {Kind.ADDED: "+", Kind.REMOVED: "-", Kind.CHANGED: "~"}
_COLORS = {"+": "32", "-": "31", "~": "33", "!": "31;1", "bold": "1", "dim": "2"}


def format_text(difference: Difference, color: bool = False, width: int = 0) -> str:
    """What to look at first, then everything; without a final line end."""
    if not difference.changes:
        return nothing(difference)
    return "\n".join(_Text(color, min(width or _WIDEST, _WIDEST)).lines(difference))


class _Text:
    def __init__(self, color: bool, width: int) -> None:
        self.color = color
        self.width = width

    def paint(self, text: str, style: str) -> str:
        return paint(text, _COLORS[style]) if self.color and style in _COLORS else text

    def lines(self, difference: Difference) -> Iterator[str]:
        yield f"{difference.old} → {difference.new}: {summary(difference)}"
        if difference.risks:
            yield ""
            yield self.paint(f"Look at this first ({len(difference.risks)})", "!")
            width = max(len(change.risk or "") for change in difference.risks)
            for change in difference.risks:
                where = f"{change.on} {change.name}: "
                yield from self.filled("! ", f"{change.risk:<{width}}  {where}{change.text}", width + 4)
        for on, name, changes in parts(difference):
            yield ""
            yield f"{self.paint(f'{on} {name}', 'bold')} ({what_happened(changes)})"
            yield from self.part(changes)
        if difference.affected:
            yield ""
            yield from self.filled("", f"Changed only by what they read: {', '.join(difference.affected)}", 2)

    def part(self, changes: list[Change]) -> Iterator[str]:
        width = max(len(change.aspect) for change in changes)
        for aspect, some in by_aspect(changes):
            label = f"{aspect:<{width}}"
            for change in some:
                mark = "!" if change.risk else _MARKS[change.kind]
                first = f"  {label}  {mark} "
                wrapped = textwrap.wrap(change.text, max(self.width - len(first), 20), break_on_hyphens=False)
                yield f"  {self.paint(label, 'dim')}  {self.paint(mark, mark)} {wrapped[0]}"
                yield from (" " * len(first) + more for more in wrapped[1:])
                for sign, line in lines(change):
                    yield " " * len(first) + self.paint(f"{sign} {line}", sign)
                label = " " * width

    def filled(self, mark: str, text: str, hang: int) -> Iterator[str]:
        wrapped = textwrap.wrap(text, max(self.width - hang, 20), break_on_hyphens=False)
        yield f"  {self.paint(mark, '!')}{wrapped[0]}" if mark else wrapped[0]
        yield from (" " * (hang + 2) + more for more in wrapped[1:])
