"""A test from real rows: so few rows of a table's inputs that some still come out, with stand-ins for what is personal.

Rows are left out for as long as enough come out (delta debugging), so it works for whatever the query is. What is
expected is what comes out of the rows that are left.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise

import duckdb

from generator.jobs.check_sql import sql_literal, sql_name
from generator.plan.expressions import settings_for
from generator.plan.expressions.functions import asks_the_clock
from generator.plan.lake import CompiledLake
from generator.plan.row_tests import CompiledTest, Row, expressions_in
from generator.plan.written import written
from generator.run.look.ask import Known, LookError, current_rows
from generator.run.look.stand_ins import StandIns
from generator.run.program import Program
from generator.run.row_tests.on_duckdb import run_on_duckdb
from generator.runtime.run_time import VARIABLE

WANTED = 2
"""So many rows have to come out, if there are as many."""
MOST_READ = 300_000
"""Rows of an input that are looked at."""
MOST_TRIED = 40
"""Rows that are tried for one that is left out."""
MOST_GIVEN = 60
"""More rows of an input than this make no example that anybody reads."""


def suggest(known: Known, program: Program, table: str) -> CompiledTest:
    """A test of a table or view, from rows of the lake folder.

    Raises:
        LookError: an input was never published, or no row comes out.
    """
    lake = known.lake
    now = datetime.now(UTC).replace(tzinfo=None, microsecond=0)
    asks = any(asks_the_clock(ast) for ast in expressions_in(lake.tables[table].query))
    with duckdb.connect(config={"threads": "1"}) as connection:
        kept = _Reducing(connection, known, program, table, now).rows()
    labels = {
        name: {column.name for column in lake.relation(name).columns.values() if column.personal} for name in kept
    }
    given = StandIns(labels).replaced(kept)
    name = f"an example of {table}"
    test = CompiledTest(name, "", 1, now=now if asks else None, given=given, expected={table: ()})
    expected = _made(lake, program, test, table)
    given = _without_idle_columns(lake, program, test, table, expected)
    return replace(test, given=given, expected={table: expected})


def _made(lake: CompiledLake, program: Program, test: CompiledTest, table: str) -> tuple[Row, ...]:
    ((_, found),) = run_on_duckdb(lake, program, [test])
    if found.problem:
        raise LookError(f"{table}: {found.problem}")
    return tuple(sorted(found.rows[table], key=lambda row: [written(value) for value in row.values()]))


def _without_idle_columns(
    lake: CompiledLake, program: Program, test: CompiledTest, table: str, expected: tuple[Row, ...]
) -> dict[str, tuple[Row, ...]]:
    """The given rows with null for the columns of an input that make no difference to what comes out."""
    given = dict(test.given)
    for name, rows in test.given.items():
        for column in rows[0] if rows else ():
            if all(row[column] is None for row in given[name]):
                continue
            tried = {**given, name: tuple({**row, column: None} for row in given[name])}
            if _made(lake, program, replace(test, given=tried), table) == expected:
                given = tried
    return given


class _Reducing:
    """The inputs of a table, of which ever fewer rows are kept."""

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, known: Known, program: Program, table: str, now: datetime
    ) -> None:
        self.connection = connection
        self.known = known
        self.sql = next(one.sql for one in program.tables if one.name == table)
        self.table = table
        for setting in settings_for((self.sql, *(one.sql for one in program.tables if one.is_view))):
            connection.execute(setting)
        connection.execute(f'SET VARIABLE "{VARIABLE}" = {sql_literal(now.isoformat(" "))}::TIMESTAMP')
        self.inputs = list(dict.fromkeys(known.lake.tables[table].inputs))
        self.kept: dict[str, list[int]] = {}

    def rows(self) -> dict[str, tuple[Row, ...]]:
        """Some rows of each input, of which rows of the table come out; and one of the first of which none does.

        Raises:
            LookError: no row comes out at all.
        """
        for name in self.inputs:
            self._read(name)
        for name in self.inputs:  # all are read by now: a view's rows are computed from what others are called
            self._show_kept(name)
        wanted = min(WANTED, self._count())
        if not wanted:
            raise LookError(f"{self.table}: no row comes out of the rows in the lake folder, so there is no example")
        for name in sorted(self.inputs, key=lambda one: -len(self.kept[one])):
            self.kept[name] = reduced(self.kept[name], self._still(name, wanted))
            self._keep(name, self.kept[name])
        self._add_one_that_is_left_out(self.inputs[0])
        most = max(self.kept.values(), key=len)
        if len(most) > MOST_GIVEN:
            raise LookError(f"{self.table}: it takes {len(most):,} rows that {wanted} come out: no example to read")
        return {name: self._fetched(name) for name in self.inputs}

    def _read(self, name: str) -> None:
        columns = ", ".join(sql_name(column.name) for column in self.known.lake.relation(name).columns.values())
        rows = current_rows(self.connection, self.known, name)
        self.connection.execute(
            f'CREATE TEMP TABLE {_all(name)} AS SELECT row_number() OVER () AS "#n", {columns}'
            f" FROM (SELECT * FROM ({rows}) LIMIT {MOST_READ})"
        )
        self._keep(name, list(range(1, self._number(f"SELECT count(*) FROM {_all(name)}") + 1)))

    def _keep(self, name: str, numbers: list[int]) -> None:
        self.connection.execute(f'CREATE OR REPLACE TEMP TABLE {_some(name)} ("#n" BIGINT)')
        self.connection.execute(f"INSERT INTO {_some(name)} SELECT unnest($numbers::BIGINT[])", {"numbers": numbers})
        self.kept[name] = numbers

    def _show_kept(self, name: str) -> None:
        columns = ", ".join(sql_name(column.name) for column in self.known.lake.relation(name).columns.values())
        rows = f'SELECT {columns} FROM {_all(name)} SEMI JOIN {_some(name)} USING ("#n")'
        self.connection.execute(f"CREATE OR REPLACE TEMP VIEW {sql_name(name)} AS {rows}")

    def _still(self, name: str, wanted: int) -> Callable[[list[int]], bool]:
        def enough(numbers: list[int]) -> bool:
            self._keep(name, numbers)
            return self._count() >= wanted

        return enough

    def _add_one_that_is_left_out(self, name: str) -> None:
        """Gives one more row of an input, if there is one that changes nothing: it shows what the table leaves out."""
        before, kept = self._result(), self.kept[name]
        size = self._number(f"SELECT count(*) FROM {_all(name)}")
        others = [number for number in range(1, min(size, MOST_TRIED) + 1) if number not in kept]
        for number in others:
            self._keep(name, [*kept, number])
            if self._result() == before:
                return
        self._keep(name, kept)

    def _result(self) -> list[tuple[object, ...]]:
        return self.connection.execute(f"SELECT * FROM ({self.sql}) ORDER BY ALL").fetchall()

    def _count(self) -> int:
        return self._number(f"SELECT count(*) FROM ({self.sql})")

    def _number(self, sql: str) -> int:
        return int(self.connection.execute(sql).fetchall()[0][0])

    def _fetched(self, name: str) -> tuple[Row, ...]:
        columns = [column.name for column in self.known.lake.relation(name).columns.values()]
        sql = f'SELECT * EXCLUDE ("#n") FROM {_all(name)} SEMI JOIN {_some(name)} USING ("#n") ORDER BY "#n"'
        rows = self.connection.execute(sql).fetchall()
        return tuple(dict(zip(columns, row, strict=True)) for row in rows)


def _all(name: str) -> str:
    return sql_name(f"#all {name}")


def _some(name: str) -> str:
    return sql_name(f"#some {name}")


def reduced(numbers: Sequence[int], enough: Callable[[list[int]], bool]) -> list[int]:
    """As few of some numbers as are still enough, none of which can be left out: Zeller's `ddmin`."""
    kept = list(numbers)
    if enough([]):
        return []
    parts = 2
    while len(kept) > 1:
        smaller = next((one for one in _smaller(kept, parts) if enough(one)), None)
        if smaller is not None:
            parts = max(2, min(parts, len(smaller)) - (len(smaller) > len(kept) // 2))
            kept = smaller
        elif parts >= len(kept):
            break
        else:
            parts = min(len(kept), parts * 2)
    return kept


def _smaller(kept: list[int], parts: int) -> Iterator[list[int]]:
    """Each of some equal parts alone, then all but each."""
    bounds = [len(kept) * one // parts for one in range(parts + 1)]
    chunks = [(start, end) for start, end in pairwise(bounds) if start < end]
    yield from (kept[start:end] for start, end in chunks if end - start < len(kept))
    if parts > 2:
        yield from (kept[:start] + kept[end:] for start, end in chunks)


def yaml_of(test: CompiledTest) -> str:
    """A test as a file of tests has it; nulls are left out, columns that nobody has are too."""
    lines = ["tests:", f"  {written(test.name)}:"]
    if test.now is not None:
        lines.append(f"    now: {test.now.isoformat(' ')}")
    for part, tables in (("given", test.given), ("expect", test.expected)):
        lines.append(f"    {part}:")
        for name, rows in tables.items():
            lines.append(f"      {name}:" if rows else f"      {name}: []")
            lines += [f"        - {_row(row, rows if part == 'expect' else ())}" for row in rows]
    return "\n".join(lines)


def _row(row: Row, others: Sequence[Mapping[str, object]]) -> str:
    """A row; of one that is expected, a null stays where another row has a value."""
    told = [name for name, value in row.items() if value is not None or any(one[name] is not None for one in others)]
    return f"{{{', '.join(f'{name}: {written(row[name])}' for name in told)}}}"
