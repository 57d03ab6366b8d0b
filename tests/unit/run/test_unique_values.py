"""DuckDB says that values are unique where they are, and nothing where it can't tell."""

from __future__ import annotations

import datetime
import decimal
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.run.spark import unique_values
from generator.run.spark.unique_values import UniqueValues

KINDS = {
    "a": (pa.int64(), st.none() | st.integers(-2, 2)),
    "b": (pa.string(), st.none() | st.sampled_from(["", " ", "a", "A", "\0", "\u00e9", "e\u0301"])),
    "c": (pa.date32(), st.none() | st.sampled_from([datetime.date.min, datetime.date.max])),
    "d": (pa.decimal128(38, 2), st.none() | st.sampled_from([decimal.Decimal("1.50"), decimal.Decimal(-1)])),
    "e": (pa.bool_(), st.none() | st.booleans()),
}


def write(file: Path, rows: Sequence[Sequence[Any]]) -> str:
    columns = {
        name: pa.array([row[number] for row in rows], kind) for number, (name, (kind, _)) in enumerate(KINDS.items())
    }
    pq.write_table(pa.table(columns), file)
    return str(file)


ROWS = st.lists(st.tuples(*(values for _, values in KINDS.values())), max_size=6)


@given(ROWS, ROWS, st.sets(st.sampled_from(sorted(KINDS)), min_size=1))
def test_values_are_unique_where_no_two_rows_share_them(
    tmp_path_factory: pytest.TempPathFactory, one: list[Any], another: list[Any], names: set[str]
) -> None:
    folder = tmp_path_factory.mktemp("a=1 [x]*")
    files = [write(folder / "1.parquet", one), write(folder / "2.parquet", another)]
    columns = sorted(names)
    places = [list(KINDS).index(name) for name in columns]
    keys = [tuple(row[place] for place in places) for row in (*one, *another)]
    with UniqueValues() as unique:
        assert unique.are_in(files, columns) == (len(set(keys)) == len(keys))


def test_nothing_is_known_of_what_cannot_be_read(tmp_path: Path) -> None:
    file = write(tmp_path / "a.parquet", [(1, "a", None, None, True)])
    damaged = tmp_path / "damaged.parquet"
    damaged.write_bytes(Path(file).read_bytes()[:-20])
    with UniqueValues() as unique:
        assert not unique.are_in([file, str(damaged)], ["a"])
        assert not unique.are_in([file, str(tmp_path / "missing.parquet")], ["a"])
        assert not unique.are_in([file], ["another"])
        assert unique.are_in([file], ["a"])


def test_nothing_is_known_where_there_is_no_room_and_nothing_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unique_values, "memory", lambda: 50)
    monkeypatch.chdir(tmp_path)
    duckdb.sql("COPY (SELECT range AS a FROM range(4_000_000)) TO 'a.parquet'")
    with UniqueValues() as unique:
        assert not unique.are_in(["a.parquet"], ["a"])
    assert [file.name for file in tmp_path.iterdir()] == ["a.parquet"]


def test_nothing_is_started_unless_something_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unique_values, "_connect", lambda: pytest.fail("started"))
    with UniqueValues():
        pass


def test_what_is_still_asked_at_the_end_is_interrupted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As when a run is stopped while another thread makes a source."""
    asking, found = threading.Event(), []
    file = write(tmp_path / "a.parquet", [(1, "a", None, None, True)])
    endless = "range(1_000_000) AS b(x), range(1_000_000) AS c(y)"

    def files(_: list[str]) -> str:
        asking.set()
        return f"'{file}') AS one, {endless}, read_parquet('{file}'"

    monkeypatch.setattr(unique_values, "file_list", files)
    with UniqueValues() as unique:
        thread = threading.Thread(target=lambda: found.append(unique.are_in([file], ["y"])))
        thread.start()
        asking.wait()
        thread.join(0.5)
        assert thread.is_alive()
    thread.join(10)
    assert found == [False]
