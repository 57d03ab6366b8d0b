"""Tables that are wider than the terminal, laid out by rich."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from rich.console import Group
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from generator.cli.rich_text import rendered
from generator.cli.table import GAP, Cell, display_width, table_width
from generator.cli.terminal import Terminal

_READABLE = 18
"""Columns below which a text isn't broken further."""

Stack = list[Cell]
"""What stands in one place of a table: its own cell, and perhaps one that was put below it."""


def folded_table(
    terminal: Terminal,
    head: Sequence[Cell],
    rows: Sequence[Sequence[Cell]],
    right: Collection[int],
    below: Collection[int],
) -> str:
    """A table of which lines are broken between words, else with some columns below the first one, else blocks."""
    for under in ((), below):
        beside = [place for place in range(len(rows[0])) if place not in under]
        stacks = [[[row[place]] for place in beside] for row in ([head] if head else [])]
        for row in rows:
            stacks.append([[row[place]] for place in beside])
            stacks[-1][0] += _put_below([row[place] for place in sorted(under) if row[place].text])
        aligned = [place in right for place in beside]
        widths = _fitting(stacks, aligned, terminal.width)
        if widths:
            return _table(terminal, stacks, aligned, widths)
    return "\n".join(_block(terminal, head, row) if head else _stack(terminal, row) for row in rows)


def _put_below(cells: Sequence[Cell]) -> Stack:
    return [Cell(", ".join(cell.text for cell in cells), cells[0].styles)] if cells else []


def _fitting(stacks: Sequence[Sequence[Stack]], aligned: Sequence[bool], room: int) -> list[int]:
    """Widths of columns with which a table fits and every word is whole; none where there are no such.

    Args:
        aligned: whether a column is aligned to the right: it holds numbers, which are broken last.
    """
    columns = list(zip(*stacks, strict=True))
    widths = [max(map(_width, column)) for column in columns]
    least = [max(map(_longest_word, column)) for column in columns]
    least = [
        word if is_right else max(word, min(width, _READABLE))
        for word, width, is_right in zip(least, widths, aligned, strict=True)
    ]
    spare = [width - word for width, word in zip(widths, least, strict=True)]
    if table_width(widths) - sum(spare) > room:
        return []
    while table_width(widths) > room:
        place = max(range(len(widths)), key=lambda one: (spare[one] > 0, not aligned[one], spare[one]))
        widths[place] -= 1
        spare[place] -= 1
    return widths


def _width(stack: Stack) -> int:
    return max(GAP * (place > 0) + display_width(cell.text) for place, cell in enumerate(stack))


def _longest_word(stack: Stack) -> int:
    return max(
        GAP * (place > 0) + max(map(display_width, cell.text.split()), default=0) for place, cell in enumerate(stack)
    )


def _table(
    terminal: Terminal, stacks: Sequence[Sequence[Stack]], aligned: Sequence[bool], widths: Sequence[int]
) -> str:
    table = Table.grid(padding=(0, GAP, 0, 0))
    for place, is_right in enumerate(aligned):
        table.add_column(justify="right" if is_right else "left", overflow="fold", width=widths[place])
    for row in stacks:
        table.add_row(*map(_stacked, row))
    return rendered(table, terminal.width, terminal.color)


def _stacked(stack: Stack) -> Group:
    first, *others = (Text(cell.text, style=" ".join(cell.styles)) for cell in stack)
    return Group(first, *(Padding(text, (0, 0, 0, GAP)) for text in others))


def _block(terminal: Terminal, head: Sequence[Cell], row: Sequence[Cell]) -> str:
    """The first cell of a row, and below it the others, each after its column's name."""
    first, *others = row
    title = _stack(terminal, [Cell(first.text, first.styles or ("bold",))])
    named = [
        [Cell(f"{' ' * GAP}{name.text}", ("dim",)), cell]
        for name, cell in zip(head[1:], others, strict=True)
        if cell.text
    ]
    return f"{title}\n{folded_table(terminal, (), named, (), ())}" if named else title


def _stack(terminal: Terminal, row: Sequence[Cell]) -> str:
    """Cells below each other."""
    return _table(terminal, [[list(row)]], [False], [terminal.width])
