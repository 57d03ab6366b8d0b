"""The files of tables that DuckDB writes: few rows each, in row groups that several threads write."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from generator.run.maintenance.duckdb_engine import DuckdbEngine, DuckdbFiles
from generator.run.session import Session


@pytest.mark.parametrize(("about", "group"), [(100_000, 30_720), (10_000_000, 61_440)])
def test_a_file_has_few_rows_and_little_data_small_groups(tmp_path: Path, about: int, group: int) -> None:
    (tmp_path / "t").mkdir()
    with Session({"threads": "2"}, ()) as session:
        files = DuckdbFiles(DuckdbEngine(session, tmp_path), tmp_path, [("n", "bigint")], lambda: "t", about)
        written, rows = files.write("SELECT range AS n FROM range(300000)")
    assert rows == 300_000
    found = duckdb.sql(
        "SELECT file_name, row_group_id, any_value(row_group_num_rows)"
        f" FROM parquet_metadata({[str(tmp_path / file) for file in written]}) GROUP BY ALL"
    ).fetchall()
    assert max(number for _, _, number in found) == group
    by_file: dict[str, int] = {}
    for file, _, number in found:
        by_file[file] = by_file.get(file, 0) + number
    assert sum(by_file.values()) == rows and max(by_file.values()) <= 122_880
