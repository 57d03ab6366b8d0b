"""Every function and operator that expressions may use gives the same results in DuckDB and in Spark.

A function is in the registry only with evidence: expressions that this compares on awkward rows, in each
supported Spark. Spark's side runs in a process of its own, so that two versions can be compared: that of this
interpreter, and that of the interpreter which the environment names as `SPARK35_PYTHON`. The one evaluates expressions
as they are, the other compiles them first, as it does on AWS: Spark has each function twice.
"""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import pytest

from generator.plan.expressions import Typed, to_spark
from generator.plan.expressions.functions import registry
from generator.plan.expressions.functions.model import Function
from generator.plan.types import duckdb_type
from tests.engines.comparing import (
    RELATIVE_ERROR,
    Evaluated,
    checked,
    in_duckdb,
    in_spark,
    last_digits,
    new_connection,
    same,
)
from tests.engines.operator_evidence import OPERATORS
from tests.engines.positions import calls, variants
from tests.quick_spark import QUICK

FUNCTIONS = list(dict.fromkeys(registry().values()))
SPARKS = ("current", "3.5")


def evidence(function: Function) -> Iterator[str]:
    """Its expressions, and one of them by each other name of the function."""
    yield from function.evidence
    example = next(text for text in function.evidence if f"{function.name}(" in text)
    for alias in function.aliases:
        yield re.sub(rf"\b{function.name}\(", f"{alias}(", example)


EXPRESSIONS = list(dict.fromkeys([*OPERATORS, *(text for function in FUNCTIONS for text in evidence(function))]))


class InSpark(NamedTuple):
    """What Spark makes of the expressions: as `to_spark` writes them, as they are spelled, and with other arguments.

    `compiled` says whether it compiled them first.
    """

    compiled: bool
    written: dict[str, Evaluated]
    spelled: dict[str, Evaluated]
    variants: dict[str, Evaluated]


# Evidence that can't differ from row to row.
CONSTANT = {"pi()", "current_date() > date'2024-01-01'", "current_date = to_date(current_timestamp)",
            "curdate() > date'2024-01-01'", "current_timestamp() > timestamp'2024-01-01 00:00:00'",
            "now() > timestamp'2024-01-01 00:00:00'", "now() = current_timestamp"}  # fmt: skip


@cache
def typed(text: str) -> Typed:
    return checked(text)


@pytest.fixture(scope="module")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with new_connection() as opened:
        yield opened


@pytest.fixture(scope="module", params=SPARKS)
def spark(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    need: Callable[[object, str], None],
) -> InSpark:
    need(shutil.which("java") or os.environ.get("JAVA_HOME"), "Java isn't installed")
    if request.param == "current":
        need(importlib.util.find_spec("pyspark"), "pyspark isn't installed: pip install '.[spark]'")
        interpreter = sys.executable
    else:
        interpreter = os.environ.get("SPARK35_PYTHON", "")
        need(interpreter, "SPARK35_PYTHON doesn't name an interpreter with pyspark 3.5")
    rows = [not typed(text).aggregate for text in EXPRESSIONS]
    written = [(to_spark(typed(text).ast), each) for text, each in zip(EXPRESSIONS, rows, strict=True)]
    spelled = list(zip(EXPRESSIONS, rows, strict=True))
    others = [(to_spark(one.ast), not one.aggregate) for one in variants().values()]
    way = QUICK if request.param == "current" else None
    found = in_spark(interpreter, tmp_path_factory.mktemp("spark"), [*written, *spelled, *others], way)
    one, two = len(EXPRESSIONS), 2 * len(EXPRESSIONS)
    return InSpark(
        way is None,
        dict(zip(EXPRESSIONS, found[:one], strict=True)),
        dict(zip(EXPRESSIONS, found[one:two], strict=True)),
        dict(zip(variants(), found[two:], strict=True)),
    )


@pytest.mark.spark
@pytest.mark.parametrize("text", EXPRESSIONS)
def test_engines_give_the_same(text: str, connection: duckdb.DuckDBPyConnection, spark: InSpark) -> None:
    here, there = in_duckdb(connection, typed(text)), spark.written[text]
    assert not here.error
    assert not there.error
    assert there.type == str(typed(text).type)
    error = RELATIVE_ERROR if last_digits(typed(text)) else 0.0
    assert same(here.values, there.values, error), f"DuckDB {here.values}\nSpark  {there.values}"


@pytest.mark.spark
def test_engines_give_the_same_with_nulls_and_columns_in_each_position(
    connection: duckdb.DuckDBPyConnection, spark: InSpark
) -> None:
    differing = []
    for name, typed in variants().items():
        here, there = in_duckdb(connection, typed), spark.variants[name]
        error = RELATIVE_ERROR if last_digits(typed) else 0.0
        if here.error or there.error or not same(here.values, there.values, error):
            differing.append(f"{name}\n  DuckDB {here.error or here.values}\n  Spark  {there.error or there.values}")
    assert not differing, "\n".join([f"{len(differing)} of {len(variants())} differ", *differing[:20]])


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda function: function.name)
def test_each_position_is_tried(function: Function) -> None:
    """But for those that must be constants, and for functions without parameters."""
    least, most = function.arity
    free = [index for index in range(most or 2) if not function.parameter(index).constant] if most != 0 else []
    given = max((len(call.expressions) for _, call in calls(function)), default=0)
    assert not free or given >= (least + 1 if most is None else most)


# Where what we write is meant to differ from what plain Spark makes of the same words.
REFUSED_BY_SPARK = {"array_position(reals, dec)", "unix_seconds(dt)", "unix_millis(dt)", "unix_micros(dt)",
                    "unix_date(ts2)"}  # fmt: skip
"""Spark asks for a cast; we write it."""
OF_SEQUENCES = ("SEQUENCE", "REQUIREMENT FAILED")
"""Spark fails for a step that leads away from the end, and for too many elements."""
EXACT = {
    "aggregate(nums, array(0), (acc, x) -> slice(array(x, acc[0]), 1, 2))",
    "pmod(i, b)",
    "pmod(tiny, i)",
    "lag(i, 1, dec) over (order by id)",
    "lag(dec, 2, dbl) over (order by id)",
}
"""Spark's remainder overflows, it cuts a default off to the first argument's type, and `aggregate` has no nulls in an
array that began without."""
WHERE_COMPILED = {"aggregate(nums, array(0), (acc, x) -> slice(array(x, acc[0]), 1, 2))"}
"""Of these, what plain Spark gets right where it doesn't compile first."""


@pytest.mark.spark
@pytest.mark.parametrize("text", [text for text in EXPRESSIONS if "::" not in text])
def test_spark_reads_expressions_as_we_do(text: str, spark: InSpark) -> None:
    """The SQL that we write means what the author wrote, but for NULL where Spark would overflow, or fail for it."""
    written, spelled = spark.written[text], spark.spelled[text]
    sql = to_spark(typed(text).ast)
    safe = "try_" not in text and ("try_" in sql or "RLIKE" in sql or "BETWEEN" in sql or "sequence(" in sql)
    if text in REFUSED_BY_SPARK or (safe and spelled.error):
        reasons = ("DATATYPE_MISMATCH",) if text in REFUSED_BY_SPARK else ("ARITHMETI", *OF_SEQUENCES)
        assert any(reason in spelled.error.upper() for reason in reasons), spelled.error
        return
    assert not spelled.error
    differs = text in EXACT and (spark.compiled or text not in WHERE_COMPILED)
    assert alike(written.values, spelled.values, safe) != differs


def alike(ours: Any, theirs: Any, safe: bool) -> bool:
    """Whether values are the same, but for null in the place of what overflows; elements of arrays too."""
    if isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        return all(alike(one, other, safe) for one, other in zip(ours, theirs, strict=True))
    return same(ours, theirs) or (safe and ours is None)


@pytest.mark.parametrize("text", EXPRESSIONS)
def test_the_type_in_duckdb_is_the_checked_one(text: str, connection: duckdb.DuckDBPyConnection) -> None:
    found = in_duckdb(connection, typed(text))
    assert not found.error
    assert found.type.replace('"', "").upper() == duckdb_type(typed(text).type).replace('"', "").upper()


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda function: function.name)
def test_evidence_gives_different_values(function: Function, connection: duckdb.DuckDBPyConnection) -> None:
    found = [in_duckdb(connection, typed(text)).values for text in evidence(function)]
    shown = {str(value) for values in found for value in values if value is not None}
    assert len(shown) > 1 or all(text in CONSTANT for text in evidence(function))


def test_the_script_for_spark_needs_nothing_of_ours() -> None:
    text = (Path(__file__).parent / "spark_evaluate.py").read_text(encoding="utf-8")
    assert "generator" not in text
