"""Where tests find a Spark with Iceberg: that of Glue 5.1, in a Python of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

from generator.cli.local_spark import find_spark
from generator.deploy.emulator import SparkPlace

PACKAGE = "snowpark_connect_deps_iceberg"
_PRINTED = f"import {PACKAGE}; print({PACKAGE}.__path__[0])"


def python_with_iceberg(need: Callable[[object, str], None]) -> Path:
    """The Python that SPARK35_PYTHON names: it has pyspark 3.5 and Iceberg's jar."""
    need(shutil.which("java"), "Spark needs Java 17")
    python = os.environ.get("SPARK35_PYTHON", "")
    need(python and Path(python).exists(), "SPARK35_PYTHON names no Python with pyspark 3.5 and this project")
    found = subprocess.run([python, "-c", f"import {PACKAGE}"], capture_output=True)
    need(found.returncode == 0, "the Python of SPARK35_PYTHON has no Iceberg")
    return Path(python)


def jar_of(python: Path) -> Path:
    """Iceberg's runtime for Spark 3.5."""
    place = subprocess.run([python, "-c", _PRINTED], capture_output=True, text=True, check=True).stdout.strip()
    return next(Path(place).glob("jars/iceberg-spark-runtime-3.5_2.12-*.jar"))


def spark_with_iceberg(need: Callable[[object, str], None]) -> SparkPlace:
    """What the embedded AWS runs jobs with."""
    python = python_with_iceberg(need)
    return find_spark(python, str(jar_of(python)))


def iceberg_options() -> list[str]:
    """The same, as options of `emulate`."""
    python = Path(os.environ["SPARK35_PYTHON"])
    return ["--spark-python", str(python), "--iceberg", str(jar_of(python))]
