"""Which files count of a folder that another program keeps."""

from __future__ import annotations

import json

import pytest

from generator.runtime.writer_logs import ForeignFolderError, batches, finished, iceberg_problem, left_unfinished


@pytest.mark.parametrize(
    ("names", "read"),
    [
        ([], []),
        (["0", "1", "10", "2"], ["0", "1", "2", "10"]),
        (["7", "8", "9.compact", "10", "11"], ["9.compact", "10", "11"]),
        (["9.compact", "19.compact", "18", "20", "19"], ["19.compact", "20"]),
        ([".0.crc", "0", "0.tmp", ".1.1f2e.tmp"], ["0"]),
    ],
)
def test_a_log_is_read_from_where_it_was_put_together(names: list[str], read: list[str]) -> None:
    assert batches(names) == read


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"v2\n",
        b"v1\n{",
        b"v1\n[]",
        b'v1\n{"path": "a"}',
        b'v1\n{"path": 1, "action": "add"}',
        b'v1\n{"path": [], "action": "add"}',
        b"\xff",
    ],
)
def test_a_damaged_log_is_told_by_name(content: bytes) -> None:
    with pytest.raises(ForeignFolderError, match="_spark_metadata/7 can't be read"):
        finished([("7", content)])


def test_files_are_known_by_their_names_wherever_they_are() -> None:
    entries = [
        {"path": "s3://b/x/k=a%2520b/p%25-1.json", "isDir": False, "action": "add"},
        {"path": "file:///x/k=1", "isDir": True, "action": "add"},
        {"path": "/x/two.json", "isDir": False, "action": "add"},
        {"path": "hdfs://n:8020/x/two.json", "isDir": False, "action": "delete"},
    ]
    logged = "\n".join(["v1", *map(json.dumps, entries)])
    assert finished([("0", logged.encode()), ("1", b"v1")]) == {"p%-1.json"}


def test_only_what_iceberg_writes_is_a_table_of_it() -> None:
    assert iceberg_problem("t/metadata/v12.metadata.json")
    assert iceberg_problem("metadata/00003-5ae2e5a4-92b8-4d1e-9a7e-2f0c1d5b8f11.gz.metadata.json")
    for name in ("metadata/a.json", "v1.metadata.json", "t/metadata/my.metadata.json", "t/metadata/v1.metadata.jsonl"):
        assert iceberg_problem(name) is None


def test_what_is_left_is_told_by_one_name() -> None:
    assert left_unfinished([]) == []
    assert left_unfinished(["b", "a", "c"])[0].startswith("a and 2 more: left out")
