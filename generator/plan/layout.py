"""How the files of deployed tables lie: `partition_by`, `sort_by` and `file_size`, with what is wrong with them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from generator.diagnostics import suggestion
from generator.plan.context import Context
from generator.plan.lake import Place, TableLayout
from generator.plan.relation import Column, ColumnId
from generator.spec.model import Source, Table

TIMES = ("year", "month", "day", "hour")
TRANSFORMS = (*TIMES, "bucket", "truncate")
MOST = 4
"""More parts than this make files that are too small to be worth opening."""
MAX_NUMBER = 10_000
SMALLEST, LARGEST = 32 << 20, 1 << 30
_TERM = re.compile(r"\s*(?:(?P<function>\w+)\s*\(\s*(?:(?P<number>-?\w+)\s*,\s*)?)?(?P<column>\w+)\s*(?P<end>\)?)\s*")


def compile_layout(
    context: Context, section: str, name: str, said: Table | Source, columns: Mapping[ColumnId, Column]
) -> TableLayout:
    """The layout of a table or source; what is wrong with it is reported."""
    return _Layout(context, (section, name), {one.name: one for one in columns.values()}).compile(said)


class _Layout:
    def __init__(self, context: Context, path: tuple[str, str], columns: Mapping[str, Column]) -> None:
        self.context, self.path, self.columns = context, path, columns

    def compile(self, said: Table | Source) -> TableLayout:
        parts, timed = [], set[str]()
        for number, text in enumerate(said.partition_by):
            place = self.place("partition_by", number)
            term = self.part(place, text, timed)
            if term in parts:
                self.wrong(place, f"`{term}` stands twice", "leave one out")
            elif term is not None:
                parts.append(term)
        if len(parts) > MOST:
            message = f"{len(parts)} parts make files too small: {MOST} at most"
            self.wrong(self.place("partition_by"), message, "sort by the others: `sort_by`")
        return TableLayout(tuple(parts), tuple(self.sorted(said.sort_by)), self.size(said.file_size))

    def place(self, key: str, number: int = -1) -> Place:
        """Where a key's element stands, or the key alone if it isn't a list."""
        path = (*self.path, key, number)
        return Place(path if number >= 0 and self.context.document.has(path) else path[:-1])

    def wrong(self, place: Place, message: str, help: str) -> None:
        self.context.report("T016", message, place, help=(help,))

    def column(self, place: Place, name: str) -> Column | None:
        if name not in self.columns:
            message = f"unknown column `{name}` in `{self.path[1]}`"
            self.context.report("C001", message, place, "not found", help=suggestion(name, self.columns))
        return self.columns.get(name)

    def part(self, place: Place, text: str, timed: set[str]) -> str | None:
        found = _TERM.fullmatch(text)
        if found is None or bool(found["function"]) != bool(found["end"]):
            self.wrong(place, f"`{text}` is no partition", "write a column, `day(column)` or `bucket(16, column)`")
            return None
        function, number = (found["function"] or "").lower(), found["number"]
        if function and function not in TRANSFORMS:
            self.context.report("T016", f"unknown transform `{function}`", place, help=suggestion(function, TRANSFORMS))
            return None
        column = self.column(place, found["column"].lower())
        if column is None or not self.fits(place, function, number, column):
            return None
        if function in TIMES:
            if column.name in timed:
                self.wrong(place, f"`{column.name}` has two times", "leave the coarser one out: the finer one does")
            timed.add(column.name)
        if not function:
            return column.name
        return f"{function}({column.name})" if function in TIMES else f"{function}({int(number)}, {column.name})"

    def fits(self, place: Place, function: str, number: str | None, column: Column) -> bool:
        name, kind = column.name, column.type.kind
        if (number is not None) != (function in ("bucket", "truncate")):
            right = f"{function}(16, {name})" if number is None else f"{function or 'day'}({name})"
            self.wrong(place, f"`{function}` takes {'a number' if number is None else 'no number'}", f"write `{right}`")
        elif number is not None and not (re.fullmatch(r"\d{1,5}", number) and 1 <= int(number) <= MAX_NUMBER):
            self.wrong(place, f"`{number}` is no number from 1 to {MAX_NUMBER}", f"write `{function}(16, {name})`")
        elif column.personal and function != "bucket":
            message = f"`{name}` is personal data, and a partition's value is in the names of folders and in logs"
            self.wrong(place, message, f"write `bucket(16, {name})`, many values of which lie together")
        elif problem := _unfit(function, kind, name):
            self.wrong(place, f"{function or 'a partition'} of `{name}`, which is {column.type}, can't be", problem)
        else:
            return True
        return False

    def sorted(self, terms: Sequence[str]) -> Iterator[str]:
        seen = set[str]()
        for number, text in enumerate(terms):
            name, *way = text.lower().split()
            place = self.place("sort_by", number)
            column = self.column(place, name)
            if column is None:
                continue
            if column.type.is_nested:
                self.wrong(place, f"`{name}` is {column.type}, which has no order", "sort by a column of one value")
            elif name in seen:
                self.wrong(place, f"`{name}` stands twice", "leave one out")
            seen.add(name)
            yield f"{name} desc" if way == ["desc"] else name

    def size(self, text: str | None) -> int | None:
        if text is None:
            return None
        size = int(text[:-2]) << (30 if text.endswith("GB") else 20)
        if not SMALLEST <= size <= LARGEST:
            self.wrong(self.place("file_size"), f"files of {text} don't pay", "write 32 MB to 1 GB")
        return size


def _unfit(function: str, kind: str, name: str) -> str:
    """What to do where a transform can't be of a type; nothing where it can."""
    if function in TIMES and kind not in (("timestamp",) if function == "hour" else ("date", "timestamp")):
        if kind in ("bigint", "int"):
            return f"add `{name}_time: timestamp_millis({name})` to a table, and take `{function}({name}_time)` there"
        if kind == "date":
            return f"write `day({name})`: a date has no hours"
        return f"make a date or timestamp of it in a column of its own, and take `{function}` of that"
    usual = ("int", "bigint", "smallint", "tinyint", "decimal", "string", "binary")
    if function == "truncate" and kind not in usual:
        return f"write `day({name})`" if kind in ("date", "timestamp") else "truncate a number or a string"
    fine = (*usual, "date", "timestamp")
    if function == "bucket" and kind not in fine:
        return "take a bucket of a number, a string or a time"
    if not function and kind not in (*fine, "boolean"):
        return "take a column of exact, single values"
    return ""
