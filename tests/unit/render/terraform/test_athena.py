"""The queries are Athena's SQL, and what they say is true: run in DuckDB on rows made for it."""

from __future__ import annotations

from typing import Any

import duckdb
import pytest
import sqlglot

from generator.plan.lake import CompiledLake
from generator.plan.types import duckdb_type, parse_type
from generator.render.athena import named_queries, render_athena
from generator.render.athena.queries import PARTS
from generator.render.terraform.catalog import catalog_sources, catalog_tables
from tests.unit.render.terraform.module_folder import SPECS, compiled


def catalog(lake: CompiledLake) -> duckdb.DuckDBPyConnection:
    """Empty tables as the Glue catalog has them."""
    connection = duckdb.connect()
    for name, entry in {**catalog_sources(lake), **catalog_tables(lake)}.items():
        columns = ", ".join(f'"{one["name"]}" {duckdb_type(parse_type(one["type"]))}' for one in entry["columns"])
        connection.execute(f'CREATE TABLE "{name}" ({columns})')
    for source in lake.sources:
        columns = "file VARCHAR, line BIGINT, reason VARCHAR, detail VARCHAR, raw VARCHAR"
        connection.execute(f'CREATE TABLE "{source}_quarantine" ({columns})')
    return connection


def rows(connection: duckdb.DuckDBPyConnection, sql: str) -> list[tuple[Any, ...]]:
    (text,) = sqlglot.transpile(sql, read="athena", write="duckdb")
    return connection.execute(text).fetchall()


@pytest.mark.parametrize("name", SPECS)
def test_every_query_runs_on_the_catalog(name: str) -> None:
    lake = compiled(SPECS[name])
    connection = catalog(lake)
    for path, sql in render_athena(lake).items():
        (statement,) = sqlglot.parse(sql, read="trino", error_level=sqlglot.ErrorLevel.RAISE)
        assert statement is not None, path
        rows(connection, sql)


def test_files_and_named_queries_are_the_same() -> None:
    lake = compiled(SPECS["shop"])
    assert {f"athena/{name}.sql" for name in named_queries(lake)} == set(render_athena(lake))
    assert set(named_queries(lake)) == {
        "row_counts", "row_counts_of_sources", "quarantine", "preview_orders", "preview_revenue_by_day",
        "preview_customers_to_write_to",
    }  # fmt: skip


def test_row_counts_are_compared_with_the_expected_ones() -> None:
    lake = compiled(SPECS["stedi"])
    connection = catalog(lake)
    connection.execute("INSERT INTO customer_trusted (email) SELECT 'e' FROM range(482)")
    found = rows(connection, render_athena(lake)["athena/row_counts.sql"])
    assert [row[0] for row in found] == [*lake.tables]
    assert found[0] == ("customer_trusted", 482, 482, True)
    assert found[1] == ("accelerometer_trusted", 0, 40981, False)
    connection.execute("INSERT INTO customer_landing (email) SELECT 'e' FROM range(956)")
    found = rows(connection, render_athena(lake)["athena/row_counts_of_sources.sql"])
    assert [row[0] for row in found] == [*lake.sources]
    assert found[0] == ("customer_landing", 956, 956, True) and not found[1][3]


def test_tables_without_an_expected_count() -> None:
    lake = compiled(SPECS["everything"])
    assert all(row[2:] == (None, None) for row in rows(catalog(lake), render_athena(lake)["athena/row_counts.sql"]))


@pytest.mark.parametrize("name", SPECS)
def test_no_query_asks_raw_text(name: str) -> None:
    lake = compiled(SPECS[name])
    for path, sql in render_athena(lake).items():
        asked = {table.name for table in sqlglot.parse_one(sql, read="trino").find_all(sqlglot.exp.Table)}
        raw = {f"{source}_raw" for source in lake.sources}
        assert asked and not asked & raw, path
        if path != "athena/row_counts_of_sources.sql":
            assert not asked & set(lake.sources), "whoever may read tables need not be allowed to read sources"


def test_the_quarantine_is_summed_up() -> None:
    lake = compiled(SPECS["stedi"])
    connection = catalog(lake)
    bad = "('b.json', 1, 'broken', '', '{'), ('a.json', 2, 'broken', '', '{'), ('c.json', 3, 'type', '', '{}')"
    connection.execute(f"INSERT INTO customer_landing_quarantine VALUES {bad}")
    assert rows(connection, render_athena(lake)["athena/quarantine.sql"]) == [
        ("customer_landing", "broken", 2, "a.json"),
        ("customer_landing", "type", 1, "c.json"),
    ]


def test_queries_of_many_tables_are_split() -> None:
    tables = "".join(f"  t{number}: {{zone: landing, source: raw}}\n" for number in range(120))
    lake = compiled(
        "version: 1\nlake: wide\nzones: {landing: {}}\n"
        f"sources: {{raw: {{path: raw/, subject: none, columns: {{id: bigint}}}}}}\ntables:\n{tables}"
    )
    files = render_athena(lake)
    parts = [files["athena/row_counts.sql"], files["athena/row_counts_2.sql"], files["athena/row_counts_3.sql"]]
    assert [text.count('  FROM "') for text in parts] == [PARTS, PARTS, 20]
