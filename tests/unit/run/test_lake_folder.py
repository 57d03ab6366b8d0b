"""The lake folder: what readers see, who may change it, and what a run that died leaves behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from generator.run.lake_folder import (
    CATALOG,
    DATA_FILE,
    FORMAT,
    Catalog,
    Entry,
    LakeFolder,
    LakeFolderError,
    Version,
)
from generator.runtime.folder_catalog import aged, with_newer

MARKS = [".gitignore", ".lakegen.json"]
COLUMNS = (("id", "bigint"), ("struct", "struct<a:int,b:array<string>>"))


@pytest.fixture
def lake(tmp_path: Path) -> LakeFolder:
    return LakeFolder(tmp_path / "lake")


def written(lake: LakeFolder, kind: str, name: str, run: str, rows: int = 3) -> Version:
    """A version with a data file."""
    file = f"{lake.new_version(kind, name, run)}/{DATA_FILE}"
    (lake.root / file).write_text(f"rows of {file}", encoding="utf-8")
    return Version(run, rows, (file,))


def one_table(*versions: Version) -> Catalog:
    return Catalog({"t": Entry("trusted", COLUMNS, versions)})


def files(lake: LakeFolder) -> list[str]:
    return sorted(str(path.relative_to(lake.root)) for path in lake.root.rglob("*") if path.is_file())


# The catalog -----------------------------------------------------------------------------------------------


def test_a_new_lake_is_empty(lake: LakeFolder) -> None:
    assert lake.catalog() == Catalog()
    assert not lake.root.exists()


def test_what_is_published_is_read_back(lake: LakeFolder) -> None:
    versions = (written(lake, "tables", "t", "run2"), written(lake, "tables", "t", "run1", 0))
    catalog = Catalog(
        {
            "t": Entry("trusted", COLUMNS, versions),
            "ünzoned": Entry(None, (), (written(lake, "tables", "ünzoned", "run2"),)),
        },
        {"s": Entry("landing", COLUMNS, (written(lake, "sources", "s", "run2"),))},
        {"s": Entry("landing", (("raw", "string"),), (written(lake, "quarantine", "s", "run2", 10**12),))},
    )
    lake.publish("shop", "run2", catalog)
    assert lake.catalog() == catalog
    assert files(lake) == [CATALOG, *sorted(catalog.files())]


def test_the_catalog_says_what_other_readers_need(lake: LakeFolder) -> None:
    lake.publish("shop", "r2", one_table(written(lake, "tables", "t", "r2"), written(lake, "tables", "t", "r1")))
    found = json.loads((lake.root / CATALOG).read_text(encoding="utf-8"))
    assert (found["format"], found["lake"], found["run"]) == (FORMAT, "shop", "r2")
    table = found["tables"]["t"]
    assert (table["files"], table["rows"], table["zone"]) == (["tables/t/r2/part-0.parquet"], 3, "trusted")
    assert table["columns"][0] == {"name": "id", "type": "bigint"}


def valid() -> dict[str, Any]:
    entry = one_table(Version("r", 1, ("tables/t/r/f",))).tables["t"].to_json()
    return {"format": FORMAT, "lake": "shop", "run": "r", "tables": {"t": entry}, "quarantine": {}}


def changed(**changes: Any) -> str:
    return json.dumps({**valid(), **changes})


def entry_with(**changes: Any) -> dict[str, Any]:
    return {"t": {**valid()["tables"]["t"], **changes}}


DAMAGED = {
    "empty": "",
    "cut off": changed()[:60],
    "no JSON": "<html>",
    "no object": "[]",
    "null": "null",
    "deep": "[" * 100_000,
    "newer": changed(format=FORMAT + 1),
    "format as text": changed(format=str(FORMAT)),
    "no format": json.dumps({"tables": {}, "quarantine": {}}),
    "no tables": json.dumps({"format": FORMAT, "quarantine": {}}),
    "tables as a list": changed(tables=[]),
    "tables as null": changed(tables=None),
    "table as a list": changed(tables={"t": []}),
    "no columns": changed(tables={"t": {"versions": []}}),
    "columns as text": changed(tables=entry_with(columns="id")),
    "column without a type": changed(tables=entry_with(columns=[{"name": "id"}])),
    "versions as null": changed(tables=entry_with(versions=None)),
    "version with another key": changed(tables=entry_with(versions=[{"run": "r", "place": "x", "rows": 1}])),
    "version as text": changed(tables=entry_with(versions=["r"])),
    "no version": changed(tables=entry_with(versions=[])),
    "location as a number": changed(tables=entry_with(versions=[{"run": "r", "location": 7, "rows": 1}])),
    "location as a list": changed(tables=entry_with(versions=[{"run": "r", "location": [], "rows": 1}])),
    "files as a number": changed(tables=entry_with(versions=[{"run": "r", "files": 7, "rows": 1}])),
    "file as a number": changed(tables=entry_with(versions=[{"run": "r", "files": [7], "rows": 1}])),
    "inputs as text": changed(tables=entry_with(versions=[{"run": "r", "files": [], "rows": 1, "inputs": "x"}])),
    "made as a list": changed(tables=entry_with(versions=[{"run": "r", "files": [], "rows": 1, "made": [1]}])),
    "run as a path": changed(tables=entry_with(versions=[{"run": "../r", "files": [], "rows": 1}])),
    "type as a number": changed(tables=entry_with(columns=[{"name": "id", "type": 7}])),
    "rows as text": changed(tables=entry_with(versions=[{"run": "r", "files": ["tables/t/r/f"], "rows": "many"}])),
}


def test_the_catalog_that_is_damaged_below_is_sound(lake: LakeFolder) -> None:
    lake.root.mkdir()
    (lake.root / CATALOG).write_text(changed(), encoding="utf-8")
    assert lake.catalog() == one_table(Version("r", 1, ("tables/t/r/f",)))


def test_a_catalog_of_the_first_format_is_carried_over(lake: LakeFolder) -> None:
    kept = written(lake, "tables", "t", "r2"), written(lake, "tables", "t", "r1")
    versions = [{"run": one.run, "location": f"tables/t/{one.run}", "rows": one.rows} for one in kept]
    entry = {"location": "tables/t/r2", "rows": 3, "zone": "trusted", "versions": versions}
    entry["columns"] = [{"name": name, "type": kind} for name, kind in COLUMNS]
    first = {"format": 1, "lake": "shop", "run": "r2", "tables": {"t": entry}, "quarantine": {}}
    (lake.root / CATALOG).write_text(json.dumps(first), encoding="utf-8")
    assert lake.catalog() == one_table(*kept)
    with lake.locked():
        lake.begin("r3", ("t",), lake.catalog())
    assert files(lake) == [
        ".lakegen.json",
        ".lock",
        CATALOG,
        "tables/t/r1/part-0.parquet",
        "tables/t/r2/part-0.parquet",
    ]


def test_versions_grow_old_by_runs() -> None:
    one, two, three = (Version(run, 1) for run in ("r1", "r2", "r3"))
    kept = with_newer(with_newer((one,), two, 3), three, 3)
    assert [(version.run, version.aged) for version in kept] == [("r3", 0), ("r2", 1), ("r1", 2)]
    later = (kept[0], *aged(kept[1:], 3))
    assert [version.run for version in later] == ["r3", "r2"], "a run that changes nothing counts too"
    assert aged(later[1:], 3) == () and with_newer((one,), two, 1) == (two,)


@pytest.mark.parametrize("name", DAMAGED)
def test_a_damaged_catalog_is_an_error_that_names_it(lake: LakeFolder, name: str) -> None:
    lake.root.mkdir()
    (lake.root / CATALOG).write_text(DAMAGED[name], encoding="utf-8")
    with pytest.raises(LakeFolderError, match=CATALOG):
        lake.catalog()


def test_a_catalog_that_is_no_text_is_an_error(lake: LakeFolder) -> None:
    lake.root.mkdir()
    (lake.root / CATALOG).write_bytes(b"\xff\xfe{}")
    with pytest.raises(LakeFolderError, match=CATALOG):
        lake.catalog()


def test_a_catalog_that_is_a_folder_is_an_error(lake: LakeFolder) -> None:
    (lake.root / CATALOG).mkdir(parents=True)
    with pytest.raises(LakeFolderError, match=CATALOG):
        lake.catalog()


# Publishing ------------------------------------------------------------------------------------------------


def test_a_run_that_dies_before_the_switch_changes_nothing(lake: LakeFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    lake.claim()
    old = one_table(written(lake, "tables", "t", "r1"))
    lake.publish("shop", "r1", old)
    before = (lake.root / CATALOG).read_bytes()
    lake.begin("r2", ("t",), old)
    new = one_table(written(lake, "tables", "t", "r2"), *old.tables["t"].versions)

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(os, "replace", killed)
        with pytest.raises(KeyboardInterrupt):
            lake.publish("shop", "r2", new)
    assert (lake.root / CATALOG).read_bytes() == before
    assert lake.catalog() == old
    lake.begin("r3", ("t",), old)
    assert files(lake) == [*MARKS, CATALOG, "tables/t/r1/part-0.parquet"]
    lake.publish("shop", "r3", old)
    assert lake.catalog() == old


def test_the_new_catalog_is_on_the_disk_before_it_is_switched(
    lake: LakeFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    events: list[str] = []

    def noted(event: str, function: Callable[..., None]) -> Callable[..., None]:
        def call(*arguments: Any) -> None:
            events.append(event)
            function(*arguments)

        return call

    monkeypatch.setattr(os, "fsync", noted("sync", os.fsync))
    monkeypatch.setattr(os, "replace", noted("switch", os.replace))
    version = written(lake, "tables", "t", "r1")
    lake.sync_files(version.files)
    lake.publish("shop", "r1", one_table(version))
    assert events == ["sync", "sync", "sync", "switch", "sync"]


def test_exactly_what_our_runs_made_and_the_catalog_does_not_name_is_removed(lake: LakeFolder) -> None:
    lake.claim()
    kept = written(lake, "tables", "t", "r2"), written(lake, "tables", "t", "r1")
    for kind, name, run in (("tables", "gone", "r1"), ("quarantine", "t", "r2"), ("quarantine", "gone", "r1")):
        written(lake, kind, name, run)
    lake.begin("r3", ("t",), one_table(*kept))
    quarantined = written(lake, "quarantine", "t", "r1")
    for name in ("r3", "r3.kept"):
        written(lake, "tables", "t", name)
    lake.new_version("tables", "u", "r3")
    (lake.root / "tables/u/r3/_temporary/0").mkdir(parents=True)
    mine = [f"{CATALOG}.r9", "mine.txt", ".program.json", "tables/t/mine.txt", "tables/t/2024/part-0.parquet",
            "tables/v/r/x", "tables/t/r3.txt", "tables/t/r1/mine.txt"]  # fmt: skip
    for name in mine:
        (lake.root / name).parent.mkdir(parents=True, exist_ok=True)
        (lake.root / name).write_text("x", encoding="utf-8")
    catalog = Catalog(one_table(*kept).tables, {}, {"t": Entry("landing", COLUMNS, (quarantined,))})
    lake.publish("shop", "r2", catalog)
    (lake.root / f"{CATALOG}.r3").write_text("half written", encoding="utf-8")
    lake.begin("r4", ("t",), catalog)
    assert files(lake) == sorted([*MARKS, *mine, CATALOG, *catalog.files()])
    assert not (lake.root / "tables" / "gone").exists()
    assert not (lake.root / "tables" / "u").exists()


def test_versions_that_share_files_keep_them(lake: LakeFolder) -> None:
    """A file goes when no version needs it, whichever run made it, and not before the next run begins."""
    lake.claim()
    lake.begin("r1", (), Catalog())
    lake.new_version("sources", "s", "r1")
    lake.new_version("sources", "s", "r2")
    shared, gone, own = (f"sources/s/{name}.parquet" for name in ("r1/a", "r1/b", "r2/a"))
    records = [f"sources/s/{run}/landing.json" for run in ("r1", "r2")]
    for file in (shared, gone, own, *records):
        (lake.root / file).write_text("x", encoding="utf-8")
    first = Version("r1", 2, (shared, gone), record=records[0])
    second = Version("r2", 2, (shared, own), record=records[1])
    before, after = (Catalog({}, {"s": Entry(None, COLUMNS, (one,))}) for one in (first, second))
    lake.publish("shop", "r1", before)
    lake.begin("r2", (), before)
    lake.publish("shop", "r2", after)
    lake.end(before)
    assert set(files(lake)) >= before.files() | after.files()
    lake.begin("r3", (), after)
    assert files(lake) == [*MARKS, CATALOG, shared, own, records[1]]
    lake.begin("r4", (), Catalog())
    assert files(lake) == [*MARKS, CATALOG], "files of r1 are known as ours for as long as there are any"


def test_what_a_run_replaced_stays_until_the_next_one_begins(lake: LakeFolder) -> None:
    lake.claim()
    old = written(lake, "tables", "t", "r1")
    lake.publish("shop", "r1", one_table(old))
    lake.begin("r2", ("t",), one_table(old))
    new, _ = written(lake, "tables", "t", "r2"), written(lake, "tables", "u", "r2")
    lake.publish("shop", "r2", one_table(new))
    lake.end(one_table(old))
    assert files(lake) == [*MARKS, CATALOG, *old.files, *new.files]
    lake.begin("r3", ("t",), lake.catalog())
    assert files(lake) == [*MARKS, CATALOG, *new.files]


def test_what_nobody_can_be_reading_goes_at_once(lake: LakeFolder) -> None:
    lake.claim()
    current, older = written(lake, "tables", "t", "r2"), written(lake, "tables", "t", "r1")
    before = one_table(current, older)
    lake.publish("shop", "r2", before)
    lake.begin("r3", ("t",), before)
    lake.publish("shop", "r3", one_table(current))
    lake.end(before)
    assert files(lake) == [*MARKS, CATALOG, *current.files]


@pytest.mark.parametrize("name", ["tables", "sources", "quarantine", "tables/t", "sources/t", "quarantine/t"])
def test_links_are_refused_and_never_followed(lake: LakeFolder, tmp_path: Path, name: str) -> None:
    lake.claim()
    outside = tmp_path / "outside"
    for folder in ("r1", "t/r1"):
        (outside / folder).mkdir(parents=True)
        (outside / folder / "x.parquet").write_text("mine", encoding="utf-8")
    (lake.root / name).parent.mkdir(exist_ok=True)
    (lake.root / name).symlink_to(outside)
    gone = one_table(Version("r1", 1, ("tables/t/r1/y.parquet",)))
    with pytest.raises(LakeFolderError, match="symbolic link"):
        lake.begin("r2", ("t",), gone)
    lake.begin("r2", ("u",), gone) if "/" in name else None
    assert len(list(outside.rglob("x.parquet"))) == 2


def test_links_in_the_folder_of_a_run_go_alone(lake: LakeFolder, tmp_path: Path) -> None:
    lake.claim()
    lake.begin("r1", (), Catalog())
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "x.parquet").write_text("mine", encoding="utf-8")
    folder = lake.root / lake.new_version("tables", "t", "r1")
    for name, target in (("a.parquet", outside), ("b.parquet", outside / "x.parquet"), ("_temporary", outside)):
        (folder / name).symlink_to(target)
    lake.begin("r2", (), Catalog())
    assert not folder.exists() and [path.name for path in outside.iterdir()] == ["x.parquet"]


@pytest.mark.parametrize("name", ["tables/mine/2024/x.txt", "readme.md", ".gitignore"])
def test_a_folder_in_use_for_something_else_is_not_taken(lake: LakeFolder, name: str) -> None:
    (lake.root / name).parent.mkdir(parents=True)
    (lake.root / name).write_text("mine", encoding="utf-8")
    with pytest.raises(LakeFolderError, match="is no lake folder"), lake.locked():
        pass
    assert files(lake) == [name]


def test_a_lake_from_before_there_were_marks_is_taken(lake: LakeFolder) -> None:
    lake.root.mkdir()
    version = written(lake, "tables", "t", "r1")
    lake.publish("shop", "r1", one_table(version))
    with lake.locked():
        lake.begin("r2", ("t",), lake.catalog())
    assert files(lake) == [".lakegen.json", ".lock", CATALOG, *version.files]


PLACES = ["../../outside", "/etc", "tables/t/../../../x", "tables/u/r1", "sources/t/r1", "tables/t/..", "tables/t/a/b"]


@pytest.mark.parametrize("place", PLACES)
def test_a_catalog_leads_nobody_out_of_the_lake(lake: LakeFolder, place: str) -> None:
    lake.publish("shop", "r1", one_table(written(lake, "tables", "t", "r1")))
    text = (lake.root / CATALOG).read_text(encoding="utf-8").replace("tables/t/r1", place)
    (lake.root / CATALOG).write_text(text, encoding="utf-8")
    with pytest.raises(LakeFolderError, match="damaged"):
        lake.catalog()


@pytest.mark.parametrize("place", ["../../outside", "/etc", "tables/t/../../../x", "tables/t/.."])
def test_a_catalog_of_the_first_format_leads_nobody_out_either(lake: LakeFolder, place: str) -> None:
    lake.root.mkdir()
    version = {"run": "r1", "location": place, "rows": 1}
    (lake.root / CATALOG).write_text(changed(format=1, tables=entry_with(versions=[version])), encoding="utf-8")
    with pytest.raises(LakeFolderError, match="damaged"):
        lake.catalog()


def test_a_version_is_written_once(lake: LakeFolder) -> None:
    lake.new_version("tables", "t", "r1")
    with pytest.raises(FileExistsError):
        lake.new_version("tables", "t", "r1")


# The lock --------------------------------------------------------------------------------------------------

HOLDER = """
import sys, time
from pathlib import Path
from generator.run.lake_folder import LakeFolder
with LakeFolder(Path(sys.argv[1])).locked():
    print("held", flush=True)
    time.sleep(60)
"""


def test_only_one_process_has_the_lock_and_it_goes_with_the_process(lake: LakeFolder) -> None:
    root = Path(__file__).parents[3]
    command = [sys.executable, "-c", HOLDER, str(lake.root)]
    with subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        try:
            assert holder.stdout.readline() == "held\n"
            with pytest.raises(LakeFolderError, match="another run"), lake.locked():
                pass
        finally:
            holder.send_signal(signal.SIGKILL)
        holder.wait()
    with lake.locked():
        pass


def test_the_lock_is_free_after_an_error(lake: LakeFolder) -> None:
    with pytest.raises(KeyError), lake.locked():
        raise KeyError
    with lake.locked():
        pass


def test_the_same_process_gets_it_only_once(lake: LakeFolder) -> None:
    with lake.locked(), pytest.raises(LakeFolderError, match="another run"), LakeFolder(lake.root).locked():
        pass


@pytest.mark.parametrize("place", ["file", "file/lake"])
def test_a_folder_that_cannot_be_made_is_an_error(tmp_path: Path, place: str) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    with pytest.raises(LakeFolderError, match="cannot write"), LakeFolder(tmp_path / place).locked():
        pass
