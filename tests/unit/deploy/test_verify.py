"""Verification through Athena: rows against those expected, consent, expectations."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from generator.checks import check_spec
from generator.cli.commands.verify import format_verification
from generator.cli.main import main
from generator.cli.terminal import Terminal
from generator.deploy.athena import Row, ask
from generator.deploy.aws import Aws
from generator.deploy.expectations import questions
from generator.deploy.recorded import Promise, promise_of
from generator.deploy.verify import Count, Verification, VerifyError, verify
from generator.plan.lake import CompiledLake
from generator.run.last_run import store_last_run
from generator.run.report import RunReport, Status, TableReport
from generator.spec.source import read_source
from tests.conftest import ROOT, require_iceberg
from tests.unit.deploy.lakes import create_iceberg_table, publish

require_iceberg()
import pyarrow as pa  # noqa: E402

SPEC = """\
version: 1
lake: shop
zones: {landing: {}}
sources:
  raw:
    path: raw/
    columns: {id: bigint, kind: string, price: 'decimal(9,2)', day: date, other: bigint}
tables:
  things:
    zone: landing
    source: raw
    expect:
      - not_null: [id, kind]
      - unique: [id]
      - values: {kind: [a, b]}
      - matches: {kind: '[a-c]'}
      - between: {price: {min: 0.5, max: 10}}
      - between: {day: {min: '2026-01-01'}}
      - rows: {min: 3, max: 5}
      - references: {other: things.id}
      - sql: price > 1 or kind = 'a'
      - sql: length(kind) = 1
"""
ROWS = """\
{"id": 1, "kind": "a", "price": 0.50, "day": "2026-01-01", "other": 2}
{"id": 1, "kind": "b", "price": 0.49, "day": "2025-12-31", "other": 9}
{"id": null, "kind": "cc", "price": 11, "day": null, "other": null}
"""
VIOLATIONS = {
    "not_null": 1,
    "unique": 1,
    "values": 1,
    "matches": 1,
    "between: price": 2,
    "between: day": 1,
    "rows": 0,
    "references": 2,
    "sql: price > 1": 1,
}


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    path = tmp_path / "pipeline.yaml"
    path.write_text(SPEC)
    return path


@pytest.fixture
def lake(spec: Path) -> CompiledLake:
    analysis = check_spec(read_source(spec))
    assert analysis.lake is not None, analysis.diagnostics
    return analysis.lake


PROMISE = Promise(frozenset({"things"}), frozenset({"raw"}), (("things", "everybody agreed"),))


TYPES = {"id": "bigint", "kind": "string", "price": "decimal(9,2)", "day": "date", "other": "bigint"}


def as_arrow(lines: str) -> pa.Table:
    """Rows as a table of Arrow."""
    found = [json.loads(line, parse_float=Decimal) for line in lines.splitlines()]
    for row in found:
        row["day"] = date.fromisoformat(row["day"]) if row.get("day") else None
        row["price"] = Decimal(row["price"]) if "price" in row else None
    kinds = [pa.int64(), pa.string(), pa.decimal128(9, 2), pa.date32(), pa.int64()]
    return pa.Table.from_pylist(found, schema=pa.schema(list(zip(TYPES, kinds, strict=True))))


@pytest.fixture
def deployed(aws: Aws, bucket: str, database: str) -> Callable[..., None]:
    """Puts rows into the table, what runs recorded, and the queries that Terraform saves into a workgroup."""
    aws.athena.create_work_group(Name="shop", Configuration={})

    def put(rows: str, expected: int = 3, checks: Any = None, source: Any = None, run: str | None = "r1") -> None:
        read = "" if source is None else '{"id": 1}\n' * source["rows"]
        for folder, found, version, noted in (
            ("tables/things", rows, run, {"checks": checks or {}}),
            ("sources/raw", read, source and source["run"], {"read": source}),
        ):
            create_iceberg_table(aws, database, bucket, folder, TYPES)
            if version:
                publish(aws, database, folder.split("/")[1], version, as_arrow(found), **noted)
        for query, name, wanted, made in (("", "things", expected, None), ("_of_sources", "raw", 3, source)):
            rows_in = "count(*)" if made is None else str(made["rows"])
            sql = f"SELECT '{name}' AS table_name, {rows_in} AS row_count, CAST({wanted} AS BIGINT) AS expected"
            sql += f" FROM {name}" if made is None else ""
            aws.athena.create_named_query(
                Name=f"row_counts{query}", Database=database, QueryString=sql, WorkGroup="shop"
            )  # fmt: skip

    return put


READ = {"run": "r1", "rows": 3, "quarantined": 1, "files": 2}
AGREED = {"everybody agreed": 0}


def test_each_expectation_is_asked_and_answered(
    aws: Aws, database: str, lake: CompiledLake, deployed: Callable[[str], None]
) -> None:
    deployed(ROWS)
    asked, unasked = questions(lake)
    found = {}
    for question in asked:
        rows: list[Row] = ask(aws, "shop", database, question.sql)
        found[question.name] = int(rows[0]["violations"] or 0)
    named = {name: next(number for key, number in VIOLATIONS.items() if name.startswith(key)) for name in found}
    assert len(found) == len(VIOLATIONS) and found == named
    assert len(unasked) == 1 and "length(kind)" in unasked[0]


def test_what_refers_to_raw_data_is_left_to_the_jobs(tmp_path: Path) -> None:
    path = tmp_path / "pipeline.yaml"
    path.write_text(SPEC.replace("things.id}\n      - sql: price", "raw.id}\n      - sql: price"))
    analysis = check_spec(read_source(path))
    assert analysis.lake is not None, analysis.diagnostics
    asked, unasked = questions(analysis.lake)
    assert any("raw.id" in name for name in unasked) and not any('"raw"' in question.sql for question in asked)


def test_good_data_is_fine(aws: Aws, database: str, deployed: Callable[[str], None], lake: CompiledLake) -> None:
    good = "".join(
        f'{{"id": {number}, "kind": "a", "price": 1, "day": "2026-02-01", "other": 1}}\n' for number in (1, 2, 3)
    )
    deployed(good, checks=AGREED, source=READ)
    found = verify(aws, "shop", database, questions(lake)[0], PROMISE, {"things": 3})
    assert not found.failed and not any(count.differs for count in found.counts)
    assert [(count.table, count.rows) for count in found.counts] == [("raw", 3), ("things", 3)]
    assert found.counts[0].note == "run r1 read 2 files of it; quarantined lines: 1"
    assert all(finding.violations == 0 for finding in found.findings) and len(found.findings) == 10


@pytest.mark.parametrize(
    ("expected", "checks", "source", "local", "failed", "differs"),
    [
        (3, AGREED, READ, None, False, False),
        (4, AGREED, READ, None, True, False),
        (3, {"everybody agreed": 1}, READ, None, True, False),
        (3, AGREED, {**READ, "rows": 2}, None, True, False),
        (3, AGREED, READ, 5, False, True),
    ],
)
def test_wrong_rows_and_missing_consent_fail(
    aws: Aws, database: str, deployed: Callable[..., None],
    expected: int, checks: dict[str, int], source: dict[str, int], local: int | None, failed: bool, differs: bool,
) -> None:  # fmt: skip
    deployed(ROWS, expected, checks, source)
    found = verify(aws, "shop", database, [], PROMISE, {} if local is None else {"things": local})
    assert (found.failed, found.counts[1].differs) == (failed, differs)


def test_what_no_run_has_recorded_is_not_taken_for_right(
    aws: Aws, database: str, deployed: Callable[..., None]
) -> None:
    deployed(ROWS)
    found = verify(aws, "shop", database, [], PROMISE, {"raw": 3})
    assert found.failed and found.counts[0].wrong and found.counts[0].rows == 0
    assert found.counts[0].note == "no run has made it yet: start the workflow"
    assert found.findings[0].violations is None and "has not recorded this check" in found.findings[0].problem


def test_a_table_that_was_never_published_breaks_no_consent(
    aws: Aws, database: str, deployed: Callable[..., None]
) -> None:
    deployed(ROWS, 0, source=READ, run=None)
    found = verify(aws, "shop", database, [], PROMISE, {})
    assert not found.failed and found.findings[0].violations == 0


def test_what_the_reference_lake_promises() -> None:
    analysis = check_spec(read_source(ROOT / "pipeline.yaml"))
    assert analysis.lake is not None
    promise = promise_of(analysis.lake)
    assert promise.sources == {"customer_landing", "accelerometer_landing", "step_trainer_landing"}
    assert {table for table, _ in promise.consents} == promise.tables and len(promise.tables) == 5


def test_a_workgroup_of_something_else_is_told(aws: Aws, database: str) -> None:
    aws.athena.create_work_group(Name="other", Configuration={})
    with pytest.raises(VerifyError, match="has no query `row_counts`"):
        verify(aws, "other", database, [], PROMISE, {})


def test_the_command(
    aws: Aws, database: str, deployed: Callable[[str], None], spec: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    deployed(ROWS, source={**READ, "rows": 1234})
    lake = spec.parent / "lake"
    lake.mkdir()
    store_last_run(lake, RunReport("shop", "r1", (TableReport("things", None, False, Status.OK, rows=7),), 1.0, True))
    command = ["verify", "--spec", str(spec), "--lake", str(lake), "--database", database, "--workgroup", "shop"]
    assert main(command) == 1
    out = capsys.readouterr().out
    assert "things      3       ✓ 3          7" in out
    assert "raw     1,234       ✗ 3" in out and "note: raw: run r1 read 2 files of it; quarantined lines: 1" in out
    assert "error things: unique: id: 1 row not" in out
    assert "only the jobs check this" in out
    assert "note: things: the last local run gave 7" in out
    assert "failed: 1 table of 2 as expected, 1 check of 9 passed" in out
    assert main([*command, "--json"]) == 1
    data = json.loads(capsys.readouterr().out)
    assert data["status"] == "failed" and data["counts"]["things"]["rows"] == 3


@pytest.mark.parametrize(
    ("expected", "words"),
    [
        ([3, 3], "ok: 2 tables of 2 as expected, 0 checks of 0 passed"),
        ([3, None], "ok: 1 table of 1 as expected (1 other counted), 0 checks of 0 passed"),
        ([4, None], "failed: 0 tables of 1 as expected (1 other counted), 0 checks of 0 passed"),
        ([None, None], "ok: 2 tables counted (the spec expects no row counts), 0 checks of 0 passed"),
    ],
)
def test_a_table_without_expected_rows_is_not_called_as_expected(
    lake: CompiledLake, expected: list[int | None], words: str
) -> None:
    counts = tuple(Count(f"table_{number}", 3, rows, None) for number, rows in enumerate(expected))
    terminal = Terminal(sys.stdout, sys.stderr, color=False, live=False)
    text = format_verification(terminal, lake, Verification(counts, ()), [])
    assert text.splitlines()[-1] == words
