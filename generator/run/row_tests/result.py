"""What became of a test, as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from generator.plan.row_tests import CompiledTest, Row
from generator.plan.row_values import Value


@dataclass(frozen=True, slots=True)
class Changed:
    """A row that came out otherwise than expected.

    Attributes:
        differing: the columns in which it differs.
    """

    expected: Row
    found: Row
    differing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """Where the rows of a table aren't those that were expected.

    Attributes:
        columns: those that any expected row names, in the table's order; all of them where no row is expected.
        key: the columns by which rows were found again; none where rows are paired because they are alike.
        missing: expected rows that didn't come out; `unexpected`: rows that did, and nobody expected.
    """

    table: str
    columns: tuple[str, ...]
    expected_rows: int
    found_rows: int
    key: tuple[str, ...] = ()
    missing: tuple[Row, ...] = ()
    unexpected: tuple[Row, ...] = ()
    changed: tuple[Changed, ...] = ()


@dataclass(frozen=True, slots=True)
class Unbroken:
    """Where other checks noticed something than were expected to."""

    table: str
    expected: tuple[str, ...]
    found: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class TestResult:
    """What became of a test.

    Attributes:
        problem: why a table could not be computed; empty where it could.
    """

    __test__ = False

    test: CompiledTest
    seconds: float
    problem: str = ""
    differences: tuple[Difference, ...] = ()
    unbroken: tuple[Unbroken, ...] = ()

    @property
    def failed(self) -> bool:
        return bool(self.problem or self.differences or self.unbroken)


@dataclass(frozen=True, slots=True)
class Found:
    """What an engine made of a test.

    Attributes:
        rows: of each table that the test expects rows of.
        violations: of each table whose checks are asked, how many rows break each.
        problem: why not all of it could be made.
    """

    rows: Mapping[str, tuple[Row, ...]]
    violations: Mapping[str, Mapping[str, int]]
    seconds: float
    problem: str = ""


Cell = Value
