"""The catalog of a lake folder as jobs see it, and that the engines read each other's."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from generator.plan.expressions import SPARK_SETTINGS
from generator.run.lake_folder import Catalog, Entry, LakeFolder
from generator.runtime.folder_catalog import CATALOG, CatalogError, FolderCatalog, Version, read_catalog
from tests.conftest import require_pyspark

COLUMNS = [("id", "bigint"), ("address", "struct<city:string>")]


@pytest.fixture
def catalog(tmp_path: Path) -> FolderCatalog:
    return FolderCatalog(str(tmp_path), "shop")


def written(root: Path, kind: str, name: str, run: str) -> str:
    folder = root / kind / name / run
    folder.mkdir(parents=True)
    (folder / "part-00000.parquet").write_text(run)
    return run


def publish(catalog: FolderCatalog, run: str, rows: int = 3, keep: int = 2) -> list[str]:
    written(catalog.root, "tables", "t", run)
    return [version.run for version in catalog.publish("t", run, rows, COLUMNS, keep)]


def test_a_table_that_was_never_published(catalog: FolderCatalog) -> None:
    assert catalog.current("t") is None
    assert catalog.versions("t") == ()


def test_the_newest_versions_stay(catalog: FolderCatalog) -> None:
    assert [publish(catalog, run) for run in ("r1", "r2", "r3")] == [["r1"], ["r2", "r1"], ["r3", "r2"]]
    current = Version("r3", 3, ("tables/t/r3/part-00000.parquet",))
    assert catalog.current("t") == current
    assert catalog.paths(current) == [str(catalog.root / "tables/t/r3/part-00000.parquet")]


def test_columns_are_known_as_long_as_there_are_files(catalog: FolderCatalog) -> None:
    assert catalog.columns("t") is None
    publish(catalog, "r1")
    assert catalog.columns("t") == tuple(COLUMNS)
    (catalog.root / "tables/t/r1/part-00000.parquet").unlink()
    assert catalog.columns("t") is None, "an empty folder is no empty table"


def test_the_folder_reads_what_a_job_published_and_the_other_way_round(catalog: FolderCatalog) -> None:
    folder = LakeFolder(catalog.root)
    publish(catalog, "r1")
    entry = Entry(None, tuple(COLUMNS), (Version("r1", 3, ("tables/t/r1/part-00000.parquet",)),))
    assert folder.catalog() == Catalog({"t": entry})
    folder.publish("shop", "r1", Catalog({"t": Entry("trusted", entry.columns, entry.versions)}))
    publish(catalog, "r2")
    assert folder.catalog().tables["t"].zone == "trusted"
    assert [version.run for version in folder.catalog().tables["t"].versions] == ["r2", "r1"]


def test_a_quarantine_is_there_only_with_lines_and_comes_with_the_rows(catalog: FolderCatalog) -> None:
    publish(catalog, "r1")
    rows = Version("r1", 5, ("sources/s/r1/a",), record="sources/s/r1/landing.json")
    bad = Version("r1", 7, ("quarantine/s/r1/a",))
    catalog.publish_source("s", rows, COLUMNS, 2, bad)
    assert catalog.current("s") == rows and catalog.quarantine("s") == bad
    newer = Version("r2", 6, ("sources/s/r1/a", "sources/s/r2/a"), record="sources/s/r2/landing.json")
    catalog.publish_source("s", newer, COLUMNS, 2, None)
    assert catalog.versions("s") == (newer, replace(rows, aged=1))
    assert read_catalog(catalog.root).quarantine == {} and catalog.quarantine("s") is None
    assert catalog.current("t") is not None


def test_files_are_on_the_disk_before_the_catalog_names_them(
    catalog: FolderCatalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[str] = []
    real_open, real_fsync, real_replace = os.open, os.fsync, os.replace
    names: dict[int, str] = {}

    def opened(path: os.PathLike[str], flags: int, *more: int) -> int:
        descriptor = real_open(path, flags, *more)
        names[descriptor] = Path(path).name
        return descriptor

    def fsync(descriptor: int) -> None:
        synced.append(names.pop(descriptor, CATALOG))
        real_fsync(descriptor)

    def replace(source: os.PathLike[str], target: os.PathLike[str]) -> None:
        synced.append("switch")
        real_replace(source, target)

    for name, function in (("open", opened), ("fsync", fsync), ("replace", replace)):
        monkeypatch.setattr(os, name, function)
    publish(catalog, "r1")
    assert synced == ["part-00000.parquet", "r1", CATALOG, "switch", catalog.root.name]


def test_a_version_without_files_is_not_published(catalog: FolderCatalog) -> None:
    with pytest.raises(FileNotFoundError):
        catalog.publish("t", "r1", 3, COLUMNS, 2)
    assert catalog.current("t") is None


def test_a_damaged_catalog_is_an_error(catalog: FolderCatalog) -> None:
    (catalog.root / CATALOG).write_text("{")
    with pytest.raises(CatalogError, match=CATALOG):
        catalog.current("t")


def test_the_runtime_sets_what_expressions_rely_on() -> None:
    require_pyspark()
    from generator.runtime.lake import SETTINGS

    assert {key: SETTINGS.get(key) for key in SPARK_SETTINGS} == SPARK_SETTINGS
