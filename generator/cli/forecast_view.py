"""How it looks what a run would make."""

from __future__ import annotations

from collections.abc import Sequence

from generator.cli.table import Cell, format_table
from generator.cli.terminal import Terminal
from generator.cli.words import size
from generator.printable import one_line
from generator.run.forecast import FAILS, READ, UNCHANGED, Outlook
from generator.runtime.words import plural


def format_forecast(terminal: Terminal, found: Sequence[Outlook], leaving: Sequence[str] = ()) -> str:
    """A line for each source and table, and how many would be made."""
    rows = [_row(one) for one in found]
    table = format_table(terminal, ("table", "zone", "would be", "by", "rows, about"), rows, right={4}, below={1, 3})
    made = sum(one.what not in (UNCHANGED, FAILS) for one in found if not one.is_source)
    same = sum(one.what == UNCHANGED for one in found if not one.is_source)
    notes = "".join(f"note: {name}: the spec doesn't have it any more; it would leave the lake\n" for name in leaving)
    return f"{table}\n\n{notes}{_would(made, same)}; nothing was"


def _would(made: int, same: int) -> str:
    stay = plural(same, "would stay as it is", "would stay as they are")
    return f"{plural(made, 'table')} would be made, {stay}"


def _row(one: Outlook) -> tuple[Cell, ...]:
    style = ("red",) if one.what == FAILS else ("dim",) if one.what == UNCHANGED else ()
    by = one.by
    if one.what == READ:
        read = f"{one.files_read:,} of {plural(one.files, 'file')}, {size(one.bytes_read)}"
        by = f"{read}: {by}" if by else read
    rows = "" if one.what in (UNCHANGED, FAILS) else "?" if one.rows is None else f"{one.rows:,}"
    return Cell(one.name), Cell(one.zone or "", ("dim",)), Cell(one.what, style), Cell(one_line(by)), Cell(rows)
