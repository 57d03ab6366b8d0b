"""Which conversions can make null of a value, and what says that it is meant."""

from __future__ import annotations

from itertools import product

import duckdb
import pytest

from generator.plan.expressions import DUCKDB_SETTINGS, losses
from generator.plan.expressions.casts import cast_refusal, duckdb_cast
from generator.plan.expressions.lossy import can_be_lost
from generator.plan.types import (
    BIGINT,
    BOOLEAN,
    DATE,
    DOUBLE,
    FLOAT,
    INT,
    SMALLINT,
    STRING,
    TIMESTAMP,
    TINYINT,
    decimal,
    duckdb_type,
)
from tests.engines.comparing import checked

SILENT = (
    "cast(s as int)", "cast(s as date)", "cast(s as boolean)", "cast(b as int)", "cast(dbl as bigint)",
    "cast(dbl as decimal(10,2))", "cast(big as decimal(5,2))", "cast('x' as int)", "cast('300' as tinyint)",
    "to_date(s)", "to_date(s, 'yyyy-MM-dd')", "to_timestamp(s, 'yyyy-MM-dd')", "date(s)", "1 + cast(s as int)",
    "coalesce(i, cast(s as int))", "case when cast(s as int) > 1 then 1 end", "upper(cast(cast(s as date) as string))",
)  # fmt: skip
SAID = (
    "try_cast(s as int)", "coalesce(cast(s as int), 0)", "nvl(1 + cast(s as int), 0)", "cast(s as int) is null",
    "isnotnull(to_date(s))", "coalesce(to_date(s), date'1970-01-01')",
    "cast(i as bigint)", "cast(i as string)", "cast(i as decimal(12,2))", "cast(dec as decimal(12,4))",
    "cast(ts as date)", "to_date(ts)", "cast('12' as int)", "cast(7 as tinyint)", "date'2024-01-01'",
    "cast(i as double)",
)  # fmt: skip


@pytest.mark.parametrize("text", SILENT)
def test_silent_ones_are_found(text: str) -> None:
    (loss,) = losses(checked(text).ast)
    assert loss.code == "T013"
    assert text[loss.start : loss.end].startswith(("cast", "to_", "date"))


@pytest.mark.parametrize("text", SAID)
def test_what_is_meant_or_always_fits_is_none(text: str) -> None:
    assert not list(losses(checked(text).ast))


NUMBERS = (TINYINT, SMALLINT, INT, BIGINT, decimal(3, 1), decimal(4, 1), decimal(4, 2), decimal(9, 0), decimal(10, 0),
           decimal(12, 2), decimal(18, 0), decimal(19, 0), decimal(20, 2), decimal(38, 10))  # fmt: skip


def extremes(kind: object) -> list[str]:
    text = str(kind)
    if text.startswith("decimal"):
        precision, scale = map(int, text[8:-1].split(","))
        largest = "9" * (precision - scale) + ("." + "9" * scale if scale else "")
        return [largest, f"-{largest}"]
    bits = {"tinyint": 8, "smallint": 16, "int": 32, "bigint": 64}[text]
    return [str(2 ** (bits - 1) - 1), str(-(2 ** (bits - 1)))]


def test_the_types_tell_what_duckdb_does_with_extreme_values() -> None:
    """Numbers at both ends of their type: null comes of one exactly where the types say that it can."""
    with duckdb.connect() as connection:
        for setting in DUCKDB_SETTINGS:
            connection.execute(setting)
        for source, target in product(NUMBERS, NUMBERS):
            cast = duckdb_cast("x", source, target)
            values = ", ".join(f"('{one}'::{duckdb_type(source)})" for one in extremes(source))
            found = connection.execute(f"SELECT count(*) FROM (VALUES {values}) v(x) WHERE {cast} IS NULL").fetchall()
            if source != target:
                assert (found[0][0] > 0) == can_be_lost(source, target), (str(source), str(target))


def test_casts_that_are_refused_are_not_asked() -> None:
    for source, target in product(
        (BOOLEAN, DATE, TIMESTAMP, *NUMBERS), (STRING, BOOLEAN, DOUBLE, FLOAT, DATE, TIMESTAMP)
    ):
        if cast_refusal(source, target) is None:
            assert not can_be_lost(source, target)
