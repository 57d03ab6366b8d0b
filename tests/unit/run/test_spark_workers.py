"""What Spark's Python workers import from."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import pytest

from generator.run.spark.scripts import STAND_IN
from generator.run.spark.settings import WORKERS

ARCHIVES = ("python/lib/pyspark.zip", "python/lib/py4j-0.10.9-src.zip", "jars/spark-core_2.13-4.1.0.jar")


@pytest.fixture(scope="module")
def workers() -> Any:
    """The module, which is none of the generator's packages."""
    spec = importlib.util.spec_from_file_location(WORKERS, STAND_IN / f"{WORKERS}.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def package(folder: Path, *names: str) -> str:
    for name in names:
        (folder / name).mkdir(parents=True)
        (folder / name / "__init__.py").touch()
    return str(folder)


def archives(home: Path) -> list[str]:
    return [str(home / one) for one in ARCHIVES]


def test_pyspark_that_pip_installed_is_there_as_files(workers: Any, tmp_path: Path) -> None:
    installed = package(tmp_path / "site-packages", "pyspark", "py4j")
    mine = ["", "/jobs/lake.zip", installed]
    assert workers.files_alone([*archives(tmp_path / "site-packages/pyspark"), *mine]) == mine


def test_a_downloaded_spark_is_there_as_files_where_its_folder_is_on_the_path(workers: Any, tmp_path: Path) -> None:
    folder, py4j = package(tmp_path / "spark/python", "pyspark"), package(tmp_path / "site-packages", "py4j")
    spark = archives(tmp_path / "spark")
    assert workers.files_alone([*spark, folder, py4j]) == [folder, py4j]
    assert workers.files_alone([*spark, py4j]) == [*spark, py4j], "there is no other pyspark"


def test_another_pyspark_than_that_of_the_jvm_is_not_imported(workers: Any, tmp_path: Path) -> None:
    path = [*archives(tmp_path / "spark"), package(tmp_path / "site-packages", "pyspark", "py4j")]
    assert workers.files_alone(path) == path


def test_without_py4j_nothing_changes(workers: Any, tmp_path: Path) -> None:
    path = [*archives(tmp_path / "site-packages/pyspark"), package(tmp_path / "site-packages", "pyspark")]
    assert workers.files_alone(path) == path


def test_an_archive_without_a_folder_is_that_of_another_pyspark(workers: Any, tmp_path: Path) -> None:
    path = ["pyspark.zip", package(tmp_path / "site-packages", "pyspark", "py4j")]
    assert workers.files_alone(path) == path
