"""Every line of landing data is in the table or in the quarantine, and the fast path changes nothing about it."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from generator.plan.types import duckdb_type, parse_type
from generator.run.landing import (
    LandingColumn,
    LandingError,
    LandingReport,
    LandingSource,
    landing_table,
    quarantine_table,
    read_landing,
)

sys.path.insert(0, str(Path(__file__).parent))
import landing_fuzz  # noqa: E402
from dirty_cases import CASES, Case, document  # noqa: E402

EXAMPLES = int(os.environ.get("LANDING_EXAMPLES", "40"))
ROOT = Path(__file__).parents[2]
STEDI = ROOT.parent / "shared" / "stedi"


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connected:
        connected.execute("SET threads = 2")
        yield connected


def source_of(case: Case) -> LandingSource:
    columns = tuple(LandingColumn(key.lower(), key, parse_type(kind)) for key, kind in case.columns.items())
    return LandingSource("src", "in", case.format, columns, case.options)


def write(connection: duckdb.DuckDBPyConnection, folder: Path, files: Mapping[str, bytes | str]) -> None:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, str):
            connection.execute(f"COPY ({content}) TO '{path}' (FORMAT parquet)")
        else:
            path.write_bytes(content)


def contents(connection: duckdb.DuckDBPyConnection) -> tuple[list[str], list[tuple[Any, ...]]]:
    """Rows and quarantine, each in a fixed order; rows as text, which tells -0.0 from 0.0 and 1 from 1.0."""
    rows = connection.execute(f"FROM {landing_table('src')}").fetchall()
    rejected = connection.execute(f"FROM {quarantine_table('src')} ORDER BY file, line").fetchall()
    return sorted(map(repr, rows)), rejected


@pytest.mark.parametrize("fast", [True, False], ids=["fast", "slow"])
@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_case(connection: duckdb.DuckDBPyConnection, tmp_path: Path, case: Case, fast: bool) -> None:
    write(connection, tmp_path / "in", case.files)
    source = source_of(case)
    if case.error:
        with pytest.raises(LandingError) as failure:
            read_landing(connection, source, tmp_path, fast=fast)
        assert case.error in str(failure.value)
        return
    report = read_landing(connection, source, tmp_path, fast=fast)
    rows, rejected = contents(connection)
    assert rows == sorted(map(repr, case.rows))
    assert [(line, reason) for _, line, reason, *_ in rejected] == list(case.rejected)
    assert report.rows + report.quarantined == report.lines
    assert (report.rows, report.quarantined) == (len(case.rows), len(case.rejected))
    assert sum(report.reasons.values()) == report.quarantined
    assert (report.extra_keys, report.missing) == (case.extra_keys, case.missing)
    described = connection.execute(f"DESCRIBE {landing_table('src')}").fetchall()
    declared = [connection.execute(f"SELECT typeof(NULL::{duckdb_type(column.type)})").fetchall()[0][0]
                for column in source.columns]  # fmt: skip
    assert [row[0] for row in described] == [column.name for column in source.columns]
    assert [row[1] for row in described] == declared


@pytest.mark.parametrize("kinds", [landing_fuzz.FLAT, landing_fuzz.SCALARS, landing_fuzz.SCALARS + landing_fuzz.NESTED])
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_fast_path_changes_nothing(tmp_path_factory: pytest.TempPathFactory, kinds: tuple[str, ...], data: Any) -> None:
    schema = data.draw(landing_fuzz.columns(kinds))
    content = data.draw(landing_fuzz.files(schema))
    folder = tmp_path_factory.mktemp("fuzz")
    (folder / "in").write_bytes(content)
    source = source_of(Case("fuzz", "", {}, columns=schema))
    with duckdb.connect() as connection:
        quick = read_landing(connection, source, folder), contents(connection)
        slow = read_landing(connection, source, folder, fast=False), contents(connection)
    assert quick == slow
    assert quick[0].lines == sum(bool(line.strip()) for line in content.split(b"\n"))
