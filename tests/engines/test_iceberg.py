"""The jobs' runtime on Iceberg tables, with Spark 3.5, as Glue 5.1 has it: what readers see at each step."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import require_pyspark
from tests.iceberg import python_with_iceberg

require_pyspark()
from generator.runtime.iceberg import PROPERTIES  # noqa: E402

HERE = Path(__file__).parent
ROOT = HERE.parents[1]

pytestmark = pytest.mark.spark


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory, need: Callable[[object, str], None]) -> dict[str, Any]:
    python = python_with_iceberg(need)
    folder = tmp_path_factory.mktemp("iceberg")
    done = subprocess.run(
        [python, str(HERE / "spark_iceberg.py"), str(folder)],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert done.returncode == 0, done.stderr[-4000:]
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def test_a_version_is_seen_when_it_is_published(seen: dict[str, Any]) -> None:
    told = seen["versions"]
    columns, rows = ["id int", "name string"], [[1, "one"], [2, "two"]]
    assert told["before the first run"] == "t was never published: run its job first"
    assert told["first"] == [columns, *rows]
    assert told["a reader that began before"] == rows
    assert told["the same run"] == "t: run r1 is published already: use another --run_id"


def test_a_table_has_its_properties_from_its_first_run(seen: dict[str, Any]) -> None:
    assert PROPERTIES.items() <= seen["versions"]["properties"].items()


def test_what_breaks_a_check_is_gone_again(seen: dict[str, Any]) -> None:
    told = seen["versions"]
    assert told["refused"] == "t: 1 row breaks `no id`; the last published version stays current"
    table, files, branches = told["after it"]
    assert (table, files, branches) == (told["first"], 2, ["main"])


def test_a_killed_run_leaves_nothing_that_stays(seen: dict[str, Any]) -> None:
    table, files, orphan_is_there, branches = seen["versions"]["after a killed run"]
    assert table[1:] == [[3, "three"]]
    assert (files, orphan_is_there, branches) == (3, False, ["main"])  # those of the two versions that are kept


def test_of_two_runs_at_once_one_is_published(seen: dict[str, Any]) -> None:
    problem, rows = seen["versions"]["two at once"]
    assert problem == "t: another run writes it, so nothing is published: run the job again"
    assert rows == [[3, "three"]]
    assert seen["versions"]["the other one"] == [[[6, "six"]], ["r6", "r4"], 2]


def test_a_version_that_is_kept_comes_back(seen: dict[str, Any]) -> None:
    assert seen["versions"]["back"] == [[["3", "three"]], ["r4", "r6"]]
    assert seen["versions"]["forward"] == [[["6", "six"]], ["r6", "r4"]]


def test_a_compacted_table_is_of_the_run_that_published_it(seen: dict[str, Any]) -> None:
    files, before, left, read, rows, after = seen["versions"]["compacted"]
    assert (files, before) == (1, ["r6", "r4"])
    assert (left, read) == (before, [["6", "six"]]), "also once the snapshot that was compacted has expired"
    assert (rows, after) == ([[3, "three"]], ["r7", "r6"])


def test_a_reader_sees_whole_versions_alone(seen: dict[str, Any]) -> None:
    states, reads = seen["versions"]["read while it is published"]
    assert reads >= 20 and set(states) <= {f"[[{number}, 100]]" for number in range(21)} and len(states) > 5


def test_columns_follow_what_is_published(seen: dict[str, Any]) -> None:
    told = seen["other columns"]
    assert told["columns"] == [
        ["id", "int"], ["name", "string"], ["at", "timestamp"], ["small", "smallint"],
        ["parts", "array<struct<t:timestamp,n:tinyint>>"], ["more", "map<string,decimal(2,1)>"], ["day", "date"],
        ["part", "float"], ["bytes", "binary"],
    ]  # fmt: skip
    assert told["stored"] == [
        "id int", "name string", "at timestamp_ntz", "small int", "parts array<struct<t:timestamp_ntz,n:int>>",
        "more map<string,decimal(2,1)>", "day date", "part float", "bytes binary",
    ]  # fmt: skip
    assert told["rows"] == [
        ["1", "a", "2024-01-02 03:04:05.123456", "2", "[Row(t=datetime.datetime(2024, 1, 1, 0, 0), n=1)]",
         "{'k': Decimal('1.5')}", "1600-01-01", "1.5", "bytearray(b'\\x00\\xff')"],
    ]  # fmt: skip
    assert told["another type"] == [["a", "5"]]
    assert told["the first version"] == [["text", "1"]]


def test_a_source_is_rows_and_lines_that_are_none(seen: dict[str, Any]) -> None:
    rows, [bad] = seen["source"]["first"]
    assert rows == [["1", "2000-02-29"]]
    assert bad[:3] == ["people/people.json", "2", "wrong_type"]
    assert seen["source"]["mended"] == [[["1", "2000-02-29"], ["2", "None"]], []]
