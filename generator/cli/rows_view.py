"""Rows on a terminal: a table where they fit, else a block for each."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from generator.cli.terminal import Cell, Terminal, display_width, format_table
from generator.plan.written import plain_text
from generator.printable import one_line
from generator.run.masking import MASK

if TYPE_CHECKING:
    from generator.run.look.ask import Looked

_LONGEST = 60
_WIDTH = 120
"""Of what isn't a terminal."""
_NUMBERS = ("int", "bigint", "smallint", "tinyint", "double", "float", "decimal")


def format_rows(terminal: Terminal, found: Looked) -> str:
    """The rows, and a line that counts them."""
    parts = [_table(terminal, found)] if found.rows else []
    shown = len(found.rows)
    counted = f"{shown:,} row{'s' * (shown != 1)}" if shown == found.total else f"{shown:,} of {found.total:,} rows"
    if found.masked:
        counted += "; personal data is masked, --reveal shows it"
    parts.append(terminal.style(counted, "dim"))
    return "\n\n".join(parts)


def _table(terminal: Terminal, found: Looked) -> str:
    cells = [[_cell(value) for value in row] for row in found.rows]
    widths = [
        max(display_width(name), *(display_width(row[place].text) for row in cells))
        for place, name in enumerate(found.columns)
    ]
    if sum(widths) + 2 * (len(widths) - 1) <= (terminal.width or _WIDTH):
        right = {place for place, kind in enumerate(found.kinds) if kind.startswith(_NUMBERS)}
        return format_table(terminal, found.columns, cells, right)
    return "\n\n".join("\n".join(_block(terminal, found, row)) for row in cells)


def _block(terminal: Terminal, found: Looked, row: list[Cell]) -> Iterator[str]:
    """A row with a line for each column."""
    widest = max(map(display_width, found.columns))
    for name, cell in zip(found.columns, row, strict=True):
        pad = " " * (widest - display_width(name))
        yield f"{terminal.style(one_line(name), 'bold')}{pad}  {terminal.style(cell.text, *cell.styles)}".rstrip()


def _cell(value: Any) -> Cell:
    text = one_line(plain_text(value))
    text = text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
    return Cell(text, ("dim",) if value is None or value == MASK else ())
