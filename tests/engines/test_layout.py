"""The layout of Iceberg tables, with Spark 3.5: where files lie, and what a filter reads."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.iceberg import python_with_iceberg

HERE = Path(__file__).parent
DAYS = [f"at_day_part=2024-01-{day:02}" for day in range(1, 11)]

pytestmark = pytest.mark.spark


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory, need: Callable[[object, str], None]) -> dict[str, Any]:
    python = python_with_iceberg(need)
    command = [str(python), str(HERE / "spark_layout.py"), str(tmp_path_factory.mktemp("layout"))]
    env = {**os.environ, "PYTHONPATH": str(HERE.parents[1])}
    done = subprocess.run(command, capture_output=True, text=True, env=env)
    assert done.returncode == 0, done.stderr[-4000:]
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def test_files_lie_in_partitions_and_a_day_reads_its_own(seen: dict[str, Any]) -> None:
    assert seen["days"] == DAYS
    every, of_a_day = seen["scanned"]
    assert (len(every), len(of_a_day)) == (10, 1)
    assert sum(of_a_day) < 0.11 * sum(every), "bytes of one day of ten"
    assert seen["sorted"] is True
    assert seen["size"] == str(64 << 20)


def test_a_refused_run_leaves_the_rows_where_they_were(seen: dict[str, Any]) -> None:
    assert "the last published version stays current" in seen["refused"]
    assert seen["after it"] == [True, 1000]


def test_another_layout_is_that_of_new_files(seen: dict[str, Any]) -> None:
    assert seen["changed"] == [f"user_bucket_4_part={number}/at_month_part=2024-01" for number in range(4)]
    assert seen["removed"] == [[""], 1000]


def test_columns_that_a_layout_is_by_come_and_go(seen: dict[str, Any]) -> None:
    first, second, third, fourth, told, after, *old = seen["columns"]
    assert first == [[["id", "bigint"], ["part", "bigint"]], [[0, 0], [1, 1], [2, 0], [3, 1]]]
    assert second == [[["id", "bigint"], ["part", "string"]], [[0, "0"], [1, "1"], [2, "0"], [3, "1"]]]
    assert third == [[["id", "string"]], [["0"], ["1"]]]
    assert fourth[0] == [["id", "bigint"], ["part", "date"]] and len(fourth[1]) == 1
    assert told == "c: 2 rows break `odd`; the last published version stays current"
    assert after == [["id bigint", "part date"], [0, "2024-01-01"]], "no column of the refused run is left"
    assert old == [4, 4, 2], "older versions are read by the columns of then"
