"""Lakes that are kept on local Spark, all in one JVM."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest.mock import Mock

from generator.plan.lake import CompiledLake
from generator.render.jobs import render_jobs
from generator.render.runtime_package import runtime_package
from generator.run.lake_folder import LakeFolder
from generator.run.program import Program
from generator.run.report import RunReport
from generator.run.spark.currency import PACKAGE, LakeScripts
from generator.run.spark.runner import run_in_session
from generator.run.spark.session import local_spark

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


@dataclass(frozen=True)
class OnSpark:
    """Runs lakes, one after the other.

    Attributes:
        made: the folder with the scripts, and the runtime that Spark's Python functions import.
    """

    session: SparkSession
    made: Path

    def __call__(
        self, lake: CompiledLake, program: Program, data: Path, folder: LakeFolder, **options: Any
    ) -> RunReport:
        scripts = LakeScripts(lake, program, render_jobs(lake), runtime_package())
        scripts.write(self.made)
        with folder.locked():
            return run_in_session(self.session, scripts, self.made, data, folder, Mock(), **options)


@contextmanager
def on_spark(folder: Path) -> Iterator[OnSpark]:
    """A JVM of its own."""
    made = folder / "jobs"
    made.mkdir()
    with local_spark("tests", folder, folder / "log", [made / PACKAGE]) as session:
        yield OnSpark(session, made)
