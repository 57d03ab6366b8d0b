"""Takes out duplicates."""

from __future__ import annotations

from generator.author.studio.builder import Builder
from generator.author.studio.model import Node
from generator.author.studio.rows import Cell, Rows
from generator.author.studio.tables import DEDUPE


def deduped(builder: Builder, node: Node, by: list[Cell], rows: Rows) -> Rows:
    """One row of those that agree on the columns; on all of them without any."""
    rows = builder.at(DEDUPE - 1, rows)
    if by:
        by = [next(cell for cell in rows.cells if cell.uid == one.uid) for one in by]
    natural = rows.table.aliases()
    whole = not by
    cells = by or rows.cells
    names = {cell.text for cell in cells}
    if whole:
        known = [f"{alias}.{name}" for alias, table in natural.items() for name in builder.catalog.columns(table)[0]]
        everything = names == {*known, *(name for name, _ in rows.table.adds)} if natural else True
        if rows.open and not rows.listed and not everything:
            rows = builder.view(rows)
        passing = rows.open and not rows.listed
        rows.table.dedupe = [] if (everything and len(natural) <= 1) or passing else [cell.text for cell in cells]
    else:
        rows.table.dedupe = [cell.text for cell in cells]
        rest = [cell for cell in rows.cells if cell.uid not in {one.uid for one in by}]
        if rest and not rows.unique({cell.uid for cell in by}):
            shown = ", ".join(f"`{cell.name}`" for cell in by)
            message = (
                f"which of the rows with the same {shown} stays is left to chance; here it is the first by all columns"
            )
            builder.job.changed("any-duplicate", node, message, "say which with `order_by`")
    rows.table.stage = DEDUPE
    rows.keys = [*rows.keys, frozenset(cell.uid for cell in cells)]
    return rows
