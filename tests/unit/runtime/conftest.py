"""A JVM for each module of tests of the runtime; a process can have only one at a time."""

from __future__ import annotations

import importlib.util
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from generator.run.spark.session import local_spark

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory, need: Callable[[object, str], None]) -> Iterator[SparkSession]:
    need(importlib.util.find_spec("pyspark") and shutil.which("java"), "local Spark needs pyspark and Java 17")
    folder = tmp_path_factory.mktemp("spark")
    with local_spark("tests", folder, folder / "log", [ROOT]) as found:
        yield found


@pytest.fixture
def spark(session: SparkSession) -> SparkSession:
    """A session of one test's own."""
    return session.newSession()
