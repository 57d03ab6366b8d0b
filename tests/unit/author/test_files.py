"""Which raw files are a source, and what is told of all others."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import os
import tarfile
import zipfile
from pathlib import Path
from typing import Literal

import duckdb
import pyarrow
import pyarrow.orc
import pytest
from backports import zstd

from generator.author.landing.files import NoLandingDataError, arrange, find_sources


def files(root: Path, *names: str) -> None:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text('{"a": 1}\n' if "csv" not in name else "a,b\n1,2\n")


@pytest.mark.parametrize(
    ("names", "sources"),
    [
        (["customer/landing/c-1.json", "customer/landing/c-2.json"], {"customer_landing": "customer/landing/"}),
        (["orders/2024/01/a.json", "orders/2024/02/b.json"], {"orders": "orders/"}),
        (["orders/day=1/a.json", "orders/day=2/a.json"], {"orders": "orders/"}),
        (["x/A/A/1.json", "x/A/B/2.json", "x/B/A/3.json"], {"x": "x/"}),
        (["x/1f/2e/a.csv", "x/30/4/b.csv"], {"x": "x/"}),
        (["x/shard-0/a.json", "x/shard-1/b.json"], {"x": "x/"}),
        (["x/A/1.json", "x/B/2.csv"], {"x_a": "x/A/", "x_b": "x/B/"}),
        (["x/eggs/1.json", "x/ham/2.json"], {"x_eggs": "x/eggs/", "x_ham": "x/ham/"}),
        (["x/a.json~", "x/b.json"], {"x": "x/"}),
        (["a.json", "b.csv"], {"a": "a.json", "b": "b.csv"}),
        (["x/a.json", "x/b.csv"], {"x_a": "x/a.json", "x_b": "x/b.csv"}),
        (["x/one.json", "x/y/z.json"], {"x_one": "x/one.json", "x_y": "x/y/"}),
        (["x/alice.json", "x/bob.json"], {"x": "x/"}),
        (["x/.hidden.json", "x/_SUCCESS", "x/a.jsonl"], {"x": "x/"}),
        (["x/part-00000"], {"x": "x/"}),
        (["x/csv.psv", "y/csv.TAB.gz"], {"x": "x/", "y": "y/"}),
        (["logs/E2K2.csv.2024-01-02-10.1a2b3c4d", "logs/E2K2.csv.2024-01-02-11.5e6f7a8b"], {"logs": "logs/"}),
        (["a b/É.json"], {"a_b": "a b/"}),
    ],
)
def test_folders_and_files_become_sources(tmp_path: Path, names: list[str], sources: dict[str, str]) -> None:
    files(tmp_path, *names)
    found = find_sources(tmp_path)
    assert {source.name: source.path for source in found.sources} == sources
    assert not found.moves


def test_a_pipe_is_refused_at_once(tmp_path: Path) -> None:
    files(tmp_path, "x/a.json")
    os.mkfifo(tmp_path / "x/pipe.json")
    with pytest.raises(NoLandingDataError, match="neither a file nor a folder"):
        find_sources(tmp_path)


ICEBERG = "00001-5ae2e5a4-92b8-4d1e-9a7e-2f0c1d5b8f11"


@pytest.mark.parametrize(
    ("mark", "data", "tool"),
    [
        ("_delta_log/00000000000000000000.json", "day=1/part-0.parquet", "Delta Lake"),
        (".hoodie/hoodie.properties", "a/part-0.parquet", "Apache Hudi"),
        (f"metadata/{ICEBERG}.metadata.json", "data/day=1/part-0.parquet", "Apache Iceberg"),
    ],
)
def test_tables_of_other_tools_are_left_out(tmp_path: Path, mark: str, data: str, tool: str) -> None:
    """Of their files some hold rows that were deleted."""
    files(tmp_path, f"x/t/{mark}", f"x/t/{data}")
    with pytest.raises(NoLandingDataError, match=f"x/t: a table of {tool}"):
        find_sources(tmp_path)
    files(tmp_path, "y/a.json")
    found = find_sources(tmp_path)
    assert {source.path for source in found.sources} == {"y/"} and not found.unknown
    (note,) = found.notes
    assert note.startswith(f"x/t/ was left out: a table of {tool}: ")


def test_what_a_stream_left_is_no_data(tmp_path: Path) -> None:
    files(tmp_path, "x/k=1/a.json", "x/k=1/b.json", "x/k=2/c.json", "y/a.json")
    (tmp_path / "x/_spark_metadata").mkdir()
    entries = [{"path": f"file:/elsewhere/{name}", "isDir": False, "action": "add"} for name in ("a.json", "c.json")]
    (tmp_path / "x/_spark_metadata/0").write_text("\n".join(["v1", *map(json.dumps, entries)]))
    found = find_sources(tmp_path)
    assert {source.path: len(source.files) for source in found.sources} == {"x/": 2, "y/": 1}
    assert [note.split(":")[0] for note in found.notes] == ["x/k=1/b.json"]


def tar(name: str, mode: Literal["w", "w:gz"]) -> bytes:
    written = io.BytesIO()
    with tarfile.open(fileobj=written, mode=mode) as archive:
        archive.addfile(tarfile.TarInfo(name))
    return written.getvalue()


def zipped(name: str) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        archive.writestr(name, "{}")
    return written.getvalue()


def orc() -> bytes:
    written = io.BytesIO()
    pyarrow.orc.write_table(pyarrow.table({"a": [1]}), written)
    return written.getvalue()


LINE = b'{"a": 1}\n'


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("a.tar", tar("a.json", "w"), "a tar archive: unpack it"),
        ("a.tar.gz", tar("a.json", "w:gz"), "a tar archive: unpack it"),
        ("a.tgz", tar("a.json", "w:gz"), "a tar archive: unpack it"),
        ("a.json", zipped("a.json"), "a ZIP archive, or a workbook: unpack it"),
        ("a.csv", gzip.compress(b"a,b\n1,2\n"), "packed, as its name has to tell: let it end in .gz"),
        ("a.json", bz2.compress(LINE), "packed, as its name has to tell: let it end in .bz2"),
        ("a.json", zstd.compress(LINE), "packed, as its name has to tell: let it end in .zst"),
        ("a.json.gz", gzip.compress(gzip.compress(LINE)), "packed twice: unpack it"),
        ("a.json", lzma.compress(LINE), "packed with xz: unpack it"),
        ("a.orc", orc(), "ORC: write it as Parquet"),
        ("a.csv", b"Obj\x01\x04\x14avro.codec", "Avro: write it as Parquet"),
        ("a.csv", b"version https://git-lfs.github.com/spec/v1\noid sha256:4d\nsize 9\n", "a pointer of Git LFS"),
        ("a.csv", b"\xef\xbb\xbf\n<!DOCTYPE html>\n<html></html>", "a web page, such as an error message"),
        ("a.json", b'<?xml version="1.0"?>\n<Error><Code>AccessDenied</Code></Error>', "XML, such as an error message"),
        ("a.json", b'\xef\xbb\xbf<?xml version="1.0"?><r/>', "XML: save it as CSV"),
    ],
)
def test_files_that_cant_be_read_are_told_by_what_they_are(
    tmp_path: Path, name: str, content: bytes, told: str
) -> None:
    (tmp_path / "x").mkdir()
    (tmp_path / "x" / name).write_bytes(content)
    with pytest.raises(NoLandingDataError) as error:
        find_sources(tmp_path)
    assert str(error.value).startswith(f"{tmp_path / 'x' / name}: {told}")
    files(tmp_path, "y/a.json")
    found = find_sources(tmp_path)
    assert [source.path for source in found.sources] == ["y/"]
    assert [kind[: len(told)] for kind in found.unknown.values()] == [told]


@pytest.mark.parametrize("header", ["ORCID,name", "BZh,x", "PK,html", "version https,b", "<htmlx>,y", "7z,PDF"])
def test_headers_that_begin_alike_are_csv(tmp_path: Path, header: str) -> None:
    (tmp_path / "x.csv").write_text(f"{header}\n1,2\n")
    assert [source.format for source in find_sources(tmp_path).sources] == ["csv"]


def test_parquet_is_known_by_any_other_name(tmp_path: Path) -> None:
    duckdb.sql(f"COPY (SELECT 1 AS a) TO '{tmp_path / 'x.parq'}' (FORMAT parquet)")
    assert [source.format for source in find_sources(tmp_path).sources] == ["parquet"]


def test_files_alike_that_share_a_folder_have_to_move(tmp_path: Path) -> None:
    files(tmp_path, "orders-2024-01.csv", "orders-2024-02.csv", "stores.json")
    found = find_sources(tmp_path)
    assert [move.folder.name for move in found.moves] == ["orders"]
    arrange(found.moves)
    assert {source.path for source in find_sources(tmp_path).sources} == {"orders/", "stores.json"}
