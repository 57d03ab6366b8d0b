"""What the embedded AWS runs its jobs with: the Java and the `awsglue` of local runs, pyspark, and Iceberg for it."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from generator.diagnostics import GeneratorError

if TYPE_CHECKING:
    from generator.deploy.emulator import SparkPlace

ICEBERG = {"3.5": ("2.12", "1.10.1"), "4.0": ("2.13", "1.10.1"), "4.1": ("2.13", "1.11.0")}
"""Of each Spark, the Scala that pyspark's jars are made with, and the Iceberg that goes with it."""
_TOLD = "import json, boto3, pyspark; print(json.dumps([pyspark.__version__, pyspark.__file__]))"


def find_spark(python: Path | None = None, iceberg: str | None = None) -> SparkPlace:
    """The local Spark, before anything is started that would need it.

    Args:
        python: the interpreter that has pyspark; this one if it isn't said.
        iceberg: the runtime jar of Iceberg for this Spark, or what Maven Central calls it; if it isn't said, the one
            of Maven Central that goes with the version of pyspark.

    Raises:
        GeneratorError: there is no pyspark, no Java, or no Iceberg for it.
    """
    from generator.deploy.emulator import SparkPlace
    from generator.run.spark.class_sharing import class_sharing
    from generator.run.spark.java import find_java
    from generator.run.spark.scripts import STAND_IN
    from generator.run.spark.settings import COMPILE_SOON, WORKERS

    version, jars = _pyspark(python)
    java = find_java(version)
    options: tuple[str, ...] = COMPILE_SOON
    if python is None:
        sharing = class_sharing(java, jars)
        options = (*options, *(sharing.options if sharing.listed is None else ()))
    found = _iceberg(version) if iceberg is None else _named(iceberg)
    return SparkPlace(str(STAND_IN), WORKERS, str(java.home), options, str(python or sys.executable), found)


def _pyspark(python: Path | None) -> tuple[str, Path]:
    """The version of pyspark, and the folder of its jars."""
    if python is None:
        if importlib.util.find_spec("pyspark") is None:
            raise GeneratorError("deployed jobs run on local Spark here: pip install 'lakegen[emulate]'")
        import pyspark

        return pyspark.__version__, Path(pyspark.__file__).parent / "jars"
    try:
        done = subprocess.run([python, "-c", _TOLD], capture_output=True, text=True, timeout=60, check=True)
    except (OSError, subprocess.SubprocessError):
        raise GeneratorError(f"{python} is no Python with pyspark and boto3: pip install pyspark boto3") from None
    version, place = json.loads(done.stdout)
    return version, Path(place).parent / "jars"


def _iceberg(version: str) -> str:
    spark = ".".join(version.split(".")[:2])
    if spark not in ICEBERG:
        known = ", ".join(ICEBERG)
        raise GeneratorError(
            f"of which Iceberg goes with Spark {version} nothing is known here: name its runtime jar with --iceberg, "
            f"or use pyspark {known}"
        )
    scala, iceberg = ICEBERG[spark]
    return f"org.apache.iceberg:iceberg-spark-runtime-{spark}_{scala}:{iceberg}"


def _named(iceberg: str) -> str:
    if iceberg.endswith(".jar") and not Path(iceberg).is_file():
        raise GeneratorError(f"--iceberg {iceberg}: there is no such file")
    return str(Path(iceberg).resolve()) if iceberg.endswith(".jar") else iceberg
