"""What the compiler says of a table is what DuckDB makes of its SQL: names, order and types of all columns."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest

from generator.checks import check_spec
from generator.codes import all_codes, example_text, load_code
from generator.diagnostics import SourceText
from generator.plan.emit import DUCKDB, emit, emit_count
from generator.plan.expressions import DUCKDB_SETTINGS
from generator.plan.lake import CompiledLake
from generator.plan.types import duckdb_type
from tests.proofs.lakes import make_lake

ROOT = Path(__file__).parents[2]
FILES = (
    "pipeline.yaml",
    *("docs/examples/shop/pipeline.yaml", "docs/examples/nested_orders/pipeline.yaml"),
    *("tests/specs/everything/pipeline.yaml", "tests/specs/stedi_per_customer.yaml"),
    "tests/specs/stedi_since_consent.yaml",
    *(str(path.relative_to(ROOT)) for path in sorted(ROOT.glob("docs/examples/traps/*.fixed.yaml"))),
)
BORDERS = """
version: 1
lake: borders
zones: {landing: {}, trusted: {}}
sources:
  numbers: {zone: landing, path: numbers/, format: json, columns: {id: bigint, small: smallint, price: "decimal(10,2)"}}
tables:
  selected:
    zone: trusted
    source: numbers
    select: [id, least: "-2147483648", wide: "-9223372036854775808", tiny: -128Y, short: -32768S, exact: "-5BD",
             digits: "-99999999999999999999999999999999999999", zeros: "007.50", text: "'a' || null"]
  added:
    zone: trusted
    source: numbers
    add: {least: "-2147483648", chosen: "case when id > 1 then -2147483648 end", listed: "array(-2147483648, null)"}
  grouped:
    zone: trusted
    source: numbers
    group_by: [small]
    aggregate: {least: max(-2147483648), total: "sum(18446744073709551616)", few: "max(coalesce(null, -2147483648))"}
  both:
    zone: trusted
    sql: |
      select id, -2147483648 as least from numbers
      union all
      select id, -1 as least from numbers
  nested:
    zone: trusted
    sql: select id, least + 1 as more, -least as less from (select id, -2147483648 as least from numbers) n
"""
SPECS = (
    {name: (ROOT / name).read_text(encoding="utf-8") for name in FILES}
    | {"borders": BORDERS}
    | {
        f"good {code}": example_text(page.good)
        for code in all_codes()
        if (page := load_code(code)) is not None and page.good and not page.has_files
    }
)


def compiled(text: str) -> CompiledLake:
    analysis = check_spec(SourceText("pipeline.yaml", text))
    assert analysis.lake is not None, analysis.diagnostics
    return analysis.lake


@pytest.mark.parametrize("name", SPECS)
def test_emitted_sql_binds_with_the_types_that_the_compiler_found(name: str) -> None:
    assert_that_types_hold(compiled(SPECS[name]))


@pytest.mark.parametrize("seed", range(30))
def test_random_lakes_bind_with_the_types_that_the_compiler_found(seed: int) -> None:
    assert_that_types_hold(compiled(json.dumps(make_lake(seed).spec())))


def assert_that_types_hold(lake: CompiledLake) -> None:
    with duckdb.connect() as connection:
        for setting in DUCKDB_SETTINGS:
            connection.execute(setting)
        for source in lake.sources.values():
            columns = ", ".join(f'"{column.name}" {duckdb_type(column.type)}' for column in source.columns)
            connection.execute(f'CREATE TABLE "{source.name}" ({columns})')
        for table in lake.tables.values():
            connection.execute(f'CREATE TABLE "{table.name}" AS {emit(table.query, DUCKDB)}')
            found = connection.execute(f'SELECT column_name, column_type FROM (DESCRIBE "{table.name}")').fetchall()
            wanted = [
                (
                    column.name,
                    connection.execute(f"SELECT typeof(CAST(NULL AS {duckdb_type(column.type)}))").fetchall()[0][0],
                )
                for column in table.columns
            ]
            assert found == wanted, f"{table.name}:\n{emit(table.query, DUCKDB)}"
            for number in range(1, len(table.query.steps)):
                assert connection.execute(emit_count(table.query.steps[:number], DUCKDB)).fetchone() is not None
