"""What a change of the spec does to rows: for a terminal, for a pull request, for scripts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from generator.cli.formats.difference_markdown import LIMIT, fenced, limited
from generator.cli.formats.tests_json import plain
from generator.cli.table import Cell, format_table
from generator.cli.terminal import Terminal
from generator.plan.written import written
from generator.printable import json_text, one_line
from generator.run.look.compare import ChangedRow, Row, TableComparison
from generator.runtime.words import plural

_LONGEST = 60
_WIDTH = 160
"""Characters of a row, where no terminal says how wide it is; first its key, then what can be shown."""

Names = tuple[str, str]


def text(terminal: Terminal, names: Names, found: Sequence[TableComparison]) -> str:
    """A table of figures, then some rows of each table."""
    parts = [f"{names[0]} → {names[1]}", _figures(terminal, found)]
    for one in found:
        lines = list(_lines(one, (terminal.width or _WIDTH) - 4))
        if lines:
            parts.append("\n".join([terminal.style(one.name, "bold"), *(_colored(terminal, line) for line in lines)]))
    parts.append(_summary(found))
    return "\n\n".join(parts)


def _figures(terminal: Terminal, found: Sequence[TableComparison]) -> str:
    rows = [
        (
            Cell(one.name, ("dim",) if one.is_same else ()),
            Cell(_count(one.before)),
            Cell(_count(one.after)),
            Cell(_number(one.added, "+"), ("green",)),
            Cell(_number(one.gone, "-"), ("red",)),
            Cell(_number(one.changed, "~"), ("yellow",)),
            Cell(_by(one), ("dim",)),
        )
        for one in found
    ]
    header = ("table", "before", "after", "added", "gone", "changed", "by")
    return format_table(terminal, header, rows, right={1, 2, 3, 4, 5})


def markdown(terminal: Terminal, names: Names, found: Sequence[TableComparison]) -> str:
    """The same for a pull request: the figures of what isn't the same, and rows to fold out."""
    lines = [f"**{_summary(found)}**", "", f"`{names[0]}` → `{names[1]}`", ""]
    others = [one for one in found if not one.is_same]
    if others:
        lines += ["| table | before | after | added | gone | changed | by |", "|---|--:|--:|--:|--:|--:|---|"]
        lines += [
            f"| `{one.name}` | {_count(one.before)} | {_count(one.after)} | {_number(one.added, '+')} |"
            f" {_number(one.gone, '-')} | {_number(one.changed, '~')} | {_by(one)} |"
            for one in others
        ]
    details = [_details(one.name, told) for one in others if (told := list(_lines(one, _WIDTH)))]
    head = "\n".join(lines)
    return "\n\n".join((head, *limited(details, LIMIT - len(head), "compare")))


def _details(name: str, lines: Sequence[str]) -> str:
    marked = "\n".join(line.replace("~", "!", 1) if line.startswith("~") else line for line in lines)
    return f"<details><summary><code>{name}</code></summary>\n\n{fenced(marked, 'diff')}\n\n</details>"


def to_json(terminal: Terminal, names: Names, found: Sequence[TableComparison]) -> str:
    """One object."""
    tables = {one.name: _plain({key: value for key, value in asdict(one).items() if key != "name"}) for one in found}
    same = all(one.is_same for one in found)
    return json_text({"old": names[0], "new": names[1], "same": same, "tables": tables})


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(one) for one in value]
    return plain(value)


def _summary(found: Sequence[TableComparison]) -> str:
    others = [one for one in found if not one.is_same]
    if not others:
        return "no row of any table changes"
    same = len(found) - len(others)
    tables = plural(others, "table changes", "tables change")
    return f"{tables}, {same} {'are' if same != 1 else 'is'} the same"


def _count(rows: int | None) -> str:
    return "—" if rows is None else f"{rows:,}"


def _number(rows: int, sign: str) -> str:
    return f"{sign}{rows:,}" if rows else ""


def _by(one: TableComparison) -> str:
    return ", ".join(one.key)


def _lines(one: TableComparison, width: int) -> Iterator[str]:
    """What is different, a line each, after its mark.

    Args:
        width: characters that a row may have.
    """
    if one.before is None or one.after is None:
        yield "+ the table is new" if one.before is None else "- the table is gone"
        return
    for names, what in ((one.new_columns, "+ new"), (one.gone_columns, "- gone"), (one.retyped, "~ of another type")):
        if names:
            yield f"{what}, so not compared: {', '.join(names)}"
    if one.by_column:
        counts = sorted(one.by_column.items(), key=lambda pair: (-pair[1], pair[0]))
        yield f"~ values that changed: {', '.join(f'{name} {count:,}' for name, count in counts)}"
    yield from (f"~ {_changed(row)}" for row in one.rows_changed)
    yield from _more(one.changed, len(one.rows_changed), "~")
    yield from (f"- {_row(one, row, width)}" for row in one.rows_gone)
    yield from _more(one.gone, len(one.rows_gone), "-")
    yield from (f"+ {_row(one, row, width)}" for row in one.rows_added)
    yield from _more(one.added, len(one.rows_added), "+")


def _more(number: int, shown: int, mark: str) -> Iterator[str]:
    if number > shown:
        yield f"{mark} … and {number - shown:,} more"


def _changed(row: ChangedRow) -> str:
    key = ", ".join(f"{name}={_value(value)}" for name, value in row.key.items())
    values = ", ".join(f"{name}: {_value(row.before[name])} → {_value(value)}" for name, value in row.after.items())
    return f"{key}: {values}"


def _row(one: TableComparison, row: Row, width: int) -> str:
    """A row: as many of its columns as there is room for, and how many others there are."""
    names = sorted(row, key=lambda name: (name not in one.key, name in one.masked))
    shown: list[str] = []
    for name in names:
        cell = f"{name}={_value(row[name])}"
        if shown and len(", ".join((*shown, cell))) > width - len(", … 99 more columns"):
            left = len(names) - len(shown)
            return f"{', '.join(shown)}, … {plural(left, 'more column')}"
        shown.append(cell)
    return ", ".join(shown)


def _value(value: Any) -> str:
    shown = one_line(written(value) if value != "(personal)" else value)
    return shown if len(shown) <= _LONGEST else f"{shown[: _LONGEST - 1]}…"


def _colored(terminal: Terminal, line: str) -> str:
    color = {"+": "green", "-": "red", "~": "yellow"}[line[0]]
    return f"  {terminal.style(line, color)}"
