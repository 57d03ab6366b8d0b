"""Rows on a terminal: a table where they fit, else a block for each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from generator.cli.table import Cell, display_width, format_table, table_width
from generator.cli.terminal import Terminal
from generator.plan.written import plain_text
from generator.printable import one_line
from generator.run.masking import MASK
from generator.runtime.words import plural

if TYPE_CHECKING:
    from generator.run.look.ask import Looked

_LONGEST = 60
"""Characters of a value that a terminal shows."""
_WIDTH = 120
"""Of what isn't a terminal."""
_NUMBERS = ("int", "bigint", "smallint", "tinyint", "double", "float", "decimal")


def format_rows(terminal: Terminal, found: Looked) -> str:
    """The rows, and a line that counts them."""
    parts = [_table(terminal, found)] if found.rows else []
    shown = len(found.rows)
    counted = plural(shown, "row") if shown == found.total else f"{shown:,} of {plural(found.total, 'row')}"
    if found.masked:
        counted += "; personal data is masked, --reveal shows it"
    parts.append(terminal.style(counted, "dim"))
    return "\n\n".join(parts)


def _table(terminal: Terminal, found: Looked) -> str:
    cells = [[_cell(terminal, value) for value in row] for row in found.rows]
    widths = [
        max(display_width(name), *(display_width(row[place].text) for row in cells))
        for place, name in enumerate(found.columns)
    ]
    if table_width(widths) <= (terminal.width or _WIDTH):
        right = {place for place, kind in enumerate(found.kinds) if kind.startswith(_NUMBERS)}
        return format_table(terminal, found.columns, cells, right)
    names = [Cell(name, ("bold",)) for name in found.columns]
    return "\n\n".join(format_table(terminal, (), list(zip(names, row, strict=True))) for row in cells)


def _cell(terminal: Terminal, value: Any) -> Cell:
    text = one_line(plain_text(value))
    text = text if len(text) <= _LONGEST or not terminal.width else f"{text[: _LONGEST - 1]}…"
    return Cell(text, ("dim",) if value is None or value == MASK else ())
