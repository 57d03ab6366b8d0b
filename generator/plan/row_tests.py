"""Tests with rows: what they name exists, and their values are of the columns' types."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from generator.diagnostics import Diagnostic, Label, Severity, Span, suggestion
from generator.plan.expressions.functions import asks_the_clock
from generator.plan.lake import CompiledLake, Input, Query
from generator.plan.maintenance.readings import expressions_of, inputs_of
from generator.plan.relation import Column
from generator.plan.row_values import Path, Reader, Value, moment
from generator.spec.model import RowTest
from generator.spec.nodes import Document

Row = Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class CompiledTest:
    """A test that can be run.

    Attributes:
        file, line: where it stands.
        now: what the time is, in UTC; that of the run where it isn't said.
        given: rows of sources, tables and views, with a value for every column.
        expected: rows of tables and views, each with the columns that are compared.
        breaks: for tables and sources, the names of the expectations that have violations, and no others.
    """

    name: str
    file: str
    line: int
    description: str = ""
    now: datetime | None = None
    given: Mapping[str, tuple[Row, ...]] = field(default_factory=dict)
    expected: Mapping[str, tuple[Row, ...]] = field(default_factory=dict)
    breaks: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def tested(self) -> tuple[str, ...]:
        """The tables and views that it says something of."""
        return tuple(dict.fromkeys((*self.expected, *self.breaks)))


def compile_tests(
    document: Document,
    tests: Mapping[str, RowTest],
    lake: CompiledLake,
    broken: Iterable[str] = (),
    known: Sequence[CompiledTest] = (),
) -> tuple[tuple[CompiledTest, ...], list[Diagnostic]]:
    """The tests of a document, and what there is to say about them; those with errors are left out.

    Args:
        broken: tables that exist and have errors of their own: tests of them are left out without a word.
        known: the tests of other files: no two have one name.
    """
    compiled, found = [], []
    names = {test.name: test for test in known}
    for name, test in tests.items():
        checker = _Checker(document, lake, frozenset(broken), name, test)
        if name in names:
            checker.report("Y002", f"duplicate test `{name}`", checker.key(()), "second use",
                           notes=(f"the first is in {names[name].file}, line {names[name].line}",))  # fmt: skip
        one = checker.compile()
        found += checker.found
        if one is not None and not any(problem.severity is Severity.ERROR for problem in checker.found):
            compiled.append(one)
    return tuple(compiled), found


class _Checker:
    """One test."""

    def __init__(
        self, document: Document, lake: CompiledLake, broken: frozenset[str], name: str, test: RowTest
    ) -> None:
        self.document = document
        self.lake = lake
        self.broken = broken
        self.name = name
        self.test = test
        self.found: list[Diagnostic] = []
        self.reader = Reader(document)

    # Findings ----------------------------------------------------------------------------------------

    def key(self, path: Path) -> Span:
        return self.document.key_span(("tests", self.name, *path))

    def report(self, code: str, message: str, span: Span, label: str = "", *, notes: Iterable[str] = (),
               help: Iterable[str] = (), severity: Severity = Severity.ERROR,
               secondary: tuple[Label, ...] = ()) -> None:  # fmt: skip
        self.found.append(Diagnostic(code, message, span, label, tuple(notes), tuple(help), secondary, severity))

    # The test ----------------------------------------------------------------------------------------

    def compile(self) -> CompiledTest | None:
        """The test; None where a table that it names is broken."""
        test = self.test
        mentioned = [*test.given, *test.expect, *test.breaks]
        if any(name in self.broken for name in mentioned):
            return None
        given = {name: self.rows("given", name, rows) for name, rows in test.given.items() if self.knows("given", name)}
        expected = {
            name: self.rows("expect", name, rows) for name, rows in test.expect.items() if self.knows("expect", name)
        }
        breaks = {name: self.names(name, names) for name, names in test.breaks.items() if self.knows("breaks", name)}
        for wrong in self.reader.wrong:
            span = self.document.key_span(wrong.path) if wrong.at_key else self.document.span(wrong.path)
            self.report(wrong.code, wrong.message, span, help=wrong.help)
        now = self.now()
        self.computed(expected)
        if not any(one.severity is Severity.ERROR for one in self.found):
            self.useful()
        file, offset = self.document.source.file_at(self.key(()).start)
        line = file.line_column(offset)[0]
        full = {name: tuple(self.whole(name, row) for row in rows) for name, rows in given.items()}
        return CompiledTest(self.name, file.path, line, test.description or "", now, full, expected, breaks)

    def knows(self, part: str, name: str) -> bool:
        known = [*self.lake.sources, *self.lake.tables]
        if name not in known:
            self.report("N001", f"unknown table `{name}`", self.key((part, name)), help=suggestion(name, known))
        return name in known

    def columns(self, name: str) -> dict[str, Column]:
        return {column.name: column for column in self.lake.relation(name).columns.values()}

    def rows(self, part: str, name: str, rows: Sequence[Mapping[str, Any]]) -> tuple[Row, ...]:
        columns = self.columns(name)
        return tuple(self.row((part, name, number), row, columns, name) for number, row in enumerate(rows))

    def row(self, path: Path, row: Mapping[str, Any], columns: Mapping[str, Column], name: str) -> Row:
        read: dict[str, Value] = {}
        for column, data in row.items():
            if column not in columns:
                message = f"unknown column `{column}` in `{name}`"
                help = suggestion(column, columns)
                self.report("C001", message, self.key((*path, column)), "not found", help=help)
                continue
            place = ("tests", self.name, *path, column)
            read[column] = self.reader.value(data, columns[column].type, place, column)
        return read

    def whole(self, name: str, row: Row) -> Row:
        return {column: row.get(column) for column in self.columns(name)}

    def names(self, table: str, names: Sequence[str]) -> tuple[str, ...]:
        known = [one.name for one in self.lake.tables[table].expectations] if table in self.lake.tables else []
        for number, name in enumerate(names):
            if name not in known:
                span = self.document.span(("tests", self.name, "breaks", table, number))
                help = suggestion(name, known) or (f"`{table}` has no `expect`",)
                self.report("V003", f"`{name}` is no check of `{table}`", span, help=help)
        return tuple(names)

    def now(self) -> datetime | None:
        if self.test.now is None:
            return None
        try:
            return moment(self.test.now)
        except (ValueError, OverflowError):
            span = self.document.span(("tests", self.name, "now"))
            help = ("write 2026-01-31, or 2026-01-31 05:00:00",)
            self.report("V001", f"`{self.test.now}` is no timestamp, as `now` is", span, help=help)
            return None

    # What it is good for -----------------------------------------------------------------------------

    def computed(self, expected: Iterable[str]) -> None:
        """What is expected has to be computed: neither a source nor given."""
        for name in expected:
            if name in self.lake.sources or name in self.test.given:
                why = "is given" if name in self.test.given else "is a source: its rows are those that are given"
                help = ("expect a table that reads it",)
                self.report("V002", f"`{name}` {why}, so nothing is computed", self.key(("expect", name)), help=help)

    def useful(self) -> None:
        """Warns of rows that nothing reads, and of a clock that isn't stopped."""
        read, computed = self.read()
        for name in self.test.given:
            if not self.test.breaks and name not in read:
                message = f"nothing that is expected reads `{name}`"
                help = ("leave it out; or don't give the table that stands between",)
                self.report("V002", message, self.key(("given", name)), help=help, severity=Severity.WARNING)
        if self.test.now is None:
            for name in computed:
                if any(asks_the_clock(ast) for ast in expressions_in(self.lake.tables[name].query)):
                    message = f"`{name}` asks for the time, and this test doesn't say what it is"
                    help = ("add `now: 2026-01-31`",)
                    self.report("V004", message, self.key(()), help=help, severity=Severity.WARNING)
                    break

    def read(self) -> tuple[set[str], list[str]]:
        """What the test reads, and what of it is computed."""
        read: set[str] = set()
        computed: list[str] = []
        waiting = [name for name in (*self.test.expect, *self.test.breaks) if name in self.lake.tables]
        while waiting:
            name = waiting.pop()
            if name in self.test.given or name not in self.lake.tables or name in computed:
                continue
            computed.append(name)
            read.update(self.lake.tables[name].inputs)
            waiting += self.lake.tables[name].inputs
        return read, computed


def expressions_in(query: Query) -> Iterator[Any]:
    """The expressions of a query, and of those in it."""
    waiting: list[Input] = [query]
    while waiting:
        one = waiting.pop()
        if isinstance(one, Query):
            for step in one.steps:
                yield from expressions_of(step)
                waiting += inputs_of(step)
