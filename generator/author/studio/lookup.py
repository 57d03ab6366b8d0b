"""Finds columns of rows by the names that a job gives them."""

from __future__ import annotations

from generator.author.names import storable
from generator.author.studio.builder import Builder
from generator.author.studio.rows import Cell, NameNotFoundError, Nulls, Rows


def found_in(builder: Builder, rows: Rows, name: str, any_case: bool = True, drop: bool = False) -> tuple[Cell, str]:
    """A column, and the path of a field in it; where not all columns are known, a new name is one of them.

    Raises:
        NameNotFoundError: there is no such column, or it isn't known which it is.
    """
    try:
        return rows.find(name)
    except NameNotFoundError:
        if any(cell.name == name.replace("`", "") for cell in rows.cells):
            raise
        if any_case or not rows.open:
            try:
                if any_case:
                    return rows.find(name, any_case=True)
            except NameNotFoundError:
                if not rows.open:
                    raise
        if not rows.open:
            raise
    if len(rows.open) > 1:
        shown = " or ".join(f"`{one}`" for one in rows.open)
        raise NameNotFoundError(f"whether `{name.replace('`', '')}` is a column of {shown} isn't known")
    source = rows.open[0]
    plain = name.replace("`", "").split(".")[-1 if name.startswith((".", "`.")) else 0]
    builder.catalog.mention(source, plain)
    alias = next((alias for alias, table in rows.table.aliases().items() if table == source), "")
    column = storable(plain)
    text = f"{alias}.{column}" if alias else column
    existing = next((cell for cell in rows.cells if cell.text == text), None)
    if existing is not None:
        return existing, ""
    cell = Cell(plain, text, f"{rows.node}:{column}", "", Nulls.EITHER, (source, column))
    if not drop:
        rows.cells.append(cell)
    return cell, ""
