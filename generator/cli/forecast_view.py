"""How it looks what a run would make."""

from __future__ import annotations

from collections.abc import Sequence

from generator.cli.terminal import Cell, Terminal, format_table, size
from generator.printable import one_line
from generator.run.forecast import FAILS, READ, UNCHANGED, Outlook


def format_forecast(terminal: Terminal, found: Sequence[Outlook], leaving: Sequence[str] = ()) -> str:
    """A line for each source and table, and how many would be made."""
    rows = [_row(one) for one in found]
    table = format_table(terminal, ("table", "zone", "would be", "by", "rows, about"), rows, right={4})
    made = sum(one.what not in (UNCHANGED, FAILS) for one in found if not one.is_source)
    same = sum(one.what == UNCHANGED for one in found if not one.is_source)
    notes = "".join(f"note: {name}: the spec doesn't have it any more; it would leave the lake\n" for name in leaving)
    return f"{table}\n\n{notes}{made:,} tables would be made, {same:,} would stay as they are; nothing was"


def _row(one: Outlook) -> tuple[Cell, ...]:
    style = ("red",) if one.what == FAILS else ("dim",) if one.what == UNCHANGED else ()
    by = one.by
    if one.what == READ:
        read = f"{one.files_read:,} of {one.files:,} files, {size(one.bytes_read)}"
        by = f"{read}: {by}" if by else read
    rows = "" if one.what in (UNCHANGED, FAILS) else "?" if one.rows is None else f"{one.rows:,}"
    return Cell(one.name), Cell(one.zone or "", ("dim",)), Cell(one.what, style), Cell(one_line(by)), Cell(rows)
