"""The reference lake: eight exact counts, on the real data and on the sample, through the real command."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import pytest

from generator.sample import write_sample

ROOT = Path(__file__).parents[2]
COUNTS = {
    "customer_landing": 956,
    "accelerometer_landing": 81_273,
    "step_trainer_landing": 28_680,
    "customer_trusted": 482,
    "accelerometer_trusted": 40_981,
    "step_trainer_trusted": 14_460,
    "customers_curated": 482,
    "machine_learning_curated": 43_681,
}


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sample") / "data"
    write_sample(folder)
    return folder


@pytest.fixture(params=["real", "sample"])
def data(request: pytest.FixtureRequest) -> Path:
    folder: Path = request.getfixturevalue("stedi" if request.param == "real" else "sample")
    return folder


def run(spec: str, data: Path, lake: Path, *more: str, code: int = 0) -> dict[str, Any]:
    """Runs the command and returns its JSON."""
    command = [sys.executable, "-m", "generator", "run", "--spec", spec, "--data", str(data), "--lake", str(lake)]
    done = subprocess.run([*command, "--json", *more], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == code, done.stderr
    assert done.stderr == ""
    report: dict[str, Any] = json.loads(done.stdout)
    return report


def rows(report: dict[str, Any]) -> dict[str, int]:
    return {name: table["rows"] for name, table in report["tables"].items()}


def content(lake: Path) -> dict[str, list[tuple[object, ...]]]:
    """All rows of all published tables, sorted."""
    catalog = json.loads((lake / "catalog.json").read_text())
    return {
        name: duckdb.sql(f"FROM read_parquet({[str(lake / file) for file in entry['files']]}) ORDER BY ALL").fetchall()
        for name, entry in catalog["tables"].items()
    }


def test_eight_counts(data: Path, tmp_path: Path) -> None:
    report = run("pipeline.yaml", data, tmp_path / "lake")
    assert rows(report) == COUNTS
    assert {name: table["expected"] for name, table in report["tables"].items()} == COUNTS
    assert all(table["quarantined"] == 0 and table["seconds"] >= 0 for table in report["tables"].values())


def test_joined_per_customer(data: Path, tmp_path: Path) -> None:
    report = run("tests/specs/stedi_per_customer.yaml", data, tmp_path / "lake")
    assert rows(report) == COUNTS | {"machine_learning_curated": 40_981}


def test_only_since_consent(data: Path, tmp_path: Path) -> None:
    report = run("tests/specs/stedi_since_consent.yaml", data, tmp_path / "lake")
    assert rows(report)["accelerometer_trusted"] == 32_025


def test_a_second_run_changes_no_row(sample: Path, tmp_path: Path) -> None:
    lake = tmp_path / "lake"
    run("pipeline.yaml", sample, lake)
    first = content(lake)
    run("pipeline.yaml", sample, lake)
    assert {name: len(found) for name, found in first.items()} == {n: COUNTS[n] for n in COUNTS if "landing" not in n}
    assert content(lake) == first


def test_published_rows_are_those_of_plain_sql(sample: Path, tmp_path: Path) -> None:
    """An independent reading of the same data, by hand."""
    lake = tmp_path / "lake"
    run("pipeline.yaml", sample, lake)
    customers, readings, steps = (
        f"read_json('{sample}/{name}/landing/*.json')" for name in ("customer", "accelerometer", "step_trainer")
    )
    agreed = f"(FROM {customers} WHERE shareWithResearchAsOfDate IS NOT NULL)"
    expected = duckdb.sql(
        f"""SELECT a.timestamp, a.x, a.y, a.z, s.sensorReadingTime, s.serialNumber::VARCHAR, s.distanceFromObject
        FROM {readings} a JOIN {agreed} c ON a."user" = c.email
        JOIN {steps} s ON s.sensorReadingTime = a.timestamp
        WHERE s.serialNumber IN (SELECT serialNumber FROM {agreed}) ORDER BY ALL"""
    ).fetchall()
    assert content(lake)["machine_learning_curated"] == expected


def test_nested_orders(tmp_path: Path) -> None:
    example = "docs/examples/nested_orders"
    report = run(f"{example}/pipeline.yaml", ROOT / example / "landing", tmp_path / "lake")
    assert not [name for name, table in report["tables"].items() if table["expected"] not in (None, table["rows"])]
    items = [row[:5] for row in content(tmp_path / "lake")["order_items"]]
    assert (100, 1, "cup", "Cup", 1) in items and (104, 0, "jug", None, 1) in items


def test_a_lake_of_many_files(tmp_path: Path) -> None:
    example = "docs/examples/jaffle"
    report = run(f"{example}/pipeline.yaml", ROOT / example / "landing", tmp_path / "lake")
    assert not [name for name, table in report["tables"].items() if table["expected"] not in (None, table["rows"])]
    tables = content(tmp_path / "lake")
    assert {row[1]: row[4] for row in tables["who_to_write_to"]} == {
        "Ada Byron": "tangaroo",
        "Barbara Jane": "chai and mighty",
        "Edsger Wybe": "nutellaphone who dis?",
    }
    assert sum(row[2] for row in tables["revenue_by_day"]) == sum(row[3] for row in tables["revenue_by_store"])
    assert tables["running_total"][-1][2] == sum(row[1] for row in tables["running_total"])
    (warned,) = [check for check in report["tables"]["sold_items"]["checks"] if check["violations"]]
    assert warned["name"] == "nothing is sold below its cost"


def test_clicks_in_folders_by_day_and_region(tmp_path: Path) -> None:
    example = "docs/examples/clicks"
    report = run(f"{example}/pipeline.yaml", ROOT / example / "landing", tmp_path / "lake")
    assert not [name for name, table in report["tables"].items() if table["expected"] not in (None, table["rows"])]
    assert report["tables"]["clicks"]["reasons"] == {"wrong_type": 1}
    tables = content(tmp_path / "lake")
    assert tuple(map(str, tables["funnel"][0])) == ("2024-03-01", "eu", "2", "1", "0")
    assert {row[0] for row in tables["consented_clicks"]}.isdisjoint({"e01", "e04", "e11"})


def test_the_second_example(tmp_path: Path) -> None:
    report = run("docs/examples/shop/pipeline.yaml", ROOT / "docs/examples/shop/landing", tmp_path / "lake")
    assert {name: t["rows"] for name, t in report["tables"].items() if t["expected"] is not None} == {
        "customers": 6, "orders_eu": 8, "orders_us": 7, "orders": 10, "revenue_by_day": 5, "customers_to_write_to": 2,
    }  # fmt: skip
    tables = content(tmp_path / "lake")
    assert [(row[0], str(row[3])) for row in tables["customers_to_write_to"]] == [(3, "120.00"), (6, "20.00")]
    orders = {row[0]: row[3] for row in tables["orders"]}
    assert orders[101] == "paid" and orders[105] == "refunded" and orders[205] == "refunded" and 104 not in orders
