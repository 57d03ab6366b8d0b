"""A JVM for each module of tests of the runtime, since a process can have only one at a time; and jobs in it."""

from __future__ import annotations

import importlib.util
import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from generator.run.spark.session import local_spark
from tests.quick_spark import quickly
from tests.unit.runtime.lakes import Events, NewJob

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from generator.runtime.lake import Lake

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory, need: Callable[[object, str], None]) -> Iterator[SparkSession]:
    need(importlib.util.find_spec("pyspark") and shutil.which("java"), "local Spark needs pyspark and Java 17")
    folder = tmp_path_factory.mktemp("spark")
    with local_spark("tests", folder, folder / "log", [ROOT]) as found:
        quickly(found)
        yield found


@pytest.fixture
def spark(session: SparkSession) -> SparkSession:
    """A session of one test's own."""
    return session.newSession()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The lake's root; its name would be a pattern to a careless reader."""
    folder = tmp_path / "a lake [1]{x}*"
    folder.mkdir()
    return folder


@pytest.fixture
def landing(tmp_path: Path) -> Path:
    return tmp_path / "landing"


@pytest.fixture
def new_job(session: SparkSession, root: Path, landing: Path) -> NewJob:
    """A function that gives the lake to another job, with a Spark session of its own."""

    def start() -> Lake:
        from generator.runtime.lake import Lake

        args = {"landing_root": str(landing), "lake_root": f"{root}/", "database": "shop"}
        return Lake(SimpleNamespace(spark_session=session.newSession()), args)

    return start


@pytest.fixture
def job(new_job: NewJob) -> Lake:
    return new_job()


@pytest.fixture
def events(capsys: pytest.CaptureFixture[str]) -> Events:
    """A function that gives the events since it was last called; nothing else may be printed."""
    return lambda: [json.loads(line) for line in capsys.readouterr().out.splitlines()]
