"""What the compiler says of a table is what DuckDB makes of its SQL: names, order and types of all columns."""

from __future__ import annotations

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

ROOT = Path(__file__).parents[2]
SPECS = {
    "stedi": (ROOT / "pipeline.yaml").read_text(encoding="utf-8"),
    "shop": (ROOT / "docs/examples/shop/pipeline.yaml").read_text(encoding="utf-8"),
} | {
    f"good {code}": example_text(page.good)
    for code in all_codes()
    if (page := load_code(code)) is not None and page.good
}


def compiled(text: str) -> CompiledLake:
    analysis = check_spec(SourceText("pipeline.yaml", text))
    assert analysis.lake is not None, analysis.diagnostics
    return analysis.lake


@pytest.mark.parametrize("name", SPECS)
def test_emitted_sql_binds_with_the_types_that_the_compiler_found(name: str) -> None:
    lake = compiled(SPECS[name])
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
