"""Rows as expected and rows as they came out: the same ones, in any order, or what is different.

An expected row says what its columns are and nothing of others. So the rows are the same if each expected row can be
given a row of its own that fulfils it, and none is left: a matching of a bipartite graph.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal

from generator.plan.lake import CompiledLake
from generator.plan.row_tests import CompiledTest, Row
from generator.plan.row_values import Value
from generator.run.row_tests.result import Changed, Difference, Found, TestResult, Unbroken

CLOSE = 1e-9
"""Doubles that differ by less than this share are the same: sums depend on the order of rows."""


def judge(lake: CompiledLake, test: CompiledTest, found: Found) -> TestResult:
    """What became of a test of which an engine made these rows."""
    if found.problem:
        return TestResult(test, found.seconds, found.problem)
    differences = (_difference(lake, table, rows, found.rows[table]) for table, rows in test.expected.items())
    return TestResult(
        test,
        found.seconds,
        differences=tuple(one for one in differences if one is not None),
        unbroken=tuple(_unbroken(test, found)),
    )


def _unbroken(test: CompiledTest, found: Found) -> Iterator[Unbroken]:
    for table, names in test.breaks.items():
        broken = {name: number for name, number in found.violations[table].items() if number}
        if set(names) != set(broken):
            yield Unbroken(table, names, broken)


def _difference(lake: CompiledLake, table: str, expected: Sequence[Row], found: Sequence[Row]) -> Difference | None:
    given = matching(expected, found)
    if len(given) == len(expected) == len(found):
        return None
    all_columns = [column.name for column in lake.relation(table).columns.values()]
    named = {column for row in expected for column in row}
    columns = tuple(column for column in all_columns if column in named) or tuple(all_columns)
    taken = set(given.values())
    missing = [row for number, row in enumerate(expected) if number not in given]
    unexpected = [row for number, row in enumerate(found) if number not in taken]
    key = _key(lake, table, columns, missing)
    changed = tuple(_changed(missing, unexpected, key))
    return Difference(
        table,
        columns,
        len(expected),
        len(found),
        key,
        tuple(row for row in missing if all(row is not one.expected for one in changed)),
        tuple(row for row in unexpected if all(row is not one.found for one in changed)),
        changed,
    )


def matching(expected: Sequence[Row], found: Sequence[Row]) -> dict[int, int]:
    """Which row found each expected one gets: as many as possible get one, and no two the same."""
    fitting = _fitting(expected, found)
    taken: dict[int, int] = {}
    for start in range(len(expected)):
        _give(start, fitting, taken)
    return {one: other for other, one in taken.items()}


def _fitting(expected: Sequence[Row], found: Sequence[Row]) -> list[list[int]]:
    """The rows found that fulfil each expected one, looked up by all of its values but fractions."""
    indexes: dict[tuple[str, ...], dict[Hashable, list[int]]] = {}
    fitting = []
    for one in expected:
        columns = tuple(one)
        if columns not in indexes:
            index = indexes[columns] = {}
            for number, row in enumerate(found):
                index.setdefault(_lookup([row[column] for column in columns]), []).append(number)
        near = indexes[columns].get(_lookup([one[column] for column in columns]), [])
        fitting.append([number for number in near if _fulfils(found[number], one)])
    return fitting


def _lookup(value: Value) -> Hashable:
    """What is equal for values that are the same."""
    if isinstance(value, float):
        return "a fraction"
    if isinstance(value, list):
        return tuple(map(_lookup, value))
    if isinstance(value, dict):
        return frozenset((key, _lookup(one)) for key, one in value.items())
    found: Hashable = bytes(value) if isinstance(value, bytearray) else value
    return found


def _give(start: int, fitting: Sequence[Sequence[int]], taken: dict[int, int]) -> None:
    """Gives an expected row a row, for which others may have to take another: along the shortest such chain."""
    came: dict[int, tuple[int, int] | None] = {start: None}
    waiting, tried = [start], set()
    for one in waiting:
        for row in fitting[one]:
            if row in tried:
                continue
            tried.add(row)
            if row not in taken:
                step: tuple[int, int] | None = (one, row)
                while step is not None:
                    one, row = step
                    taken[row] = one
                    step = came[one]
                return
            came[taken[row]] = (one, row)
            waiting.append(taken[row])


def _fulfils(found: Row, expected: Row) -> bool:
    return all(same(value, found[column]) for column, value in expected.items())


def same(one: Value, other: Value) -> bool:
    """Whether two values are one: nulls are, and so are doubles that differ by rounding."""
    if one is None or other is None:
        return one is other
    if isinstance(one, float) or isinstance(other, float):
        if math.isnan(one) or math.isnan(other):
            return math.isnan(one) and math.isnan(other)
        return math.isclose(one, other, rel_tol=CLOSE, abs_tol=1e-12)
    if isinstance(one, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(value, other[key]) for key, value in one.items())
    if isinstance(one, Decimal):
        return bool(one == other)
    return bool(one == other)


# Rows that belong together ----------------------------------------------------------------------------


def _key(lake: CompiledLake, table: str, columns: Iterable[str], missing: Sequence[Row]) -> tuple[str, ...]:
    """The shortest key of the table among the compared columns; of several the first in the order of columns."""
    order = [column for column in columns if all(column in row for row in missing)]
    keys = [{column.name for column in key} for key in lake.relation(table).keys]
    known = [tuple(column for column in order if column in key) for key in keys if key and key <= set(order)]
    return min(known, key=lambda key: (len(key), [order.index(column) for column in key]), default=())


def _changed(missing: Sequence[Row], unexpected: Sequence[Row], key: Sequence[str]) -> Iterator[Changed]:
    """Pairs of rows with the same key; without a key, of rows that are alike in at least half of their columns."""
    left = list(unexpected)
    for row in missing:
        alike = [(_alike(row, other, key), -number) for number, other in enumerate(left)]
        share, place = max(alike, default=(0.0, 0))
        if share > 0:
            other = left.pop(-place)
            yield Changed(row, other, tuple(column for column in row if not same(row[column], other[column])))


def _alike(row: Row, other: Row, key: Sequence[str]) -> float:
    if key:
        return float(all(same(row[column], other[column]) for column in key))
    share = sum(same(value, other[column]) for column, value in row.items()) / max(len(row), 1)
    return share if share >= 0.5 else 0.0


def uncovered(names: Mapping[str, object] | Iterable[str], tests: Iterable[CompiledTest]) -> list[str]:
    """The tables and views that no test says anything of."""
    covered = {name for test in tests for name in test.tested}
    return [name for name in names if name not in covered]
