"""How tests look: a line each, then every row that isn't as expected."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from generator.cli.table import Cell, display_width, format_table, table_width
from generator.cli.terminal import Terminal
from generator.plan.row_tests import Row
from generator.plan.written import written
from generator.printable import one_line
from generator.run.row_tests.result import Difference, TestResult, Unbroken
from generator.runtime.words import plural

MOST_ROWS = 20
"""So many rows of a difference are shown."""
_LONGEST = 60
_PLAIN_WIDTH = 120
_INDENT = 4


def told(terminal: Terminal, result: TestResult) -> str:
    """A test on one line."""
    mark = terminal.style("✗", "red", "bold") if result.failed else terminal.style("✓", "green")
    took = terminal.style(f"{result.seconds * 1000:.0f} ms", "dim")
    return f"{mark} {one_line(result.test.name)}  {took}"


def failure(terminal: Terminal, result: TestResult) -> str:
    """All that is wrong in a test."""
    test = result.test
    head = f"{terminal.style('failed', 'red', 'bold')}: {one_line(test.name)} ({one_line(test.file)}:{test.line})"
    parts = [head, *details(terminal, result)]
    return "\n".join(parts)


def details(terminal: Terminal, result: TestResult) -> Iterator[str]:
    if result.problem:
        yield f"  it can't be computed: {one_line(result.problem)}"
    for one in result.differences:
        yield f"  {one.table}: {_counted(one)}"
        yield from (f"    {line}" for line in _rows(terminal, one))
    for other in result.unbroken:
        yield f"  {other.table}: {_checks(other)}"


def _counted(one: Difference) -> str:
    """Such as `2 rows differ, 1 is missing and 1 unexpected; 3 expected, 3 came out`."""
    parts = [
        f"{len(one.changed)} differ{'s' * (len(one.changed) == 1)}" if one.changed else "",
        f"{len(one.missing)} missing" if one.missing else "",
        f"{len(one.unexpected)} unexpected" if one.unexpected else "",
    ]
    return f"{', '.join(filter(None, parts))} (expected {plural(one.expected_rows, 'row')}, found {one.found_rows:,})"


def _checks(one: Unbroken) -> str:
    quiet = [name for name in one.expected if name not in one.found]
    loud = [name for name in one.found if name not in one.expected]
    parts = [f"`{name}` isn't broken" for name in quiet]
    parts += [f"`{name}` is broken by {plural(one.found[name], 'row')}" for name in loud]
    return one_line("; ".join(parts))


def _rows(terminal: Terminal, one: Difference) -> Iterator[str]:
    rows = list(_marked(one, _LONGEST if terminal.width else None))
    shown = rows[:MOST_ROWS]
    if terminal.width or _width(one, shown) + _INDENT <= _PLAIN_WIDTH:
        inside = replace(terminal, width=max(terminal.width - _INDENT, 0))
        yield from format_table(inside, ("", *one.columns), shown).split("\n")
    else:
        yield from (_listed(terminal, one.columns, row) for row in shown)
    if len(rows) > MOST_ROWS:
        yield f"… and {plural(len(rows) - MOST_ROWS, 'more row')}"


def _width(one: Difference, rows: Sequence[Sequence[Cell]]) -> int:
    heads = ["", *one.columns]
    cells = [heads, *([cell.text for cell in row] for row in rows)]
    return table_width([max(map(display_width, column)) for column in zip(*cells, strict=True)])


def _marked(one: Difference, longest: int | None) -> Iterator[list[Cell]]:
    """Rows, each after its mark: `~` differs, `-` is missing, `+` is unexpected.

    Args:
        longest: characters of a value that are shown; all, where it is None.
    """
    for pair in one.changed:
        cells = [Cell("~", ("yellow",))]
        for column in one.columns:
            found = _cell(pair.found, column, longest)
            if column in pair.differing:
                cells.append(Cell(f"{found} (expected {_cell(pair.expected, column, longest)})", ("yellow",)))
            else:
                cells.append(Cell(found))
        yield cells
    for row in one.missing:
        yield [Cell("-", ("red",)), *(Cell(_cell(row, column, longest), ("red",)) for column in one.columns)]
    for row in one.unexpected:
        yield [Cell("+", ("green",)), *(Cell(_cell(row, column, longest), ("green",)) for column in one.columns)]


def _cell(row: Row, column: str, longest: int | None) -> str:
    """A value; nothing where the expected row doesn't say."""
    if column not in row:
        return ""
    text = one_line(written(row[column]))
    return text if longest is None or len(text) <= longest else f"{text[: longest - 1]}…"


def _listed(terminal: Terminal, columns: Sequence[str], row: Sequence[Cell]) -> str:
    """A row that is too wide for a table: its values by name."""
    mark, *cells = row
    named = (f"{column}: {cell.text}" for column, cell in zip(columns, cells, strict=True) if cell.text)
    return f"{terminal.style(mark.text, *mark.styles)} {one_line(', '.join(named))}"


def coverage(tables: int, without: Sequence[str]) -> str:
    """Which tables no test says anything of."""
    if not without:
        return (
            f"coverage: all {tables} tables and views have a test" if tables > 1 else "coverage: the table has a test"
        )
    counted = f"{tables - len(without)} of {plural(tables, 'table or view has a test', 'tables and views have a test')}"
    return f"coverage: {counted}; without: {', '.join(without)}"


def summary(terminal: Terminal, results: Sequence[TestResult], seconds: float) -> str:
    failed = sum(one.failed for one in results)
    word = terminal.style("failed", "red", "bold") if failed else terminal.style("ok", "green", "bold")
    counted = f"{failed} of {plural(results, 'test')} failed" if failed else f"{plural(results, 'test')} passed"
    return f"{word}: {counted}, {seconds:.2f} s"
