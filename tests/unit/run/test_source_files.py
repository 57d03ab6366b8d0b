"""The files of a source's rows: whatever a column holds comes back, and numbers are packed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb
import pytest

from generator.run.landing.sql import parquet_file

FURTHEST: dict[str, Sequence[str]] = {
    "BOOLEAN": ["true", "false"],
    "TINYINT": ["-128", "127"],
    "INTEGER": ["-2147483648", "2147483647", "0"],
    "BIGINT": ["-9223372036854775808", "9223372036854775807", "0", "-1"],
    "FLOAT": ["'nan'", "'-inf'", "1e-45"],
    "DOUBLE": ["'nan'", "'inf'", "-0.0", "5e-324", "1.7976931348623157e308"],
    "DECIMAL(18,2)": ["'-9999999999999999.99'", "'9999999999999999.99'"],
    "DECIMAL(38,10)": ["'-9999999999999999999999999999.0000000001'", "'1'"],
    "DATE": ["'0001-01-01'", "'9999-12-31'"],
    "TIMESTAMP": ["'0001-01-01'", "'9999-12-31 23:59:59.999999'", "'1969-12-31 23:59:59.999999'"],
    "VARCHAR": ["''", "'a'", "repeat('ä', 1000)", "chr(0)"],
    "BIGINT[]": ["[9223372036854775807, -9223372036854775808]", "[NULL]", "[]"],
    "STRUCT(a DOUBLE, b VARCHAR[])": ["{a: 0.5, b: ['x', NULL]}", "{a: NULL, b: []}"],
    "MAP(VARCHAR, BIGINT)": ["MAP {'a': -9223372036854775808}", "MAP {}"],
}
"""Values of a type as far apart as they get: packed numbers are written as distances."""


@pytest.mark.parametrize("rows", [0, 1, 40_000], ids="{:,} rows".format)
@pytest.mark.parametrize("type_name", FURTHEST)
def test_values_come_back_as_they_were(tmp_path: Path, type_name: str, rows: int) -> None:
    values = ", ".join(f"({value})::{type_name}" for value in (*FURTHEST[type_name], "NULL"))
    with duckdb.connect() as connection:
        connection.execute(
            f"CREATE TABLE t AS SELECT n, [{values}][(1 + hash(n) % {len(FURTHEST[type_name]) + 1})::BIGINT] AS v"
            f" FROM range({rows}) AS r(n)"
        )
        connection.execute(f"COPY t TO {parquet_file(tmp_path / 'part.parquet', landed=1)}")
        found = f"read_parquet('{tmp_path / 'part.parquet'}')"
        kept = f"SELECT count(*) FROM t JOIN {found} AS f ON t.n = f.n AND t.v IS NOT DISTINCT FROM f.v"
        assert (
            connection.execute(kept).fetchall()
            == connection.sql(f"SELECT count(*) FROM {found}").fetchall()
            == [(rows,)]
        )


def test_what_is_counted_takes_a_part_of_its_bytes(tmp_path: Path) -> None:
    """Moments that nearly all differ can't be looked up in a list of those that there are."""
    file, rows = tmp_path / "part.parquet", 100_000
    with duckdb.connect() as connection:
        moments = f"SELECT 1682932000000 + 100 * n + (hash(n) % 100)::BIGINT AS at FROM range({rows}) AS r(n)"
        connection.execute(f"COPY ({moments}) TO {parquet_file(file)}")
    assert file.stat().st_size < rows * 8 / 3
