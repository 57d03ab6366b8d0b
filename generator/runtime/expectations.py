"""What the rows of a table or source must fulfil, and how many of them don't."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import reduce
from typing import NamedTuple

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.types import (
    BooleanType,
    DataType,
    DateType,
    DecimalType,
    DoubleType,
    FloatType,
    IntegralType,
    StringType,
    StructType,
    TimestampType,
)

from .columns import quoted

_TWO_MAPS = "spark.sql.codegen.aggregate.map.twolevel.enabled"
UniqueProof = Callable[[Sequence[str], Sequence[str]], bool]
"""Of Parquet files and columns: whether no two rows share the values, where that can be told; nulls count as equal."""
_ELSEWHERE: list[UniqueProof] = []
"""Those who prove it besides Spark."""


@dataclass(frozen=True, slots=True)
class Expectation:
    """One expectation; made by the methods of `expect`.

    Attributes:
        kind: `row`, `rows`, `unique` or `no_rows`.
        blocking: whether a violation keeps the table from being published.
        sql: of `row`: the condition of a row that breaks it; of `no_rows`: the query.
        columns: of `unique`.
        least, most: of `rows`.
        of: the view or table whose rows are meant, if not those that are published.
    """

    kind: str
    name: str
    blocking: bool
    sql: str = ""
    columns: tuple[str, ...] = ()
    least: int | None = None
    most: int | None = None
    of: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an expectation went. `violations` are rows; of `rows` it is 1 if the number of rows is wrong."""

    expectation: Expectation
    violations: int

    @property
    def broken(self) -> bool:
        return self.violations > 0 and self.expectation.blocking


@dataclass(frozen=True, slots=True)
class Audit:
    """The number of rows, and how each expectation went, in the order of the expectations."""

    rows: int
    outcomes: tuple[Outcome, ...]


class _Expect:
    """Expectations in the words of the scripts; `of` names the view or table whose rows are meant, if not the job's."""

    def row(self, broken: str, *, name: str, blocking: bool = True, of: str = "") -> Expectation:
        """No row fulfils the Spark SQL condition `broken`."""
        return Expectation("row", name, blocking, sql=broken, of=of)

    def rows(
        self, *, min: int | None = None, max: int | None = None, name: str, blocking: bool = True, of: str = ""
    ) -> Expectation:
        """There are at least `min` and at most `max` rows."""
        return Expectation("rows", name, blocking, least=min, most=max, of=of)

    def unique(self, *columns: str, name: str, blocking: bool = True, of: str = "") -> Expectation:
        """No two rows share the values of the columns; nulls count as equal."""
        return Expectation("unique", name, blocking, columns=columns, of=of)

    def no_rows(self, sql: str, *, name: str, blocking: bool = True) -> Expectation:
        """The Spark SQL query, over the tables and sources of the job by their names, has no result."""
        return Expectation("no_rows", name, blocking, sql=sql)


expect = _Expect()


@contextmanager
def proving_unique_elsewhere(proof: UniqueProof) -> Iterator[None]:
    """Takes for granted what somebody else proves of files: Spark plans and compiles four stages to count values."""
    _ELSEWHERE.append(proof)
    try:
        yield
    finally:
        _ELSEWHERE.remove(proof)


def audit(
    spark: SparkSession, frame: DataFrame, expectations: Sequence[Expectation], files: Sequence[str] = ()
) -> Audit:
    """Counts the rows of `frame` and those that break each expectation, in one Spark action as long as all is well.

    All that is asked of `frame` itself is counted in one reading of it, and so is what is asked of a view.

    Args:
        files: Parquet files on this machine with the rows of `frame` and no others, where there are such.
    """
    all_rows = F.count(F.lit(1))
    parts = {"": _Part(frame, {})}
    for number, one in enumerate(expectations):
        if one.of and one.of not in parts:
            parts[one.of] = _Part(spark.table(quoted(one.of)), {})
        part = parts[one.of]
        is_proven = one.kind == "unique" and not one.of and _is_proven(frame, one.columns, files)
        if not is_proven and (count := _count(part.frame, one)) is not None:
            part.counts[number] = count
    counts = [
        part.frame.select(_numbered(-number, all_rows, *part.counts.values()))
        for number, part in enumerate(parts.values(), 1)
    ]
    queries = [(number, spark.sql(one.sql)) for number, one in enumerate(expectations) if one.kind == "no_rows"]
    counts += [query.select(_numbered(number, all_rows)) for number, query in queries]
    with _many_values(spark):
        return _answered(reduce(DataFrame.unionAll, counts), parts, expectations)


@contextmanager
def _many_values(spark: SparkSession) -> Iterator[None]:
    """Has Spark look for each value in one map: the small one that it asks before is full when most values differ."""
    before = spark.conf.get(_TWO_MAPS)
    spark.conf.set(_TWO_MAPS, "false")
    try:
        yield
    finally:
        spark.conf.set(_TWO_MAPS, str(before))


class _Part(NamedTuple):
    """Rows that something is asked of, and what is counted of them, by the number of the expectation."""

    frame: DataFrame
    counts: dict[int, Column]


def _answered(asked: DataFrame, parts: Mapping[str, _Part], expectations: Sequence[Expectation]) -> Audit:
    found: dict[int, list[int]] = {row["c"]["number"]: row["c"]["counts"] for row in asked.collect()}
    rows = {}
    for number, (of, part) in enumerate(parts.items(), 1):
        rows[of], *counts = found[-number]
        found |= {number: [value] for number, value in zip(part.counts, counts, strict=True)}
    outcomes = []
    for number, one in enumerate(expectations):
        if one.kind == "rows":
            violations = int(_out_of_bounds(rows[one.of], one))
        elif one.kind == "unique":
            is_repeated = number in found and found[number][0] < rows[one.of]
            violations = _repeated(parts[one.of].frame, one.columns) if is_repeated else 0
        else:
            violations = found[number][0]
        outcomes.append(Outcome(one, violations))
    return Audit(rows[""], tuple(outcomes))


def _is_proven(frame: DataFrame, columns: Sequence[str], files: Sequence[str]) -> bool:
    """Whether somebody else knows that no two rows share the values."""
    kinds = [frame.schema[name].dataType for name in columns]
    return bool(files) and all(map(_is_equal_everywhere, kinds)) and any(one(files, columns) for one in _ELSEWHERE)


def _is_equal_everywhere(kind: DataType) -> bool:
    """Whether values that are equal for Spark are equal for all who read Parquet; texts may have a collation."""
    plain = BooleanType | DateType | DecimalType | IntegralType | TimestampType
    return kind == StringType() or isinstance(kind, plain)


def _count(frame: DataFrame, one: Expectation) -> Column | None:
    """What is to be counted of the rows: those that break a condition, or the different values; None if nothing is.

    Values are counted by their hashes. As many hashes as rows are as many values; fewer may be of different ones.
    """
    if one.kind == "row":
        return F.count(F.when(F.expr(one.sql), 1))
    if one.kind != "unique":
        return None
    if any(_has_fractions(frame.schema[name].dataType) for name in one.columns):
        return F.lit(0).cast("bigint")
    return F.count_distinct(F.xxhash64(*(F.col(quoted(name)) for name in one.columns)))


def _numbered(number: int, *counts: Column) -> Column:
    return F.struct(F.lit(number).alias("number"), F.array(*counts).alias("counts")).alias("c")


def _has_fractions(kind: DataType) -> bool:
    """Whether equal values may have different hashes, as 0.0 and -0.0 in nested columns."""
    if isinstance(kind, StructType):
        return any(_has_fractions(field.dataType) for field in kind.fields)
    nested = getattr(kind, "elementType", None)
    return isinstance(kind, FloatType | DoubleType) or (nested is not None and _has_fractions(nested))


def _repeated(frame: DataFrame, columns: Sequence[str]) -> int:
    """Rows beyond the first of each group that shares the columns."""
    groups = frame.groupBy(*(F.col(quoted(name)) for name in columns)).agg(F.count(F.lit(1)).alias("#times"))
    found = groups.select(F.sum(F.col("`#times`") - 1).alias("n")).head()
    return int(found["n"] or 0) if found is not None else 0


def _out_of_bounds(rows: int, one: Expectation) -> bool:
    return (one.least is not None and rows < one.least) or (one.most is not None and rows > one.most)
