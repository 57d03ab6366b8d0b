"""Expectations count exactly the rows that break them."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from generator.run.spark.session import SparkError, local_spark
from generator.run.spark.unique_values import UniqueValues
from tests.conftest import require_pyspark

require_pyspark()
from generator.runtime import expectations  # noqa: E402
from generator.runtime.expectations import Expectation, audit, expect, proving_unique_elsewhere  # noqa: E402

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

pytestmark = pytest.mark.spark

Make = Callable[[str], "DataFrame"]


@pytest.fixture
def rows(spark: SparkSession) -> Make:
    """A function that makes a table `t` of the rows of a VALUES list."""

    def make(values: str) -> DataFrame:
        frame = spark.sql(f"SELECT * FROM VALUES {values}")
        frame.createOrReplaceTempView("t")
        return frame

    return make


def violations(frame: DataFrame, *expectations: Expectation) -> list[int]:
    return [one.violations for one in audit(frame.sparkSession, frame, expectations).outcomes]


def unique(*columns: str) -> Expectation:
    return expect.unique(*columns, name="unique")


def test_spark_is_left_as_it_was(rows: Make) -> None:
    frame = rows("(1), (1), (NULL) AS t(a)")
    conf = frame.sparkSession.conf
    setting = "spark.sql.codegen.aggregate.map.twolevel.enabled"
    for value in ("false", "true"):
        conf.set(setting, value)
        assert violations(frame, unique("a")) == [1] and conf.get(setting) == value
        with pytest.raises(Exception, match="broken"):
            violations(frame, expect.row("raise_error('broken')", name="fails"))
        assert conf.get(setting) == value


def test_the_number_of_rows_is_counted_without_expectations(rows: Make) -> None:
    assert audit((frame := rows("(1), (2), (NULL) AS t(a)")).sparkSession, frame, []).rows == 3


def test_rows_that_break_a_condition_are_counted_and_null_is_no_violation(rows: Make) -> None:
    frame = rows("(1, 'a'), (NULL, 'b'), (3, NULL) AS t(a, user)")
    broken = ["a > 2", "a IS NULL", "`user` = 'b' OR t.a = 1", "false"]
    assert violations(frame, *(expect.row(one, name=one) for one in broken)) == [1, 1, 2, 0]


@pytest.mark.parametrize(
    ("bounds", "broken"),
    [({"min": 2}, 0), ({"min": 3}, 1), ({"max": 2}, 0), ({"max": 1}, 1), ({"min": 1, "max": 3}, 0), ({}, 0)],
)
def test_bounds_of_the_number_of_rows(rows: Make, bounds: dict[str, int], broken: int) -> None:
    assert violations(rows("(1), (1) AS t(a)"), expect.rows(**bounds, name="rows")) == [broken]


REPEATED = pytest.mark.parametrize(
    ("values", "columns", "expected"),
    [
        ("(1), (2), (3) AS t(a)", "a", 0),
        ("(1), (1), (1), (2), (2) AS t(a)", "a", 3),
        ("(NULL), (NULL) AS t(a)", "a", 1),
        ("(NULL, 1), (1, NULL), (NULL, NULL) AS t(a, b)", "a b", 0),
        ("(NULL, 'x'), (NULL, 'x') AS t(a, b)", "a b", 1),
        ("(0D), (-0D) AS t(a)", "a", 1),
        ("(double('nan')), (double('nan')) AS t(a)", "a", 1),
        ("(named_struct('f', 0F)), (named_struct('f', -0F)) AS t(a)", "a", 1),
        ("(array('a')), (array('a')), (array('b')) AS t(a)", "a", 1),
        ("(1.50), (1.5), (1.51) AS t(a)", "a", 1),
        ("('é'), ('e\u0301'), ('É') AS t(a)", "a", 0),
        ("(date'2024-01-01'), (date'2024-01-01') AS t(`group`)", "group", 1),
        ("(timestamp'2024-03-31 01:30:00Z'), (timestamp'2024-03-31 02:30:00+01:00') AS t(a)", "a", 1),
        ("(timestamp'0001-01-01 00:00:00Z'), (timestamp'9999-12-31 23:59:59.999999Z'), (NULL) AS t(a)", "a", 0),
        ("(date'0001-01-01'), (date'9999-12-31'), (NULL) AS t(a)", "a", 0),
        ("(1.5BD, true, 1Y, 2L), (1.5BD, true, 1Y, 3L), (NULL, true, 1Y, 2L) AS t(a, b, c, d)", "a b c d", 0),
        ("('a'), ('a '), ('A'), (''), (NULL) AS t(a)", "a", 0),
        ("('a\\u0000'), ('a'), ('a\\u0000b') AS t(a)", "a", 0),
        ("('a' COLLATE UTF8_BINARY), ('A' COLLATE UTF8_BINARY) AS t(a)", "a", 0),
    ],
)


@REPEATED
def test_rows_beyond_the_first_of_a_group_are_counted(rows: Make, values: str, columns: str, expected: int) -> None:
    assert violations(rows(values), unique(*columns.split())) == [expected]


@REPEATED
def test_what_others_prove_of_files_is_what_spark_counts(
    rows: Make, values: str, columns: str, expected: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where values are the same to all who read Parquet, those that are unique aren't counted by Spark."""
    frame, names, count = rows(values), columns.split(), expectations.F.count_distinct
    frame.repartition(2).write.parquet(str(tmp_path / "t"))
    files = [str(file) for file in (tmp_path / "t").glob("*.parquet")]
    written = frame.sparkSession.read.schema(frame.schema).parquet(*files)
    counted = []

    def counting(*columns: Any) -> Any:
        counted.append(columns)
        return count(*columns)

    monkeypatch.setattr(expectations.F, "count_distinct", counting)
    with UniqueValues() as unique_values, proving_unique_elsewhere(unique_values.are_in):
        found = audit(frame.sparkSession, written, [unique(*names)], files)
    assert [one.violations for one in found.outcomes] == [expected]
    has_fractions = any(kind in frame.schema.simpleString() for kind in ("double", "float"))
    assert len(counted) == min(expected, 1) or has_fractions


@pytest.mark.parametrize("kind", ["double", "float", "array<string>", "struct<a: int>", "string COLLATE UTF8_LCASE"])
def test_values_that_may_be_equal_for_spark_alone_are_left_to_spark(spark: SparkSession, kind: str) -> None:
    with proving_unique_elsewhere(lambda files, columns: pytest.fail(f"{columns} of {files}")):
        audit(spark, spark.createDataFrame([], f"a {kind}, b int"), [unique("b", "a")], ["a.parquet"])


def test_nobody_else_is_asked_about_other_rows_than_those_of_files(rows: Make) -> None:
    frame, asked = rows("(1, 2), (1, 3) AS t(a, b)"), []

    def proof(files: Sequence[str], columns: Sequence[str]) -> bool:
        asked.append((files, columns))
        return columns == ("b",)

    with proving_unique_elsewhere(proof):
        assert violations(frame, unique("a"), expect.unique("b", name="of", of="t")) == [1, 0] and not asked
        checks = [unique("a"), unique("b"), expect.unique("a", name="of", of="t"), expect.row("a = 1", name="row")]
        found = audit(frame.sparkSession, frame, checks, ["x.parquet"])
    assert [one.violations for one in found.outcomes] == [1, 0, 1, 2]
    assert asked == [(["x.parquet"], ("a",)), (["x.parquet"], ("b",))]
    audit(frame.sparkSession, frame, checks, ["x.parquet"])
    assert len(asked) == 2


def test_no_table_is_all_right_when_it_is_empty(rows: Make) -> None:
    frame = rows("(1, 1D) AS t(a, b)").limit(0)
    frame.createOrReplaceTempView("t")
    checks = (unique("a"), unique("b"), expect.row("true", name="r"), expect.no_rows("SELECT * FROM t", name="q"))
    assert violations(frame, *checks) == [0, 0, 0, 0]


def test_rows_of_a_query_are_violations(rows: Make) -> None:
    frame = rows("(1), (2), (2) AS t(a)")
    queries = ["SELECT a FROM t WHERE a > 1", "SELECT * FROM t WHERE false", "SELECT a, a FROM t GROUP BY a"]
    assert violations(frame, *(expect.no_rows(query, name=query) for query in queries)) == [2, 0, 2]


def test_outcomes_come_in_the_order_of_the_expectations(rows: Make) -> None:
    frame = rows("(1), (1), (5) AS t(a)")
    one_of_each: list[tuple[Expectation, int]] = [
        (expect.row("a = 5", name="row"), 1),
        (expect.unique("a", name="unique"), 1),
        (expect.no_rows("SELECT * FROM t", name="query"), 3),
        (expect.rows(min=4, name="rows"), 1),
        (expect.row("a < 5", name="another"), 2),
    ]
    for order in itertools.islice(itertools.permutations(one_of_each), 0, 120, 17):
        assert violations(frame, *(one for one, _ in order)) == [number for _, number in order]


def test_a_clean_audit_is_one_action(rows: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    frame = rows("(1, 'a'), (2, 'b') AS t(a, b)")
    query = expect.no_rows("SELECT a FROM t WHERE a > 2", name="query")
    collect, collected = type(frame).collect, []

    def counted(self: DataFrame) -> Any:
        collected.append(self)
        return collect(self)

    monkeypatch.setattr(type(frame), "collect", counted)
    assert violations(frame, unique("a"), unique("b"), expect.row("a > 5", name="row"), query) == [0, 0, 0, 0]
    assert len(collected) == 1


def test_a_process_has_one_spark_at_a_time(spark: SparkSession, tmp_path: Path) -> None:
    with pytest.raises(SparkError, match="another Spark is running"), local_spark("x", tmp_path, tmp_path / "log"):
        pass
    assert spark.range(1).count() == 1
