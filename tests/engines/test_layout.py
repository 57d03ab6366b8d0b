"""The layout of Iceberg tables, with Spark 3.5: where files lie, and what a filter reads."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
DAYS = [f"at_day_part=2024-01-{day:02}" for day in range(1, 11)]
"""A column has the name that Iceberg would give the partition."""

pytestmark = pytest.mark.spark


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory, need: Callable[[object, str], None]) -> dict[str, Any]:
    python = os.environ.get("SPARK35_PYTHON", "")
    need(shutil.which("java"), "Spark needs Java 17")
    need(python and Path(python).exists(), "SPARK35_PYTHON names no Python with pyspark 3.5 and this project")
    asks = [python, "-c", "import snowpark_connect_deps_iceberg"]
    need(subprocess.run(asks, capture_output=True).returncode == 0, "the Python of SPARK35_PYTHON has no Iceberg")
    command = [python, str(HERE / "spark_layout.py"), str(tmp_path_factory.mktemp("layout"))]
    env = {**os.environ, "PYTHONPATH": str(HERE.parents[1])}
    done = subprocess.run(command, capture_output=True, text=True, env=env)
    assert done.returncode == 0, done.stderr[-4000:]
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def test_files_lie_in_partitions_and_a_day_reads_its_own(seen: dict[str, Any]) -> None:
    assert seen["days"] == DAYS
    assert seen["scanned"] == [10, 1]
    assert seen["sorted"] is True
    assert seen["size"] == str(64 << 20)


def test_a_refused_run_leaves_the_rows_where_they_were(seen: dict[str, Any]) -> None:
    assert "the last published version stays current" in seen["refused"]
    assert seen["after it"] == [True, 1000]


def test_another_layout_is_that_of_new_files(seen: dict[str, Any]) -> None:
    assert seen["changed"] == [f"user_bucket_4={number}/at_month=2024-01" for number in range(4)]
    assert seen["removed"] == [[""], 1000]
