"""No name that a spec can have is taken for one of ours: tables, columns and structs called like each of them."""

from __future__ import annotations

import re
from collections.abc import Iterator

import duckdb
import pytest

from generator.plan.expressions import to_duckdb, to_spark
from generator.plan.expressions.macros import MACROS
from tests.engines.comparing import checked, new_connection
from tests.engines.test_functions import EXPRESSIONS

BATCH = 40
LAMBDA = re.compile(r"lambda\s+([^:]+?)\s*:|(\S+)\s+->")
# Those that macros and lambdas have or had, and what they look into.
NAMES = ("p", "x", "e", "parts", "y", "m", "d", "h", "mi", "n", "a", "r", "k", "digits", "high", "low")


def names_of_ours() -> Iterator[str]:
    """The parameters of all lambdas in the SQL that is written, and in macros; but for a spec's own in Spark."""
    written = [to_duckdb(checked(text).ast) for text in EXPRESSIONS]
    written += [to_spark(checked(text).ast) for text in EXPRESSIONS if "->" not in text]
    for sql in (*written, *MACROS.values()):
        for match in LAMBDA.finditer(re.sub(r"'(?:[^']|'')*'", "''", sql)):
            yield (match[1] or match[2]).strip('"`')


def test_parameters_of_lambdas_have_names_that_no_spec_can_have() -> None:
    found = set(names_of_ours())
    assert found
    assert all("#" in name for name in found), found


@pytest.fixture(scope="module")
def crowded() -> Iterator[duckdb.DuckDBPyConnection]:
    """The table of awkward rows, with a struct column of each name, and a table of each name."""
    with new_connection() as connection:
        fields = ", ".join(f"'{name}': {number}" for number, name in enumerate((*NAMES, "s", "f", "zs", "zh", "zm"), 3))
        structs = ", ".join(f'{{{fields}}} AS "{name}"' for name in NAMES)
        connection.execute(f"CREATE TABLE crowd AS SELECT *, {structs} FROM t")
        columns = ", ".join(f'{number} AS "{name}"' for number, name in enumerate((*NAMES, "s", "f", "zs"), 3))
        for name in NAMES:
            connection.execute(f'CREATE TABLE "{name}" AS SELECT {columns}')
        yield connection


@pytest.mark.parametrize("aggregated", [False, True])
def test_every_function_means_the_same_beside_them(crowded: duckdb.DuckDBPyConnection, aggregated: bool) -> None:
    others = "".join(f', "{name}"' for name in NAMES)
    chosen = [text for text in EXPRESSIONS if checked(text).aggregate is aggregated]
    for start in range(0, len(chosen), BATCH):
        texts = chosen[start : start + BATCH]
        plain = ", ".join(f"({to_duckdb(checked(text).ast)})::VARCHAR" for text in texts)
        beside = plain.replace('"t".', '"crowd".')
        rows, of_crowd = ("", "") if aggregated else (' ORDER BY t."id"', ' ORDER BY crowd."id"')
        wanted = crowded.execute(f"SELECT {plain} FROM t{rows}").fetchall()
        found = crowded.execute(f"SELECT {beside} FROM crowd{others}{of_crowd}").fetchall()
        pairs = zip(texts, zip(*wanted, strict=True), zip(*found, strict=True), strict=True)
        assert not [one for one in pairs if one[1] != one[2]]
