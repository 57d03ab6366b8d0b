"""The queries: rows of each table and source against those expected, previews of tables, quarantines.

They ask what jobs published. Athena's reader of raw text takes lines for rows that are none: it counts nothing here.
Sources are asked by queries of their own: whoever may read tables need not be allowed to read those.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from generator.plan.lake import CompiledLake, CompiledTable
from generator.render.templates import render

FOLDER = "athena"
PARTS = 50
"""How many tables one query asks: Athena allows a query about 150 stages, and each table takes two."""
PREVIEW_ROWS = 20


def render_athena(lake: CompiledLake) -> dict[str, str]:
    """The files, by their paths below the build folder."""
    return {f"{FOLDER}/{name}.sql": text for name, (_, text) in _queries(lake).items()}


def named_queries(lake: CompiledLake) -> dict[str, str]:
    """The files' names without their ending, and what each tells."""
    return {name: title for name, (title, _) in _queries(lake).items()}


def _queries(lake: CompiledLake) -> dict[str, tuple[str, str]]:
    """Title and text of each query, by name."""
    return dict(sorted([*_row_counts(lake), *_quarantine(lake), *_previews(lake)]))


def _row_counts(lake: CompiledLake) -> Iterator[tuple[str, tuple[str, str]]]:
    tables = [{"name": table.name, "expected": lake.row_counts.get(table.name)} for table in _stored(lake)]
    title = "Rows of each table, and how many the reference data gives."
    yield from _in_parts("row_counts", title, tables)
    sources = [{"name": name, "expected": lake.row_counts.get(name)} for name in lake.sources]
    title = "Rows of each source, and how many the reference data gives."
    yield from _in_parts("row_counts_of_sources", title, sources, "row_counts")


def _quarantine(lake: CompiledLake) -> Iterator[tuple[str, tuple[str, str]]]:
    yield from _in_parts("quarantine", "Lines of raw data that became no rows, by reason.", sorted(lake.sources))


def _previews(lake: CompiledLake) -> Iterator[tuple[str, tuple[str, str]]]:
    for table in _stored(lake):
        title = f"Some rows of {table.name}."
        text = render("athena/preview.sql.j2", title=title, table=table.name, rows=PREVIEW_ROWS)
        yield f"preview_{table.name}", (title, text)


def _in_parts(
    name: str, title: str, parts: Sequence[object], template: str = ""
) -> Iterator[tuple[str, tuple[str, str]]]:
    """A query, or several where it would ask too many tables; none where there is nothing to ask."""
    for start in range(0, len(parts), PARTS):
        suffix = f"_{start // PARTS + 1}" if start else ""
        text = render(f"athena/{template or name}.sql.j2", title=title, parts=parts[start : start + PARTS])
        yield f"{name}{suffix}", (title, text)


def _stored(lake: CompiledLake) -> list[CompiledTable]:
    return [table for table in lake.tables.values() if not table.is_view]
